"""The one type that flows through the pipeline: from the readers to the Markdown writer.

Capture(
    url="https://example.org/2023/court", source="example.org", published=PartialDate(2023, 3, 8),
    title="Court opens inquiry", body=(Paragraph((Text("The court said …"),)), Heading(2, …), …),
    provenance=Provenance(seed="seeds/2023/court.txt", start=0, length=1944, sha256="cf07…", …),
)

The body is a tree of blocks, and the text in a block a tree of inlines: the smallest set that saved pages need.

    Block    Paragraph | Heading | ListBlock | Quote | Code | Table | Figure | Rule
    Inline   Text | Emphasis | Strong | CodeSpan | Superscript | Link | LineBreak
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import NamedTuple

_ISO_DATE = re.compile("([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


class PartialDate(NamedTuple):
    """A day, a month or a year, as precisely as it is known."""

    year: int
    """1 to 9999."""
    month: int = 0
    """1 to 12; 0 where only the year is known."""
    day: int = 0
    """1 to 31; 0 where only the month is known."""

    def isoformat(self) -> str:
        """Return `2023-03-08`, `2023-03` or `2023`."""
        return "-".join((f"{self.year:04}", *(f"{part:02}" for part in self[1:] if part)))

    @classmethod
    def fromisoformat(cls, text: str) -> "PartialDate":
        """Return the date that `2023-03-08`, `2023-03` or `2023` is; raises ValueError for any other text."""
        written = _ISO_DATE.fullmatch(text)
        if not written:
            raise ValueError(f"no date: {text}")
        year, month, day = (int(part or 0) for part in written.groups())
        date(year, month or (0 if written[2] else 1), day or (0 if written[3] else 1))
        return cls(year, month, day)


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text, not empty. A line feed in it is a line break of the source that shows as a space."""

    text: str


@dataclass(frozen=True, slots=True)
class Emphasis:
    inlines: tuple["Inline", ...]


@dataclass(frozen=True, slots=True)
class Strong:
    inlines: tuple["Inline", ...]


@dataclass(frozen=True, slots=True)
class CodeSpan:
    text: str


@dataclass(frozen=True, slots=True)
class Superscript:
    inlines: tuple["Inline", ...]


@dataclass(frozen=True, slots=True)
class Link:
    href: str
    """An absolute address that may be shown: http, https or mailto; no control character is in it."""
    inlines: tuple["Inline", ...]


@dataclass(frozen=True, slots=True)
class LineBreak:
    """A break that the source wants seen, as in a poem or a postal address."""


Inline = Text | Emphasis | Strong | CodeSpan | Superscript | Link | LineBreak


@dataclass(frozen=True, slots=True)
class Paragraph:
    inlines: tuple[Inline, ...]
    """Something to read."""
    inferred: bool = False
    """Whether the break before it was restored rather than read."""


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    """2 to 6: the title alone has the first."""
    inlines: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class ListBlock:
    ordered: bool
    start: int
    """Number of the first item of an ordered list."""
    items: tuple[tuple["Block", ...], ...]


@dataclass(frozen=True, slots=True)
class Quote:
    blocks: tuple["Block", ...]


@dataclass(frozen=True, slots=True)
class Code:
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    rows: tuple[tuple[tuple[Inline, ...], ...], ...]
    """Rows of cells; all rows have the same number of cells."""
    header: bool
    """Whether the first row names the columns."""


@dataclass(frozen=True, slots=True)
class Figure:
    file: str
    """Name of one of the capture's media; its address while it is sought in the archive; empty where it is nowhere."""
    alt: str
    """What to read in the picture's place: no control character is in it."""
    caption: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A line that parts what stands before it from what follows."""


Block = Paragraph | Heading | ListBlock | Quote | Code | Table | Figure | Rule


KINDS_OF_TAGS = {"Persons": "person", "Organisations": "organisation", "Places": "place", "Events": "event"}
"""Key of the front-matter -> kind of the tags that stand there."""


@dataclass(frozen=True, slots=True)
class Media:
    """A picture of the capture."""

    file: str
    """SHA-256 of its bytes and the ending of its kind: `cf07….jpg`."""
    size: int
    """How many bytes it has."""
    address: str = ""
    """Where it was, as the page has it."""
    content: bytes = b""
    """Its bytes; none once they are kept on the disk."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What has to be known of a table to read one of its rows."""

    names: tuple[tuple[str, str], ...] = ()
    """Each column with what a curator says that it is: ("article_body", "text"); of JSON, those of which one does."""
    delimiter: str = ""
    """What parts the cells; empty where the row tells its columns itself."""


