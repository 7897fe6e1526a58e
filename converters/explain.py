"""What became of a seed or a document, and why: for the person who wonders at a page.

    explain(archive, "seeds/2023/court.html")     of a seed, all its records
    explain(archive, "content/2023/03/08/court-opens-inquiry.md")

    seeds/2023/court.html, bytes 0+48213
      reader     saved-html 2, which leaves out what is not the document
      document   content/2023/03/08/court-opens-inquiry.md
      Title      Court opens inquiry                    from h1
      Date       2023-03-08                             from json-ld
      left out   navigation: 120 words; related: 310 words; 41 % of what the page shows was kept
      tag        Ada Bell (person): 3 times, in title and lead; in full the name stands in 12 documents
      near miss  oil (topic): 2 times; too little evidence

Nothing is written but what may lie in .cache/.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from converters.archive.layout import Archive, ArchiveError
from converters.intake.seeds import SeedFile, find_seeds, read_records
from converters.ledger.addresses import content_file
from converters.ledger.register import Register
from converters.model import Capture, OtherRecord, Rejection
from converters.readers.reader import Reader, Record
from converters.readers.table import cut_seed, origin_of, read, read_again, reader_of
from converters.rejections import SeedError
from converters.subjects.explain import explain as explain_subjects
from converters.subjects.index import Index
from converters.subjects.vocabulary import read_vocabulary
from converters.text import frontmatter
from converters.text.language import tell_language
from converters.text.markdown import write
from converters.text.paragraphs import restore

MOST_RECORDS = 20
"""Records of one seed that are explained; a dump may have thousands."""


def explain(archive: Archive, file: str) -> Iterator[str]:
    """Yield lines that explain a seed or a content file; raises ArchiveError where it is neither."""
    path = _found(archive, file)
    index = Index(archive, read_vocabulary(archive.vocabulary))
    try:
        index.refresh(map)
        if path.is_relative_to(archive.content.resolve()):
            yield from _explain_document(archive, index, path)
        else:
            yield from _explain_seed(archive, index, path)
    finally:
        index.close()


def _found(archive: Archive, file: str) -> Path:
    """Return the path of a file that is named from here or from the archive's folder."""
    for path in (Path(file).expanduser(), archive.root / file):
        resolved = path.resolve()
        if resolved.is_file() and resolved.is_relative_to(archive.seeds.resolve()):
            return resolved
        if resolved.is_file() and resolved.is_relative_to(archive.content.resolve()) and resolved.suffix == ".md":
            return resolved
    raise ArchiveError(
        f"{file}: expected a file in {archive.seeds} or a document in {archive.content}; "
        f"name one, such as {archive.command('convert --explain seeds/NAME')}"
    )


def _explain_document(archive: Archive, index: Index, path: Path) -> Iterator[str]:
    document = path.read_bytes().decode("utf-8", "surrogateescape")
    place = frontmatter.value(document, "Seed-Bytes")
    yield f"{frontmatter.value(document, 'Seed')}, bytes {place}"
    record = _record_of(archive, document)
    if isinstance(record, Capture):
        yield from _of_record(record, _raw_of(archive, document))
    else:
        yield _line("record", f"cannot be read now: {record.reason}" if isinstance(record, Rejection) else "is gone")
    if not frontmatter.is_sealed(document):
        yield _line("document", "was edited by hand; it is kept as it is")
    yield from _of_document(index, document)


def _explain_seed(archive: Archive, index: Index, path: Path) -> Iterator[str]:
    seed = next(
        (one for one in find_seeds(archive.seeds) if isinstance(one, SeedFile) and one.path.resolve() == path), None
    )
    if seed is None:
        raise ArchiveError(f"{path}: is no seed, but what another program left, a sidecar, or a link; name a seed")
    register = Register(archive)
    try:
        records = cut_seed(seed)
        for number, record in enumerate(map(read, islice(records, MOST_RECORDS))):
            if number:
                yield ""
            yield from _of_seeds_record(archive, index, register, record)
        if rest := sum(1 for _ in records):
            yield ""
            yield f"{rest:,} more records; name a document in {archive.content} to have one explained"
    finally:
        register.discard()


