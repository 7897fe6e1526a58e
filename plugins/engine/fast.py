"""Builds in several processes, and only what has changed: the same bytes as Pelican alone, in a fraction of its time.

Takes the place of Pelican's articles generator and shares its work out; `FAST = False` in the settings gives it back.

    content files ─ which have changed? ─► read and render these, in forks ─► a record of each: what lists show of it
    all records ─► catalogue ─ which lists does a change touch? ─► render these, in forks

A page is rendered by Pelican's own reader, templates and Writer, in whatever process; nothing but a record of a few
hundred bytes comes back, so no process ever holds all texts. The records are the *state* that one build leaves to the
next (plugins/engine/state.py). A page is rendered again when something has changed that it depends on:

    a document      its file, its neighbours in the order of addresses, the names of its tags, whether its raw record
                    is at hand
    a list          the documents of its tag, source or time; all lists, if the name of a tag has changed
    both            the template and those it refers to, and the *ground*: settings, code, and the pages in the menu

A theme that shows more than that on a page (all `articles` on every document, say) needs `FAST = False`. Where the
system cannot fork, one process does it all. The workers of a Dask cluster can take the place of forks
(plugins/engine/worker.py).
"""

import gc
import logging
import posixpath
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from threading import get_ident
from typing import TypeVar, cast

from markupsafe import Markup
from pelican import Pelican, signals
from pelican.contents import Article, SkipStub
from pelican.readers import BaseReader
from pelican.urlwrappers import URLWrapper
from pelican.writers import Writer

from converters.archive.processes import processes
from converters.archive.stamps import stamp_of
from plugins.engine.catalogue import Catalogue, Touched, touched_by
from plugins.engine.documents import Document, Record, are_plain, is_plain, record_of
from plugins.engine.messages import Messages
from plugins.engine.render import QuickWriter, looks_of
from plugins.engine.state import State, load_state
from plugins.site.browse import BrowsingGenerator, Neighbour
from plugins.site.listings import Index, Listing, Part, Period, period_page
from plugins.site.originals import Originals, raw_address
from plugins.site.reader import remember_tags, remembered_tag
from plugins.site.syndication import feed_of

R = TypeVar("R")
T = TypeVar("T")
_Result = tuple[object, list[tuple[int, str]]]

_BATCH = 64  # documents or lists handed to a process at once
_ON_MOST_PAGES = {"article", "category", "period_archives", "tag"}  # templates
_log = logging.getLogger(__name__)


