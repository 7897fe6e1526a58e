"""Reads mail: single messages (`.eml`) and mailboxes (mbox); a message is a document, such as a newsletter.

    From ann@example.org Wed Mar  8 09:00:00 2023
    From: Ann Author <ann@example.org>
    Subject: =?utf-8?q?Caf=C3=A9_opens?=
    Date: Wed, 08 Mar 2023 09:00:00 +0100
    Message-ID: <1@example.org>
    List-Id: The harbour <harbour.example.org>

    The café opened.
    ->  Capture(url="mid:1@example.org", source="harbour.example.org", published=(2023, 3, 8), title="Café opens", …)

Of a text that is there twice, plain and as HTML, the plain one is read, unless it says less. What is attached is named.
Nothing is fetched, and no address of a receiver is shown. A mailbox is parted at its lines that begin with `From `.
"""

import hashlib
import re
from collections.abc import Iterator
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.utils import parseaddr
from typing import BinaryIO, NamedTuple

from converters.intake.dates import day_of
from converters.intake.encoding import decode
from converters.intake.hosts import host_of
from converters.intake.visible import fields, html, is_html, is_visible, joined_fields, share_kept
from converters.model import Capture, OtherRecord, Provenance, Rejection, texts_of
from converters.readers.prose import beginning, body_of
from converters.readers.reader import Origin, RawRecord, Reader, Record, folder_of
from converters.rejections import MAX_RECORD, NO_MESSAGE, TOO_LARGE

_SEPARATOR = re.compile(rb"From \S+ .*[0-9]{4}\s*$|From - .*$|From \S+@\S+\s*$")
_HEADER = re.compile(rb"([!-9;-~]{1,76}):[ \t\r\n]")
_TELLING = frozenset(
    (b"from", b"to", b"subject", b"date", b"message-id", b"received", b"mime-version", b"return-path", b"delivered-to")
)
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_ID = re.compile(r"<([!-;=?-~]{3,250})>")
_LIST_ID = re.compile(r"<([A-Za-z0-9._-]+\.[A-Za-z0-9-]+)>")
_WEB = re.compile(r"<?(https?://[!-;=?-~]+)>?")
_SAYS_AS_MUCH = 0.7  # of the words of the same text in HTML
_WITHOUT_TEXT = "messages without a text"
_LONGEST_LINE = 1 << 20


class _Content(NamedTuple):
    text: str
    attached: tuple[str, ...]
    """Names of what else is in the message."""
    stand_ins: int


def recognises(head: bytes, name: str) -> bool:
    """Tell whether a file is a message or a mailbox, by its first lines."""
    lines = head.lstrip(b"\xef\xbb\xbf\r\n").split(b"\n", 200)
    if _SEPARATOR.match(lines[0].rstrip(b"\r")):
        lines = lines[1:]
        return bool(lines) and _HEADER.match(lines[0] + b"\n") is not None
    named = {found[1].lower() for line in _header_lines(lines) if (found := _HEADER.match(line + b"\n"))}
    return _HEADER.match(lines[0] + b"\n") is not None and len(named & _TELLING) >= 2


def read(stream: BinaryIO, seed: str) -> Iterator[RawRecord | Rejection]:
    """Yield each message as it is."""
    start, size, pieces = 0, 0, list[bytes]()
    is_mailbox, is_after_blank = False, True
    while line := stream.readline(_LONGEST_LINE):
        if is_after_blank and _SEPARATOR.match(line.rstrip(b"\r\n")):
            if size and is_mailbox:
                yield _cut(pieces, size, start, seed)
                start, size, pieces = start + size, 0, []
            is_mailbox = is_mailbox or not size
        is_after_blank = not line.strip()
        size += len(line)
        if size <= MAX_RECORD:
            pieces.append(line)
        else:
            pieces.clear()
    if size:
        yield _cut(pieces, size, start, seed)


def read_record(raw: bytes, origin: Origin) -> Record:
    """Return what one message holds."""
    place = f"byte {origin.start}"
    try:
        message = _parsed(raw)
        content = _content(message)
    except (RecursionError, MessageError, ValueError, LookupError, AttributeError, TypeError) as error:
        return NO_MESSAGE.rejects(origin.seed, found=f"{place}: {error}")
    if not is_visible(content.text):
        return OtherRecord(origin.seed, _WITHOUT_TEXT)
    message_id = _ID.search(_header(message, "Message-ID"))
    archived = _WEB.search(_header(message, "Archived-At"))
    url = archived[1] if archived else f"mid:{message_id[1]}" if message_id else ""
    url = url if host_of(url) is not None else ""
    body = body_of(content.text, url)
    if not body:
        return OtherRecord(origin.seed, _WITHOUT_TEXT)
    name, address = parseaddr(_header(message, "From"))
    subject = " ".join(_header(message, "Subject").split())
    record = Provenance(
        *(origin.seed, origin.start, len(raw), hashlib.sha256(raw).hexdigest(), READER.label, "utf-8"),
        kept=share_kept(texts_of(body), fields(unpacked(raw), "utf-8")),
        record_id=message_id[0] if message_id else "",
        fields=(("attached", ", ".join(content.attached)),) if content.attached else (),
    )
    author = " ".join((name or address.partition("@")[0]).split())
    return Capture(
        url=url,
        source=_source(message, address, origin.seed),
        published=day_of(_header(message, "Date")),
        title=subject if is_visible(subject) else beginning(body),
        body=body,
        provenance=record,
        authors=(author,) if is_visible(author) else (),
        stand_ins=content.stand_ins,
    )


