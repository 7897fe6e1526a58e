"""Reads a built page as strictly as it was written: its text, its links, its anchors, and what is wrong with its HTML.

    <article class="h-entry"><h1 class="p-name">A &amp; B</h1>…      →   Page("document", title="A & B",
    <div class="e-content"><p id="p1">…</p></div>                        paragraphs=["…"], facts={"SHA-256": "5f0c…"},
    <dt>SHA-256</dt><dd>5f0c…</dd> … <a rel="tag" href="…">              links=[Link("a", {"tag"}, "…", False), …])

A browser makes something of any page. This reader knows what our templates and a careful hand write, and takes
everything else for a fault: a `<` that begins nothing, a tag that closes nothing, an element that is never closed, an
id that stands twice.
"""

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Literal, NamedTuple

Kind = Literal["document", "tombstone", "redirect", "other"]


class Link(NamedTuple):
    """A reference to something else."""

    element: str
    rel: str
    address: str
    in_text: bool
    """Whether it stands in the text of a document or of a page that is written by hand."""


@dataclass(slots=True)
class Page:
    """What a page holds."""

    kind: Kind = "other"
    title: str = ""
    published: str = ""
    """The date that it gives, as a machine reads it."""
    original: str = ""
    """Where it says that it was captured."""
    paragraphs: list[str] = field(default_factory=list)
    """Of a document, what stands where its text is to stand: each paragraph, heading, item, cell and caption."""
    facts: dict[str, str] = field(default_factory=dict)
    """What the page says of the document: each term (`SHA-256`) and what stands beside it."""
    ids: set[str] = field(default_factory=set)
    links: list[Link] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    """Its blocks of JSON-LD."""
    faults: list[str] = field(default_factory=list)
    """What is wrong with its HTML, with the line."""


def read_page(source: str) -> Page:
    """Return what a page holds."""
    return _Reading(source).page


_ATTRIBUTE = r"""\s+[^\s"'<>/=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?"""
_TOKEN = re.compile(
    rf"""
      <([a-zA-Z][^\s/<>]*)((?:{_ATTRIBUTE})*)\s*(/?)>   # <a href="x">  <br/>
    | </([a-zA-Z][^\s/<>]*)\s*>                         # </a>
    | <!--.*?-->
    | <!(?i:doctype)\s[^<>]*>
    | (<)                                               # of nothing that we know
    """,
    re.VERBOSE | re.DOTALL,
)
_ATTRIBUTES = re.compile(r"""([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?""")
_DOCTYPE = re.compile(r"\s*<!doctype html>", re.IGNORECASE)
_REFRESH = re.compile(r"\s*[0-9]+\s*;\s*url\s*=\s*(.*)", re.IGNORECASE)
_BREAK = "\0"  # between paragraphs; no page can hold one
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_END_MAY_BE_LEFT_OUT = frozenset("body colgroup dd dt head html li option p rp rt tbody td tfoot th thead tr".split())
_PARTS_OF_A_LINE = frozenset("a abbr b bdi bdo cite code em i mark q s small span strong sub sup time u".split())
_REFERENCES = ("href", "src", "srcset", "action", "formaction", "data", "poster", "xlink:href")


