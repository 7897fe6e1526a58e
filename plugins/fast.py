"""Builds in several processes, and only what has changed: the same bytes as Pelican alone, in a fraction of its time.

Takes the place of Pelican's articles generator and shares its work out; `FAST = False` in the settings gives it back.

    content files ─ which have changed? ─► read and render these, in forks ─► a record of each: what lists show of it
    all records ─ group ─► list pages, each with a fingerprint of all it shows ─► render those with a new fingerprint

A page is rendered by Pelican's own reader, Article and Writer, in whatever process; nothing but a record of a few
hundred bytes comes back, so no process ever holds all texts. The records and fingerprints of a build are its *state*,
with which the next build compares. A page is rendered again when something has changed that it depends on:

    a document      its file, its neighbours in the order of addresses, the names of its tags, whether its raw record
                    is at hand, and the *ground*: theme, settings, code, and the pages in the menu
    a list          the records of the documents it shows, its links to parts and neighbours, and the ground

A theme that shows more than that on a page (all `articles` on every document, say) needs `FAST = False`. Where the
system cannot fork, one process does it all.
"""

import gc
import hashlib
import logging
import marshal
import posixpath
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from html import unescape
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TypeVar, cast

from jinja2 import Template
from markupsafe import Markup
from pelican import Pelican, signals
from pelican.contents import Article, SkipStub, Tag
from pelican.urlwrappers import Category
from pelican.utils import get_relative_path, path_to_url
from pelican.writers import Writer

from converters.archive import stamp_of
from converters.processes import forks
from plugins.browse import BrowsingGenerator, Neighbour, extent_of
from plugins.listings import order
from plugins.messages import Messages
from plugins.originals import Originals, raw_address, write_new
from plugins.reader import source_of, tags_of

R = TypeVar("R")
_Result = tuple[object, list[tuple[int, str]]]

_BATCH = 64  # documents or lists handed to a process at once
_VERSION = 1  # of what is kept from one build to the next
_log = logging.getLogger(__name__)


class Record(NamedTuple):
    """What is known of a document without its text; plain values only, so that it can be kept."""

    stamp: str
    status: str
    save_as: str
    date: str
    locale_date: str
    title: str
    summary: str
    lang: str
    dir: str
    source: str
    tag_names: tuple[str, ...]
    words: int
    seed: str
    seed_bytes: str
    seed_sha256: str
    raw: bool


class Entry:
    """A document as lists know it: those of an Article's attributes that they may show."""

    __slots__ = (
        "category",
        "date",
        "digest",
        "dir",
        "lang",
        "locale_date",
        "save_as",
        "summary",
        "tag_urls",
        "tags",
        "title",
        "url",
        "words",
    )

    def __init__(self, record: Record, settings: dict[str, object]) -> None:
        self.save_as = record.save_as
        self.url = record.save_as
        self.date = datetime.fromisoformat(record.date)
        self.locale_date = record.locale_date
        self.title = Markup(record.title)  # noqa: S704  # escaped by the reader
        self.summary = Markup(record.summary)  # noqa: S704
        self.lang = record.lang
        self.dir = record.dir
        self.words = record.words
        self.category = source_of(record.source, settings) if record.source else None
        self.tags = tags_of(record.tag_names, settings)
        self.tag_urls = [tag.url for tag in self.tags]
        shown = (record[2:10], [tag.name for tag in self.tags], record.words)
        self.digest = hashlib.blake2b(marshal.dumps(shown), digest_size=12).hexdigest()

    def __repr__(self) -> str:
        """Stands for all that is shown of it, in fingerprints of lists."""
        return self.digest


class QuickWriter(Writer):  # type: ignore[misc]  # Pelican has no types
    """Pelican's writer without pagination, which asks the system for no more than a new file."""

    def write_file(
        self,
        name: str,
        template: Template,
        context: dict[str, object],
        relative_urls: bool = False,
        **variables: object,
    ) -> None:
        """Render a page and write it, unless another has its place."""
        local = {**context, "localsiteurl": context.get("localsiteurl")}
        if relative_urls:
            local["SITEURL"] = local["localsiteurl"] = path_to_url(get_relative_path(name))
        for not_for_templates in ("paginated", "template_name", "override_output", "url"):
            variables.pop(not_for_templates, None)
        local |= {"output_file": name, **variables}
        if local["localsiteurl"]:
            context["localsiteurl"] = local["localsiteurl"]
        path = f"{self.output_path}/{name}"
        with suppress(FileExistsError):
            write_new(path, template.render(local).encode())
            signals.content_written.send(path, context=local)


