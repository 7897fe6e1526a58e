"""Reads content files for Pelican: front-matter, and a body in CommonMark.

    content/2023/03/08/court-opens-inquiry.md   →   Article at 2023/03/08/court-opens-inquiry.html

Whatever came from a seed is made safe here, before any template sees it: Jinja does not escape for Pelican, so titles,
tags and all other values arrive as HTML text, escaped for elements and attributes alike.

A document's address follows from where its file lies, so that a curator may correct title, date or slug without moving
the page. The vocabulary of `content/tags.toml` names the tags: preferred forms, no hidden ones. A document's source,
its `category`, has the attributes `note`, `rights` and `noindex` from `content/sources.toml`.

Beside Pelican's own, an article has these attributes; those that its file lacks are empty:

    original         where it was captured, an http(s) address
    address          where it was captured, if that is an address of another kind: `urn:…`
    seed, seed_bytes, seed_sha256, seed_reader, sidecar, fields, encoding, kept, inferred_breaks, stand_ins,
    missing_pictures
                     its provenance, as the converter wrote it
    captured         when it was captured, in UTC, once or several times: `2023-03-06T11:34:56Z, 2023-04-01T12:00:00Z`
    published        the date as precisely as it is known: `2023-03-08`, `2023-03`, `2023` or nothing
    withdrawn, reason
                     the day on which its text was withdrawn, `unknown` if that was lost, and why, if it is a tombstone
    embargo          the day until which it is or was held back, `2027-01-01`
    note             what the curator says of it, apart from its text
    edited           whether a curator has changed its title, date, address or text since the conversion
    breaks           how many breaks there are between its paragraphs
    headings         Heading(anchor, title) of each heading of the text
    words            how many words the text has; in scripts without spaces, characters
    tag_names        the tags as its file has them, before the vocabulary
    kinds            of the tags that are no topics, what they are: {"Norway": "place"}
    dir              `ltr` or `rtl`

`authors` is there only where the file names any.
"""

import hashlib
import html
import json
import logging
import posixpath
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache, cached_property, partial
from ipaddress import IPv6Address
from pathlib import Path
from typing import NamedTuple

import pyromark
from markupsafe import Markup, escape
from pelican import contents, signals
from pelican.readers import BaseReader, Readers

from converters.archive.options import today
from converters.intake.hosts import ascii_host, canonical_host
from converters.ledger.addresses import RESERVED_SLUGS, slug
from converters.ledger.ledger import documents_of
from converters.ledger.sources import Source, read_sources
from converters.model import KINDS_OF_TAGS
from converters.subjects.vocabulary import Vocabulary, read_vocabulary
from converters.text import frontmatter
from plugins.site import hand_written

