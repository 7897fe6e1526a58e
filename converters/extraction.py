"""Reads the records that take long to read, such as pages: in all processes, and each only once.

    Capture(…), RawRecord(b"<html>…"), RawRecord(b"<html>…"), Rejection(…)
    ->  Capture(…), Capture(…), Rejection(… "the page holds no text …"), Rejection(…)      in the same order

What was read is kept in `.cache/`, by the bytes of the record and the version of its reader. So it is at hand when
documents are written, and also when the program changes, unless that reader did.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, closing, suppress
from functools import partial
from itertools import chain, groupby

from converters.archive.layout import Archive
from converters.archive.processes import OrderedMap, batches
from converters.intake.seeds import read_records
from converters.ledger.extractions import Extractions
from converters.ledger.media import keep, keep_picture
from converters.model import Capture, Media
from converters.readers import web_archive
from converters.readers.page.pictures import LARGEST_PICTURE, ending_of
from converters.readers.reader import RawRecord, Record
from converters.readers.table import read

Share = Callable[[], AbstractContextManager[OrderedMap]]
"""Returns a `map` over processes, once there is work for them."""

_PER_WEIGHT = 16 * 1024  # bytes of a record that make it one heavier, in a batch


def extracted(archive: Archive, share: Share, records: Iterable[Record | RawRecord]) -> Iterator[Record]:
    """Yield what each of the records holds, in their order."""
    records = iter(records)
    for record in records:
        if isinstance(record, RawRecord):
            yield from _shared_out(archive, share, chain((record,), records))
            return
        yield record


def weight_of(record: Record | RawRecord) -> int:
    """Return how much of a batch a record takes up: not too many large pages are held at once."""
    return 1 + len(record.raw) // _PER_WEIGHT if isinstance(record, RawRecord) else 1


def _shared_out(archive: Archive, share: Share, records: Iterable[Record | RawRecord]) -> Iterator[Record]:
    with share() as ordered_map, closing(Extractions(archive)) as extractions:
        for batch in ordered_map(partial(_read_all, archive), batches(map(extractions.known, records), weight_of)):
            for record, key in batch:
                if key and isinstance(record, Capture):
                    extractions.keep(record, key)
                yield record


def _read_all(archive: Archive, batch: list[Record | RawRecord]) -> list[tuple[Record, str]]:
    return [(read_here(archive, record), record.key if isinstance(record, RawRecord) else "") for record in batch]


def read_here(archive: Archive, record: Record | RawRecord) -> Record:
    """Return what a record holds, its pictures kept apart."""
    found = read(record)
    return keep(archive, found) if isinstance(found, Capture) and found.media else found


def fetch_pictures(archive: Archive, places: Iterable[tuple[str, int, int, str]]) -> Iterator[tuple[str, int, Media]]:
    """Keep the pictures of records, by seed, start, length and address; yield seed and start of each, and what it is.

    Of a seed all are read at one go. What is no picture, or cannot be read, is left out.
    """
    for seed, of_seed in groupby(places, lambda place: place[0]):
        rows = list(of_seed)
        with suppress(OSError):
            raws = read_records(archive.root, seed, [(start, length) for _, start, length, _ in rows])
            for raw, (_, start, _, url) in zip(raws, rows, strict=True):
                content = web_archive.unpacked(raw)
                if (ending := ending_of(content)) and len(content) <= LARGEST_PICTURE:
                    name = f"{hashlib.sha256(content).hexdigest()}.{ending}"
                    keep_picture(archive, content, name)
                    yield seed, start, Media(name, len(content), url)