class FastGenerator(BrowsingGenerator):
    """Reads and writes documents in Pelican's place, and the lists of them."""

    def generate_context(self) -> None:
        """Bring the documents up to date, and give the others what they show of them."""
        settings = self.settings
        self._files = sorted(self.get_files(settings["FAST_ARTICLE_PATHS"], exclude=settings["ARTICLE_EXCLUDES"]))
        # Pages may link to a document by {filename}; its address follows from the file's name.
        self.context["generated_content"].update(
            (file, _Target(_address(file))) for file in map(posixpath.normpath, self._files)
        )
        menu = [(page.title, page.url) for page in self.context["pages"]]
        self._before = _load_state(settings["STATE_PATH"], _digest((settings["GROUND"], menu)))
        self._originals = Originals(Path(self.path).parent, settings["UNPACKED_PATH"])
        self._fingerprints: dict[str, str] = {}
        self._read_here: dict[int, Record | None] = {}
        self._bring_documents_up_to_date()
        self._group()

    def generate_output(self, writer: Writer) -> None:
        """Write the lists that have changed, and leave the state for the next build."""
        self._lists: list[tuple[str, str, str, dict[str, object]]] = []
        super().generate_output(self._quick_writer)
        new = []
        for at, (save_as, *shown) in enumerate(self._lists):
            self._fingerprints[save_as] = _digest(shown)
            if self._has_changed(save_as):
                new.append(at)
        for _ in self._share_out("Writing lists", self._write_lists_at, new):
            pass
        self._write_feed(writer)
        self._leave_state()

    # Documents

    def _bring_documents_up_to_date(self) -> None:
        self._records: list[Record | None] = []
        self._stamps = [stamp_of(f"{self.path}/{file}") for file in self._files]
        for file, stamp in zip(self._files, self._stamps, strict=True):
            record = self._before.records.get(file)
            self._records.append(record if record and record.stamp == stamp else None)
        self._look_for_raw_records()
        changed = [at for at, record in enumerate(self._records) if record is None]
        self._render(changed)
        for at, record in enumerate(self._records):
            if record and record.status != "skip":
                self._fingerprints[record.save_as] = self._fingerprint(at, record)
        rendered = set(changed)
        self._render(
            [
                at
                for at, record in enumerate(self._records)
                if record and at not in rendered and record.status != "skip" and self._has_changed(record.save_as)
            ]
        )

    def _look_for_raw_records(self) -> None:
        """Look again for the raw records of documents whose seed has changed or is gone."""
        of_seed: dict[str, list[int]] = {}
        for at, record in enumerate(self._records):
            if record and record.seed:
                before, now = self._before.seeds.get(record.seed), self._originals.stamps.get(record.seed)
                if now is None or now != before:
                    of_seed.setdefault(record.seed, []).append(at)
        if of_seed:
            self._originals.unpack()
        for seed, places in of_seed.items():
            found = self._originals.at_hand(
                seed, [(record.seed_bytes, record.seed_sha256) for at in places if (record := self._records[at])]
            )
            for at, raw in zip(places, found, strict=True):
                if record := self._records[at]:
                    self._records[at] = record._replace(raw=raw)

    def _render(self, places: Sequence[int]) -> None:
        if places:
            self._originals.unpack()
        for results in self._share_out("Writing documents", self._render_at, places):
            for at, record in results:
                self._records[at] = self._read_here[at] = record

    def _render_at(self, places: Sequence[int]) -> list[tuple[int, Record | None]]:
        articles = [(at, self._read(at)) for at in places]
        self._originals.copy([a for _, a in articles if isinstance(a, Article)], Path(self.output_path))
        self._read_here |= {at: _record(article, self._stamps[at]) for at, article in articles}
        for at, article in articles:
            if isinstance(article, Article):
                later, earlier = self._neighbours(at)
                article.later = later and _neighbour(later)
                article.earlier = earlier and _neighbour(earlier)
                self._write_document(article)
        return [(at, self._read_here[at]) for at in places]

    def _read(self, at: int) -> Article | SkipStub | None:
        """Read a content file as Pelican's generator does; None, and an error in the log, if it cannot be used."""
        try:
            article = self.readers.read_file(
                base_path=self.path,
                path=self._files[at],
                content_class=Article,
                context=self.context,
                preread_signal=signals.article_generator_preread,
                preread_sender=self,
                context_signal=signals.article_generator_context,
                context_sender=self,
            )
        except Exception:
            _log.exception("Could not process %s", self._files[at], exc_info=False)
            return None
        return article if isinstance(article, SkipStub) or article.is_valid() else None

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
    def _quick_writer(self) -> "QuickWriter":
        return QuickWriter(self.output_path, self.settings)

    def _neighbours(self, at: int) -> tuple[Record | None, Record | None]:
        """Give the documents with the next and the last address, of those that lists show."""
        record = self._record_at(at)
        if record is None or record.status != "published":
            return None, None
        return self._nearest(range(at + 1, len(self._files))), self._nearest(range(at - 1, -1, -1))

    def _nearest(self, places: range) -> Record | None:
        return next((r for r in map(self._record_at, places) if r and r.status == "published"), None)

    def _record_at(self, at: int) -> Record | None:
        """Give a record that is known, or was read here; read it if another process is to read it."""
        known = self._records[at]
        if known is not None:
            return known
        if at not in self._read_here:
            self._read_here[at] = _record(self._read(at), self._stamps[at])
        return self._read_here[at]

    def _fingerprint(self, at: int, record: Record) -> str:
        around = [(other.save_as, other.title, other.lang) for other in self._neighbours(at) if other]
        return _digest(
            (record.stamp, around, [tag.name for tag in tags_of(record.tag_names, self.settings)], record.raw)
        )

    # Lists

    def _group(self) -> None:
        """Give what Pelican's generator gives to templates and other generators: documents, tags and sources."""
        published = [record for record in self._records if record and record.status == "published"]
        entries = sorted((Entry(record, self.settings) for record in published), key=order)
        tags: dict[str, tuple[Tag, list[Entry]]] = {}
        sources: dict[str, tuple[Category, list[Entry]]] = {}
        for entry in entries:
            for url, tag in zip(entry.tag_urls, entry.tags, strict=True):
                tags.setdefault(url, (tag, []))[1].append(entry)
            if entry.category:
                sources.setdefault(entry.category.slug, (entry.category, []))[1].append(entry)
        self.context |= {
            "articles": entries,
            "dates": entries,
            "tags": list(tags.values()),
            "categories": [sources[slug] for slug in sorted(sources)],
            "extent": extent_of(entries, len(sources), len(tags)),
        }

    def _write(self, save_as: str, template: str, kind: str, **variables: object) -> None:
        self._lists.append((save_as, template, kind, variables))

    def _write_lists_at(self, places: Sequence[int]) -> None:
        for at in places:
            save_as, template, kind, variables = self._lists[at]
            super()._write(save_as, template, kind, **variables)

    def _write_feed(self, writer: Writer) -> None:
        feed = self.settings["FEED_ALL_ATOM"]
        if feed:
            newest = [entry.save_as for entry in self.context["articles"][: self.settings["FEED_MAX_ITEMS"]]]
            place = {record.save_as: at for at, record in enumerate(self._records) if record}
            articles = [self._read(place[save_as]) for save_as in newest]
            # In the place of the empty one of Pelican's own generator.
            writer.write_feed(articles, self.context, feed, feed, override_output=True)

    # State and processes

    def _has_changed(self, save_as: str) -> bool:
        return self._before.fingerprints.get(save_as) != self._fingerprints[save_as]

    def _leave_state(self) -> None:
        records = {file: tuple(record) for file, record in zip(self._files, self._records, strict=True) if record}
        raw = {raw_address(record.save_as) for record in self._records if record and record.raw}
        self.settings["WANTED"] = None if not self._before.records else raw | self._fingerprints.keys()
        if path := self.settings["STATE_PATH"]:
            kept = (_VERSION, self._before.ground, records, self._fingerprints, self._originals.stamps)
            Path(f"{path}.new").write_bytes(marshal.dumps(kept))

    def _share_out(self, stage: str, work: Callable[[Sequence[int]], R], places: Sequence[int]) -> Iterator[R]:
        """Do the work on all places, in batches and in several processes; give the results in order."""
        global _work
        _work = work
        # The first alone, so that templates are compiled before the forks and not in each.
        batches = [places[:1], *(places[at : at + _BATCH] for at in range(1, len(places), _BATCH))] if places else []
        done = 0
        # What all processes have in common is not garbage, and looking at it would copy it for each.
        gc.freeze()
        gc.set_threshold(200_000, 50, 1000)
        with forks(min(self.settings["JOBS"], len(batches) - 1)) as shared_out:
            results = chain(map(_call, batches[:1]), shared_out(_call, batches[1:]))
            for batch, (result, messages) in zip(batches, results, strict=True):
                for level, message in messages:
                    _log.log(level, "%s", message)
                done += len(batch)
                self.settings["PROGRESS"](stage, done, len(places))
                yield cast(R, result)


