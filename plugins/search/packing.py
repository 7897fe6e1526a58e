"""Numbers as characters of UTF-16, and the scripts that hand them to a page.

A character stands for 15 bits: U+3400 is 0, U+B3FF is 32,767. None of them means anything in a script or is half a
character. A script in UTF-16 begins with its byte order mark, which browsers believe before anything else.

    who holds a word    gap 9 bits, in the title 1 bit, weight 4 bits; a larger gap has characters with bit 14 before
                        it, of 14 bits each, highest first
    where it stands     gap 14 bits; bit 14 is set at the last place in a document; 16,383 says: and further
"""

import json

import numpy as np
import numpy.typing as npt

Characters = npt.NDArray[np.uint16]
Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

BASE = 0x3400
_MORE, _FAR, _GAP_BITS = 0x4000, 0x3FFF, 9


def packed_postings(numbers: Numbers, weights: Numbers, first: Flags) -> tuple[Characters, Numbers]:
    """Return documents that hold words as characters, and where those of each document begin.

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
    return (out + BASE).astype("<u2"), ends - more - 1


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


def packed_bytes(data: bytes) -> str:
    """Return bytes as characters of 15 bits each, filled up with zeros."""
    bits = np.unpackbits(np.frombuffer(data + bytes(-len(data) % 15), np.uint8)).reshape(-1, 15)
    values = np.packbits(np.pad(bits, ((0, 0), (1, 0))), axis=1).view(">u2").reshape(-1)
    return (values[: -(-len(data) * 8 // 15)] + BASE).astype("<u2").tobytes().decode("utf-16-le")


def unpacked_bytes(text: str, length: int) -> bytes:
    """Return the bytes that `packed_bytes` made characters of."""
    values = (np.frombuffer(text.encode("utf-16-le"), "<u2") - BASE).astype(">u2")
    bits = np.unpackbits(values.view(np.uint8)).reshape(-1, 16)[:, 1:]
    return np.packbits(bits.reshape(-1)).tobytes()[:length]


def script(function: str, *arguments: str | int | Characters) -> bytes:
    """Return a script in UTF-16 that calls a function."""
    return f"\ufeff{function}({','.join(map(_literal, arguments))})".encode("utf-16-le")


def light_script(function: str, *arguments: object) -> bytes:
    """Return a script in UTF-8, the shorter one where there is little but plain text."""
    return f"{function}({','.join(map(_json, arguments))})".encode()


def strings(script: bytes) -> list[str]:
    """Return what stands between quotation marks in a script whose strings hold none themselves."""
    return script[2:].decode("utf-16-le").split('"')[1::2]


def characters(text: str) -> Characters:
    """Return a string of packed numbers as an array."""
    return np.frombuffer(text.encode("utf-16-le"), "<u2")


def _literal(value: str | int | Characters) -> str:
    if isinstance(value, np.ndarray):
        return f'"{value.astype("<u2").tobytes().decode("utf-16-le")}"'
    return _json(value)


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
