"""What one build leaves to the next, in `.cache/state`: it can be deleted, and then everything is built anew."""

import marshal
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from plugins.engine.documents import Record
from plugins.site.listings import Period

_VERSION = 5


@dataclass
class State:
    """What stands in the output, and what it was made of."""

    ground: str = ""
    """What every page depends on: settings and code, as a digest."""
    menu: list[tuple[str, str]] = field(default_factory=list)
    """Title and address of each page in the menu, which stands on all pages."""
    theme: str = ""
    """Whether all files of templates are as they were."""
    looks: dict[str, str] = field(default_factory=dict)
    """Each template -> whether it, and all that it refers to, is as it was."""
    vocabulary: str = ""
    """Whether `content/tags.toml` is as it was."""
    records: dict[str, Record] = field(default_factory=dict)
    """Content file of each document -> what is known of it."""
    seeds: dict[str, str] = field(default_factory=dict)
    """Each seed -> whether it is as it was."""
    tags: dict[str, tuple[str, str] | None] = field(default_factory=dict)
    """Each name that stands on a document -> name and slug of the tag it stands for."""
    labels: dict[str, str] = field(default_factory=dict)
    """Address of each tag and source -> the name it is shown by."""
    periods: list[Period] = field(default_factory=list)
    lists: dict[str, list[str]] = field(default_factory=dict)
    """First page of each list -> the addresses of all its pages."""
    search: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    """Number of each search index -> whether its documents are as they were, and the addresses of its files."""
    others: set[str] = field(default_factory=set)
    """All other files of the site: pages in the menu, style sheets, feeds."""

    def addresses(self) -> set[str]:
        """Give the address of every file of the site."""
        found = {address for pages in self.lists.values() for address in pages} | self.others
        found.update(address for _, files in self.search.values() for address in files)
        for record in self.records.values():
            found.update(record.addresses)
        return found


def load_state(path: Path) -> State:
    """Give what the last build left; an empty state if that is nothing that can be used."""
    try:
        with path.open("rb") as file:
            version, ground, theme = _opening(file)
            if version == _VERSION:
                menu, *kept = marshal.loads(file.read())  # noqa: S302
                state = State(ground, menu, theme, *kept)
                state.records = {file: Record._make(record) for file, record in state.records.items()}
                return state
    except (OSError, ValueError, EOFError, TypeError):
        pass
    return State()


def ground_of(path: Path) -> tuple[str, str]:
    """Give ground and theme of the state that the last build left, without reading the rest."""
    try:
        with path.open("rb") as file:
            return _opening(file)[1:]
    except (OSError, ValueError, EOFError, TypeError):
        return "", ""


def save_state(path: Path, state: State) -> None:
    """Keep a state for the next build."""
    records = {file: tuple(record) for file, record in state.records.items()}
    kept = (state.menu, state.looks, state.vocabulary, records, state.seeds, state.tags, state.labels, state.periods)
    with path.open("wb") as file:
        marshal.dump((_VERSION, state.ground, state.theme), file)
        marshal.dump((*kept, state.lists, state.search, state.others), file)


def _opening(file: BinaryIO) -> tuple[int, str, str]:
    version, ground, theme = marshal.load(file)  # noqa: S302  # our own file, for this Python
    return version, ground, theme
