"""Hosts and addresses as everybody may see them.

canonical_host("xn--strae-oqa.example.")            ->  "straße.example", which is not "strasse.example"
without_credentials("https://a:secret@b.example/")  ->  "https://b.example/"
canonical_address("HTTPS://B.example")              ->  "https://b.example/"
"""

import hashlib
import re
from urllib.parse import urlsplit

import idna

_CREDENTIALS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)[^/?#\\]*@")


def canonical_host(host: str) -> str:
    """Return a host in its one form, by IDNA 2008: in lower case, in its own letters, without a point at its end.

    What is no name of a host by these rules, such as one with an underscore, keeps its letters.
    """
    host = host.lower().rstrip(".")
    if host.isascii() and "xn--" not in host:
        return host
    try:
        return idna.decode(host)
    except (idna.IDNAError, UnicodeError):
        return host


def ascii_host(host: str) -> str:
    """Return a host as the name system has it, `xn--strae-oqa.example`; nothing for what is no host."""
    host = canonical_host(host)
    if host.isascii():
        return host
    try:
        return idna.encode(host).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return ""


def without_credentials(url: str) -> str:
    """Return an address without the name and the password that may stand before its host."""
    return _CREDENTIALS.sub(r"\1", url, count=1) if "@" in url else url


def canonical_address(url: str) -> str:
    """Return an address in one form: scheme and host as they are compared, no credentials, a path."""
    url = without_credentials(url.strip())
    try:
        parts = urlsplit(url)
        host, port = canonical_host(parts.hostname or ""), f":{parts.port}" if parts.port else ""
    except ValueError:
        return url
    return parts._replace(netloc=host + port, path=parts.path or "/").geturl() if host else url


def address_digest(url: str) -> str:
    """Return the SHA-256 of an address in its one form: it tells an address again without telling it."""
    return hashlib.sha256(canonical_address(url).encode("utf-8", "surrogatepass")).hexdigest()
