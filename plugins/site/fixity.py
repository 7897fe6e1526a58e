"""Seals pages, so that anyone can tell from a page alone whether it is as it was written.

    …</html>
    <!-- blake2b-128 5f0c6b1e2a9d4c37… -->

The last line has the digest of all bytes before it; `head -n -1 page.html | b2sum -l 128` gives it too.
"""

import hashlib
from pathlib import Path

from pelican import signals

_SEAL = b"<!-- blake2b-128 %s -->\n"
_LENGTH = len(_SEAL) - 2 + 32


def seal(page: bytes) -> bytes:
    """Add the seal as the last line of a page."""
    if not page.endswith(b"\n"):
        page += b"\n"
    return page + _SEAL % _digest(page)


def is_sealed(page: bytes) -> bool:
    """Whether a page still is, to the byte, what `seal` gave."""
    return page[-_LENGTH:] == _SEAL % _digest(page[:-_LENGTH])


def register() -> None:
    """Seal the pages that Pelican's own writer writes."""
    signals.content_written.connect(_seal_file)


def _seal_file(path: str, context: dict[str, object]) -> None:
    if path.endswith(".html") and not context.get("sealed"):
        page = Path(path)
        page.write_bytes(seal(page.read_bytes()))


def _digest(page: bytes) -> bytes:
    return hashlib.blake2b(page, digest_size=16).hexdigest().encode()