NO_COLUMNS = Columns()


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a capture was read, precisely enough to find its raw record again and to prove it unchanged."""

    seed: str
    """Path of the seed file inside the archive, with forward slashes: `seeds/2023/court.txt.gz`."""
    start: int
    """First byte of the raw record, counted in the file's content after decompression."""
    length: int
    """Bytes of the raw record."""
    sha256: str
    """SHA-256 of the raw record, 64 hexadecimal digits."""
    reader: str
    """The reader and its version: `seed-text 1`."""
    encoding: str
    """The character encoding that the record was read in, in lower case: `utf-8`, `windows-1251`."""
    kept: int | None = None
    """How many of a hundred characters that the raw record shows it keeps; None where the reader leaves nothing out."""
    record_id: str = ""
    """The record's own identifier, where its format gives it one: a Message-ID, a WARC-Record-ID."""
    line: int = field(default=0, compare=False)
    """Line of the file where the record begins, counted from 1; 0 where that is not known, as when it is read again."""
    described: tuple[str, ...] = ()
    """What a curator told of it in a sidecar and the seed does not say: `date`, `address`."""
    columns: Columns = NO_COLUMNS
    fields: tuple[tuple[str, str], ...] = ()
    """What it says of itself that a page has no place for: ("section", "World")."""


@dataclass(frozen=True)
class Capture:
    """One document as captured. Stages return a new Capture with more of it filled in, never a changed one."""

    url: str
    """Where it was captured: an absolute address, as the seed has it; empty for a clipping or a letter."""
    source: str
    """The host of `url` in lower case, `example.org`; without an address the name that the seed or its folder gives."""
    published: PartialDate | None
    """The day, month or year that the seed gives; None where it gives none."""
    title: str
    """One line of plain text, not empty."""
    body: tuple[Block, ...]
    """Not empty."""
    provenance: Provenance
    captured: datetime | None = None
    """When it was captured, in UTC, where the seed tells."""
    moments: tuple[str, ...] = ()
    """When its text was captured, here and elsewhere: `2023-03-06T11:34:56Z`."""
    authors: tuple[str, ...] = ()
    url_in_seed: str | None = None
    """The address that the seed itself gives, where `url` is one that a curator told."""
    media: tuple[Media, ...] = ()
    missing_pictures: tuple[str, ...] = ()
    """Addresses of pictures that are not in the capture."""
    stand_ins: int = 0
    """How many characters or bytes no page can hold (NUL, lone surrogates, bytes of no character) were
    replaced by a visible stand-in."""
    withheld: bool = False
    """Whether the raw record is not offered for download, because a password stands in its address."""
    language: str = "und"
    """BCP 47 tag, `und` where the language could not be told."""
    direction: str = "ltr"
    """`ltr` or `rtl`."""
    tags: tuple[str, ...] = ()
    """Subjects in the vocabulary's preferred form, the most telling first."""
    kinds: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Which of the tags are no topics: a key of KINDS_OF_TAGS, and those of its kind."""

    @cached_property
    def paragraphs(self) -> tuple[str, ...]:
        """The plain text of the body: of each paragraph, heading, item, cell and caption."""
        return tuple(texts_of(self.body))

    @property
    def inferred_breaks(self) -> int:
        """How many of the breaks between paragraphs were restored rather than read."""
        return sum(isinstance(block, Paragraph) and block.inferred for block in self.body)

    @property
    def identity(self) -> str:
        """Which record this is, whatever a reader makes of it: its own id or its raw bytes, with its address."""
        return identity_of(self.provenance.record_id or self.provenance.sha256, self.own_url)

    @property
    def own_url(self) -> str:
        """The address that the seed itself gives: what a curator tells of a record makes no other record of it."""
        return self.url if self.url_in_seed is None else self.url_in_seed

    @cached_property
    def text_digest(self) -> str:
        """SHA-256 over what was read, whichever bytes held it: two records with one digest are duplicates.

        Paragraphs are joined without a mark, so restoring breaks keeps it.
        """
        day = self.published.isoformat() if self.published else ""
        return digest_of_text(self.url, day, self.title, "".join(self.paragraphs))


@dataclass(frozen=True, slots=True)
class Rejection:
    """A seed, or a record in one, that could not be read: where it is, why, and what the person can do."""

    seed: str
    """Path of the seed file inside the archive."""
    line: int
    """Line of the file (after decompression) where the record begins, counted from 1; 0 for the file as a whole."""
    reason: str
    """What was expected and what was found."""
    remedy: str
    """What the person at the keyboard can do."""
    unread: bool = False
    """Whether the file, or the rest of it, was not read: what was read from it before still stands."""
    passing: bool = False
    """Whether the fault may be gone at the next reading, so that it is not to be remembered."""
    incomplete: "Incomplete | None" = field(default=None, compare=False, repr=False)
    """What there is all the same, until it is known whether its sidecar gives the rest."""

    def __str__(self) -> str:
        place = f"{self.seed}:{self.line}" if self.line else self.seed
        return f"{place}: {self.reason}; {self.remedy}"


@dataclass(frozen=True, slots=True)
class Incomplete:
    """What a rejected record holds all the same, which lacks only what a curator could tell in a sidecar."""

    capture: Capture
    faults: tuple[tuple[tuple[str, ...], Rejection], ...]
    """What is wrong: keys of a sidecar, any of which mends it, and what is said of it otherwise."""


class Revisit(NamedTuple):
    """A visit to an address that found nothing new."""

    url: str
    captured: datetime
    """In UTC."""
    same_as: datetime | None
    """When what it found was captured before, in UTC, where it tells."""


class PicturePlace(NamedTuple):
    """Where the record of a picture lies in a seed."""

    url: str
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class OtherRecord:
    """A record of a seed that is no document, such as a picture in a web archive: it is counted and not converted."""

    seed: str
    what: str
    """What it is, in words that can be counted: `image/jpeg`, `answers with status 404`."""
    revisit: Revisit | None = None
    """What it says of a document, though it holds none."""
    picture: PicturePlace | None = None
    """What a document may show."""


def identity_of(record: str, url: str) -> str:
    """Return the identity of a record, 64 hexadecimal digits, from its own id or the SHA-256 of its raw bytes."""
    return hashlib.sha256(f"{record}\0{url}".encode()).hexdigest()


def digest_of_text(url: str, day: str, title: str, text: str) -> str:
    """Return the digest by which captures of one text are known."""
    return hashlib.sha256("\0".join((url, day, title, text)).encode()).hexdigest()


def moment(at: datetime) -> str:
    """Return a moment in UTC as it is written: `2023-03-06T11:34:56Z`."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def plain(text: str) -> Paragraph:
    """Return a paragraph of plain text."""
    return Paragraph((Text(text),))