_ATTRIBUTES = {"url": "original", "reader": "seed_reader"}  # Pelican means other things by these keys
_OURS = (
    "original",
    "address",
    "seed",
    "seed_bytes",
    "seed_sha256",
    "seed_reader",
    "sidecar",
    "fields",
    "encoding",
    "kept",
    "inferred_breaks",
    "raw_withheld",
    "stand_ins",
    "missing_pictures",
    "captured",
    "withdrawn",
    "reason",
    "embargo",
    "note",
)
PLAIN_KEYS = frozenset(
    ("title", "date", "published", "slug", "category", "tags", "summary", "lang", "checksum", "dir", "save_as", "url")
    + ("tag_names", "words", "edited", "breaks", "headings", "kinds", *_OURS)
)
"""What is known of a file whose keys are those that the converter writes, and no other."""
HELD_BACK = "held_back"
NOTICES = {"tombstone", HELD_BACK}
"""Templates of pages that stand in the place of a document."""
_STATUSES = ("published", "draft", "hidden", "skip")
_ONE_PARAGRAPH = re.compile("<p>(.*)</p>\n?", re.DOTALL)
_OTHER_LINK = re.compile('<img|<a href="(?!https?://|mailto:)')
_LINK_OUT = re.compile('<a href=(?!"{)')
_LINK_ELSEWHERE = '<a rel="external noreferrer" href='
_HEAD = re.compile(r"(?:[A-Za-z][A-Za-z0-9-]*:.*(?:\n|\Z))*")  # all lines that `frontmatter.split` takes for keys
_GLANCED = re.compile(
    r"^(title|date|status|category|tags|lang|dir|url|seed|template|withdrawn|embargo):(.*)",
    re.IGNORECASE | re.MULTILINE,
)
_PART_OF_A_DATE = re.compile("[0-9]{4}(?:-(?:0[1-9]|1[0-2]))?")
_NO_DATE = datetime(1970, 1, 1)  # what Pelican's own themes and feeds show of the undated
_DAYS = {"date", "modified", "withdrawn"}
_LOST_DAY = ("withdrawn", "unknown")
_PLAIN = {"dir", "lang", "slug", "status", "template"}  # names and codes that Pelican and themes compare
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_SPELLED_OUT = {"+": " plus ", "#": " sharp ", "&": " and ", "@": " at ", "%": " percent "}
_PELICAN_LINK = re.compile('="%7B(static|filename|attach|index|tag|category)%7D')  # CommonMark has encoded the braces
_ELEMENT = re.compile("<[^>]*>")
_CALLED = {
    "person": "People",
    "organisation": "Organisations",
    "place": "Places",
    "topic": "Topics",
    "event": "Events",
}
_HEADING = re.compile("(?<![^\n])<(h[1-6])>(.*?)</\\1>", re.DOTALL)
_SPECIAL = re.compile(r"[&<>\"'\r]")
_WEB_ADDRESS = re.compile("https?://", re.IGNORECASE)
NameAndSlug = tuple[str, str]
_markdown = pyromark.Markdown(options=pyromark.Options.ENABLE_TABLES)  # as MARKDOWN in pelicanconf.py has it
_SPACE_OR_NOT = bytes(ord(" " if chr(code).isspace() else "x") for code in range(256))
_WITHOUT_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


class Heading(NamedTuple):
    """A heading of a document's text."""

    anchor: str
    title: Markup


_log = logging.getLogger(__name__)


