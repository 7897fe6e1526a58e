"""Takes an HTTP response as a web archive keeps it apart, and unpacks what it carries, within bounds.

    b"HTTP/1.1 200 OK\\r\\nContent-Type: text/html\\r\\nContent-Encoding: gzip\\r\\n\\r\\n\\x1f\\x8b…"
    ->  Response(status=200, media_type="text/html", charset="", payload=b"<html>…")

Archives disagree on whether a body still is chunked and packed as its headers say, so the body itself is looked at:
what cannot be unpacked as they say is taken as it is.
"""

import re
import zlib
from email.message import Message
from email.parser import BytesHeaderParser
from typing import NamedTuple

import brotli
import zstandard

MAX_PAYLOAD = 64 * 1024 * 1024
_MOST_RATIO = 100
_ALWAYS_ALLOWED = 8 * 1024 * 1024
_STATUS = re.compile(rb"HTTP/[0-9.]+ +([0-9]{3})\b[^\n]*\n")
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,1024})?\r?\n")
_STEP = 64 * 1024
_LONGEST_HEAD = 256 * 1024


class HttpError(ValueError):
    """What was to be a response is none, or unpacks to more than allowed; the message says which."""


class Response(NamedTuple):
    status: int
    media_type: str
    """In lower case, without parameters: `text/html`."""
    charset: str
    """As the header has it, in lower case; empty without one."""
    payload: bytes


class Head(NamedTuple):
    status: int
    media_type: str
    """In lower case, without parameters: `text/html`."""
    charset: str
    """As the header has it, in lower case; empty without one."""
    headers: Message
    body: int
    """Where the body begins."""


def parse_head(block: bytes) -> Head:
    """Return the head of a response; raises HttpError where there is none."""
    status = _STATUS.match(block[:_LONGEST_HEAD])
    if status is None:
        raise HttpError("no HTTP response")
    end = _END_OF_HEAD.search(block[: _LONGEST_HEAD + 4], status.end() - 1)
    headers = BytesHeaderParser().parsebytes(block[status.end() : end.start() if end else len(block)])
    return Head(int(status[1]), *media_type_of(headers), headers, end.end() if end else len(block))


def parse_response(block: bytes) -> Response:
    """Return a response; raises HttpError."""
    head = parse_head(block)
    body = block[head.body :]
    if "chunked" in str(head.headers.get("Transfer-Encoding") or "").lower():
        body = _joined_chunks(body)
    return Response(head.status, head.media_type, head.charset, _unpacked(body, head.headers))


def media_type_of(headers: Message) -> tuple[str, str]:
    """Return media type and charset that headers name."""
    named = str(headers.get("Content-Type") or "").partition(";")
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", named[2], re.IGNORECASE)
    return named[0].strip().lower(), charset[1].lower() if charset else ""


def _joined_chunks(body: bytes) -> bytes:
    """Return the body of its chunks; the body itself where it is not in chunks any more."""
    pieces: list[bytes] = []
    at = 0
    while match := _CHUNK.match(body, at):
        size = int(match[1], 16)
        if not size:
            return b"".join(pieces)
        pieces.append(body[match.end() : match.end() + size])
        at = match.end() + size
        at += 2 if body[at : at + 2] == b"\r\n" else body[at : at + 1] == b"\n"
    return b"".join(pieces) if pieces and at >= len(body) else body


def _unpacked(body: bytes, headers: Message) -> bytes:
    for coding in reversed(str(headers.get("Content-Encoding") or "").lower().split(",")):
        unpack = _UNPACKERS.get(coding.strip())
        if unpack and body:
            try:
                body = unpack(body)
            except (zlib.error, brotli.error, zstandard.ZstdError):
                return body  # it was unpacked before it was archived
    return body


def _bound(packed: int, unpacked: int) -> None:
    if unpacked > MAX_PAYLOAD or unpacked > max(_ALWAYS_ALLOWED, packed * _MOST_RATIO):
        raise HttpError(f"unpacks to more than {unpacked // 1024 // 1024} MB")


def _inflate(body: bytes, wbits: int) -> bytes:
    pieces, size, rest = [], 0, body
    unpacker = zlib.decompressobj(wbits)
    while rest and not unpacker.eof:
        piece = unpacker.decompress(rest, _STEP)
        rest = unpacker.unconsumed_tail
        size += len(piece)
        _bound(len(body), size)
        pieces.append(piece)
        if not piece and not rest:
            break
    return b"".join(pieces)


def _deflated(body: bytes) -> bytes:
    try:
        return _inflate(body, zlib.MAX_WBITS)
    except zlib.error:
        return _inflate(body, -zlib.MAX_WBITS)  # as some servers send it


def _brotli(body: bytes) -> bytes:
    unpacker = brotli.Decompressor()
    pieces, size, given = [], 0, body
    while not unpacker.is_finished():
        piece = unpacker.process(given, output_buffer_limit=_STEP)
        given = b""
        size += len(piece)
        _bound(len(body), size)
        pieces.append(piece)
        if not piece and unpacker.can_accept_more_data():
            break
    return b"".join(pieces)


def _zstd(body: bytes) -> bytes:
    pieces, size = [], 0
    with zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(body) as stream:
        while piece := stream.read(_STEP):
            size += len(piece)
            _bound(len(body), size)
            pieces.append(piece)
    return b"".join(pieces)


_UNPACKERS = {
    "gzip": lambda body: _inflate(body, 16 + zlib.MAX_WBITS),
    "x-gzip": lambda body: _inflate(body, 16 + zlib.MAX_WBITS),
    "deflate": _deflated,
    "br": _brotli,
    "zstd": _zstd,
}