def unpacked(raw: bytes) -> bytes:
    """Return the subject and the text of a message."""
    try:
        message = _parsed(raw)
        values = _header(message, "Subject"), _content(message).text
    except (RecursionError, MessageError, ValueError, LookupError, AttributeError, TypeError):
        return raw
    return joined_fields(values).encode("utf-8", "surrogatepass")


READER = Reader("mail", 1, recognises, read, read_record, extracts=True, visible=fields, unpacked=unpacked)


def _header_lines(lines: list[bytes]) -> Iterator[bytes]:
    for line in lines:
        if not line.strip():
            return
        yield line


def _cut(pieces: list[bytes], size: int, start: int, seed: str) -> RawRecord | Rejection:
    if size > MAX_RECORD:
        return TOO_LARGE.rejects(seed, found=f"byte {start}")
    return RawRecord(b"".join(pieces), Origin(seed, start))


def _parsed(raw: bytes) -> Message:
    first, _, rest = raw.partition(b"\n")
    if first.startswith(b"From "):
        raw = _QUOTED_FROM.sub(rb"\1", rest)
    return BytesParser().parsebytes(raw.lstrip(b"\xef\xbb\xbf\r\n"))


def _header(message: Message, name: str) -> str:
    """Return a header as it is read, whatever it is encoded in."""
    return _joined(str(message.get(name) or ""))


def _joined(encoded: str) -> str:
    """Return a text of encoded words; raw bytes in it are surrogates."""
    try:
        parts = decode_header(encoded)
    except (MessageError, ValueError):
        parts = [(encoded, None)]
    text = "".join(part if isinstance(part, str) else _decoded(part, charset or "") for part, charset in parts)
    return decode(text.encode("utf-8", "surrogateescape")).text


def _decoded(raw: bytes, charset: str) -> str:
    try:
        return raw.decode(charset) if charset and charset != "unknown-8bit" else decode(raw).text
    except (LookupError, UnicodeDecodeError):
        return decode(raw).text


def _source(message: Message, address: str, seed: str) -> str:
    if found := _LIST_ID.search(_header(message, "List-Id")):
        return found[1].lower()
    return address.rpartition("@")[2].lower() or folder_of(seed)


def _content(message: Message) -> _Content:
    """Return the text of a message, and what is attached to it."""
    texts: list[str] = []
    attached: list[str] = []
    for part in _parts(message):
        name = _name(part)
        if part.get_content_maintype() != "text" or part.get_content_disposition() == "attachment":
            attached.append(name or part.get_content_type())
        elif text := _text(part):
            texts.append(text)
    decoded = decode("\n\n".join(texts).encode("utf-8", "surrogatepass"))
    return _Content(decoded.text, tuple(attached), decoded.stand_ins)


def _parts(message: Message) -> Iterator[Message]:
    """Yield the parts that a reader sees: of alternatives the one that is shown."""
    if not message.is_multipart() or message.get_content_maintype() != "multipart":
        yield message
        return
    parts = [part for part in message.get_payload() if isinstance(part, Message)]
    if message.get_content_subtype() != "alternative":
        for part in parts:
            yield from _parts(part)
        return
    seen = [[*_parts(part)] for part in parts]
    plain, rich = _of_kind(seen, "text/plain"), _of_kind(seen, "text/html")
    as_much = plain and rich and len(_words(plain)) >= _SAYS_AS_MUCH * len(_words(rich))
    yield from plain if as_much or not rich else rich
    yield from (part for parts in seen if parts not in (plain, rich) for part in parts)


def _of_kind(alternatives: list[list[Message]], kind: str) -> list[Message]:
    return next((parts for parts in alternatives if any(part.get_content_type() == kind for part in parts)), [])


def _words(parts: list[Message]) -> list[str]:
    texts = [_text(part) for part in parts if part.get_content_maintype() == "text"]
    return [word for text in texts for word in (html(text.encode(), "utf-8") if is_html(text) else text).split()]


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    text = _decoded(content, str(part.get_content_charset() or ""))
    if part.get_content_type() == "text/html" and not is_html(text):
        return f"<div>{text}</div>"
    return text


def _name(part: Message) -> str:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        first = inner[0] if isinstance(inner, list) and inner else None
        return f"a message: {_header(first, 'Subject')}" if isinstance(first, Message) else "a message"
    return " ".join(_joined(part.get_filename() or "").split())
