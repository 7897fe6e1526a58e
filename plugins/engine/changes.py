"""Which pages are dirty: told from what the last build left, and from what is known now.

    State before, State now ─► Changes ─► documents to be rendered: 17, 18, 203
                                      └─► Touched: ("tags/norway.html", (2023, 3)), ("2023/index.html", (2023,)), …

A page is rendered again when something has changed that it depends on:

    a document      its file, what its page shows of others (plugins/site/surroundings.py), the names of its tags and
                    whether these have pages, whether its raw record is at hand
    a list          the documents of its tag, source or time; all lists, if the name of a tag has changed
    both            the template and those it refers to, and the build's fingerprint: settings, code, and the pages in
                    the menu

Nothing is made for the pages that are not touched: what is known of all documents is compared, never what lists show.
"""

import posixpath
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape
from itertools import chain

from plugins.engine.documents import Documents
from plugins.engine.state import State
from plugins.site.browse import ARCHIVE, Everything, Job, PageJob, Selection
from plugins.site.chronology import period_page, same_days
from plugins.site.documents import Record
from plugins.site.listings import Period
from plugins.site.overviews import related_concepts
from plugins.site.reader import NOTICES, author_of, remembered_tag, source_of, tag_of
from plugins.site.surroundings import Surroundings

_ON_MOST_PAGES = {"article", "category", "period_archives", "tag"}  # templates
_TEMPLATE_OF = {"tag": "tag", "source": "category", "author": "author", "year": "period_archives"}


class Changes:
    """What is other now than in the last build."""

    def __init__(self, before: State, now: State, settings: dict[str, object]) -> None:
        """Compare what is known before any document is read; the documents of `now` may be known later."""
        digests = before.template_digests.items() ^ now.template_digests.items()
        self.templates = {name.removesuffix(".html") for name, _ in digests}
        """The templates that have changed, or refer to one that has."""
        if (before.build_fingerprint, before.menu) != (now.build_fingerprint, now.menu) or (
            self.templates >= _ON_MOST_PAGES
        ):
            before = State(search=before.search)  # which looks itself whether it can be kept
        self.before, self.now = before, now
        self.is_first = not before.records
        """Whether nothing is known of an earlier build, so that everything is to be rendered."""
        self._settings = settings

    @cached_property
    def files(self) -> list[str]:
        """The content files that came, went or changed; known once the documents are."""
        before, now = self.before.records, self.now.records
        stale = (file for file, record in now.items() if not (known := before.get(file)) or known[:2] != record[:2])
        return [*stale, *(before.keys() - now.keys())]

    @cached_property
    def renamed_tags(self) -> set[str]:
        """The names that stand for another tag than in the last build."""
        if self.before.vocabulary == self.now.vocabulary:
            return set()
        before = self.before.tags
        return {name for name in before if remembered_tag(name, self._settings) != before[name]}

    @cached_property
    def tag_pages(self) -> frozenset[str]:
        """The first pages of tags that the last build has made."""
        return tag_pages(self.before)

    def documents(self, documents: Documents, surroundings: Surroundings) -> set[int]:
        """Return the numbers of the documents that are dirty though their files have not changed."""
        # A notice is shown as an article where the theme has no template for it.
        templates = self.templates | (NOTICES if "article" in self.templates else set())
        renamed = self.renamed_tags
        found = documents.with_other_raw | self._with_other_surroundings(documents, surroundings)
        if templates or renamed:
            found |= {
                number
                for number, record in enumerate(documents.records)
                if record and (record.template in templates or not renamed.isdisjoint(record.tag_names))
            }
        return found

    def _with_other_surroundings(self, documents: Documents, now: Surroundings) -> set[int]:
        """Return the documents around which something is other than it was; whatever may be is looked at."""
        before, renamed = self.before.records, self.renamed_tags
        changed = {file for file in self.files if _seen(before.get(file)) != _seen(self.now.records.get(file))}
        if renamed:
            changed |= {file for file, record in before.items() if not renamed.isdisjoint(record.tag_names)}
        if not changed:
            return set()
        former, former_files = Surroundings([*before.values()], self.before.tags), [*before]
        looked_at = []
        for surroundings, files in ((former, former_files), (now, documents.files)):
            numbers = {file: number for number, file in enumerate(files)}
            looked_at.append((surroundings, files, numbers))
        slugs = {
            slug
            for surroundings, _, numbers in looked_at
            for file in changed
            if file in numbers
            for slug in surroundings.subjects(numbers[file])
        }
        # Where a subject is no longer rare, or is again, all its documents have others in common with it.
        turned = {slug for slug in slugs if former.is_common(slug) != now.is_common(slug)}
        near: set[str] = set()
        for surroundings, files, numbers in looked_at:
            moved = {numbers[file] for file in changed if file in numbers}
            moved.update(*(surroundings.documents(slug) for slug in turned))
            near.update(files[number] for one in moved for number in surroundings.near(one))
        if former.least != now.least:
            near.update(before)
        (_, _, there), (_, _, here) = looked_at
        return {
            here[file]
            for file in near
            if file in there and file in here and former.of(there[file]) != now.of(here[file])
        }

    def selection(self) -> Selection:
        """Return the pages of lists that are dirty; labels and periods of `now` have to be known."""
        before = self.before.labels
        relabelled = (url for url, label in self.now.labels.items() if before.get(url, label) != label)
        if self.is_first or self.renamed_tags or any(relabelled):
            return Everything()
        records = ((self.before.records.get(file), self.now.records.get(file)) for file in self.files)
        shown = (
            record
            for old, new in records
            if old != new
            for record in (old, new)
            if record and record.status == "published"
        )
        names = names_of_tags(self.now.records.values(), self.tag_pages ^ tag_pages(self.now), self._settings)
        with_others = (one for one in self.now.records.values() if names and not names.isdisjoint(one.tag_names))
        others = (record for record in with_others if record.status == "published")
        touched = touched_by(
            chain(shown, others), self._settings, self.before.periods, self.now.periods, self.templates
        )
        if not touched.keys.keys() >= before.keys() ^ self.now.labels.keys():
            return Everything()  # a tag may gain or lose its page by the size of the archive, too
        self._touch_relations(touched)
        return touched

    def _touch_relations(self, touched: "Touched") -> None:
        """Touch what depends on other documents: subjects above and below new ones, and what was peculiar to years."""
        labels = {**self.before.labels, **self.now.labels}
        for url in tag_pages(self.before) ^ tag_pages(self.now):
            for name in related_concepts(unescape(labels[url])):
                if tag := tag_of(name, self._settings):
                    touched.keys.setdefault(tag.url, set()).add(())
        if self.before.weights != self.now.weights:
            for year in (period for period in self.now.periods if len(period) == 1):
                touched.keys.setdefault(period_page(year), set()).add(year)

    def stale(self, selection: Selection, documents: Documents) -> set[str]:
        """Return the addresses that stood before and that this build has looked at: those not written are no more.

        `now.lists` has to hold the lists that were rendered, and holds all that stand from then on.
        """
        before, rendered = self.before.lists, self.now.lists
        again = chain(self.files, (documents.files[number] for number in documents.with_other_raw))
        stale = {address for file in again if (known := self.before.records.get(file)) for address in known.addresses}
        redone = {*before} if isinstance(selection, Everything) else {*rendered}
        if isinstance(selection, Touched):
            redone |= selection.keys.keys()
        stale.update(chain.from_iterable(before.get(first, ()) for first in redone))
        self.now.lists = {first: pages for first, pages in before.items() if first not in redone} | rendered
        return (stale | self.before.other_files).difference(chain.from_iterable(rendered.values()))


