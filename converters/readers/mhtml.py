"""Reads pages that a browser saved in one file with all that they show (MHTML): a file is a page, and one document.

    Snapshot-Content-Location: https://example.org/court / Date: Mon, 6 Mar 2023 … / Content-Type: multipart/related; …
    --x / Content-Type: text/html / Content-Location: https://example.org/court / … / <html>…
    --x / Content-Type: image/jpeg / Content-Location: https://example.org/harbour.jpg / …
    -> Capture(url="https://example.org/court", captured=datetime(2023, 3, 6, …), title="Court opens inquiry", …)

The pictures of the document are taken from the other parts. A file that ends before its last part is over is named.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from typing import BinaryIO
from urllib.parse import urljoin

from converters.intake.visible import html
from converters.model import Provenance, Rejection
from converters.readers.reader import Origin, RawRecord, Reader, Record, read_whole
from converters.rejections import DAMAGED_RECORD, MAX_RECORD, NO_PAGE, TOO_LARGE

_RELATED = re.compile(rb"^content-type:\s*multipart/related", re.IGNORECASE | re.MULTILINE)
_OF_BROWSER = re.compile(rb"^(?:snapshot-content-location|from:\s*<?saved by)", re.IGNORECASE | re.MULTILINE)
_NAMED = re.compile(r"\.mht(?:ml)?(?:\.(?:gz|xz|zst))?$", re.IGNORECASE)
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_PAGES = ("text/html", "application/xhtml+xml")
_WEB = re.compile("https?://[^/?#]", re.IGNORECASE)
_HEAD, _TAIL = 64 * 1024, 1024


def recognises(head: bytes, name: str) -> bool:
    """Tell whether a file is a page with all its parts, by the header that browsers write, or else by its name."""
    end = _END_OF_HEAD.search(head.lstrip(b"\r\n"))
    header = head.lstrip(b"\r\n")[: end.start()] if end else b""
    return bool(_RELATED.search(header)) and bool(_OF_BROWSER.search(header) or _NAMED.search(name))


def read(stream: BinaryIO, seed: str) -> Iterator[RawRecord | Rejection]:
    """Yield the one page of a file, as it is; a file that was cut is named after it."""
    raw = read_whole(stream, MAX_RECORD)
    if raw is None:
        yield TOO_LARGE.rejects(seed)
        return
    yield RawRecord(raw, Origin(seed))
    boundary = _parsed(raw[:_HEAD]).get_boundary() or ""
    if f"--{boundary}--".encode() not in raw[-_TAIL:]:
        yield DAMAGED_RECORD.rejects(seed, found=f"at byte {len(raw)}: the file ends before its last part does")


def read_record(raw: bytes, origin: Origin) -> Record:
    """Return the document of a page."""
    from converters.readers.page.capture import capture_of
    from converters.readers.page.pictures import first_of, from_data, without_data
    from converters.readers.page.text import decode_page

    message = _parsed(raw)
    page = _page_of(message)
    if page is None:
        return NO_PAGE.rejects(origin.seed, found="none of its parts is HTML")
    light, taken = without_data(_content(page))
    decoded = decode_page(light, page.get_content_charset() or "")
    sha256 = hashlib.sha256(raw).hexdigest()
    record = Provenance(origin.seed, origin.start, len(raw), sha256, READER.label, decoded.encoding)
    url = _address(message, page)
    pictures = first_of(from_data(taken), _from_parts(message, url))
    return capture_of(decoded, record, url, _moment(message), pictures)


def unpacked(raw: bytes) -> bytes:
    """Return the page itself, by which check finds a document's words without this reader."""
    page = _page_of(_parsed(raw))
    return b"" if page is None else _content(page)


READER = Reader("mhtml", 2, recognises, read, read_record, extracts=True, visible=html, unpacked=unpacked)


def _parsed(raw: bytes) -> Message:
    return BytesParser().parsebytes(raw)


def _page_of(message: Message) -> Message | None:
    """Return the part that is the page itself: the one that the header names, or the first."""
    pages = [part for part in message.walk() if part.get_content_type() in _PAGES]
    start = str(message.get_param("start") or "")
    return next((part for part in pages if start and part.get("Content-ID") == start), next(iter(pages), None))


def _from_parts(message: Message, url: str) -> Callable[[str], bytes | None]:
    """Return what finds pictures among the parts, by their addresses or their ids."""
    parts: dict[str, Message] = {}
    for part in message.walk():
        if part.get_content_maintype() == "image":
            parts[str(part.get("Content-Location") or "").strip()] = part
            parts[f"cid:{str(part.get('Content-ID') or '').strip('<> ')}"] = part

    def picture(address: str) -> bytes | None:
        with suppress(ValueError):
            part = parts.get(address) or parts.get(urljoin(url, address))
            return _content(part) if part else None
        return None

    return picture


def _content(part: Message) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except (MessageError, ValueError, LookupError):
        return b""
    return content if isinstance(content, bytes) else b""


def _address(message: Message, page: Message) -> str:
    for told in (
        page.get("Content-Location"),
        message.get("Snapshot-Content-Location"),
        message.get("Content-Location"),
    ):
        address = str(told or "").strip()
        if _WEB.match(address):
            return address
    return ""


def _moment(message: Message) -> datetime | None:
    try:
        return parsedate_to_datetime(str(message.get("Date") or "")).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