_work: Callable[[Sequence[int]], object]
"""What forked processes are to do; they have it from the fork, since it cannot be sent to them."""


def _call(batch: Sequence[int]) -> _Result:
    """Do the work on a batch; give the result, and what was logged meanwhile."""
    root = logging.getLogger()
    handlers, messages = root.handlers, Messages()
    root.handlers = [messages]
    try:
        return _work(batch), messages.said
    finally:
        root.handlers = handlers


def register() -> None:
    """Take the place of Pelican's articles generator, unless FAST is off."""
    signals.initialized.connect(_take_paths)
    signals.get_generators.connect(_give_generator)


def _take_paths(pelican: Pelican) -> None:
    settings = pelican.settings
    for name, value in (("STATE_PATH", None), ("UNPACKED_PATH", None), ("GROUND", ""), ("JOBS", 1), ("WANTED", None)):
        settings.setdefault(name, value)
    settings.setdefault("PROGRESS", lambda *_: None)
    if settings["FAST"]:
        settings["FAST_ARTICLE_PATHS"], settings["ARTICLE_PATHS"] = settings["ARTICLE_PATHS"], []


def _give_generator(pelican: Pelican) -> type[FastGenerator] | None:
    return FastGenerator if pelican.settings["FAST"] else None


@dataclass(frozen=True, slots=True)
class _Target:
    """What a link by {filename} needs to know of a document."""

    url: str