class ContentReader(BaseReader):  # type: ignore[misc]  # Pelican has no types
    """Pelican's reader for `.md` files."""

    enabled = True
    file_extensions = ("md",)

    def read(self, source_path: str) -> tuple[str, dict[str, object]]:
        """Return the HTML and the metadata of a content file; raises ValueError with what is wrong in it."""
        text = _text_of(source_path)
        keys, body = frontmatter.split(text)
        metadata = self._metadata(keys, source_path)
        if metadata.get("template") == HELD_BACK:
            return "", metadata
        metadata["edited"] = bool(metadata["seed"]) and not frontmatter.is_text_sealed(keys, body)
        by_hand = not metadata["seed"]
        content = hand_written.render(body) if by_hand else html_of(body)
        if by_hand or metadata["edited"]:
            place = Path(str(self.settings["PATH"])), _below(source_path, self.settings["PATH"])
            written = hand_written.Place(*place, text, self.settings["STATIC_PATHS"])
            content = hand_written.mend_links(content, written, is_captured=not by_hand)
        content, metadata["breaks"], metadata["headings"] = _with_anchors(content)
        is_prose = content.count("<") == 2 * content.count("<p ")
        metadata["words"] = _count_words(body if is_prose else html.unescape(_ELEMENT.sub(" ", content)))
        if metadata["seed"]:
            content = _LINK_OUT.sub(_LINK_ELSEWHERE, content)
        return content, metadata

    def glance(self, source_path: str) -> tuple[dict[str, object], str]:
        """Return those of a file's metadata that other pages show, and its body; raises ValueError as `read` does."""
        text = _text_of(source_path)
        head = _HEAD.match(text)
        assert head  # noqa: S101  # nothing matches it, too
        keys = [(key, value.strip()) for key, value in _GLANCED.findall(head[0])]
        return self._metadata(keys, source_path), text[head.end() :]

    def _metadata(self, keys: Iterable[tuple[str, str]], source_path: str) -> dict[str, object]:
        metadata: dict[str, object] = dict.fromkeys(_OURS, "")
        kinds: dict[str, str] = {}
        metadata |= {"dir": "ltr", "tags": [], "tag_names": (), "kinds": kinds}
        for key, value in keys:
            name = key.lower().replace("-", "_")
            if name == "tags":
                names = frontmatter.several(value)
                metadata |= {"tag_names": names, "tags": tags_of(names, self.settings)}
                continue
            if name in ("author", "authors"):
                if names := frontmatter.authors(value):
                    metadata["authors"] = [author_of(one, self.settings) for one in names]
                continue
            if key in KINDS_OF_TAGS:
                kinds |= dict.fromkeys(frontmatter.several(value), KINDS_OF_TAGS[key])
                continue
            metadata[_ATTRIBUTES.get(name, name)] = self._value(name, value)
            if name == "url" and not metadata["original"]:
                metadata["address"] = self._value("address", value)
        place = _below(source_path, self.settings["PATH"])
        is_page = place.partition("/")[0] in self.settings["PAGE_PATHS"]
        if not is_page:
            metadata["save_as"] = metadata["url"] = f"{posixpath.splitext(place)[0]}.html"
        if metadata["withdrawn"]:
            # Tags are kept for the day on which it is taken back.
            metadata |= {"tag_names": (), "tags": [], "kinds": {}, "note": "", "embargo": ""}
        if "title" not in metadata:
            raise ValueError("no Title; begin the file with a line `Title: …`")
        if not is_page:
            if metadata["seed"] and (known := self._copied_from(source_path, metadata)):
                metadata["status"] = "skip"
                _log.warning(
                    "content/%s: has the provenance of %s, and the ledger does not know it; it is left out as the copy "
                    "of a sync program: compare the two, and delete one",
                    place,
                    known,
                )
            _settle_date(metadata, place)
            return _notice(metadata, self.settings) or metadata
        return metadata

    def _copied_from(self, source_path: str, metadata: Mapping[str, object]) -> str | None:
        """Return the published document beside a file, made from the same record, where the file is no document's."""
        published = _published(Path(str(self.settings["PATH"])) / "addresses.csv")
        if not published or metadata["save_as"] in published:
            return None
        folder = str(metadata["save_as"]).rpartition("/")[0]
        origin = _origin_of(source_path)
        for path in sorted(Path(source_path).parent.glob("*.md")):
            address = f"{folder}/{path.stem}.html"
            if address in published and _origin_of(str(path)) == origin:
                return address
        return None

    def _value(self, name: str, value: str) -> object:
        text = frontmatter.decode(value)
        if name == "fields":
            text = _told(text)
        if name == "date" and _PART_OF_A_DATE.fullmatch(text):
            return text
        if name in _DAYS and (name, text) != _LOST_DAY:
            return _date(name, text)
        if name == "category":
            return source_of(text, self.settings)
        if name == "embargo":
            return f"{_date(name, text):%Y-%m-%d}"
        if name == "note":
            return prose(text)
        if name == "status" and text.lower() not in _STATUSES:
            raise ValueError(f"Status: expected draft, hidden or published, found {text!r}")
        if name in _PLAIN:
            if not _NAME.fullmatch(text):
                raise ValueError(f"{name.title()}: expected letters, digits and hyphens, found {text!r}")
            return text
        if name == "url" and not _WEB_ADDRESS.match(text):
            return ""
        return str.__new__(Markup, _keep_returns(html.escape(text)) if _SPECIAL.search(text) else text)


