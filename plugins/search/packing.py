"""Numbers as characters of UTF-16, and the scripts that hand them to a page.

A character stands for 15 bits: U+3400 is 0, U+B3FF is 32,767. None of them means anything in a script or is half a
character. A script in UTF-16 begins with its byte order mark, which browsers believe before anything else.

    who holds a word    gap 9 bits, in the title 1 bit, weight 4 bits; a larger gap has characters with bit 14 before
                        it, of 14 bits each, highest first
    where it stands     gap 14 bits; bit 14 is set at the last place in a document; 16,383 says: and further
    how many            14 bits; a larger number has characters with bit 14 before it, highest first
    bytes               15 bits, the first bit highest
"""

import json
import zlib
from collections.abc import Sequence

import deflate
import numpy as np
import numpy.typing as npt

Characters = npt.NDArray[np.uint16]
Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

BASE = 0x3400
_MORE, _FAR, _GAP_BITS = 0x4000, 0x3FFF, 9
_GROUP = 15  # bytes that are packed into eight characters
_LEVEL = 6  # of libdeflate's twelve


def packed_postings(numbers: Numbers, weights: Numbers, first: Flags) -> tuple[Characters, Numbers]:
    """Return documents that hold words as characters, and where those of each document end.

    `numbers` ascend within a list, whose first document `first` marks; of the 5 bits of `weights` the highest says: in
    the title.
    """
    gaps = numbers - np.where(first, -1, np.concatenate([[0], numbers[:-1]])) - 1
    high = gaps >> _GAP_BITS
    more = (high > 0).astype(np.int64) + (high >> 14 > 0)
    ends = np.cumsum(more + 1)
    out = np.empty(ends[-1] if len(ends) else 0, np.int64)
    out[ends - 1] = (gaps & 511) << 5 | weights
    out[(ends - 2)[more > 0]] = _MORE | (high & _FAR)[more > 0]
    out[(ends - 3)[more > 1]] = _MORE | (high >> 14)[more > 1]
    return (out + BASE).astype("<u2"), ends


def unpacked_postings(characters: Characters) -> tuple[Numbers, Numbers]:
    """Return numbers and weights of the documents of one list."""
    values = characters.astype(np.int64) - BASE
    at = np.flatnonzero(values < _MORE)
    gaps = values[at] >> 5
    before = np.diff(at, prepend=-1) - 1
    for back in (1, 2):
        has = before >= back
        gaps[has] += (values[at[has] - back] & _FAR) << _GAP_BITS + 14 * (back - 1)
    return np.cumsum(gaps + 1) - 1, values[at] & 31


def ends_of_postings(characters: Characters) -> Numbers:
    """Return where the characters of each document end, in lists of documents."""
    return np.flatnonzero(characters < BASE + _MORE) + 1


def packed_places(gaps: Numbers, last: Flags) -> tuple[Characters, Numbers]:
    """Return places, each as its distance from the one before, and where the characters of each end."""
    further = gaps // _FAR
    ends = np.cumsum(further + 1)
    out = np.full(ends[-1] if len(ends) else 0, BASE + _FAR, np.int64)
    out[ends - 1] = BASE + (gaps % _FAR | np.where(last, _MORE, 0))
    return out.astype("<u2"), ends


def ends_of_places(characters: Characters) -> Numbers:
    """Return where the characters of each document end, in lists of places."""
    return np.flatnonzero(characters >= BASE + _MORE) + 1


def packed_counts(counts: Sequence[int]) -> bytes:
    """Return numbers less than 2^28 as characters."""
    out = "".join(chr(BASE + (_MORE | count >> 14)) * (count > _FAR) + chr(BASE + (count & _FAR)) for count in counts)
    return out.encode("utf-16-le")


def deflated(parts: Sequence[bytes]) -> list[tuple[int, bytes]]:
    """Return each of the parts deflated: how many bytes it takes, and these as characters, filled up with zeros."""
    packed = [bytes(deflate.deflate_compress(part, _LEVEL)) for part in parts]
    groups = np.frombuffer(b"".join(part + bytes(-len(part) % _GROUP) for part in packed), np.uint8)
    left = groups.reshape(-1, _GROUP).astype(np.uint16)
    out = np.empty((len(left), 8), np.uint16)
    for nth in range(8):  # character nth has bits 15 nth to 15 nth + 14 of a group, which begin in byte 2 nth - 1
        high = left[:, 2 * nth - 1] << (15 - nth) if nth else np.uint16(0)
        out[:, nth] = (high | left[:, 2 * nth] << (7 - nth)) & 0x7FFF
        if nth < 7:
            out[:, nth] |= left[:, 2 * nth + 1] >> (nth + 1)
    characters = (out.reshape(-1) + BASE).astype("<u2")
    found, begin = [], 0
    for part in packed:
        found.append((len(part), characters[begin : begin - (-8 * len(part) // 15)].tobytes()))
        begin += 8 * -(-len(part) // _GROUP)
    return found


def inflated(characters: Characters, length: int) -> bytes:
    """Return what was deflated."""
    bits = np.unpackbits((characters - BASE).astype(">u2").view(np.uint8)).reshape(-1, 16)[:, 1:]
    return zlib.decompress(np.packbits(bits.reshape(-1)).tobytes()[:length], -15)


def slices(begins: Numbers, lengths: Numbers, order: Numbers) -> Numbers:
    """Return the indices of slices, one after another in an order."""
    sizes = lengths[order]
    return np.repeat(begins[order] - (np.cumsum(sizes) - sizes), sizes) + np.arange(int(sizes.sum()))


def script(function: str, *arguments: str | int | bytes) -> bytes:
    """Return a script in UTF-16 that calls a function; bytes are characters already."""
    told = b",\0".join(_quoted(one) if isinstance(one, bytes) else _json(one).encode("utf-16-le") for one in arguments)
    return b"".join((f"\ufeff{function}(".encode("utf-16-le"), told, b")\0"))


def light_script(function: str, *arguments: object) -> bytes:
    """Return a script in UTF-8, the shorter one where there is little but plain text."""
    return f"{function}({','.join(map(_json, arguments))})".encode()


def strings(script: bytes) -> list[str]:
    """Return what stands between quotation marks in a script in UTF-16 whose strings hold none themselves."""
    return script[2:].decode("utf-16-le").split('"')[1::2]


def characters(text: str) -> Characters:
    """Return a string of packed numbers as an array."""
    return np.frombuffer(text.encode("utf-16-le"), "<u2")


def _quoted(text: bytes) -> bytes:
    return b'"\0' + text + b'"\0'


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
