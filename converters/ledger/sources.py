"""What curators say of sources: `content/sources.toml`, a section for each host.

    ["example.org"]
    name = "The Harbour Times"
    note = "The paper of the harbour, closed in 2019."
    rights = "CC BY 4.0"
    noindex = true

gives `{"example.org": Source("The Harbour Times", "The paper of the harbour, closed in 2019.", "CC BY 4.0", True)}`.
The name stands wherever the source is named, and its host on its own page; the note and the rights stand there too, the
rights with each of its documents as well; search engines are asked to leave out what has `noindex`. Each may be left
out.
"""

import tomllib
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from converters.archive.layout import ArchiveError
from converters.intake.hosts import canonical_host

MOST_CHARACTERS = 2000  # of a note, or of rights, which stand with every document


class SourcesError(ArchiveError):
    """The curated file cannot be used: which file and entry, what was expected, and what to do."""


@dataclass(frozen=True, slots=True)
class Source:
    """What is said of one source."""

    name: str = ""
    note: str = ""
    rights: str = ""
    noindex: bool = False


def read_sources(path: Path) -> dict[str, Source]:
    """Return what is said of each source, by host in lower case; raises SourcesError with what is wrong in the file."""
    if not path.is_file():
        return {}
    try:
        sections = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourcesError(f"{path}: expected TOML in UTF-8, but {error}; correct that place") from error
    sources: dict[str, Source] = {}
    for host, entries in sections.items():
        if not isinstance(entries, dict):
            raise SourcesError(
                f'{path}: {host}: expected a section for a source; write ["example.org"] on a line of its own above it'
            )
        if canonical_host(host) in sources:
            raise SourcesError(f'{path}: ["{host}"]: expected each source once; join it with the other of that name')
        sources[canonical_host(host)] = _source(entries, f'{path}: ["{host}"]')
    return sources


def mistaken(path: Path, hosts: Collection[str]) -> Iterator[str]:
    """Yield a line for each section whose host is that of no document, but nearly written as one that is."""
    for host in read_sources(path):
        if host not in hosts and (nearest := get_close_matches(host, hosts, 1, 0.8)):
            yield f'{path}: ["{host}"]: no document has this source; is "{nearest[0]}" meant?'


def _source(entries: dict[str, object], section: str) -> Source:
    if table := next((name for name, value in entries.items() if isinstance(value, dict)), None):
        raise SourcesError(f'{section}: found a section {table} in it; put the host in quotes, as in ["example.org"]')
    for name, value in entries.items():
        if name not in ("name", "note", "rights", "noindex"):
            raise SourcesError(
                f"{section} {name}: expected name, note, rights or noindex; correct the name or remove the line"
            )
        if name == "noindex":
            if not isinstance(value, bool):
                raise SourcesError(f"{section} noindex: expected true or false, found {value!r}; write noindex = true")
        else:
            _check(value, f"{section} {name}")
    return Source(**entries)  # type: ignore[arg-type]  # each was looked at above


def _check(value: object, entry: str) -> None:
    if not isinstance(value, str):
        raise SourcesError(f"{entry}: expected text, found {value!r}; put it in quotes")
    if len(value) > MOST_CHARACTERS:
        raise SourcesError(
            f"{entry}: expected at most {MOST_CHARACTERS:,} characters, found {len(value):,}; shorten it, and write "
            "the rest into a page in content/pages/"
        )
    unfit = [char for char in value if unicodedata.category(char) in ("Cc", "Cs") and char not in "\t\n"]
    if unfit:
        raise SourcesError(f"{entry}: expected plain text, found the control character {unfit[0]!r}; write it without")