def prose(text: str) -> Markup:
    """Return a paragraph of Markdown that a curator wrote, with links to elsewhere; any other text as it is written."""
    paragraph = _ONE_PARAGRAPH.fullmatch(_markdown.html(html.escape(text.strip(), quote=False)))
    if not paragraph or _OTHER_LINK.search(paragraph[1]):
        return escape(text)
    return Markup(paragraph[1].replace("<a href=", _LINK_ELSEWHERE))  # noqa: S704  # escaped before


class Tag(contents.Tag):  # type: ignore[misc]
    """A tag whose address is worked out once: it stands on many pages."""

    url = cached_property(lambda self: contents.Tag.url.fget(self))


def tags_of(names: Iterable[str], settings: dict[str, object]) -> list[Tag]:
    """Return the tags of a document as the vocabulary has them: in preferred form, none hidden, none twice."""
    tags: dict[str, Tag] = {}
    for name in names:
        if tag := tag_of(name, settings):
            tags.setdefault(tag.url, tag)
    return list(tags.values())


def tag_of(name: str, settings: dict[str, object]) -> Tag | None:
    """Return the tag that a name stands for, and None if it is hidden."""
    if name not in _tags:
        _tags[name] = _tag(name, settings)
    return _tags[name]


def build_day(settings: Mapping[str, object]) -> str:
    """Return the day by which an embargo has ended or not."""
    return str(settings["BUILD_DAY"] or today())


def kind_of(tag: contents.Tag, article: contents.Article) -> str:
    """Return the kind of a document's tag: as its file has it, else as the vocabulary does; of any other, `topic`."""
    name = html.unescape(tag.name) if "&" in tag.name else tag.name
    kinds: dict[str, str] = getattr(article, "kinds", {})
    return kinds.get(name) or kind_in_vocabulary(name, article.settings["PATH"]) or "topic"


def by_kind(article: contents.Article) -> list[tuple[str, str, list[contents.Tag]]]:
    """Return the tags of a document by kind: the kind, what tags of it are called, and those of the document."""
    kinds: dict[str, list[contents.Tag]] = {}
    for tag in article.subjects:
        kinds.setdefault(kind_of(tag, article), []).append(tag)
    return [(kind, label, kinds[kind]) for kind, label in _CALLED.items() if kind in kinds]


def remember_tags(known: dict[str, NameAndSlug | None]) -> None:
    """Let names stand for the tags that they stood for in the last build: telling it takes long for very many."""
    _known.update(known)


def remembered_tag(name: str, settings: dict[str, object]) -> NameAndSlug | None:
    """Return what is to be remembered of a name: its tag's own name and slug, None for one that is hidden."""
    tag_of(name, settings)
    return _known[name]


class Category(contents.Category):  # type: ignore[misc]
    """A source whose address is worked out once, with what `content/sources.toml` says of it."""

    note = rights = host = Markup()
    noindex = False
    url = cached_property(lambda self: contents.Category.url.fget(self))


def source_of(name: str, settings: dict[str, object]) -> Category:
    """Return a document's source."""
    if name not in _sources:
        said = _said_of_sources(Path(str(settings["PATH"])) / "sources.toml").get(canonical_host(name))
        source = _sources[name] = Category(html.escape(said.name if said and said.name else name), settings)
        source.slug = _source_slug(name)
        source.host = escape(name)
        if said:
            source.note, source.rights, source.noindex = prose(said.note), prose(said.rights), said.noindex
    return _sources[name]


class Author(contents.Author):  # type: ignore[misc]
    """An author whose address is worked out once."""

    url = cached_property(lambda self: contents.Author.url.fget(self))


def author_of(name: str, settings: dict[str, object]) -> Author:
    """Return one who wrote a document."""
    if name not in _authors:
        author = _authors[name] = Author(html.escape(name), settings)
        author.slug = _own_name(_telling_slug(name))
    return _authors[name]


def strip_tags(value: object) -> Markup:
    """Strip tags as Jinja's filter does, but leave what is left escaped: themes put it into attributes."""
    return Markup.escape(Markup(str(value)).striptags())  # noqa: S704


