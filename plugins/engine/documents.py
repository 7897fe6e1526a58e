"""The content files of an archive, in the order of their addresses, and what is known of each.

files     2023/03/08/court-opens-inquiry.md, …
stamps    whether each is as it was
records   what is known of each document; None until it is read
"""

from collections.abc import Iterable
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
    originals: Originals
    with_other_raw: set[int] = field(default_factory=set)
    """Those that have gained or lost their raw record since they were last rendered."""

    def unread(self) -> set[int]:
        """Return the numbers of the files of which nothing is known."""
        return {number for number, record in enumerate(self.records) if record is None}

    def by_file(self) -> dict[str, Record]:
        """Return what is known, by file."""
        return {file: record for file, record in zip(self.files, self.records, strict=True) if record}

    def nearest_listed(self, numbers: Iterable[int], but: str = "") -> int | None:
        """Return the first of the numbers whose document lists show, and that is not the file `but`."""
        for number in numbers:
            record = self.records[number]
            if record and record.status == "published" and self.files[number] != but:
                return number
        return None


def address_of(file: str) -> str:
    """Return the address of the page of a content file."""
    return f"{file.removesuffix('.md')}.html"