class FastGenerator(BrowsingGenerator):
    """Reads and writes documents in Pelican's place, and the lists of them."""

    def generate_context(self) -> None:
        """Bring the documents up to date, and give the others what they show of them."""
        settings = self.settings
        gc.set_threshold(200_000, 50, 1000)  # what is made here in great numbers stays
        found = self.get_files(settings["FAST_ARTICLE_PATHS"], exclude=settings["ARTICLE_EXCLUDES"])
        self._files = sorted(map(posixpath.normpath, found))
        self._originals = Originals(Path(self.path).parent, settings["UNPACKED_PATH"])
        self._get_ready()
        self._load_state()
        self._bring_documents_up_to_date()
        self._now.tags = {
            name: remembered_tag(name, settings)
            for name in dict.fromkeys(chain.from_iterable(record.tag_names for record in self._now.records.values()))
        }
        self._make_catalogue()
        self._touched = self._find_touched()

    def generate_output(self, writer: Writer) -> None:
        """Write the lists that a change touches, and leave the state for the next build."""
        self._look_for_pieces()
        for results in self._share_out("Writing lists", self._write_pieces_at, range(len(self._shared))):
            self._now.lists |= results
        self._write_feed(writer)
        self._leave_state()

    def _get_ready(self) -> None:
        # Pages may link to a document by {filename}; its address follows from the file's name.
        self.context["generated_content"] = _Targets(self.context["generated_content"], {*self._files})
        self._plain = are_plain(self.settings)

    def _make_catalogue(self) -> None:
        published = (record for record in self._now.records.values() if record.status == "published")
        self._catalogue = Catalogue(published, self.settings, self._read_again)
        self.context |= {
            "articles": self._catalogue,
            "dates": self._catalogue,
            "tags": _Later(self._catalogue.tagged),
            "categories": _Later(self._catalogue.from_sources),
            "extent": self._catalogue.extent,
        }

    def _load_state(self) -> None:
        menu = [(str(page.title), str(page.url)) for page in self.context["pages"]]
        ground, theme = self.settings["GROUND"], self.settings["LOOKS"]
        self._before = load_state(Path(self.settings["STATE_PATH"] or ""))
        self._now = State(ground, menu, theme, self._before.looks, stamp_of(f"{self.path}/tags.toml"))
        if self._before.theme != theme:
            self._now.looks = looks_of(self.env)
        self._now.search, self._now.seeds = self._before.search, self._originals.stamps
        self._anew = {name.removesuffix(".html") for name, _ in self._before.looks.items() ^ self._now.looks.items()}
        if (self._before.ground, self._before.menu) != (ground, menu) or self._anew >= _ON_MOST_PAGES:
            self._before = State(search=self._before.search)  # which looks itself whether it can be kept
        self._is_first = not self._before.records
        if self._before.vocabulary == self._now.vocabulary:
            remember_tags(self._before.tags)

    # Documents

    def _bring_documents_up_to_date(self) -> None:
        before = self._before.records
        known = self.settings.pop("STAMPS")
        self._stamps = [known.get(path) or stamp_of(path) for path in (f"{self.path}/{file}" for file in self._files)]
        self._records: list[Record | None] = []
        for file, stamp in zip(self._files, self._stamps, strict=True):
            record = before.get(file)
            self._records.append(record if record and record.stamp == stamp else None)
        changed = {at for at, record in enumerate(self._records) if record is None}
        self._with_other_raw = self._look_for_raw_records()
        self._render(sorted(changed))
        self._now.records = {file: record for file, record in zip(self._files, self._records, strict=True) if record}
        if not self._is_first:
            self._differing = self._changed_files(changed)
            again = self._with_other_raw | self._places_with_renamed_tags() | self._places_with_other_neighbours()
            self._render(sorted((again | self._places_with_other_looks()) - changed))

    def _changed_files(self, changed: set[int]) -> list[str]:
        return [*(self._files[at] for at in changed), *(self._before.records.keys() - {*self._files})]

    def _look_for_raw_records(self) -> set[int]:
        """Look again for the raw records of documents whose seed has changed; give who gained or lost one."""
        of_seed: dict[str, list[int]] = {}
        for at, record in enumerate(self._records):
            if record and record.seed:
                before, now = self._before.seeds.get(record.seed), self._originals.stamps.get(record.seed)
                if now is None or now != before:
                    of_seed.setdefault(record.seed, []).append(at)
        if of_seed:
            self._originals.unpack()
        differing = set()
        for seed, places in of_seed.items():
            metadata = [self._reader.read(f"{self.path}/{self._files[at]}")[1] for at in places]
            records = [(str(found["seed_bytes"]), str(found["seed_sha256"])) for found in metadata]
            for at, raw in zip(places, self._originals.at_hand(seed, records), strict=True):
                record = self._records[at]
                if record and record.raw != raw:
                    self._records[at] = record._replace(raw=raw)
                    differing.add(at)
        return differing

    def _places_with_renamed_tags(self) -> set[int]:
        renamed = self._renamed
        return {at for at, record in enumerate(self._records) if record and not renamed.isdisjoint(record.tag_names)}

    def _places_with_other_looks(self) -> set[int]:
        # A tombstone is shown as an article where the theme has no template for it.
        anew = self._anew | ({"tombstone"} if "article" in self._anew else set())
        return {at for at, record in enumerate(self._records) if record and record.template in anew}

    @cached_property
    def _renamed(self) -> set[str]:
        """The names that stand for another tag than in the last build."""
        if self._before.vocabulary == self._now.vocabulary:
            return set()
        before = self._before.tags
        return {name for name in before if remembered_tag(name, self.settings) != before[name]}

    def _places_with_other_neighbours(self) -> set[int]:
        places: set[int] = set()
        for file in self._differing:
            before, now = self._before.records.get(file), self._now.records.get(file)
            shown = [record.beside if record and record.status == "published" else None for record in (before, now)]
            if shown[0] != shown[1]:
                at = bisect_left(self._files, file)
                beside = self._nearest(range(at - 1, -1, -1)), self._nearest(range(at, len(self._files)), but=file)
                places |= {place for place in beside if place is not None}
        return places

    def _render(self, places: Sequence[int]) -> None:
        if places:
            self._originals.unpack()
        self._read_here: dict[int, Record | None] = {}
        for results in self._share_out("Writing documents", self._render_at, places):
            for at, record in results:
                self._records[at] = record and record.lean()

    def _render_at(self, places: Sequence[int]) -> list[tuple[int, Record | None]]:
        articles = [(at, self._read(self._files[at])) for at in places]
        new = []
        for at, article in articles:
            if isinstance(article, Article):
                known = self._records[at]
                if known is None or at in self._with_other_raw:
                    new.append(article)
                else:
                    article.raw = raw_address(article.save_as) if known.raw else ""
        self._originals.copy(new, Path(self.output_path))
        self._read_here = {at: record_of(article, self._stamps[at]) for at, article in articles}
        for at, article in articles:
            if isinstance(article, Article):
                article.later, article.earlier = self._neighbours(at)
                self._write_document(article)
        return [(at, self._read_here[at]) for at in places]

    def _read(self, file: str) -> Article | SkipStub | None:
        """Read a content file as Pelican's generator does; None, and an error in the log, if it cannot be used."""
        try:
            if self._plain:
                path = f"{self.path}/{file}"
                content, metadata = self._reader.read(path)
                if is_plain(content, metadata):
                    return Document(content, metadata, self.settings, path, self.context)
            article = self.readers.read_file(
                base_path=self.path,
                path=file,
                content_class=Article,
                context=self.context,
                preread_signal=signals.article_generator_preread,
                preread_sender=self,
                context_signal=signals.article_generator_context,
                context_sender=self,
            )
        except Exception:
            _log.exception("Could not process %s", file, exc_info=False)
            return None
        return article if isinstance(article, SkipStub) or article.is_valid() else None

    def _read_again(self, record: Record) -> Article:
        return self._read(f"{record.save_as.removesuffix('.html')}.md")

    def _write_document(self, article: Article) -> None:
        signals.article_generator_write_article.send(self, content=article)
        self._quick_writer.write_file(
            article.save_as,
            self.get_template(article.template),
            self.context,
            relative_urls=self.settings["RELATIVE_URLS"],
            article=article,
            category=getattr(article, "category", None),
            override_output=hasattr(article, "override_save_as"),
            url=article.url,
            blog=True,
        )

    @cached_property
    def _quick_writer(self) -> QuickWriter:
        return QuickWriter(self.output_path, self.settings)

    @cached_property
    def _reader(self) -> BaseReader:
        return self.readers.readers["md"]

    def _neighbours(self, at: int) -> tuple[Neighbour | None, Neighbour | None]:
        """Give the documents with the next and the last address, of those that lists show."""
        record = self._record_at(at)
        if record is None or record.status != "published":
            return None, None
        return self._neighbour(range(at + 1, len(self._files))), self._neighbour(range(at - 1, -1, -1))

    def _neighbour(self, places: range) -> Neighbour | None:
        at = self._nearest(places)
        record = None if at is None else self._record_at(at)
        return record and Neighbour(record.save_as, Markup(record.title), record.lang)  # noqa: S704  # escaped

    def _nearest(self, places: range, but: str = "") -> int | None:
        """Give the first of the places with a document that lists show, and that is not in the file `but`."""
        for at in places:
            record = self._record_at(at)
            if record and record.status == "published" and self._files[at] != but:
                return at
        return None

    def _record_at(self, at: int) -> Record | None:
        """Give a record that is known, or was read here; read it if another process is to read it."""
        known = self._records[at]
        if known is not None:
            return known
        if at not in self._read_here:
            self._read_here[at] = record_of(self._read(self._files[at]), self._stamps[at])
        return self._read_here[at]

    # Lists

    def _find_touched(self) -> Touched | None:
        """Give what is to be written of the lists; None stands for all of it."""
        parts = chain(self._catalogue.tag_parts, self._catalogue.source_parts)
        self._now.labels = {part.url: part.label for part in parts}
        self._now.periods = list(self._catalogue.periods)
        before = self._before.labels
        relabelled = (url for url, label in self._now.labels.items() if before.get(url, label) != label)
        if self._is_first or self._renamed or any(relabelled):
            return None
        records = ((self._before.records.get(file), self._now.records.get(file)) for file in self._differing)
        shown = (
            record
            for old, new in records
            if old != new
            for record in (old, new)
            if record and record.status == "published"
        )
        return touched_by(shown, self.settings, self._before.periods, self._now.periods)

    def _touched_with(self, template: str) -> Touched | None:
        """Give what is to be written of the lists that a template shows; None stands for all of it."""
        return None if template in self._anew else self._touched

    def _tagged(self) -> Iterable[tuple[URLWrapper, Sequence[Article]]]:
        touched = self._touched_with("tag")
        return self._catalogue.tagged(None if touched is None else {*touched.tags})

    def _from_sources(self) -> Iterable[tuple[URLWrapper, Sequence[Article]]]:
        touched = self._touched_with("category")
        return self._catalogue.from_sources(None if touched is None else {*touched.sources})

    def _in_years(self) -> Iterable[Sequence[Article]]:
        touched = self._touched_with("period_archives")
        return self._catalogue.in_years(None if touched is None else touched.years)

    def _tag_parts(self) -> Sequence[Part]:
        return self._catalogue.tag_parts

    def _source_parts(self) -> Sequence[Part]:
        return self._catalogue.source_parts

    def _periods(self) -> dict[Period, int]:
        return self._catalogue.periods

    def _write(self, save_as: str, template: str, kind: str, **variables: object) -> None:
        """Note to which list a page belongs, and write it if it is touched."""
        first, is_touched, touched = save_as, True, self._touched_with(template)
        listing, names = variables.get("listing"), variables.get("name_index")
        if isinstance(names, Index):
            first = f"{kind}/index.html"
            is_touched = touched is None or _touches(touched, kind, names)
        elif isinstance(listing, Listing) and kind != "home":
            named = variables.get("tag") or variables.get("category")
            first = named.url if isinstance(named, URLWrapper) else period_page(listing.period[:1])
            is_touched = touched is None or listing.period in _periods_of(touched, kind, first)
        self._looked_at.setdefault(first, []).append(save_as)
        if is_touched:
            super()._write(save_as, template, kind, **variables)

    def _write_feed_of(self, name: URLWrapper, newest: Sequence[Article]) -> None:
        """Note to which list a feed belongs, and write it: it shows the newest of a list that is touched."""
        self._looked_at.setdefault(name.url, []).append(feed_of(name.url))
        super()._write_feed_of(name, newest)

    def _look_for_pieces(self) -> None:
        """Find what there is to write, in the same order in all processes."""
        self._look_around(self._quick_writer)
        self._shared = list(self._pieces())

    def _write_pieces_at(self, places: Sequence[int]) -> dict[str, list[str]]:
        self._looked_at: dict[str, list[str]] = {}
        for at in places:
            self._shared[at]()
        return self._looked_at

    def _write_feed(self, writer: Writer) -> None:
        feed = self.settings["FEED_ALL_ATOM"]
        if feed:
            # In the place of the empty one of Pelican's own generator.
            writer.write_feed(self._newest, self.context, feed, feed, override_output=True)

    @cached_property
    def _newest(self) -> list[Article]:
        return list(map(self._read_again, self._catalogue.records[: self.settings["FEED_MAX_ITEMS"]]))

    # State and processes

    def _leave_state(self) -> None:
        """Give what is known now, and the addresses of what stands of the last build and is no more."""
        looked_at = self._now.lists
        stale: set[str] = set()
        if not self._is_first:
            for file in chain(self._differing, (self._files[at] for at in self._with_other_raw)):
                stale.update(record.addresses if (record := self._before.records.get(file)) else ())
            lists = self._before.lists
            redone = lists.keys() if self._touched is None else self._redone(self._touched)
            stale.update(chain.from_iterable(lists.get(first, ()) for first in redone))
            self._now.lists = {first: pages for first, pages in lists.items() if first not in redone} | looked_at
            stale |= self._before.others
            stale.difference_update(chain.from_iterable(looked_at.values()))
        self.settings["STATE"] = self._now
        self.settings["STALE"] = None if self._is_first else stale

    def _redone(self, touched: Touched) -> set[str]:
        """Give the first page of each list that was looked at."""
        years = {period_page((year,)) for year in touched.years}
        return {*touched.tags, *touched.sources, *years, *self._now.lists}

    def _share_out(self, stage: str, work: Callable[[Sequence[int]], R], places: Sequence[int]) -> Iterator[R]:
        """Do the work on all places, in batches and in several processes; give the results in order."""
        global _work
        _work = work
        # The first alone, so that templates are compiled before the forks and not in each.
        batches = [places[:1], *(places[at : at + _BATCH] for at in range(1, len(places), _BATCH))] if places else []
        done = 0
        gc.freeze()  # what all processes have in common is not garbage, and looking at it would copy it for each
        scheduler = self.settings["SCHEDULER"] if len(batches) > 2 else ""
        jobs = min(self.settings["JOBS"], len(batches) - 1)
        telling = _told(self, work.__name__) if scheduler else nullcontext(_call)
        with telling as do, processes(jobs, scheduler) as shared_out:
            results = chain(map(_call, batches[:1]), shared_out(do, batches[1:]))
            for batch, (result, messages) in zip(batches, results, strict=True):
                for level, message in messages:
                    _log.log(level, "%s", message)
                done += len(batch)
                self.settings["PROGRESS"](stage, done, len(places))
                yield cast(R, result)


