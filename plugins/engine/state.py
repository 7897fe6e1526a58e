"""What one build leaves to the next, in `.cache/state`: it can be deleted, and then everything is built anew.

load_state(path)                State(build_fingerprint="5f0c…", records={"2023/03/08/slug.md": Record(…)}, …)
fingerprints_of(path)           its two fingerprints, without the rest being read
"""

import marshal
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from plugins.site.documents import Record
from plugins.site.listings import Period

_VERSION = 11


@dataclass
class State:
    """What stands in the output, and what it was made of."""

    build_fingerprint: str = ""
    """What every page depends on: settings and code, as a digest."""
    menu: list[tuple[str, str]] = field(default_factory=list)
    """Title and address of each page in the menu, which stands on all pages."""
    templates: str = ""
    """Digest of the stamps of all files of templates."""
    template_digests: dict[str, str] = field(default_factory=dict)
    """Each template -> digest of it, and of all that it refers to."""
    vocabulary: str = ""
    """Stamp of `content/tags.toml`."""
    records: dict[str, Record] = field(default_factory=dict)
    """Content file of each document -> what is known of it."""
    seeds: dict[str, str] = field(default_factory=dict)
    """Each seed -> its stamp."""
    tags: dict[str, tuple[str, str] | None] = field(default_factory=dict)
    """Each name that stands on a document -> name and slug of the tag it stands for."""
    labels: dict[str, str] = field(default_factory=dict)
    """Address of each tag, source and author -> the name it is shown by."""
    periods: list[Period] = field(default_factory=list)
    """The years, months and days that have documents."""
    weights: dict[str, int] = field(default_factory=dict)
    """Weights of tags, in powers of two, as `plugins/site/overviews.py` has them."""
    lists: dict[str, list[str]] = field(default_factory=dict)
    """First page of each list -> the addresses of all its pages."""
    search: str = ""
    """Digest of the state of the search index; nothing where the site has none."""
    other_files: set[str] = field(default_factory=set)
    """All other files of the site: pages in the menu, style sheets, feeds."""

    def addresses(self) -> set[str]:
        """Return the address of every file of the site but those of the search index."""
        found = {address for pages in self.lists.values() for address in pages} | self.other_files
        for record in self.records.values():
            found.update(record.addresses)
        return found


def load_state(path: Path) -> State:
    """Return what the last build left; an empty state if that is nothing that can be used."""
    try:
        with path.open("rb") as file:
            version, build_fingerprint, templates = _opening(file)
            if version == _VERSION:
                menu, *kept = marshal.loads(file.read())  # noqa: S302
                state = State(build_fingerprint, menu, templates, *kept)
                state.records = {file: Record._make(record) for file, record in state.records.items()}
                return state
    except (OSError, ValueError, EOFError, TypeError):
        pass
    return State()


def fingerprints_of(path: Path) -> tuple[str, str]:
    """Return the fingerprints of build and templates that the last build left, without reading the rest."""
    try:
        with path.open("rb") as file:
            return _opening(file)[1:]
    except (OSError, ValueError, EOFError, TypeError):
        return "", ""


def save_state(path: Path, state: State) -> None:
    """Keep a state for the next build."""
    records = {file: tuple(record) for file, record in state.records.items()}
    kept = (state.menu, state.template_digests, state.vocabulary, records, state.seeds, state.tags, state.labels)
    with path.open("wb") as file:
        marshal.dump((_VERSION, state.build_fingerprint, state.templates), file)
        marshal.dump((*kept, state.periods, state.weights, state.lists, state.search, state.other_files), file)


def _opening(file: BinaryIO) -> tuple[int, str, str]:
    version, build_fingerprint, templates = marshal.load(file)  # noqa: S302  # our own file, for this Python
    return version, build_fingerprint, templates