def register() -> None:
    """Let Pelican know of the reader, and keep text escaped where themes strip its tags."""
    signals.initialized.connect(_forget_names)
    signals.readers_init.connect(_add_reader)
    signals.generator_init.connect(_keep_escaped)


_sources: dict[str, Category] = {}
_authors: dict[str, Author] = {}
_known: dict[str, NameAndSlug | None] = {}
_tags: dict[str, Tag | None] = {}
"""Each name that a document may have, and its source or its tag; of one build."""


def _tag(name: str, settings: dict[str, object]) -> Tag | None:
    if name not in _known:
        _known[name] = _preferred(name, settings)
    named = _known[name]
    if named is None:
        return None
    tag = Tag(html.escape(named[0]), settings)
    tag.slug = named[1]
    return tag


def _preferred(name: str, settings: dict[str, object]) -> NameAndSlug | None:
    vocabulary = _vocabulary(Path(str(settings["PATH"])) / "tags.toml")
    preferred = vocabulary.preferred(name)
    return None if vocabulary.hidden(preferred) else (preferred, _own_name(_telling_slug(preferred)))


@cache
def _source_slug(name: str) -> str:
    """Return the file name of a source's pages: a host as it is, in ASCII; anything else as a slug."""
    try:
        return f"ipv6-{IPv6Address(name).exploded.replace(':', '-')}"
    except ValueError:
        pass
    host = ascii_host(name)
    return _own_name(host if _HOST.fullmatch(host) else _telling_slug(name))


def _telling_slug(name: str) -> str:
    """Return a slug that tells C from C++; with a hash of the name where it cannot tell it from others."""
    spelled_out = "".join(_SPELLED_OUT.get(character, character) for character in name)
    short = slug(spelled_out, "")
    cut = len(name) > 90
    if short and not cut and not any(unicodedata.category(character).startswith("S") for character in spelled_out):
        return short
    return f"{short[:80]}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}".lstrip("-")


def _own_name(name: str) -> str:
    """Keep clear of the index and of names that Windows takes for devices, whatever their ending."""
    return f"x-{name}" if name.partition(".")[0] in RESERVED_SLUGS else name


def html_of(body: str) -> str:
    """Return the HTML of a document's body, as Markdown has it."""
    return _markdown.html(body)


def published_of(date: str) -> str:
    """Return a date as precisely as it is known: a day, such as 2023-03-08, a month or a year, or nothing."""
    return date if not date or _PART_OF_A_DATE.fullmatch(date) else _date("date", date).date().isoformat()


def _text_of(source_path: str) -> str:
    with open(source_path, "rb", buffering=0) as file:  # noqa: PTH123  # there may be very many
        document = file.read().decode("utf-8")
    text = document.replace("\r\n", "\n") if "\r" in document else document
    return text.removeprefix("\ufeff")


def _origin_of(source_path: str) -> list[str | None]:
    """Return which record a document was made from: seed, place in it, and SHA-256."""
    values = dict(frontmatter.split(_text_of(source_path))[0])
    return [values.get(key) for key in ("Seed", "Seed-Bytes", "Seed-SHA256")]


def _told(fields: str) -> str:
    """Return what a record says of itself beside its text: `section: World; views: 12`."""
    try:
        return "; ".join(f"{name}: {value}" for name, value in json.loads(fields).items())
    except (ValueError, AttributeError):
        return fields


def _with_anchors(content: str) -> tuple[str, int, list[Heading]]:
    """Return HTML with an anchor on each paragraph and heading, the number of breaks, and the headings."""
    if "%7B" in content:
        content = _PELICAN_LINK.sub(r'="{\1}', content)
    before, *paragraphs = f"\n{content}".split("\n<p>")
    numbered = [f'\n<p id="p{number}">{text}' for number, text in enumerate(paragraphs, 1)]
    content = "".join([before, *numbered]).removeprefix("\n")
    headings: list[Heading] = []
    if "<h" in content:
        content = _HEADING.sub(partial(_with_anchor, headings), content)
    return _keep_returns(content), max(0, len(paragraphs) - 1), headings