_work: Callable[[Sequence[int]], object]
"""What forked processes are to do; they have it from the fork, since it cannot be sent to them."""


def _call(batch: Sequence[int]) -> _Result:
    return listened(lambda: _work(batch))


def _told(generator: FastGenerator, work: str) -> AbstractContextManager[Callable[[Sequence[int]], _Result]]:
    """Give what does the work on a batch in a process that is no fork of this one."""
    from plugins.engine.worker import told

    return told(generator, work)


def listened(work: Callable[[], R]) -> tuple[R, list[tuple[int, str]]]:
    """Do some work; give the result, and what it logged meanwhile."""
    root = logging.getLogger()
    handlers, messages = root.handlers, Messages()
    me = get_ident()
    messages.addFilter(lambda record: record.thread == me)
    root.handlers = [messages]
    try:
        return work(), messages.said
    finally:
        root.handlers = handlers


def register() -> None:
    """Take the place of Pelican's articles generator, unless FAST is off."""
    signals.initialized.connect(_take_paths)
    signals.get_generators.connect(_give_generator)


def _take_paths(pelican: Pelican) -> None:
    settings = pelican.settings
    given: dict[str, object] = {
        "STATE_PATH": None,
        "UNPACKED_PATH": None,
        "SEARCH_KEPT": False,
        "GROUND": "",
        "LOOKS": "",
        "STAMPS": {},
        "JOBS": 1,
        "SCHEDULER": "",
        "STATE": None,
    }
    for name, value in given.items():
        settings.setdefault(name, value)
    settings.setdefault("PROGRESS", lambda *_: None)
    if settings["FAST"]:
        settings["FAST_ARTICLE_PATHS"], settings["ARTICLE_PATHS"] = settings["ARTICLE_PATHS"], []