def is_safe(href: str) -> bool:
    """Whether an address may be linked to: http, https or mailto, and nothing that runs."""
    return href[:8].lower().startswith(("http://", "https://", "mailto:"))


def text_of(inlines: Iterable[Inline]) -> str:
    """Return the plain text of inlines."""
    return "".join(map(_text, inlines))


def texts_of(blocks: Iterable[Block]) -> Iterator[str]:
    """Yield the plain text of each paragraph, heading, item, cell and caption, in the order of the page."""
    for block in blocks:
        match block:
            case Paragraph(inlines=inlines) | Heading(inlines=inlines) | Figure(caption=inlines):
                yield text_of(inlines)
            case Code(text=text):
                yield text
            case Quote(blocks=inner):
                yield from texts_of(inner)
            case ListBlock(items=items):
                for item in items:
                    yield from texts_of(item)
            case Table(rows=rows):
                for row in rows:
                    yield from map(text_of, row)


def pictures_sought(capture: Capture) -> list[str]:
    """Return the addresses of the pictures that are sought in the archive."""
    return list(dict.fromkeys(figure.file for figure in _figures(capture.body) if "://" in figure.file))


def _figures(blocks: Iterable[Block]) -> Iterator[Figure]:
    for block in blocks:
        match block:
            case Figure():
                yield block
            case Quote(blocks=inner):
                yield from _figures(inner)
            case ListBlock(items=items):
                for item in items:
                    yield from _figures(item)


def _text(inline: Inline) -> str:
    match inline:
        case Text(text=text) | CodeSpan(text=text):
            return text
        case LineBreak():
            return "\n"
        case _:
            return text_of(inline.inlines)
