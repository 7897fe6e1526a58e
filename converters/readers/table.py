"""What a seed file is, by its content first and its name second, and the reader that knows it.

    cut_seed(SeedFile("seeds/2023/court.txt.gz"))       ->  Capture(…), Capture(…), Rejection(…), Capture(…)
    cut_seed(SeedFile("seeds/2023/court.html"))         ->  RawRecord(b"<html>…", Origin("seeds/2023/court.html"), …)
    read(RawRecord(b"<html>…", …))                      ->  Capture(…)

From the front-matter of a document, its reader and what that has to know to read its raw record again:

    reader_of("seed-text 1")                            ->  Reader("seed-text", …)
    read_again(raw, document)                           ->  Capture(…), as it was read at first
    origin_of("Seed: seeds/a.txt\\nSeed-Bytes: 1944+…")  ->  Origin("seeds/a.txt", 1944, "utf-8")

To add a format, write a reader (`converters/readers/seed_text.py` shows how) and put one line into `READERS`.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import chain, islice

from converters.archive.stamps import files_below
from converters.intake.companions import is_list_of_pages, is_wacz, what_belongs_to_pages
from converters.intake.hosts import canonical_host, without_credentials
from converters.intake.kinds import kind_of
from converters.intake.seeds import SeedFile, members_of, open_seed
from converters.intake.sidecar import LARGEST_SIDECAR, Known, Sidecar, SidecarError, parse_sidecar
from converters.model import NO_COLUMNS, Capture, Columns, OtherRecord, Rejection
from converters.readers import feeds, mail, mhtml, notes, saved_html, seed_text, tables, web_archive
from converters.readers.described import SKIPPED, describe, described
from converters.readers.reader import Origin, RawRecord, Reader, Record, read_whole
from converters.rejections import (
    CANNOT_OPEN,
    LONG_ADDRESS,
    LONG_TITLE,
    LONGEST_ADDRESS,
    LONGEST_TITLE,
    OTHER_FORMAT,
    SIDECAR_FAULT,
    SeedError,
)
from converters.text import frontmatter

READERS: tuple[Reader, ...] = (
    # The first that recognises a file reads it; the last takes everything, and says why it cannot read a part.
    web_archive.READER,
    mhtml.READER,
    notes.READER,
    mail.READER,
    feeds.READER,
    saved_html.READER,
    tables.READER,
    seed_text.READER,
)

_MOST_TITLES, _LONGEST_LINE = 100_000, 1 << 20

_OF_PAGES = (web_archive.READER, mhtml.READER, saved_html.READER)
KEY_OF = {"date": "Date", "address": "Url", "title": "Title", "source": "Category", "language": "Lang"}
"""Key of a sidecar -> that of the front-matter which keeps it."""


def cut_seed(seed: SeedFile) -> Iterator[Record | RawRecord]:
    """Yield all records of one file, in its order, those that take long to read as they are.

    A file that cannot be read to its end gives a last Rejection. Where the fault may pass, it is read a second time,
    from the record on that was cut.
    """
    for record in _tried_twice(seed):
        yield record if isinstance(record, RawRecord) else _settled(record)


def _tried_twice(seed: SeedFile) -> Iterator[Record | RawRecord]:
    for done, record in enumerate(_cut_once(seed)):
        if isinstance(record, Rejection) and record.passing:
            yield from islice(_cut_once(seed), done, None)
            return
        yield record


def _cut_once(seed: SeedFile) -> Iterator[Record | RawRecord]:
    try:
        sidecar = _sidecar_of(seed)
        if sidecar and sidecar.skip:
            yield OtherRecord(seed.name, SKIPPED)
        else:
            yield from _cut(seed, sidecar)
    except SidecarError as fault:
        yield SIDECAR_FAULT.rejects(seed.name, found=str(fault))
    except SeedError as fault:
        yield fault.rejection
    except OSError as error:
        yield CANNOT_OPEN.rejects(seed.name, found=error.strerror or str(error))


def read_seed(seed: SeedFile) -> Iterator[Record]:
    """Yield all records of one file, read one after another."""
    return map(read, cut_seed(seed))


def read(record: Record | RawRecord) -> Record:
    """Return what a record holds."""
    if not isinstance(record, RawRecord):
        return record
    reader = next(reader for reader in READERS if reader.label == record.reader)
    return _read_again(record.raw, record.origin, reader, record.known)


def read_again(raw: bytes, document: str) -> Record:
    """Return what a raw record holds, with what its content file says that a curator told of it."""
    origin, reader = origin_of(document), reader_of(frontmatter.value(document, "Reader"))
    if reader is None:
        return OTHER_FORMAT.rejects(origin.seed, found="a format of a reader that is gone")
    return _read_again(raw, origin, reader, known_in(document))


def known_in(document: str) -> Known:
    """Return what a content file says that a curator told in a sidecar."""
    told = frontmatter.values(document, "Sidecar")
    return Known(**{key: frontmatter.value(document, KEY_OF[key]) for key in told if key in KEY_OF})


def _cut(seed: SeedFile, sidecar: Sidecar | None) -> Iterator[Record | RawRecord]:
    members = members_of(seed)
    records = _cut_file(seed, sidecar) if members is None else chain.from_iterable(map(_cut_member, members))
    if is_wacz(seed.name):
        records = _titled(records, _titles_of(seed))
    return described(records, sidecar, seed.name, _keeps_all) if sidecar else records


def _cut_member(member: SeedFile | Rejection | OtherRecord) -> Iterable[Record | RawRecord]:
    return _cut_once(member) if isinstance(member, SeedFile) else (member,)


def _titles_of(wacz: SeedFile) -> dict[str, str]:
    """Return the titles that the lists of pages in a WACZ give to addresses."""
    titles: dict[str, str] = {}
    for member in members_of(wacz) or ():
        if isinstance(member, SeedFile) and is_list_of_pages(member.name):
            with suppress(OSError), open_seed(member) as stream:
                while len(titles) < _MOST_TITLES and (line := stream.readline(_LONGEST_LINE)):
                    with suppress(ValueError, RecursionError):
                        page = json.loads(line)
                        if isinstance(page, dict) and page.get("url") and isinstance(page.get("title"), str):
                            titles[str(page["url"])] = " ".join(page["title"].split())
    return titles


def _titled(records: Iterable[Record | RawRecord], titles: dict[str, str]) -> Iterator[Record | RawRecord]:
    for record in records:
        if isinstance(record, RawRecord) and (title := titles.get(record.url)):
            yield replace(record, origin=replace(record.origin, title=title))
        else:
            yield record


def _cut_file(seed: SeedFile, sidecar: Sidecar | None) -> Iterator[Record | RawRecord]:
    with open_seed(seed) as stream:
        head = stream.peek()
        reader = next(reader for reader in READERS if reader.recognises(head, seed.name))
        if sidecar and sidecar.tables:
            reader = tables.mapped(sidecar.tables)
        if reader not in _OF_PAGES and (what := what_belongs_to_pages(seed.name)):
            yield OtherRecord(seed.name, what)
            return
        if reader is READERS[-1] and (kind := kind_of(head)):
            yield OTHER_FORMAT.rejects(seed.name, found=kind)
            return
        for record in reader.read(stream, seed.name):
            yield _labelled(record, reader, seed) if isinstance(record, RawRecord) else _public(record)
    if seed.beside:
        others = (file for file in files_below(seed.beside) if seed.beside / file != seed.path)
        yield from (OtherRecord(seed.name, "files saved with the page") for _ in others)


def _read_again(raw: bytes, origin: Origin, reader: Reader, known: Known) -> Record:
    return _settled(describe(_public(reader.read_record(raw, origin)), known, _keeps_all))


def _sidecar_of(seed: SeedFile) -> Sidecar | None:
    if seed.sidecar is None:
        return None
    with open_seed(replace(seed.sidecar, name=seed.name)) as stream:  # a fault of it is one of its seed
        return parse_sidecar(read_whole(stream, LARGEST_SIDECAR), seed.sidecar.name)


def _keeps_all(label: str) -> bool:
    reader = reader_of(label)
    return reader is not None and not reader.extracts


def _labelled(record: RawRecord, reader: Reader, seed: SeedFile) -> RawRecord:
    origin = replace(record.origin, beside=str(seed.beside)) if seed.beside else record.origin
    return replace(record, reader=reader.label, origin=origin)


def _settled(record: Record) -> Record:
    """Return a record of which all is known that ever will be."""
    if isinstance(record, Capture):
        place = record.provenance.seed, record.provenance.line
        if len(record.title) > LONGEST_TITLE:
            return LONG_TITLE.rejects(*place, record.title)
        return LONG_ADDRESS.rejects(*place, record.url) if len(record.url) > LONGEST_ADDRESS else record
    return replace(record, incomplete=None) if isinstance(record, Rejection) and record.incomplete else record


def _public(record: Record) -> Record:
    """Return a capture with its host in the one form, and without a password in its address."""
    if not isinstance(record, Capture):
        return record
    url, source = without_credentials(record.url), canonical_host(record.source)
    if (url, source) == (record.url, record.source):
        return record
    return replace(record, url=url, source=source, withheld=record.withheld or url != record.url)


def reader_of(label: str) -> Reader | None:
    """Return the reader that a document's front-matter names, in any version of it; None where there is none now."""
    name = label.rpartition(" ")[0]
    return next((reader for reader in READERS if reader.name == name), None)


def origin_of(document: str) -> Origin:
    """Return what the front-matter of a content file keeps of its raw record, for `read_record`."""
    keys = {name: frontmatter.decode(raw) for name, raw in frontmatter.split(document)[0]}
    start = keys.get("Seed-Bytes", "").partition("+")[0]
    return Origin(
        keys.get("Seed", ""),
        int(start) if start.isascii() and start.isdigit() else 0,
        keys.get("Encoding", "utf-8"),
        _columns_in(keys.get("Columns", "")),
    )


def _columns_in(text: str) -> Columns:
    try:
        delimiter, *names = json.loads(text or '[""]')
        return Columns(tuple((str(name), str(role)) for name, role in names), str(delimiter))
    except (ValueError, TypeError):
        return NO_COLUMNS