def _give_generator(pelican: Pelican) -> type[FastGenerator] | None:
    given: type[FastGenerator] = pelican.settings.get("GENERATOR", FastGenerator)
    return given if pelican.settings["FAST"] else None


@dataclass(frozen=True, slots=True)
class _Target:
    """What a link by {filename} needs to know of a document."""

    url: str


class _Targets(dict[str, object]):
    """What links by {filename} lead to: what other generators have read, and the documents."""

    def __init__(self, others: dict[str, object], documents: set[str]) -> None:
        super().__init__(others)
        self._documents = documents

    def get(self, file: str, otherwise: object = None) -> object:
        return _Target(_address(file)) if file in self._documents else super().get(file, otherwise)


class _Later(Sequence[T]):
    """A sequence that is made when it is first looked at: most themes never do."""

    def __init__(self, make: Callable[[], Sequence[T]]) -> None:
        self._make = make

    def __len__(self) -> int:
        return len(self._made)

    def __getitem__(self, at):  # type: ignore[no-untyped-def]  # as that of what is made
        return self._made[at]

    @cached_property
    def _made(self) -> Sequence[T]:
        return self._make()


def _address(file: str) -> str:
    return f"{file.removesuffix('.md')}.html"


def _periods_of(touched: Touched, kind: str, first: str) -> Collection[Period]:
    if kind == "period":
        return touched.days
    return (touched.tags if kind == "tag" else touched.sources).get(first, ())


def _touches(touched: Touched, kind: str, page: Index) -> bool:
    names = touched.tags if kind == "tags" else touched.sources
    return any(posixpath.basename(url).startswith(page.beginning) for url in names)
