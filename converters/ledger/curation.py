"""What a curator decides of a published address: that its text is withdrawn, or that it moves.

    withdraw    content/2023/03/08/slug.md      its front-matter alone, with Withdrawn and Reason: a tombstone
                content/addresses.csv           2023/03/08/slug.html,tombstone,<identity>

    rename      content/2023/03/08/slug.md  →   content/2023/03/08/better.md
                content/addresses.csv           2023/03/08/slug.html,redirect,2023/03/08/better.html
                                                2023/03/08/better.html,document,<identity>

Seeds are not touched. Killed at any moment, the same command given again finishes what was begun.
"""

import re
from contextlib import suppress
from datetime import date
from pathlib import Path

from converters.archive.atomic import atomic_write
from converters.archive.layout import Archive, ArchiveError
from converters.ledger.addresses import RESERVED_SLUGS, content_file
from converters.ledger.ledger import Line, append, current, is_address
from converters.text import frontmatter

_KEPT = ("Title", "Date", "Category", "Lang", "Url", "Seed", "Seed-Bytes", "Seed-SHA256")
_NAMED = re.compile(r"(?:.*/)??((?:[0-9]{4}(?:/[^/]+){0,2}|undated)/[^/?#]+)\.(?:html|md)(?:[?#].*)?", re.DOTALL)
_LONGEST_SLUG = 200  # characters, so that no file's name gets longer than 255 bytes


def withdraw(archive: Archive, named: str, reason: str, when: date) -> str:
    """Leave a tombstone in the place of a document; give its address.

    Raises ArchiveError where there is no such document, where it is withdrawn already, or without a reason.
    """
    if not reason.strip():
        raise ArchiveError('withdraw: why? The page tells its readers; give the reason as --why "…"')
    address = _address(named)
    line = _line(archive, address)
    if line.holds == "redirect":
        raise ArchiveError(f"{address}: was renamed to {line.detail}; withdraw that")
    path = content_file(archive, address)
    document = _read(path)
    is_tombstone = bool(frontmatter.value(document, "Withdrawn"))
    if is_tombstone and line.holds == "tombstone":
        on = frontmatter.value(document, "Withdrawn")
        raise ArchiveError(f"{address}: is withdrawn already, since {on}; what its page says stands in {path}")
    if not is_tombstone:
        with atomic_write(path) as file:
            file.write(_tombstone(document, reason.strip(), when))
    if line.holds != "tombstone":
        append(archive, [Line(address, "tombstone", line.detail)])
    return address


def rename(archive: Archive, named: str, new: str) -> str:
    """Move a document, or a tombstone, to another address and leave a redirect; give the new address.

    Raises ArchiveError where there is no such document, or where the new address cannot be had.
    """
    address, new = _address(named), _address(new)
    line = _line(archive, address)
    source, target = content_file(archive, address), content_file(archive, new)
    if line.holds == "redirect":
        if line.detail != new or not source.exists():
            raise ArchiveError(f"{address}: was renamed to {line.detail} already; to move it on, rename that")
    else:
        _check_free(archive, new)
        _read(source)
        append(archive, [Line(address, "redirect", new), Line(new, line.holds, line.detail)])
    _move(archive, source, target)
    return new


def _address(named: str) -> str:
    """Return the address that an address, the path of a content file or a URL names."""
    match = _NAMED.fullmatch(named.strip())
    address = f"{match[1]}.html" if match else ""
    if not is_address(address):
        raise ArchiveError(
            f"{named}: is no document's address; choose another, such as 2023/03/08/court-opens-inquiry.html"
        )
    return address


def _line(archive: Archive, address: str) -> Line:
    line = current(archive.ledger).get(address)
    if line is None:
        raise ArchiveError(f"{address}: no document was published there; {archive.ledger} has all addresses")
    return line


def _read(path: Path) -> str:
    try:
        document = path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        raise ArchiveError(f"{path}: the document is gone; bring the file back, from git or with convert") from None
    return document.replace("\r\n", "\n").removeprefix("\ufeff")


def _tombstone(document: str, reason: str, when: date) -> str:
    values = {key.lower(): value for key, value in frontmatter.split(document)[0]}
    keys = [(key, values.get(key.lower(), "")) for key in _KEPT]
    keys += [
        ("Status", "hidden"),
        ("Template", "tombstone"),
        ("Withdrawn", when.isoformat()),
        ("Reason", frontmatter.encode(reason)),
    ]
    return "".join(f"{key}: {value}\n" for key, value in keys if value)


def _check_free(archive: Archive, address: str) -> None:
    folder, _, slug = address.removesuffix(".html").rpartition("/")
    if not _is_date(folder):
        raise ArchiveError(f"{address}: {folder} is no day; expected an address such as 2023/03/08/slug.html")
    if slug in RESERVED_SLUGS or len(slug) > _LONGEST_SLUG:
        raise ArchiveError(f"{address}: {slug[:40]} cannot be the name of a document; choose another")
    if address in current(archive.ledger) or content_file(archive, address).exists():
        raise ArchiveError(f"{address}: is taken, or was once; choose another")


def _is_date(folder: str) -> bool:
    """Return whether a folder is that of a day, a month or a year, or of what has no date."""
    if folder == "undated":
        return True
    try:
        date.fromisoformat("-".join([*folder.split("/"), "01", "01"][:3]))
    except ValueError:
        return False
    return True


def _move(archive: Archive, source: Path, target: Path) -> None:
    document = source.read_bytes().decode("utf-8", "surrogateescape")
    if target.exists() and not frontmatter.is_sealed(target.read_bytes().decode("utf-8", "surrogateescape")):
        raise ArchiveError(f"{target} and {source} both were edited; keep one of them")
    if frontmatter.is_sealed(document):
        with atomic_write(target) as file:
            file.write(frontmatter.reseal(document, {"Slug": target.stem}))
        source.unlink()
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
    for folder in source.parents:
        if folder == archive.content:
            break
        with suppress(OSError):  # others lie there
            folder.rmdir()
