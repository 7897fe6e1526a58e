"""Front-matter: the `Key: value` lines at the head of a content file, as Pelican reads them.

    Title: Court opens inquiry
    Date: 2023-03-08
    Tags: International Criminal Court, Ukraine
    Checksum: 5f0c6b1e2a9d4c37 09ab3d5577e1f2c4

A value is one line of plain text. What a line or HTML cannot hold as it is stands as a reference (`&#10;`, `&lt;`),
so that no value can end its line, begin another key, or be taken for markup by whoever prints it unescaped.

The last key, `Checksum`, is the seal. Its first half covers what was captured (title, date, address and text), its
second all keys. It tells, without any cache, whether the file still is what the converter wrote: a curator's edit
breaks it, and a file with a broken or missing seal is never overwritten. Where the first half holds, the text is the
converter's own, whatever else was edited. Line ends and a byte order mark do not count. A seal of a former version is
one number, which covers all of the file.
"""

import hashlib
import html
import re
from collections.abc import Mapping, Sequence

_REFERENCE = re.compile(r"&(?:#([0-9]{1,7})|amp|lt|gt|quot);")
_NAMED = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"'}
_NEEDS_REFERENCE = re.compile(
    r"""
      [\x00-\x1f\x7f-\x9f\u2028\u2029]  # controls and all that str.splitlines() takes for a line's end
    | ^\s | \s$                         # readers trim a value, of NBSP too
    """,
    re.VERBOSE,
)
_KEY = re.compile(r"([A-Za-z][A-Za-z0-9-]*):(.*)(?:\n|\Z)")
_PLACE = re.compile(r"^(Seed|Seed-Bytes): [^\r\n]*", re.MULTILINE)
_SEAL = "Checksum"
_CAPTURED = ("Title", "Date", "Url")
_WHAT_IT_IS = ("Title", "Date", "Slug", "Category", "Authors")

Keys = Sequence[tuple[str, str]]
"""The keys of a content file with their raw values, in order."""


def encode(text: str) -> str:
    """Return `text`, any text, as a value that fits on one line and that `decode` turns back."""
    if "&" in text and html.unescape(text) != text:
        text = text.replace("&", "&amp;")
    if "<" in text or ">" in text:
        text = text.replace("<", "&lt;").replace(">", "&gt;")
    # What is printable holds neither controls nor any space but the plain one.
    if text.isprintable() and not (text.startswith(" ") or text.endswith(" ")):
        return text
    return _NEEDS_REFERENCE.sub(lambda match: f"&#{ord(match[0])};", text)


def decode(value: str) -> str:
    """Return the text of a value, also of one that a curator typed with bare `<` or `&`."""
    return _REFERENCE.sub(_character, value) if "&" in value else value


def split(document: str) -> tuple[list[tuple[str, str]], str]:
    """Part a content file into its keys with their raw values, in order, and the body after the blank line.

    Lines that are no `Key: value` end the front-matter, as they do for Pelican.
    """
    keys: list[tuple[str, str]] = []
    position = 1 if document.startswith("\ufeff") else 0
    while match := _KEY.match(document, position):
        keys.append((match[1], match[2].strip()))
        position = match.end()
    end = document.find("\n", position)
    if not document[position : None if end < 0 else end].strip():
        position = end + 1 if end >= 0 else len(document)
    return keys, document[position:]


def value(document: str, key: str) -> str:
    """Return the text of one key, or nothing where the document lacks it."""
    return next((decode(raw) for name, raw in split(document)[0] if name == key), "")


def values(document: str, key: str) -> tuple[str, ...]:
    """Return the texts of a key that holds several, with commas between them."""
    return several(next((raw for name, raw in split(document)[0] if name == key), ""))


def several(raw: str) -> tuple[str, ...]:
    """Return the texts of a raw value that holds several, with commas between them."""
    return tuple(text for part in raw.split(",") if (text := decode(part.strip()).strip()))


def byline(names: Sequence[str]) -> str:
    """Return the text of `Authors`, with semicolons between names; a semicolon in a name becomes a comma."""
    line = "; ".join(name.replace(";", ",") for name in names)
    return f"{line};" if "," in line and ";" not in line else line


