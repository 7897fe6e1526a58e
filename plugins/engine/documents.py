"""The content files of an archive, in the order of their addresses, and what is known of each.

files     2023/03/08/court-opens-inquiry.md, …
stamps    whether each is as it was
records   what is known of each document; None of one that cannot be read
"""

from dataclasses import dataclass, field

from plugins.site.documents import Record
from plugins.site.originals import Originals


@dataclass
class Documents:
    """Content files by number: that of their place in the order of addresses."""

    files: list[str]
    """Paths below content/, in order."""
    stamps: list[str]
    records: list[Record | None]
    """What is known of each; of those unread no more than a glance tells."""
    originals: Originals
    unread: set[int] = field(default_factory=set)
    """Those that have not been read since they changed."""
    with_other_raw: set[int] = field(default_factory=set)
    """Those that have gained or lost their raw record since they were last rendered."""

    def by_file(self) -> dict[str, Record]:
        """Return what is known, by file."""
        return {file: record for file, record in zip(self.files, self.records, strict=True) if record}


def address_of(file: str) -> str:
    """Return the address of the page of a content file."""
    return f"{file.removesuffix('.md')}.html"