class _Reading:
    def __init__(self, source: str) -> None:
        self.page = Page()
        self._source = source
        self._open: list[str] = []
        self._taken: list[str] | None = None
        self._taking = ""
        self._taking_since = 0
        self._term = ""
        self._texts = 0
        self._written_by_hand = 0  # how many elements are open above the text of a page written by hand
        if not _DOCTYPE.match(source):
            self.page.faults.append("line 1: expected <!DOCTYPE html>")
        self._read()
        for name in self._open:
            if name not in _END_MAY_BE_LEFT_OUT:
                self.page.faults.append(f"<{name}> is never closed")
        if self.page.kind == "document" and self._texts != 1:
            self.page.kind = "other"

    def _read(self) -> None:
        source, at, next_token = self._source, 0, _TOKEN.search
        while match := next_token(source, at):
            if self._taken is not None:
                self._taken.append(source[at : match.start()])
            at = match.end()
            name, attributes, closed, ended, stray = match.groups()
            element = (name or ended or "").lower()
            if self._taken is not None and element and element not in _PARTS_OF_A_LINE:
                self._taken.append("\n" if element == "br" else _BREAK)
            if name:
                name = name.lower()
                values = _values(attributes) if attributes else {}
                self._start(name, values, bool(closed), match.start())
                if name in ("script", "style"):
                    end = source.find(f"</{name}", at)
                    if name == "script" and values.get("type") == "application/ld+json":
                        self.page.data.append(source[at:end])
                    at = max(end, at)
            elif ended:
                self._end(ended.lower(), match.start())
            elif stray:
                self._tell("< begins no tag; as text it has to be &lt;", match.start())

    def _start(self, name: str, values: dict[str, str], closed: bool, at: int) -> None:
        page = self.page
        if values:
            if identity := values.get("id"):
                if identity in page.ids:
                    self._tell(f"the id {identity!r} stands twice", at)
                page.ids.add(identity)
            for attribute in _REFERENCES:
                if attribute in values:
                    addresses = values[attribute].split(",") if attribute == "srcset" else [values[attribute]]
                    for address in addresses:
                        address = address.split()[0] if attribute == "srcset" and address.split() else address
                        self._link(name, values, address)
            refreshes = name == "meta" and values.get("http-equiv", "").lower() == "refresh"
            if refreshes and (match := _REFRESH.fullmatch(values.get("content", ""))):
                page.kind = "redirect"
                self._link(name, values, match[1])
        if closed or name in _VOID:
            if name not in _VOID and "svg" not in self._open and "math" not in self._open:
                self._tell(f"<{name}/> closes nothing by its stroke", at)
            return
        self._open.append(name)
        classes = values.get("class", "")
        if classes:
            self._look_at_class(name, values, classes.split())
        if name == "dt" or name == "dd":
            self._take(name)

    def _look_at_class(self, name: str, values: dict[str, str], classes: list[str]) -> None:
        page = self.page
        if name == "article" and page.kind == "other":
            page.kind = "document" if "h-entry" in classes else "tombstone" if "tombstone" in classes else "other"
        if "e-content" in classes:
            self._texts += 1
            self._take("text")
        if "p-name" in classes and name == "h1":
            self._take("title")
        if "dt-published" in classes and not page.published:
            page.published = values.get("datetime", "")
        if ("prose" in classes or "e-content" in classes) and not self._written_by_hand:
            self._written_by_hand = len(self._open)

    def _link(self, name: str, values: dict[str, str], address: str) -> None:
        if name == "a" and not self.page.original and "original" in values.get("rel", "").split():
            self.page.original = address
        self.page.links.append(Link(name, values.get("rel", ""), address, bool(self._written_by_hand)))

    def _end(self, name: str, at: int) -> None:
        opened = self._open
        if name in opened:
            while opened[-1] != name and opened[-1] in _END_MAY_BE_LEFT_OUT:
                opened.pop()
        if not opened or opened[-1] != name:
            self._tell(f"</{name}> closes nothing" + (f", <{opened[-1]}> is open" if opened else ""), at)
            return
        opened.pop()
        if self._taken is not None and len(opened) < self._taking_since:
            self._keep(unescape("".join(self._taken)))
            self._taken = None
        if len(opened) < self._written_by_hand:
            self._written_by_hand = 0

    def _take(self, what: str) -> None:
        if self._taken is None:
            self._taken, self._taking, self._taking_since = [], what, len(self._open)

    def _keep(self, text: str) -> None:
        page = self.page
        match self._taking:
            case "text":
                page.paragraphs += [part for part in text.split(_BREAK) if part.strip()]
            case "title":
                page.title += text.replace(_BREAK, "")
            case "dt":
                self._term = text.replace(_BREAK, "").strip()
            case _:
                page.facts.setdefault(self._term, text.replace(_BREAK, "").strip())

    def _tell(self, what: str, at: int) -> None:
        self.page.faults.append(f"line {self._source.count(chr(10), 0, at) + 1}: {what}")


def _values(attributes: str) -> dict[str, str]:
    found = {}
    for name, *quoted in _ATTRIBUTES.findall(attributes):
        value = quoted[0] or quoted[1] or quoted[2]
        found[name.lower()] = unescape(value) if "&" in value else value
    return found
