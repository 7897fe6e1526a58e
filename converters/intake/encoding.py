"""From the bytes of one record to its text, whatever they are: no bytes fail, and what is lost is counted.

    decode(b"caf\\xc3\\xa9")              ->  Decoded("café", "utf-8", 0)
    decode(b"caf\\xe9, p\\xe3o")          ->  Decoded("café, pão", "windows-1252", 0)
    decode(b"na\\xc3\\xafve caf\\xe9")    ->  Decoded("naïve caf\\ufffd", "utf-8", 1)
    decode(b"\\0 \\xed\\xa0\\xbd\\xed\\xb8\\x80 \\xed\\xa0\\xbd")
                                      ->  Decoded("␀ 😀 \\ufffd", "utf-8", 2)

UTF-8 comes first: hardly any text in another encoding happens to be valid UTF-8, and one with few broken bytes
is damaged UTF-8. Everything else is told by chardet from the lines that hold more than ASCII. It fails on a few
words whose accented letters exist in two alphabets ("nő", Hungarian, is read as "nõ"), and on East Asian text
with broken bytes.
"""

import re
from typing import NamedTuple

import chardet


class Decoded(NamedTuple):
    text: str
    encoding: str
    """In lower case; Python's codecs know it by this name."""
    stand_ins: int
    """Characters or bytes no page can hold that were replaced by a visible one."""


def is_garbled(text: str) -> bool:
    """Whether a text looks as if it was read in a wrong encoding before it was captured: cafÃ©, donâ€™t, Ð¡ÑƒÐ´."""
    return not text.isascii() and _GARBLED.search(text) is not None


NUL_STAND_IN = "␀"
STAND_IN = "\ufffd"

# A tenth of the bytes beyond ASCII may be broken before a detected encoding is held to be the wrong one; a
# third for UTF-8, whose valid sequences are no accident.
_UTF8_PATIENCE = 3
_DETECTED_PATIENCE = 10

_SAMPLE = 4096  # bytes, from which chardet knows most encodings

# Surrogates that were each encoded (CESU-8): a pair is one character.
_CESU_PAIR = re.compile(rb"\xed([\xa0-\xaf])([\x80-\xbf])\xed([\xb0-\xbf])([\x80-\xbf])")
_CESU_LONE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_SURROGATES_TO_STAND_IN = dict.fromkeys(range(0xD800, 0xE000), STAND_IN)
# What UTF-8 looks like in windows-1252 or ISO 8859-1: a letter that begins a character, and signs that go on with it.
_GOES_ON = "[\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
_GARBLED = re.compile(f"Ã[\x80-\xbf€‚ƒ„…†‡ˆ‰‹Œ‘’•˜™š›œž]|Â[\x80-\xbf]|â€{_GOES_ON}|(?:[ÐÑ]{_GOES_ON}){{2}}")
_ASCII = bytes(range(0x80))
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")


def decode(raw: bytes, encoding: str = "") -> Decoded:
    """Return the text of a record. An encoding is given only where the file's byte order mark tells it."""
    if encoding:
        return _shown(_wide(raw, encoding), encoding)
    try:
        return _shown(raw.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return _damaged_utf8(raw) or _detected(raw)


def _shown(text: str, encoding: str) -> Decoded:
    """NUL and lone surrogates, by which the functions here mark what they cannot decode, become stand-ins."""
    nuls = text.count("\0")
    if nuls:
        text = text.replace("\0", NUL_STAND_IN)
    try:
        text.encode()
    except UnicodeEncodeError:
        broken = _surrogates(text)
        return Decoded(text.translate(_SURROGATES_TO_STAND_IN), encoding, nuls + broken)
    return Decoded(text, encoding, nuls)


def _surrogates(text: str) -> int:
    return (len(text.encode("utf-8", "surrogatepass")) - len(text.encode("utf-8", "ignore"))) // 3


def _wide(raw: bytes, encoding: str) -> str:
    """UTF-16 or UTF-32, where a character may be cut off at the end."""
    whole = len(raw) // 4 * 4 if encoding.startswith("utf-32") else len(raw) // 2 * 2
    try:
        text = raw[:whole].decode(encoding, "surrogatepass")
    except UnicodeDecodeError:
        # UTF-32 with numbers beyond Unicode.
        text = raw[:whole].decode(encoding, "replace").replace(STAND_IN, "\udc80")
    return text + "\udc80" * (len(raw) - whole)


def _damaged_utf8(raw: bytes) -> Decoded | None:
    joined = _CESU_LONE.sub(b"\xff", _CESU_PAIR.sub(_joined, raw))
    text = joined.decode("utf-8", "surrogateescape")
    return _shown(text, "utf-8") if _few(_surrogates(text), raw, _UTF8_PATIENCE) else None


def _joined(pair: re.Match[bytes]) -> bytes:
    b1, b2, b3, b4 = (byte[0] & 0x3F for byte in pair.groups())
    return chr(0x10000 + ((b1 & 0x0F) << 16 | b2 << 10 | (b3 & 0x0F) << 6 | b4)).encode()


def _few(broken: int, raw: bytes, patience: int) -> bool:
    return broken * patience <= len(raw.translate(None, _ASCII))


def _detected(raw: bytes) -> Decoded:
    likely = _likely(_sample(raw))
    for encoding in likely:
        try:
            return _shown(raw.decode(encoding), encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    for encoding in likely:
        try:
            text = raw.decode(encoding, "replace").replace(STAND_IN, "\udc80")
        except LookupError:
            continue
        if _few(_surrogates(text), raw, _DETECTED_PATIENCE):
            return _shown(text, encoding)
    return _shown(raw.decode("iso-8859-1"), "iso-8859-1")


def _sample(raw: bytes) -> bytes:
    """Lines that hold more than ASCII, as many as are needed: the others say nothing about the encoding."""
    lines: list[bytes] = []
    wanted = _SAMPLE
    found = _BEYOND_ASCII.search(raw)
    while found and wanted > 0:
        start = max(raw.rfind(b"\n", 0, found.start()) + 1, found.start() - 200)
        end = raw.find(b"\n", found.start())
        line = raw[start : found.start() + wanted][: end - start if end >= 0 else None]
        lines.append(line)
        wanted -= len(line)
        found = _BEYOND_ASCII.search(raw, start + len(line))
    return b"\n".join(lines)


def _likely(sample: bytes) -> tuple[str, ...]:
    """Return the encodings that a text may be in, the likeliest first."""
    beyond = bytes(byte for byte in sample if byte > 0x7F)
    if not any(map(str.isalpha, beyond.decode("windows-1252", "replace"))):
        return ("windows-1252",)  # signs alone, such as those of "10 m³", are letters elsewhere
    found = chardet.detect_all(sample, ignore_threshold=True)
    names = dict.fromkeys((one["encoding"] or "").lower() for one in found)
    # A byte order mark in the middle of a file says nothing.
    return tuple(name for name in names if name and not name.startswith("utf"))