def _with_anchor(headings: list[Heading], found: re.Match[str]) -> str:
    anchor = f"h{len(headings) + 1}"
    headings.append(Heading(anchor, Markup(" ".join(_ELEMENT.sub("", found[2]).split()))))  # noqa: S704  # our own HTML
    return f'<{found[1]} id="{anchor}">{found[2]}</{found[1]}>'


def _keep_returns(text: str) -> str:
    """Browsers read a bare carriage return as a line feed."""
    return text.replace("\r", "&#13;") if "\r" in text else text


def _count_words(text: str) -> int:
    """Count words; where no spaces part them, each character is one."""
    if text.isascii():
        return (b" " + text.encode().translate(_SPACE_OR_NOT)).count(b" x")  # as `split` counts, in half its time
    return len(_WITHOUT_SPACES.sub(" x ", text).split())


def _below(path: str, folder: str) -> str:
    """Return the path of a file below a folder; as `posixpath.relpath`, which takes longer than reading the file."""
    return path[len(folder) + 1 :] if path.startswith(f"{folder}/") else posixpath.relpath(path, folder)


def _notice(metadata: dict[str, object], settings: dict[str, object]) -> dict[str, object] | None:
    """Return what stands for a document that is held back: nothing that tells of it; None for any other."""
    is_draft, embargo = str(metadata.get("status")).lower() == "draft", str(metadata["embargo"])
    if not (is_draft or embargo > build_day(settings)):
        return None
    kept = {name: metadata[name] for name in ("save_as", "url", "date", "published", "dir")}
    known = {"title": Markup("Held back"), "status": "hidden", "template": HELD_BACK, "summary": "", "edited": False}
    nothing = {"tags": [], "tag_names": (), "kinds": {}, "headings": [], "breaks": 0, "words": 0}
    return dict.fromkeys(_OURS, "") | nothing | kept | known | {"embargo": "" if is_draft else embargo}


def _settle_date(metadata: dict[str, object], place: str) -> None:
    """Keep the date as precisely as it is known in `published`, and give Pelican the first day that it may mean."""
    date = metadata.get("date")
    if date is None:
        if not place.startswith("undated/"):
            raise ValueError("no Date; begin the file with a line `Date: …`, or move it to undated/")
        metadata |= {"date": _NO_DATE, "published": ""}
    elif isinstance(date, datetime):
        metadata["published"] = date.date().isoformat()
    else:
        metadata["published"] = date
        metadata["date"] = _date("date", f"{date}-01-01"[:10])


def _date(name: str, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{name.title()}: expected a date such as 2023-03-08, found {text!r}") from None


@cache
def _vocabulary(path: Path) -> Vocabulary:
    return read_vocabulary(path)


@cache
def kind_in_vocabulary(name: str, content: str) -> str | None:
    """Return the kind that the vocabulary gives to a tag; None where it does not know it."""
    return _vocabulary(Path(content) / "tags.toml").kind(name)


@cache
def _said_of_sources(path: Path) -> dict[str, Source]:
    return read_sources(path)


@cache
def _published(ledger: Path) -> frozenset[str]:
    return documents_of(ledger)


def _forget_names(_: object) -> None:
    _published.cache_clear()
    _vocabulary.cache_clear()
    kind_in_vocabulary.cache_clear()
    _said_of_sources.cache_clear()
    _known.clear()
    _sources.clear()
    _authors.clear()
    _tags.clear()


def _add_reader(readers: Readers) -> None:
    readers.reader_classes["md"] = ContentReader


def _keep_escaped(generator: object) -> None:
    generator.env.filters |= {"striptags": strip_tags, "by_kind": by_kind}  # type: ignore[attr-defined]
