"""What a curator decides of a published address: that its text is withdrawn, or not any more, or that it moves.

    withdraw    content/2023/03/08/slug.md      its front-matter alone, with Withdrawn and Reason: a tombstone
                content/addresses.csv           2023/03/08/slug.html,tombstone,<identity>

    take_back   content/addresses.csv           2023/03/08/slug.html,document,<identity>
                content/2023/03/08/slug.md      the next conversion writes it again

    rename      content/2023/03/08/slug.md  →   content/2023/03/08/better.md
                content/addresses.csv           2023/03/08/slug.html,redirect,2023/03/08/better.html
                                                2023/03/08/better.html,document,<identity>

Seeds are not touched. Killed at any moment, the same command given again finishes what was begun.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

from converters.archive.atomic import atomic_write
from converters.archive.layout import Archive, ArchiveError
from converters.archive.stamps import files_below
from converters.intake.hosts import address_digest, canonical_address
from converters.ledger.addresses import RESERVED_SLUGS, content_file
from converters.ledger.ledger import Line, append, current, destination, is_address
from converters.ledger.media import forget_pictures
from converters.ledger.tombstones import TITLE_WITHHELD, is_tombstone, lost_tombstone, taken_back, tombstone_of
from converters.text import frontmatter

_NAMED = re.compile(r"(?:.*/)??((?:[0-9]{4}(?:/[^/]+){0,2}|undated)/[^/?#]+)\.(?:html|md)(?:[?#].*)?", re.DOTALL)
_URL = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]*:")
_MOST_NAMED = 20  # documents that were captured at one address
_LONGEST_SLUG = 200  # characters, so that no file's name gets longer than 255 bytes


def withdraw(archive: Archive, named: str, reason: str, when: date, title_too: bool = False) -> str:
    """Leave a tombstone in the place of a document; give its address. With `title_too` it does not tell the title.

    Raises ArchiveError where there is no such document, where it is withdrawn already, or without a reason.
    """
    address = address_of(archive, named)
    line = _line(archive, address)
    if line.holds == "redirect":
        raise ArchiveError(f"{address}: was renamed to {line.detail}; withdraw that")
    path = content_file(archive, address)
    document = _found(path)
    stands = document is not None and is_tombstone(document)
    if document and stands and line.holds == "tombstone":
        if not title_too or frontmatter.value(document, "Title") == TITLE_WITHHELD:
            on = frontmatter.value(document, "Withdrawn")
            raise ArchiveError(f"{address}: is withdrawn already, since {on}; what its page says stands in {path}")
    elif not stands and not reason.strip():
        raise ArchiveError('withdraw: why? The page tells its readers; give the reason as --why "…"')
    tombstone = tombstone_of(document or lost_tombstone(address), reason.strip(), when, title_too)
    if tombstone != document:
        _replace(path, tombstone)
        forget_pictures(archive, document or "")
    if line.holds != "tombstone":
        append(archive, [Line(address, "tombstone", line.detail)])
    return address


def take_back(archive: Archive, named: str, is_held: Callable[[str], bool]) -> str:
    """Take a withdrawal back, so that the next conversion writes the document again; give its address.

    `is_held` tells whether a seed holds the record of an identity. Raises ArchiveError where none does, and where
    there is no such document or it is not withdrawn.
    """
    address = address_of(archive, named)
    line = _line(archive, address)
    if line.holds == "redirect":
        raise ArchiveError(f"{address}: was renamed to {line.detail}; take that back")
    path = content_file(archive, address)
    document = _found(path) or ""
    stands = is_tombstone(document) and not frontmatter.is_sealed(document)
    if line.holds != "tombstone" and not stands:
        then = f"; it is written again by: {archive.command('convert')}" if is_tombstone(document) else ""
        raise ArchiveError(f"{address}: is not withdrawn{then}")
    if not is_held(line.detail):
        raise ArchiveError(
            f"{address}: no seed holds its record any more, so its text cannot be written again; put the seed back "
            f"into {archive.seeds} and give the command again"
        )
    # The ledger first: where it alone tells of the withdrawal, a conversion writes a tombstone that is gone again.
    if line.holds == "tombstone":
        append(archive, [Line(address, "document", line.detail)])
    if stands:
        _replace(path, taken_back(document))
    return address


def rename(archive: Archive, named: str, new: str) -> str:
    """Move a document, or a tombstone, to another address and leave a redirect; give the new address.

    Raises ArchiveError where there is no such document, or where the new address cannot be had.
    """
    address, new = address_of(archive, named), _site_address(new)
    line = _line(archive, address)
    source, target = content_file(archive, address), content_file(archive, new)
    if line.holds == "redirect":
        if line.detail != new or not source.exists():
            raise ArchiveError(f"{address}: was renamed to {line.detail} already; to move it on, rename that")
    else:
        _check_free(archive, new, address)
        if _found(source) is None:
            raise ArchiveError(f"{source}: the document is gone; bring the file back, from git or with convert")
        append(archive, [Line(address, "redirect", new), Line(new, line.holds, line.detail)])
    _move(archive, source, target)
    return new


def address_of(archive: Archive, named: str) -> str:
    """Return the address of the document that an address, a content file or a URL names: of its page or captured."""
    captured = sorted(_captured_at(archive, named)) if _URL.match(named) else []
    if not captured:
        return _site_address(named)
    if (match := _NAMED.fullmatch(named)) and f"{match[1]}.html" in current(archive.ledger):
        captured = sorted({*captured, f"{match[1]}.html"})  # this archive may be published where it captured
    if len(captured) > 1:
        some = ", ".join(captured[:_MOST_NAMED]) + (", …" if len(captured) > _MOST_NAMED else "")
        raise ArchiveError(f"{named}: names {len(captured)} documents; name one of them by its own address: {some}")
    return captured[0]


def _captured_at(archive: Archive, url: str) -> Iterator[str]:
    """Yield the addresses of the documents that were captured at an address."""
    wanted, digest = canonical_address(url), address_digest(url)
    for file in files_below(archive.content):
        address = f"{file.removesuffix('.md')}.html"
        if file.endswith(".md") and is_address(address):
            document = _found(content_file(archive, address)) or ""
            known = frontmatter.value(document, "Url")
            if canonical_address(known) == wanted or frontmatter.value(document, "Url-SHA256") == digest:
                yield address


def _site_address(named: str) -> str:
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


def _found(path: Path) -> str | None:
    try:
        document = path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return None
    return document.replace("\r\n", "\n").removeprefix("\ufeff")


def _replace(path: Path, document: str | None) -> None:
    if document is None:
        path.unlink()
        return
    with atomic_write(path) as file:
        file.write(document)


def _check_free(archive: Archive, address: str, current_address: str) -> None:
    """Raise ArchiveError where a document cannot have an address: it is ill-formed, or was ever that of another."""
    folder, _, slug = address.removesuffix(".html").rpartition("/")
    if not _is_date(folder):
        raise ArchiveError(f"{address}: {folder} is no day; expected an address such as 2023/03/08/slug.html")
    if slug in RESERVED_SLUGS or len(slug) > _LONGEST_SLUG:
        raise ArchiveError(f"{address}: {slug[:40]} cannot be the name of a document; choose another")
    lines = current(archive.ledger)
    was_its_own = address != current_address and destination(address, lines) == current_address
    if (address in lines and not was_its_own) or content_file(archive, address).exists():
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
