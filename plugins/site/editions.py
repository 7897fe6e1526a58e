"""Editions: what the archive held on a day, so that it can be named and cited as it was.

    content/editions/autumn-2026.txt                editions/autumn-2026.html
      Name: Autumn 2026                             editions/autumn-2026.txt, the file itself
      Date: 2026-11-25                              editions/index.html, all of them
      Documents: 1234                               feeds/editions/index.atom.xml

      + 5f0c…  2026/11/20/new.html                  a document that came since the edition before
      ~ 81aa…  2023/03/08/edited.html               one whose content file changed
      - 09bd…  2021/02/03/gone.html                 one that is shown no more
      = 77c1…  1998/05/as-before.html               one that is as it was

The number before an address is the SHA-256 of its content file, with the line ends of Unix. `plugins/outputs/freeze.py`
writes such a file, which is never changed; pages read no further than to the first document that is as it was.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, takewhile
from pathlib import Path
from typing import NamedTuple

from markupsafe import Markup, escape

from converters.archive.layout import ArchiveError
from converters.text import frontmatter

FOLDER = "editions"
INDEX = f"{FOLDER}/index.html"
CAME, CHANGED, WENT, SAME = "+~-="
_SHOWN = 100  # documents of each kind that the page of an edition names


class Edition(NamedTuple):
    """An edition, and what is other in it than in the one before."""

    url: str
    title: Markup
    date: str
    """Such as `2026-11-25`."""
    documents: int
    counts: dict[str, int]
    """How many documents came, changed and went, by the sign of each."""
    shown: dict[str, tuple[str, ...]]
    """The addresses of the first hundred of each."""

    @property
    def name(self) -> str:
        return str(self.title)

    @property
    def file(self) -> str:
        """The address of its file on the site, and its place below content/."""
        return f"{self.url.removesuffix('.html')}.txt"


def editions(content: Path) -> list[Edition]:
    """Return the editions of an archive, the newest first; raises ArchiveError for a file that is none."""
    found = map(_read, sorted((content / FOLDER).glob("*.txt")))
    return sorted(found, key=lambda edition: (edition.date, edition.url), reverse=True)


def holdings(content: Path, edition: Edition) -> dict[str, str]:
    """Return the documents that an edition holds: the SHA-256 of the content file by the address of the page."""
    with (content / edition.file).open(encoding="utf-8") as lines:
        return {address: digest for sign, digest, address in map(str.split, _documents(lines)) if sign != WENT}


def changes_of(content: Path, edition: Edition) -> Iterator[tuple[str, str]]:
    """Yield the sign and the address of each document that came, changed or went with an edition."""
    with (content / edition.file).open(encoding="utf-8") as lines:
        for line in takewhile(lambda line: line[:1] != SAME, _documents(lines)):
            sign, _, address = line.split()
            yield sign, address


def edition_file(name: str, day: str, before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Return the text of an edition's file, from the documents of the edition before and those of now."""
    lines = []
    for address in now.keys() | before.keys():
        sign = CAME if address not in before else WENT if address not in now else ""
        sign = sign or (SAME if before[address] == now[address] else CHANGED)
        lines.append((f"{CAME}{CHANGED}{WENT}{SAME}".index(sign), address, sign))
    head = f"Name: {frontmatter.encode(name)}\nDate: {day}\nDocuments: {len(now)}\n\n"
    return head + "".join(
        f"{sign} {now.get(address) or before[address]} {address}\n" for _, address, sign in sorted(lines)
    )


def _read(path: Path) -> Edition:
    with path.open(encoding="utf-8") as lines:
        keys = dict(chain.from_iterable(frontmatter.split(line)[0] for line in takewhile(str.strip, lines)))
    try:
        title, day, documents = escape(frontmatter.decode(keys["Name"])), keys["Date"], int(keys["Documents"])
    except (KeyError, ValueError):
        raise ArchiveError(f"{path}: is no file of an edition; restore it from the file's history") from None
    url = f"{FOLDER}/{path.stem}.html"
    edition = Edition(url, title, day, documents, dict.fromkeys((CAME, CHANGED, WENT), 0), {})
    shown: dict[str, list[str]] = {sign: [] for sign in edition.counts}
    for sign, address in changes_of(path.parent.parent, edition):
        edition.counts[sign] += 1
        if len(shown[sign]) < _SHOWN:
            shown[sign].append(address)
    return edition._replace(shown={sign: tuple(some) for sign, some in shown.items()})


def _documents(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines about documents; raises ArchiveError where one is not as expected."""
    for line in lines:
        if line[:2] in ("+ ", "~ ", "- ", "= ") and len(line.split()) == 3:
            yield line