def _seen(record: Record | None) -> tuple[object, ...] | None:
    """Return what the pages of other documents depend on of one."""
    return record.seen if record and record.status == "published" else None


@dataclass
class Touched:
    """The pages of lists that a change touches: a set of jobs, told by what they depend on."""

    keys: dict[str, set[Period]] = field(default_factory=dict)
    """First page of a list of a tag, a source, an author or a year -> the periods it is touched in; () is all."""
    templates: set[str] = field(default_factory=set)
    """Templates whose pages are touched wherever they are."""

    def lists(self, kind: str) -> Collection[str] | None:
        """Return the first pages of the lists of a kind that are touched; None for all."""
        if _TEMPLATE_OF[kind] in self.templates:
            return None
        folders = {"tag": "tags/", "source": "sources/", "author": "authors/"}
        if kind in folders:
            return [url for url in self.keys if url.startswith(folders[kind])]
        return [url for url in self.keys if not url.startswith(tuple(folders.values()))]

    def __contains__(self, job: Job) -> bool:
        if job.depends_on == ARCHIVE or (isinstance(job, PageJob) and job.template in self.templates):
            return True
        url, part = job.depends_on
        if isinstance(part, str):  # an index of names, of those with one beginning
            folder = url.removesuffix("index.html")
            return any(key.startswith(folder) and posixpath.basename(key).startswith(part) for key in self.keys)
        return part in self.keys.get(url, ())


def tag_pages(state: State) -> frozenset[str]:
    """Return the first pages of the tags that a state knows."""
    return frozenset(url for url in state.labels if url.startswith("tags/"))


def names_of_tags(records: Iterable[Record], urls: Collection[str], settings: dict[str, object]) -> set[str]:
    """Return the names by which documents have the tags at some addresses."""
    if not urls:
        return set()
    names = dict.fromkeys(chain.from_iterable(record.tag_names for record in records))
    return {name for name in names if (tag := tag_of(name, settings)) and tag.url in urls}


def touched_by(
    changes: Iterable[Record],
    settings: dict[str, object],
    before: Sequence[Period],
    now: Sequence[Period],
    templates: set[str],
) -> Touched:
    """Return what is touched by published documents that came, went or changed: each as it was and as it is.

    `before` and `now` are the years, months and days that have any documents. Where one has come or gone, those beside
    it have another neighbour, and the same day of other years is to name it.
    """
    touched = Touched(templates=templates)
    days: set[Period] = set()
    for record in changes:
        year, month, day = record.period
        periods: set[Period] = {(), (year,), (year, month), (year, month, day)}
        days |= periods
        urls = [tag.url for name in record.tag_names if (tag := tag_of(name, settings))]
        urls += [author_of(name, settings).url for name in record.authors]
        for url in [*urls, source_of(record.source, settings).url] if record.source else urls:
            touched.keys.setdefault(url, set()).update(periods)
    for period in {*before} ^ {*now}:
        alike = [other for other in now if len(other) == len(period)]
        days |= {min((other for other in alike if other > period), default=())}
        days |= {max((other for other in alike if other < period), default=())}
        if len(period) == 3:
            days |= {*same_days(period, {*before, *now})}
    for period in days - {()}:
        touched.keys.setdefault(period_page(period[:1]), set()).add(period)
    return touched
