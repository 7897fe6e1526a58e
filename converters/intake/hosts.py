"""Hosts and addresses as everybody may see them.

canonical_host("xn--strae-oqa.example.")            ->  "straße.example", which is not "strasse.example"
without_credentials("https://a:secret@b.example/")  ->  "https://b.example/"
canonical_address("HTTPS://B.example")              ->  "https://b.example/"
host_of("https://Example.org:8080/court")           ->  "example.org"
host_of("urn:isbn:9780140449136")                   ->  ""
host_of("https:///court")                           ->  None, as no such address can be used
"""

import hashlib
import re
import unicodedata
from ipaddress import IPv6Address
from urllib.parse import urlsplit

import idna

_CREDENTIALS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)[^/?#\\]*@")

_NO_HOST = re.compile("(?:urn|doi|ark|info|tag|mid|news):.", re.IGNORECASE)
_NOT_IN_ADDRESS = re.compile("[\\s\x00-\x20\x7f-\x9f]")  # spaces and control characters
_PLAIN_HOST = re.compile("[a-z0-9._-]+")


def host_of(url: str) -> str | None:
    """Return the host of an address in lower case; nothing where its kind has none, None where it is no address."""
    if _NOT_IN_ADDRESS.search(url):
        return None
    if _NO_HOST.match(url):
        return ""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        # A port that is no number raises, as an ill-formed address does.
        usable = parts.scheme in ("http", "https", "ftp", "gopher") and parts.port != 0 and _is_host(host, parts.netloc)
    except ValueError:
        return None
    return host if usable else None


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


def _is_host(host: str, netloc: str) -> bool:
    if "[" in netloc:
        IPv6Address(host)
        return "%" not in host
    # A browser takes a backslash for a slash, and would go to another host than we name.
    if len(host) > 253 or "\\" in netloc:
        return False
    if not _PLAIN_HOST.fullmatch(host) and not all(
        c.isalnum() or c in "-_." or unicodedata.category(c).startswith("M") for c in host
    ):
        return False
    return any(c.isalnum() for c in host)