def _of_seeds_record(archive: Archive, index: Index, register: Register, record: Record) -> Iterator[str]:
    if isinstance(record, Rejection):
        yield f"rejected: {record}"
        return
    if isinstance(record, OtherRecord):
        yield f"{record.seed}: no document, but {record.what}"
        return
    place = record.provenance
    yield f"{place.seed}, bytes {place.start}+{place.length}"
    raw = next(read_records(archive.root, place.seed, [(place.start, place.length)]))
    yield from _of_record(record, raw)
    address = register.address_of(place.seed, place.start)
    path = content_file(archive, address) if address else None
    if path and path.is_file():
        yield _line("document", path.relative_to(archive.root).as_posix())
        yield from _of_document(index, path.read_bytes().decode("utf-8", "surrogateescape"))
    else:
        yield _line("document", "none of its own: not converted yet, withdrawn, or the same as another")
        yield from _of_document(index, _as_converted(record))


def _as_converted(capture: Capture) -> str:
    reader = reader_of(capture.provenance.reader)
    return write(tell_language(restore(capture) if reader and reader.lost_breaks else capture), "slug")


def _of_record(capture: Capture, raw: bytes) -> Iterator[str]:
    """What was read from a record, and where each part of it came from."""
    reader = reader_of(capture.provenance.reader)
    extracts = ", which leaves out what is not the document" if reader and reader.extracts else ", which keeps all"
    yield _line("reader", capture.provenance.reader + extracts)
    yield _line("encoding", capture.provenance.encoding)
    origins, left_out = _origins(capture, reader, raw)
    values = {
        "Title": capture.title,
        "Date": capture.published.isoformat() if capture.published else "",
        "Url": capture.url,
        "Source": capture.source,
        "Authors": "; ".join(capture.authors),
        "Captured": capture.captured.isoformat() if capture.captured else "",
    }
    for key, value in values.items():
        yield _line(key, f"{value}    from {origins.get(key, 'the record')}" if value else "none")
    if capture.provenance.kept is not None:
        kept = f"{capture.provenance.kept} % of what the page shows was kept"
        regions = "; ".join(f"{region}: {number} words" for region, number in sorted(left_out.items()) if number)
        yield _line("left out", f"{regions or 'nothing'}; {kept}")


def _origins(capture: Capture, reader: Reader | None, raw: bytes) -> tuple[dict[str, str], dict[str, int]]:
    """Return where each field stands, and of a page how many words of each region were left out."""
    origins, left_out = {"Source": "its address" if capture.url else "its folder"}, dict[str, int]()
    if reader and reader.header:
        origins |= dict.fromkeys(("Date", "Url"), f"the line “{reader.header}”") | {"Title": "the line after it"}
    if reader and reader.extracts:
        found, left_out = _of_page(reader.unpacked(raw), capture.url)
        origins |= found
    origins |= {role.capitalize(): f"the column {name}" for name, role in capture.provenance.columns.names}
    told = {"date": "Date", "address": "Url", "title": "Title", "source": "Source"}
    origins |= {told[key]: "its sidecar or a list beside it" for key in capture.provenance.described if key in told}
    return origins, left_out


def _of_page(raw: bytes, url: str) -> tuple[dict[str, str], dict[str, int]]:
    from converters.readers.page.page import PageError, read_page
    from converters.readers.page.text import decode_page

    try:
        page = read_page(decode_page(raw).text, url)
    except PageError:
        return {}, {}
    about = page.metadata
    return {"Title": about.title_from, "Date": about.published_from, "Authors": "the page"}, dict(page.left_out)


def _of_document(index: Index, document: str) -> Iterator[str]:
    """What the text of a document was taken for."""
    found = index.read(document)
    language, inferred = frontmatter.value(document, "Lang"), frontmatter.value(document, "Inferred-Breaks")
    yield _line("language", f"{language or 'und'}    from its first 500 characters")
    if inferred:
        yield _line("paragraphs", f"{inferred} of their breaks were lost, and are inferred")
    tags = frozenset(found.tags) or index.would_be(found.evidence)
    for reason in explain_subjects(found.evidence, index.statistics, tags):
        kind = f" ({reason.kind})" if reason.kind else ""
        yield _line("tag" if reason.is_tag else "near miss", f"{reason.name}{kind}: {reason.why}")


def _record_of(archive: Archive, document: str) -> Record | None:
    try:
        return read_again(_raw_of(archive, document), document)
    except (SeedError, OSError, ValueError, StopIteration):
        return None


def _raw_of(archive: Archive, document: str) -> bytes:
    start, _, length = frontmatter.value(document, "Seed-Bytes").partition("+")
    return next(read_records(archive.root, origin_of(document).seed, [(int(start), int(length))]))


def _line(what: str, text: str) -> str:
    return f"  {what:<10} {text}"
