"""Puts what a curator knows of a seed over what a reader found in it.

    Capture(url="", published=None, title="Court opens", …)  +  Known(date="2023-03-08", source="example.org")
    ->  Capture(url="", source="example.org", published=(2023, 3, 8), …, described=("date", "source"))

    Rejection("… not a day of the calendar …", incomplete=…)  +  Known(date="2023-03-08")      ->  Capture(…)
    anything                                                  +  skip = true                   ->  OtherRecord(…)

No word of a seed is lost: where a curator gives another title to a text that is kept whole, the seed's own title is the
first paragraph.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from converters.intake.hosts import host_of
from converters.intake.sidecar import NOTHING_KNOWN, Known, Sidecar
from converters.intake.visible import is_visible
from converters.model import Capture, Incomplete, OtherRecord, PartialDate, Rejection, plain
from converters.readers.reader import RawRecord, Record
from converters.rejections import NO_SUCH_RECORD, SEVERAL_RECORDS

SKIPPED = "left out by a sidecar"
_OF_ONE = ("address", "title")
KeepsAll = Callable[[str], bool]
"""Whether the reader of a label leaves nothing out."""


def described(
    records: Iterable[Record | RawRecord], sidecar: Sidecar, of_seed: str, keeps_all: KeepsAll
) -> Iterator[Record | RawRecord]:
    """Yield the records of a file with what its sidecar tells of them, and the fault of each entry that fits none."""
    unused = set(sidecar.entries)
    of_one = tuple(key for key in _OF_ONE if getattr(sidecar.whole, key) is not None)
    is_first = True
    for record in records:
        seed, line, start = _place_of(record)
        entries = [entry for entry in sidecar.entries if entry.speaks_of(seed, line, start)]
        unused.difference_update(entries)
        inside = record.known if isinstance(record, RawRecord) else NOTHING_KNOWN
        known = _over(_without(sidecar.whole, record), inside, *(entry.known for entry in entries))
        is_document = isinstance(record, RawRecord) or _capture_in(record) is not None
        is_later, is_first = is_document and not is_first, is_first and not is_document
        if any(entry.skip for entry in entries):
            yield OtherRecord(seed, SKIPPED)
        elif of_one and is_later and not any({*entry.known.keys} & {*of_one} for entry in entries):
            yield SEVERAL_RECORDS.rejects(seed, line, " and ".join(of_one))
        else:
            yield replace(record, known=known) if isinstance(record, RawRecord) else describe(record, known, keeps_all)
    yield from (NO_SUCH_RECORD.rejects(of_seed, found=str(entry)) for entry in sidecar.entries if entry in unused)


def describe(record: Record, known: Known, keeps_all: KeepsAll) -> Record:
    """Return a record with what is known of it put over what was read."""
    capture = _capture_in(record)
    if capture is None or not known.keys:
        return record
    capture = _told(capture, known, keeps_all)
    if isinstance(record, Rejection) and record.incomplete:
        left = tuple(fault for fault in record.incomplete.faults if not {*fault[0]} & {*known.keys})
        return replace(left[0][1], incomplete=Incomplete(capture, left)) if left else capture
    return capture


def _told(capture: Capture, known: Known, keeps_all: KeepsAll) -> Capture:
    place = replace(capture.provenance, described=tuple(dict.fromkeys((*capture.provenance.described, *known.keys))))
    replaces_title = (
        keeps_all(capture.provenance.reader) and known.title not in (None, capture.title) and is_visible(capture.title)
    )
    published = capture.published
    if known.date is not None:
        published = PartialDate.fromisoformat(known.date) if known.date else None
    return replace(
        capture,
        url=capture.url if known.address is None else known.address,
        url_in_seed=capture.url_in_seed if known.address is None else capture.own_url,
        source=known.source or (known.address and host_of(known.address)) or capture.source,
        published=published,
        title=known.title or capture.title,
        body=(plain(capture.title), *capture.body) if replaces_title else capture.body,
        language=known.language or capture.language,
        provenance=place,
    )


def _over(known: Known, *further: Known) -> Known:
    """Return what is known, with the later over the earlier."""
    for one in further:
        known = replace(known, **{key: getattr(one, key) for key in one.keys})
    return known


def _without(known: Known, record: Record | RawRecord) -> Known:
    """Return what is known of a whole container without what a sidecar inside tells of a record."""
    capture = _capture_in(record)
    return replace(known, **dict.fromkeys(capture.provenance.described)) if capture else known


def _capture_in(record: Record | RawRecord) -> Capture | None:
    if isinstance(record, Rejection):
        return record.incomplete.capture if record.incomplete else None
    return record if isinstance(record, Capture) else None


def _place_of(record: Record | RawRecord) -> tuple[str, int, int | None]:
    """Return seed, line and offset of a record, as far as they are known."""
    match record:
        case RawRecord(origin=origin):
            return origin.seed, 0, origin.start
        case Rejection(incomplete=Incomplete(capture=Capture(provenance=place))) | Capture(provenance=place):
            return place.seed, place.line, place.start
        case Rejection(seed=seed, line=line):
            return seed, line, None
        case OtherRecord(seed=seed):
            return seed, 0, None
