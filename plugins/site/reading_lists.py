"""Reading lists: documents that a curator has chosen, in an order and with a sentence on each.

    content/lists/the-strike.md                                  lists/the-strike.html
      Title: The strike of 1984
      Summary: Where to begin.                                   on the index of lists, and on home

      The first days:                                            a paragraph

      - [Pits close]({filename}/1984/03/06/pits-close.md)        a row: the document, its date and source,
        was the first report.                                    “was the first report.”
      - 1984/03/12/call.html: the call, in full.                 a row
      - <https://example.org/1984/poll> Never answered.          a row: the document that was captured there

An item of the list is an entry. The first link in it names a document: by its file, by its address on the site, or by
the address that it was captured at, with http or https, with `www.` or without. An item that names none is told with
file and line, and stays as it is written.
"""

import logging
import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from markupsafe import Markup, escape
from pelican import signals
from pelican.generators import Generator

from converters.archive.junk import is_junk
from converters.archive.layout import ArchiveError
from converters.ledger.addresses import RESERVED_SLUGS, slug
from converters.text import frontmatter
from converters.text.twins import page_key
from plugins.site.catalogue import Catalogue
from plugins.site.documents import Entry
from plugins.site.reader import html_of

FOLDER = "lists"
"""Where lists are written, below content/, and where their pages stand."""
INDEX = f"{FOLDER}/index.html"
_ITEM = re.compile(r"(?:[-*+]|[0-9]{1,9}[.)])[ \t]+")
_LINK = re.compile(
    r"""
      \[(?P<label>[^\]]*)\]\(<?(?P<target>[^)\s>]+)>?\)      # [Pits close](1984/03/06/pits-close.html)
    | <(?P<captured>https?://[^>\s]+)>                       # <https://example.org/1984/poll>
    | (?P<bare>(?:https?://|(?:[0-9]{4}|undated)/)[^\s<>]*[^\s<>.,;:!?)])   # 1984/03/12/call.html
    """,
    re.VERBOSE,
)
_FILENAME = "{filename}"
_FILE_LINK = re.compile(r"\[([^\]]*)\]\(<?(\{filename\}[^)\s>]+)>?\)")
_BETWEEN = " \t\n:,;.–—-"  # what may part an entry's link from its sentence
_log = logging.getLogger(__name__)


class ListEntry(NamedTuple):
    """An entry of a reading list."""

    article: Entry
    sentence: Markup
    """What the curator says of it; may be nothing."""


class Part(NamedTuple):
    """What stands between two paragraphs of a curator's."""

    text: Markup
    entries: tuple[ListEntry, ...]
    """Those that follow the text."""


class ReadingList(NamedTuple):
    """A reading list."""

    url: str
    title: Markup
    summary: Markup
    parts: tuple[Part, ...]

    @property
    def name(self) -> str:
        return str(self.title)

    @property
    def entries(self) -> list[ListEntry]:
        return [entry for part in self.parts for entry in part.entries]


class Piece(NamedTuple):
    """An item of a list, or the text between two of them, as it is written."""

    line: int
    text: str
    is_item: bool


def reading_lists(content: Path, catalogue: Catalogue) -> list[ReadingList]:
    """Return the reading lists of an archive by their addresses; warn of links that lead to no document.

    Raises ArchiveError where two of them have one address.
    """
    found: dict[str, tuple[Path, ReadingList]] = {}
    known = _Documents(catalogue)
    for path in _files(content):
        name = slug(path.stem, "list")
        url = f"{FOLDER}/{'x-' if name in RESERVED_SLUGS else ''}{name}.html"
        if url in found:
            raise ArchiveError(f"{path}: would be {url}, as {found[url][0]} is; give it another file name")
        found[url] = path, _read(path, url, known)
    return [found[url][1] for url in sorted(found)]


def pieces_of(body: str, first_line: int) -> Iterator[Piece]:
    """Yield the items of the lists in a text, and what stands between them, in order."""
    lines: list[str] = []
    begun, is_item, is_over = first_line, False, False
    for number, line in enumerate(body.split("\n"), first_line):
        match = _ITEM.match(line)
        # An item goes on in lines that are indented, and up to a blank line in those that are not.
        goes_on = not line or line[0] in " \t" or not (is_over or line.startswith("#"))
        if match or (is_item and not goes_on):
            if any(lines):
                yield Piece(begun, "\n".join(lines).strip("\n"), is_item)
            lines, begun, is_item = [], number, bool(match)
        lines.append(line[match.end() :] if match else line.strip() if is_item else line)
        is_over = is_item and not line
    if any(lines):
        yield Piece(begun, "\n".join(lines).strip("\n"), is_item)


