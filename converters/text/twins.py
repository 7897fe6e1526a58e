"""Tells what is the same text, and what is the same page, without keeping either: for pages and for the search.

text_key("They may meet.\n\nWords.\n")                        the same for the same text, however its lines are broken
page_key("https://www.example.org/a") == page_key("http://example.org/a")
"""

import re
from hashlib import blake2b

_LEAST = 60  # bytes of a text, without spaces, that are enough to be no coincidence
_SPACES = b" \t\r\n"
_WAY_TO_A_PAGE = re.compile(r"https?://(?:www\.)?([^/?#]*)([^#]*)", re.IGNORECASE)
_DEFAULT_PORT = re.compile(":(?:80|443)?$")


def text_key(body: str) -> int:
    """Return a number that texts share only if they are the same but for spaces; 0 for one that says too little."""
    text = body.encode("utf-8", "surrogatepass").translate(None, _SPACES)
    return _key(text) if len(text) >= _LEAST else 0


def page_key(address: str) -> int:
    """Return a number that addresses share only if they differ in http, https and `www.` alone; 0 for any other."""
    if not (match := _WAY_TO_A_PAGE.match(address)):
        return 0
    host, rest = _DEFAULT_PORT.sub("", match[1].lower()), match[2]
    return _key(f"{host}{rest or '/'}".encode("utf-8", "surrogatepass"))


def _key(content: bytes) -> int:
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "big")
