"""What the page of a document shows of others: those before and after it, of its day, of its subjects, of its text.

records ─► Surroundings ─► Around(earlier=Neighbour("2023/03/07/x.html", …), related=(Related(…, on=("Argentina",)), …)

One more document changes a bounded number of pages, however large the archive is, since each part is chosen so:

    earlier, later      the next ones in the order of addresses, of all and of the document's source
    same_day            the next three of the day, of which the first follows the last
    twins               the next five of the same text or the same page, in the same manner
    related             of the documents that share a *rare* subject (one of fewer than 64 documents), the five with the
                        most in common. A shared rare subject counts 5 to 1, less by one with each doubling of its
                        documents, so that counts matter in steps; each shared common one 4; and each common one that
                        only one of the two has takes 2 away. Of those with as much in common the nearest in time. In
                        an archive of fewer than 64 documents any shared subject will do.

Numbers are places in the list of records. Records may be those of a glance, of which nothing but the head is known.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from heapq import nlargest
from itertools import chain
from typing import NamedTuple

from markupsafe import Markup, escape

from plugins.site.documents import Record
from plugins.site.reader import NameAndSlug

_RARE = 64
"""A subject of fewer documents is rare."""
_STEPS = _RARE.bit_length() - 1
_SHARED, _NOT_SHARED = 4, 2  # what a common subject counts
_BOTH = _SHARED + 2 * _NOT_SHARED  # of one that counts as not shared on both sides
_LEAST = 4  # that two documents have to have in common, in an archive of 64 or more
_RELATED, _TWINS, _SAME_DAY = 5, 5, 3
_REASONS = 3  # subjects that are told of a related document
_WHOLE_DAY = len("2023-03-08")


class Neighbour(NamedTuple):
    """What a page shows of another document."""

    url: str
    title: Markup
    lang: str
    published: str
    source: Markup


class Related(NamedTuple):
    """A related document, and the subjects that it shares, the rarest first."""

    document: Neighbour
    on: tuple[Markup, ...]


class Twin(NamedTuple):
    """A document of the same text or the same page."""

    document: Neighbour
    is_page: bool
    """Whether it is of the same page, captured as http or https, with `www.` or without."""
    is_text: bool


class Around(NamedTuple):
    """All that the page of a document shows of others."""

    earlier: Neighbour | None = None
    later: Neighbour | None = None
    earlier_in_source: Neighbour | None = None
    later_in_source: Neighbour | None = None
    same_day: tuple[Neighbour, ...] = ()
    related: tuple[Related, ...] = ()
    twins: tuple[Twin, ...] = ()


class Subject(NamedTuple):
    """A tag, and the documents that have it."""

    slug: str
    documents: list[int]
    step: int
    """How many they are, as a power of two; all that are common are alike."""
    weight: int
    """What it counts where related documents are looked for; 0 where it is common."""


class Surroundings:
    """What there is around each document of an archive."""

    def __init__(self, records: Sequence[Record | None], tags: Mapping[str, NameAndSlug | None]) -> None:
        """Take records in the order of addresses; `tags` has name and slug of the tag that each name stands for."""
        self._records, self._tags = records, tags
        self._listed: list[int] = []
        self._of_source: dict[str, list[int]] = defaultdict(list)
        self._of_day: dict[str, list[int]] = defaultdict(list)
        self._of_key: dict[int, list[int]] = defaultdict(list)
        of_name: dict[str, list[int]] = defaultdict(list)
        for number, record in enumerate(records):
            if record is None or record.status != "published":
                continue
            self._listed.append(number)
            self._of_source[record.source].append(number)
            self._of_day[record.published].append(number)
            for key in (record.text, record.page):
                self._of_key[key].append(number)
            for name in record.tag_names:
                of_name[name].append(number)
        self.least = _LEAST if len(self._listed) >= _RARE else 1
        """What two documents have to have in common to be related."""
        self._subjects = _subjects(of_name, tags)
        self._of_slug = {subject.slug: subject for subject in self._subjects.values() if subject}
        common = [one for one in self._of_slug.values() if not one.weight]
        self._common = [0] * len(records) if common else []
        """The common subjects of each document, a bit for each."""
        for at, subject in enumerate(common):
            for number in subject.documents:
                self._common[number] |= 1 << at

    def of(self, number: int) -> Around:
        """Return what there is around a document; nothing around one that lists do not show."""
        record = self._records[number]
        if record is None or record.status != "published":
            return Around()
        of_day = self._of_day[record.published] if len(record.published) == _WHOLE_DAY else []
        return Around(
            *self._beside(self._listed, number),
            *self._beside(self._of_source[record.source], number),
            tuple(map(self._neighbour, _following(of_day, number, _SAME_DAY))),
            tuple(self._related(number, record)),
            tuple(self._twins(number, record)),
        )

    def near(self, number: int) -> set[int]:
        """Return the documents whose pages may show this one, or another in its place."""
        record = self._records[number]
        if record is None or record.status != "published":
            return set()
        found = self.sharing(number)
        keys = [key for key in (record.text, record.page) if key]
        for numbers, most in (
            (self._listed, 1),
            (self._of_source[record.source], 1),
            (self._of_day[record.published], _SAME_DAY),
            *((self._of_key[key], _TWINS) for key in keys),
        ):
            found.update(_preceding(numbers, number, most), _following(numbers, number, 1))
        return found

    def sharing(self, number: int) -> set[int]:
        """Return the documents that share a rare subject with one, and itself."""
        return {number}.union(*(one.documents for one in self.subjects(number).values() if one.weight))

    def documents(self, slug: str) -> list[int]:
        """Return the documents of a subject."""
        subject = self._of_slug.get(slug)
        return subject.documents if subject else []

    def is_common(self, slug: str) -> bool:
        """Return whether a subject has too many documents to be rare."""
        return len(self.documents(slug)) >= _RARE

    def subjects(self, number: int) -> dict[str, Subject]:
        """Return the subjects of a document by their slugs, in its own order."""
        record = self._records[number]
        if record is None or record.status != "published":
            return {}
        found: dict[str, Subject] = {}
        for name in record.tag_names:
            if subject := self._subjects[name]:
                found.setdefault(subject.slug, subject)
        return found

    def _related(self, number: int, record: Record) -> Iterator[Related]:
        mine = self.subjects(number)
        tags = [tag for name in record.tag_names if (tag := self._tags[name])]
        names = {slug: name for name, slug in reversed(tags)}
        scores: dict[int, int] = {}
        for subject in mine.values():
            if weight := subject.weight:
                for other in subject.documents:
                    scores[other] = scores.get(other, 0) + weight
        for same in self._of_key[record.text] if record.text else [number]:
            scores.pop(same, None)
        for other in self._best(number, record, self._with_common(number, scores)):
            theirs = self.subjects(other)
            shared = sorted((one for slug, one in mine.items() if slug in theirs), key=lambda one: one.step)
            yield Related(self._neighbour(other), tuple(_escaped(names[one.slug]) for one in shared[:_REASONS]))

    def _with_common(self, number: int, scores: dict[int, int]) -> dict[int, int]:
        """Return the scores of the documents that have enough in common, with what common subjects count."""
        marks = self._common
        if not marks:
            return {other: score for other, score in scores.items() if score >= self.least}
        mine = marks[number]
        least, found = self.least + _NOT_SHARED * mine.bit_count(), {}
        for other, score in scores.items():
            if theirs := marks[other]:
                score += _BOTH * (mine & theirs).bit_count() - _NOT_SHARED * theirs.bit_count()
            if score >= least:
                found[other] = score
        return found

    def _best(self, number: int, record: Record, scores: dict[int, int]) -> list[int]:
        if len(scores) > _RELATED:
            least = nlargest(_RELATED, scores.values())[-1]
            scores = {other: score for other, score in scores.items() if score >= least}
        day = _day(record)

        def order(other: int) -> tuple[int, int, int]:
            found = self._records[other]
            assert found  # noqa: S101  # it is listed
            return -scores[other], abs(_day(found) - day), other

        return sorted(scores, key=order)[:_RELATED]

    def _twins(self, number: int, record: Record) -> Iterator[Twin]:
        of_text, of_page = (self._of_key[key] if key else [] for key in (record.text, record.page))
        same_text, same_page = (_following(numbers, number, _TWINS) for numbers in (of_text, of_page))
        for other in sorted({*same_text, *same_page})[:_TWINS]:
            found = self._records[other]
            assert found  # noqa: S101  # it is listed
            is_text = bool(record.text) and found.text == record.text
            yield Twin(self._neighbour(other), bool(record.page) and found.page == record.page, is_text)

    def _beside(self, numbers: list[int], number: int) -> tuple[Neighbour | None, Neighbour | None]:
        """Return the one before and the one after a document."""
        at = bisect_left(numbers, number)
        earlier = self._neighbour(numbers[at - 1]) if at else None
        return earlier, self._neighbour(numbers[at + 1]) if at + 1 < len(numbers) else None

    def _neighbour(self, number: int) -> Neighbour:
        record = self._records[number]
        assert record  # noqa: S101  # it is listed
        title = str.__new__(Markup, record.title)  # escaped by the reader
        return Neighbour(record.save_as, title, record.lang, record.published, _escaped(record.source))


def _subjects(of_name: Mapping[str, list[int]], tags: Mapping[str, NameAndSlug | None]) -> dict[str, Subject | None]:
    """Return the subject that each name stands for; None for one that is hidden."""
    alike: dict[str, list[str]] = defaultdict(list)
    found: dict[str, Subject | None] = dict.fromkeys(of_name)
    for name in of_name:
        if tag := tags[name]:
            alike[tag[1]].append(name)
    for slug, names in alike.items():
        numbers = of_name[names[0]]
        if len(names) > 1:
            numbers = sorted({*chain.from_iterable(of_name[name] for name in names)})
        step = min(_STEPS, len(numbers).bit_length() - 1)
        found |= dict.fromkeys(names, Subject(slug, numbers, step, _STEPS - step))
    return found


def _following(numbers: list[int], number: int, most: int) -> list[int]:
    """Return those that follow a number, the first after the last, without itself."""
    found = numbers[(at := bisect_right(numbers, number)) : at + most]
    return found + numbers[: min(most - len(found), bisect_left(numbers, number))]


def _preceding(numbers: list[int], number: int, most: int) -> list[int]:
    """Return those that a number follows, the last before the first, without itself."""
    at = bisect_left(numbers, number)
    found = numbers[max(0, at - most) : at]
    return found + numbers[max(bisect_right(numbers, number), len(numbers) - most + len(found)) :]


@lru_cache(maxsize=10_000)
def _escaped(name: str) -> Markup:
    return escape(name)


def _day(record: Record) -> int:
    return date.fromisoformat(record.date[:10]).toordinal()