def authors(raw: str) -> tuple[str, ...]:
    """Return the names of `Authors`: with semicolons between them, or else with commas, as Pelican has it."""
    line = decode(raw)
    return tuple(name for part in line.split(";" if ";" in line else ",") if (name := part.strip()))


def seal(document: str) -> str:
    """Return a document with the seal as its last key."""
    return _sealed(*split(document))


def reseal(document: str, values: Mapping[str, str]) -> str:
    """Return a sealed document with other values for some of its keys, sealed again, as `replaced` does."""
    keys, body = split(document)
    return _sealed(_replaced(_without_seal(keys), values), body)


def replaced(document: str, values: Mapping[str, str]) -> str:
    """Return a document with other values for some of its keys, without those of no value; its seal stays as it is.

    They stand where the first of them stood; where none did, after what says what the document is.
    """
    keys, body = split(document)
    return _joined(_replaced(keys, values), body)


def relocate(document: str, seed: str, place: str, sha256: str) -> str:
    """Return a document that names where its record lies now; the same document where that is another record.

    Only the lines `Seed` and `Seed-Bytes` change, so that what a curator wrote stays as it is.
    """
    if value(document, "Seed-SHA256") != sha256:
        return document
    end = len(document) - len(split(document)[1])
    lines = {"Seed": encode(seed), "Seed-Bytes": place}
    return _PLACE.sub(lambda line: f"{line[1]}: {lines[line[1]]}", document[:end]) + document[end:]


def without_place(document: str) -> str:
    """Return a document that no longer says where its record lies in its seed, sealed if it was."""
    if is_sealed(document):
        return reseal(document, {"Seed-Bytes": ""})
    end = len(document) - len(split(document)[1])
    return re.sub(r"^Seed-Bytes:[^\n]*\n", "", document[:end], count=1, flags=re.MULTILINE) + document[end:]


def is_sealed(document: str) -> bool:
    """Whether the document still is what `seal` gave."""
    keys, body = split(document)
    unsealed, seal = _without_seal(keys), dict(keys).get(_SEAL, "")
    return seal == (_sums(unsealed, body) if " " in seal else _digest(_joined(unsealed, body)))


def is_text_sealed(keys: Keys, body: str) -> bool:
    """Whether title, date, address and text of a document that was split still are what `seal` gave."""
    sums = next((raw for name, raw in keys if name == _SEAL), "").split()
    if len(sums) == 1:
        return sums[0] == _digest(_joined(_without_seal(keys), body))
    return sums[:1] == [_captured(keys, body)]


def says_the_same(document: str, other: str) -> bool:
    """Whether two documents differ in nothing but seal and line ends."""
    (keys, body), (other_keys, other_body) = split(document), split(other)
    return _joined(_without_seal(keys), body) == _joined(_without_seal(other_keys), other_body)


def _sealed(keys: Keys, body: str) -> str:
    return _joined([*keys, (_SEAL, _sums(keys, body))], body)


def _sums(keys: Keys, body: str) -> str:
    return f"{_captured(keys, body)} {_digest(_head(keys))}"


def _replaced(keys: Keys, values: Mapping[str, str]) -> Keys:
    last = max((at for at, (name, _) in enumerate(keys) if name in _WHAT_IT_IS), default=-1)
    at = next((at for at, (name, _) in enumerate(keys) if name in values), last + 1)
    before, after = ([pair for pair in some if pair[0] not in values] for some in (keys[:at], keys[at:]))
    return [*before, *((name, encode(text)) for name, text in values.items() if text), *after]


def _without_seal(keys: Keys) -> Keys:
    return [pair for pair in keys if pair[0] != _SEAL]


def _joined(keys: Keys, body: str) -> str:
    return f"{_head(keys)}\n{_plain(body)}"


def _head(keys: Keys) -> str:
    return "".join([f"{name}: {raw}\n" for name, raw in keys])


def _plain(body: str) -> str:
    return body.replace("\r\n", "\n") if "\r" in body else body


def _captured(keys: Keys, body: str) -> str:
    return _digest(_joined([pair for pair in keys if pair[0] in _CAPTURED], body))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _character(reference: re.Match[str]) -> str:
    if reference[1] is None:
        return _NAMED[reference[0]]
    number = int(reference[1])
    return chr(number) if number < 0x110000 else reference[0]
