"""The one type that flows through the pipeline: from the readers to the Markdown writer.

Capture(
    url="https://example.org/2023/court", source="example.org", date=date(2023, 3, 8),
    title="Court opens inquiry", paragraphs=("The court said …", "Its prosecutor …"), …
    provenance=Provenance(seed="seeds/2023/court.txt", start=0, length=1944, sha256="cf07…", …),
)
"""

import hashlib
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a capture was read, precisely enough to find its raw record again and to prove it unchanged."""

    seed: str
    """Path of the seed file inside the archive, with forward slashes: `seeds/2023/court.txt.gz`."""
    start: int
    """First byte of the raw record, counted in the file's content after decompression."""
    length: int
    """Bytes of the raw record."""
    sha256: str
    """SHA-256 of the raw record, 64 hexadecimal digits."""
    reader: str
    """The reader and its version: `seed-text 1`."""
    encoding: str
    """The character encoding that the record was read in, in lower case: `utf-8`, `windows-1251`."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One document as captured. Stages give a new Capture with more of it filled in, never a changed one."""

    url: str
    """Where it was captured: an absolute http or https address, as the seed has it."""
    source: str
    """The host of `url` in lower case: `example.org`."""
    date: date
    """The day that the seed gives."""
    title: str
    """One line of plain text, not empty."""
    paragraphs: tuple[str, ...]
    """Plain text; every paragraph holds something to read. A line break inside one is part of the text."""
    provenance: Provenance
    inferred_breaks: int = 0
    """How many of the breaks between paragraphs were restored rather than read."""
    stand_ins: int = 0
    """How many characters or bytes no page can hold (NUL, lone surrogates, bytes of no character) were
    replaced by a visible stand-in."""
    language: str = "und"
    """BCP 47 tag, `und` where the language could not be told."""
    direction: str = "ltr"
    """`ltr` or `rtl`."""
    tags: tuple[str, ...] = ()
    """Subjects in the vocabulary's preferred form, the most telling first."""

    @property
    def identity(self) -> str:
        """SHA-256 over what was captured, whichever file holds it: two records with one identity are duplicates.

        Paragraphs are joined without a mark, so restoring breaks keeps the identity.
        """
        parts = (self.url, self.date.isoformat(), self.title, "".join(self.paragraphs))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Rejection:
    """A seed, or a record in one, that could not be read: where it is, why, and what the person can do."""

    seed: str
    """Path of the seed file inside the archive."""
    line: int
    """Line of the file (after decompression) where the record begins, counted from 1; 0 for the file as a whole."""
    reason: str
    """What was expected and what was found."""
    remedy: str
    """What the person at the keyboard can do."""

    def __str__(self) -> str:
        place = f"{self.seed}:{self.line}" if self.line else self.seed
        return f"{place}: {self.reason}; {self.remedy}"
