"""Hosts and addresses as everybody may see them.

canonical_host("xn--strae-oqa.example.")            ->  "straße.example", which is not "strasse.example"
without_credentials("https://a:secret@b.example/")  ->  "https://b.example/"
"""

import re

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