def _files(content: Path) -> list[Path]:
    return sorted(path for path in (content / FOLDER).rglob("*.md") if not is_junk(path.name))


def _read(path: Path, url: str, known: "_Documents") -> ReadingList:
    document = path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    keys, body = frontmatter.split(document)
    said = {key.casefold(): escape(frontmatter.decode(value)) for key, value in keys}
    parts: list[Part] = []
    text, entries = "", list[ListEntry]()
    for piece in pieces_of(body, document[: len(document) - len(body)].count("\n") + 1):
        if piece.is_item and (entry := _entry(piece, path, known)):
            entries.append(entry)
            continue
        if entries:
            parts.append(Part(_html(text), tuple(entries)))
            text, entries = "", []
        linked = _with_addresses(piece, path, known)
        text += f"- {linked}\n" if piece.is_item else f"\n{linked}\n\n"
    parts.append(Part(_html(text), tuple(entries)))
    return ReadingList(url, said.get("title", escape(path.stem)), said.get("summary", Markup()), tuple(parts))


def _entry(item: Piece, path: Path, known: "_Documents") -> ListEntry | None:
    """Return the entry of an item; None where its first link, if it has any, leads to no document."""
    link = _LINK.search(item.text)
    target = link and (link["target"] or link["captured"] or link["bare"])
    article = known.named(target) if target else None
    if link is None or article is None:
        if not (target and target.startswith(_FILENAME)):  # of these is told where they are written
            _tell(path, item.line, target or item.text.split("\n")[0])
        return None
    before, after = item.text[: link.start()], item.text[link.end() :]
    sentence = f"{before}{link['label'] or ''}{after}" if before.strip() else after.lstrip(_BETWEEN)
    html = _html(_with_addresses(item._replace(text=sentence), path, known)).strip()
    is_one = html.count("<p>") == 1 and html.startswith("<p>") and html.endswith("</p>")
    return ListEntry(article, Markup(html[3:-4]) if is_one else html)  # noqa: S704  # as in a page by hand


def _with_addresses(piece: Piece, path: Path, known: "_Documents") -> str:
    """Return a text whose links to content files lead to the documents' pages; warn of those that lead nowhere."""

    def linked(link: re.Match[str]) -> str:
        article = known.named(link[2])
        if article is None:
            _tell(path, piece.line + piece.text.count("\n", 0, link.start()), link[2])
            return link[1]
        return f"[{link[1]}](../{article.url})"

    return _FILE_LINK.sub(linked, piece.text)


def _tell(path: Path, line: int, target: str) -> None:
    _log.warning("%s:%d: leads to no document that lists show: %s", path, line, target)


def _html(text: str) -> Markup:
    return Markup(html_of(text))  # noqa: S704  # as in a page by hand, it is the curator's own


class _Documents:
    """The documents that lists show, by all that an entry may call them."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._by_address = catalogue.places
        self._by_page: Mapping[int, int] = {
            record.page: at for at, record in reversed([*enumerate(catalogue.records)]) if record.page
        }

    def named(self, target: str) -> Entry | None:
        """Return the document that a link leads to: its file, its address or where it was captured; None of none."""
        if target.startswith(_FILENAME):
            place = posixpath.join("/", FOLDER, target.removeprefix(_FILENAME))
            return self._at(self._by_address.get(f"{posixpath.normpath(place).strip('/').removesuffix('.md')}.html"))
        if key := page_key(target):
            return self._at(self._by_page.get(key))
        addresses = (posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/") for folder in ("", FOLDER))
        return self._at(next((at for one in addresses if (at := self._by_address.get(one)) is not None), None))

    def _at(self, at: int | None) -> Entry | None:
        return None if at is None else self._catalogue[at]


def register() -> None:
    """Let templates know whether there are reading lists, for the menu."""
    signals.generator_init.connect(_tell_templates)


def has_lists(settings: Mapping[str, object]) -> bool:
    """Return whether an archive has reading lists."""
    return bool(_files(Path(str(settings["PATH"]))))


def _tell_templates(generator: Generator) -> None:
    generator.env.globals["has_lists"] = has_lists(generator.settings)
