"""Front-matter: the `Key: value` lines at the head of a content file, as Pelican reads them.

    Title: Court opens inquiry
    Date: 2023-03-08
    Tags: International Criminal Court, Ukraine
    Checksum: 5f0c6b1e2a9d4c37

A value is one line of plain text. What a line or HTML cannot hold as it is stands as a reference (`&#10;`, `&lt;`),
so that no value can end its line, begin another key, or be taken for markup by whoever prints it unescaped.

The last key, `Checksum`, covers the whole file without that line. It tells, without any cache, whether the file still
is what the converter wrote: a curator's edit breaks it, and a file with a broken or missing checksum is never
overwritten.
"""

import hashlib
import html
import re
from collections.abc import Mapping

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
_CHECKSUM = re.compile(r"Checksum: ([0-9a-f]{16})\n")


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
    position = 0
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


def seal(document: str) -> str:
    """Add the checksum as the last key of the front-matter."""
    head, body = document.split("\n\n", 1)
    return f"{head}\nChecksum: {_checksum(document)}\n\n{body}"


def reseal(document: str, values: Mapping[str, str]) -> str:
    """Return a sealed document with other values for some of its keys, without those of no value, sealed again."""
    found = _sealed_with(document)
    if found:
        document = document[: found.start()] + document[found.end() :]
    head, body = document.split("\n\n", 1)
    lines = []
    for line in head.split("\n"):
        key = line.partition(": ")[0]
        if key not in values:
            lines.append(line)
        elif values[key]:
            lines.append(f"{key}: {encode(values[key])}")
    return seal("\n".join(lines) + f"\n\n{body}")


def relocate(document: str, seed: str, place: str, sha256: str) -> str:
    """Return a document that names where its record lies now; the same document where that is another record.

    Only the lines `Seed` and `Seed-Bytes` change, so that what a curator wrote stays as it is.
    """
    if value(document, "Seed-SHA256") != sha256:
        return document
    end = len(document) - len(split(document)[1])
    lines = {"Seed": encode(seed), "Seed-Bytes": place}
    return _PLACE.sub(lambda line: f"{line[1]}: {lines[line[1]]}", document[:end]) + document[end:]


def is_sealed(document: str) -> bool:
    """Whether the document still is, to the byte, what `seal` gave."""
    found = _sealed_with(document)
    return found is not None and found[1] == _checksum(document[: found.start()] + document[found.end() :])


def _sealed_with(document: str) -> re.Match[str] | None:
    return _CHECKSUM.match(document, document.find("\nChecksum: ") + 1)


def _checksum(document: str) -> str:
    return hashlib.sha256(document.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _character(reference: re.Match[str]) -> str:
    if reference[1] is None:
        return _NAMED[reference[0]]
    number = int(reference[1])
    return chr(number) if number < 0x110000 else reference[0]
