"""The tags of all documents as a table for spreadsheets, and what comes back from there.

    address,date,title,tags,was
    2023/03/08/slug.html,2023-03-08,Court opens inquiry,"Ada Bell, Norway","Ada Bell, Norway"

The column `tags` is to be edited; `was` keeps what stood there, so that what a curator changed is told from what has
changed in the archive since. What comes back is the curator's own: no later command changes these tags again.
"""

import csv
import io
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from converters.archive.atomic import atomic_write
from converters.archive.layout import Archive, ArchiveError
from converters.subjects.thesaurus import read_thesaurus
from converters.subjects.vocabulary import MOST_CHARACTERS, Vocabulary, read_vocabulary
from converters.tags.documents import Document, documents, read
from converters.tags.retag import Change, Difference

COLUMNS = ("address", "date", "title", "tags", "was")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a cell begins with that spreadsheets work out
_DELIMITERS = ",;\t"


def write_table(archive: Archive, path: Path) -> int:
    """Write the table of all documents, and return how many they are."""
    number = 0
    with atomic_write(path) as file:
        file.write("\ufeff")
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for name in documents(archive):
            if found := read(archive, name):
                document, tags = found[0], ", ".join(found[0].tags)
                cells = (document.address, document.date, document.title, tags, tags)
                table.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
                number += 1
    return number


def read_table(archive: Archive, path: Path) -> Difference:
    """Return what a curator has changed; raises ArchiveError with the line for what cannot be understood."""
    vocabulary = read_vocabulary(archive.vocabulary)
    difference = Difference(as_edited=True)
    lines: dict[str, int] = {}
    for number, row in _rows(path):
        address, place = row["address"], f"{path}:{number}"
        if address in lines:
            raise ArchiveError(f"{place}: {address} stands in line {lines[address]}, too; keep one of the two")
        lines[address] = number
        document = _document(archive, address, place)
        wanted, was = (_names(row[column], place) for column in ("tags", "was"))
        gained, lost = [name for name in wanted if name not in was], {name for name in was if name not in wanted}
        after = {name: kind for name, kind in document.tags.items() if name not in lost}
        after |= {name: after.get(name) or _kind(name, vocabulary) for name in gained}
        difference.looked_at += 1
        if after != document.tags:
            difference.changes.append(Change(document, after))
    return difference


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a table with their lines."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ArchiveError(f"{path}: expected UTF-8; save it as CSV in UTF-8") from None
    first = text.partition("\n")[0]
    table = csv.reader(io.StringIO(text, newline=""), delimiter=max(_DELIMITERS, key=first.count))
    names = [name.strip().lower() for name in next(table, [])]
    if missing := [name for name in ("address", "tags", "was") if name not in names]:
        raise ArchiveError(f"{path}:1: expected the columns {', '.join(COLUMNS)}, found no {' and no '.join(missing)}")
    for cells in table:
        if any(map(str.strip, cells)):
            values = (cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell for cell in cells)
            row = dict(zip(names, values, strict=False))
            if any(name not in row for name in ("address", "tags", "was")):
                raise ArchiveError(f"{path}:{table.line_num}: expected {len(names)} cells, found {len(cells)}")
            yield table.line_num, row


def _document(archive: Archive, address: str, place: str) -> Document:
    file = f"{address.strip().removesuffix('.html')}.md"
    inside = (archive.content / file).resolve().is_relative_to(archive.content.resolve())
    if not inside or not (archive.content / file).is_file():
        raise ArchiveError(f"{place}: {address}: no document has this address; take the row out")
    found = read(archive, file)
    if found is None:
        raise ArchiveError(f"{place}: {address}: is withdrawn; take the row out")
    return found[0]


def _names(cell: str, place: str) -> list[str]:
    names = list(dict.fromkeys(name for part in cell.split(",") if (name := " ".join(part.split()))))
    for name in names:
        unfit = [char for char in name if char == ";" or unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")]
        if unfit or len(name) > MOST_CHARACTERS or not any(map(str.isalnum, name)):
            raise ArchiveError(
                f"{place}: {name[:MOST_CHARACTERS]!r}: expected tags with commas between them, each of at most "
                f"{MOST_CHARACTERS} characters, with a letter or digit, and without semicolons"
            )
    return names


def _kind(name: str, vocabulary: Vocabulary) -> str:
    concept = read_thesaurus().concepts.get(name)
    return vocabulary.kind(name) or (concept.kind if concept else "topic")
