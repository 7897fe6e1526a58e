"""Tells programs that keep a copy of the site what to fetch anew: ResourceSync (ANSI/NISO Z39.99), from the editions.

    resourcesync/capabilitylist.xml                   names the list of changes; the home page links to it
    resourcesync/changelist.xml                       names those of the editions, the oldest first
    resourcesync/autumn-2026-1.xml                    what came, changed and went with one, up to 50,000 documents each
      <url><loc>https://example.org/2026/11/20/new.html</loc>
      <rs:md change="created" datetime="2026-11-25T00:00:00Z"/></url>

The moment of a change is the day of the edition that has it: no clock is asked.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from html import escape
from itertools import islice
from pathlib import Path
from urllib.parse import quote

from plugins.site.editions import CAME, CHANGED, WENT, Edition, changes_of

CAPABILITIES = "resourcesync/capabilitylist.xml"
_CHANGES = "resourcesync/changelist.xml"
_MOST = 50_000  # documents that a list may name
_WORDS = {CAME: "created", CHANGED: "updated", WENT: "deleted"}
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACES = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:rs="http://www.openarchives.org/rs/terms/"'


def resourcesync(content: Path, editions: Sequence[Edition], site: str) -> Iterator[tuple[str, Callable[[], str]]]:
    """Yield address and maker of each file, for the editions of an archive, the newest first, and its address."""
    lists = [(edition, _parts(edition)) for edition in reversed(editions)]
    first, last = (f"{edition.date}T00:00:00Z" for edition in (editions[-1], editions[0]))
    span = f'from="{first}" until="{last}"'
    yield CAPABILITIES, partial(_capabilities, site)
    names = [name for _, of_one in lists for name in of_one]
    yield _CHANGES, partial(_document, "sitemapindex", f'capability="changelist" {span}', "sitemap", site, names)
    for edition, parts in lists:
        for at, name in enumerate(parts):
            yield name, partial(_of_edition, content, edition, at, site)


def _parts(edition: Edition) -> list[str]:
    """Return the addresses of the lists of an edition's changes."""
    number = max(1, -(-sum(edition.counts.values()) // _MOST))
    return [f"resourcesync/{Path(edition.file).stem}-{part}.xml" for part in range(1, number + 1)]


def _capabilities(site: str) -> str:
    link = f'<url><loc>{escape(site)}/{_CHANGES}</loc><rs:md capability="changelist"/></url>\n'
    return f'{_HEAD}<urlset {_SPACES}>\n<rs:md capability="capabilitylist"/>\n{link}</urlset>\n'


def _of_edition(content: Path, edition: Edition, at: int, site: str) -> str:
    when = f"{edition.date}T00:00:00Z"
    changes = islice(changes_of(content, edition), at * _MOST, (at + 1) * _MOST)
    notes = ((address, f'<rs:md change="{_WORDS[sign]}" datetime="{when}"/>') for sign, address in changes)
    return _written("urlset", f'capability="changelist" from="{when}" until="{when}"', "url", site, notes)


def _document(root: str, about: str, entry: str, site: str, names: Iterable[str]) -> str:
    return _written(root, about, entry, site, ((name, "") for name in names))


def _written(root: str, about: str, entry: str, site: str, notes: Iterable[tuple[str, str]]) -> str:
    lines = (f"<{entry}><loc>{escape(f'{site}/{quote(name)}')}</loc>{note}</{entry}>\n" for name, note in notes)
    up = f'<rs:ln rel="up" href="{escape(site)}/{CAPABILITIES}"/>\n'
    return f"{_HEAD}<{root} {_SPACES}>\n{up}<rs:md {about}/>\n{''.join(lines)}</{root}>\n"