def _address(file: str) -> str:
    return f"{file.removesuffix('.md')}.html"


def _neighbour(record: Record) -> Neighbour:
    return Neighbour(record.save_as, Markup(record.title), record.lang)  # noqa: S704  # escaped by the reader


def _record(article: Article | SkipStub | None, stamp: str) -> Record | None:
    if article is None:
        return None
    if isinstance(article, SkipStub):
        return Record(stamp, "skip", "", "", "", "", "", "", "", "", (), 0, "", "", "", False)
    return Record(
        stamp,
        article.status,
        article.save_as,
        article.date.replace(tzinfo=None).isoformat(),
        article.locale_date,
        str(article.title),
        str(article.summary),
        article.lang,
        str(article.dir),
        unescape(str(article.category.name)) if hasattr(article, "category") else "",
        tuple(article.tag_names),
        article.words,
        unescape(str(article.seed)),
        str(article.seed_bytes),
        str(article.seed_sha256),
        bool(getattr(article, "raw", "")),
    )


@dataclass(frozen=True, slots=True)
class _State:
    """What one build leaves to the next; without it, or on another ground, everything is built anew."""

    ground: str
    records: dict[str, Record]
    fingerprints: dict[str, str]
    seeds: dict[str, str]


def _load_state(path: str | None, ground: str) -> _State:
    try:
        version, *kept = marshal.loads(Path(path or "").read_bytes())  # noqa: S302  # our own file, for this Python
        if version == _VERSION and kept[0] == ground:
            return _State(ground, {file: Record(*record) for file, record in kept[1].items()}, kept[2], kept[3])
    except (OSError, ValueError, EOFError, TypeError):
        pass
    return _State(ground, {}, {}, {})


def _digest(shown: object) -> str:
    return hashlib.blake2b(repr(shown).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
