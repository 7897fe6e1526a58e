"""Finds the pictures of a page among what was captured with it; nothing is ever asked for over the network.

    <img src="Court_files/harbour.jpg">     the folder beside the page  ->  Media("cf07….jpg", 81920, b"\\xff\\xd8…")
    <img src="data:image/png;base64,iVB…">  the page itself             ->  Media("5f0c….png", …)
    <img src="https://example.org/a.jpg">   nowhere                     ->  its address, which the document then tells

What a picture is, its first bytes tell. Drawings that can run something (SVG) are none.
"""

import binascii
import hashlib
import os
import re
from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes, urljoin, urlsplit

from converters.model import Media

Source = Callable[[str], bytes | None]
"""Returns the picture of an address as the page has it; None where it is not at hand."""

LARGEST_PICTURE = 32 << 20
_KINDS = (
    (re.compile(rb"\xff\xd8\xff"), "jpg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "png"),
    (re.compile(rb"GIF8[79]a"), "gif"),
    (re.compile(rb"RIFF[\s\S]{4}WEBP"), "webp"),
    (re.compile(rb"[\s\S]{4}ftypavi[fs]"), "avif"),
)
_DATA = re.compile(rb"""(?<=["'(=])data:[a-z]+/[a-z0-9.+-]+[^"'()\s<>]{200,}""", re.IGNORECASE)
_DATA_URI = re.compile(rb"data:[^,]*?(?P<base64>;base64)?,(?P<content>.*)", re.IGNORECASE | re.DOTALL)
_PLACEHOLDER = re.compile("data:,([0-9]+)$")
_MOST_TOLD = 50  # addresses of pictures that are missing


class Pictures:
    """The pictures of one page that were asked for: those at hand, and the addresses of the others."""

    def __init__(self, source: Source, base: str, are_elsewhere: bool = False) -> None:
        """`are_elsewhere` says that pictures may lie in other records: they are called by their addresses."""
        self._source, self._base, self._are_elsewhere = source, base, are_elsewhere
        self._found: dict[str, Media] = {}
        self._missing: dict[str, None] = {}

    def __call__(self, *addresses: str) -> str:
        """Return the file of a picture that has these addresses, the best first, or its address if it may be elsewhere.

        Returns nothing where it is not at hand.
        """
        for address in addresses:
            if address not in self._found and (content := self._source(address)) and (ending := ending_of(content)):
                name = f"{hashlib.sha256(content).hexdigest()}.{ending}"
                self._found[address] = Media(name, len(content), self._told(address), content)
            if address in self._found:
                return self._found[address].file
        told = next(filter(None, map(self._told, addresses)), "")
        if self._are_elsewhere and told.startswith(("http://", "https://")):
            return told
        if told and len(self._missing) < _MOST_TOLD:
            self._missing[told] = None
        return ""

    @property
    def media(self) -> tuple[Media, ...]:
        """The pictures at hand, each once."""
        return tuple({media.file: media for media in self._found.values()}.values())

    @property
    def missing(self) -> tuple[str, ...]:
        """The addresses of the pictures that are not."""
        return tuple(self._missing)

    def _told(self, address: str) -> str:
        """Return an address as it can be told: absolute where that is known."""
        if address.startswith("data:"):
            return ""
        with suppress(ValueError):
            address = urljoin(self._base, address)
        return "".join(character for character in address if character.isprintable())[:2000]


def ending_of(content: bytes) -> str:
    """Return the ending of a picture's kind, by its first bytes; "" for what is no picture, or one that can run."""
    return next((ending for begins, ending in _KINDS if begins.match(content)), "")


def without_data(raw: bytes) -> tuple[bytes, list[bytes]]:
    """Return a page without the files that are written into it, and these; a number stands for each."""
    taken: list[bytes] = []

    def number(found: re.Match[bytes]) -> bytes:
        taken.append(found[0])
        return b"data:,%d" % (len(taken) - 1)

    return _DATA.sub(number, raw), taken


def from_data(taken: list[bytes]) -> Source:
    """Return what finds the files that were written into a page."""

    def source(address: str) -> bytes | None:
        placeholder = _PLACEHOLDER.match(address)
        if placeholder:
            found = _DATA_URI.match(taken[int(placeholder[1])]) if int(placeholder[1]) < len(taken) else None
        else:
            found = _DATA_URI.match(address.encode()) if address.startswith("data:") else None
        if found is None:
            return None
        content = unquote_to_bytes(found["content"])
        try:
            return b64decode(content + b"=" * (-len(content) % 4)) if found["base64"] else content
        except (binascii.Error, ValueError):
            return None

    return source


def from_folder(beside: str) -> Source:
    """Return what finds pictures in the folder that was saved with a page."""
    folder = Path(beside).resolve()
    above = folder.parent

    def source(address: str) -> bytes | None:
        try:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc or not parts.path:
                return None
            path = (above / unquote(parts.path)).resolve()
            if not path.is_relative_to(folder) or not path.is_file() or path.stat().st_size > LARGEST_PICTURE:
                return None
            with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
                return file.read(LARGEST_PICTURE)
        except (OSError, ValueError):
            return None

    return source


def first_of(*sources: Source) -> Source:
    """Return what asks one source after another."""
    return lambda address: next((content for source in sources if (content := source(address))), None)
