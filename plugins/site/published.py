"""What became of the pages that were ever published beside documents: lists, indexes, and pages written by hand.

    the ledger says           of the site that is being built     so the ledger gets
    tags/norway.html,tag      it stands                           nothing
    tags/burma.html,tag       it is called Myanmar now            tags/burma.html,redirect,tags/myanmar.html
    tags/vows.html,tag        no document has it any more         tags/vows.html,tombstone,Vows
    2023/03/09/index.html     no document of that day is left     2023/03/09/index.html,redirect,2023/03/index.html
    nothing                   tags/oslo.html is new               tags/oslo.html,tag,Oslo

A tag gets its page with its second document; in an archive of up to 100 documents with its first. A page that was once
published stays: with one document too, or as a page that says that none is left.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import unescape
from pathlib import Path

from converters.ledger.ledger import LIST_KINDS, TAGS_INDEX, Holds, Line, is_address, lists_of
from plugins.site import dates
from plugins.site.listings import UNDATED, Part
from plugins.site.reader import source_of, tag_of

SMALL = 100
"""An archive of so many documents, or fewer, has a page for a tag of one document."""
_OWN = ("index.html", "about.html", "added.html", "search.html", "404.html")  # they stand in every site
_TIME = re.compile(rf"(?:[0-9]{{4}}/|{UNDATED}/)")


def ledger_of(settings: Mapping[str, object]) -> Path:
    """Return where the ledger of the archive is that the settings are of."""
    return Path(str(settings["PATH"])) / "addresses.csv"


def tags_with_page(parts: Iterable[Part], documents: int, settings: Mapping[str, object]) -> list[Part]:
    """Return those of an archive's tags that have a page of their own, of all tags with their counts."""
    lines = lists_of(ledger_of(settings))
    kept_account = any(line.holds == "tag" for line in lines.values())
    if documents <= SMALL or (TAGS_INDEX in lines and not kept_account):
        # An earlier version published a page for every tag, and entered none of them in the ledger.
        return list(parts)
    return [
        part
        for part in parts
        if part.count > 1 or ((line := lines.get(part.url)) and line.holds in ("tag", "tombstone"))
    ]


def changes_of_ledger(
    lists: Mapping[str, Sequence[str]],
    labels: Mapping[str, str],
    hand_written: Mapping[str, str],
    settings: dict[str, object],
) -> list[Line]:
    """Return the lines that a site adds to the ledger: for each page that is new, and each that is no more.

    `lists` has the addresses of the pages of each list by its first, `labels` the name of each tag and source as HTML
    by the address of its first page, `hand_written` the title of each page by hand as HTML by its address.
    """
    known = lists_of(ledger_of(settings))
    standing = {
        address: first
        for first, addresses in lists.items()
        for address in addresses
        if address.endswith(".html") and address not in _OWN
    }
    labels = {**labels, **hand_written}
    standing |= {address: address for address in hand_written if address not in _OWN and not is_address(address)}
    new = (
        Line(address, "page" if address in hand_written else _holds(first), _label(address, first, labels))
        for address, first in standing.items()
        if address not in known or known[address].holds not in LIST_KINDS
    )
    gone = (line for line in known.values() if line.holds in LIST_KINDS and line.address not in standing)
    return sorted([*new, *(_successor(line, standing, known, settings) for line in gone)])


def _holds(first: str) -> Holds:
    if first.startswith("tags/") and first != TAGS_INDEX:
        return "tag"
    if first.startswith("sources/") and first != "sources/index.html":
        return "source"
    return "time" if _TIME.match(first) else "list"


def _label(address: str, first: str, labels: Mapping[str, str]) -> str:
    if _TIME.match(first):
        folders = address.removesuffix(".html").removesuffix("/index").split("/")
        known = tuple(int(part) for part in folders[:3] if part.isdecimal())
        return dates.name((*known, 0) if UNDATED in folders else known)
    name = unescape(labels.get(first, "")) or first.partition("/")[0].removesuffix(".html").capitalize()
    return name if address == first else f"{name}: {address.removesuffix('.html').rpartition('/')[2]}"


def _successor(line: Line, standing: Mapping[str, str], known: Mapping[str, Line], settings: dict[str, object]) -> Line:
    """Return what becomes of a page that is no more: it leads to what its list is called now, or to what holds it."""
    named = None
    if line.holds == "tag":
        named = tag_of(line.detail, settings)
    elif line.holds == "source":
        named = source_of(line.detail, settings)
    if named and named.url in standing and named.url != line.address:
        return Line(line.address, "redirect", named.url)
    for nearest in _around(line.address):
        if nearest in standing or (nearest in known and line.holds in ("tag", "source")):
            return Line(line.address, "redirect", nearest)
    return Line(line.address, "tombstone", line.detail)


def _around(address: str) -> Iterator[str]:
    """Yield the pages that a page of a list may be a part of, the nearest first: never the index of all names."""
    folders = address.removesuffix("/index.html").removesuffix(".html").split("/")[:-1]
    least = 1 if _TIME.match(address) else 2
    for length in range(len(folders), least - 1, -1):
        yield f"{'/'.join(folders[:length])}.html"
        yield f"{'/'.join(folders[:length])}/index.html"
