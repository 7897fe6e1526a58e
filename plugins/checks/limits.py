"""Claims that a site stays clear of the limits of GitHub Pages.

    output/ of 1.2 GB  ─►  "output/: 1,200 MB, and GitHub Pages takes 1,000 MB; in all; most of it is tags/ (700 MB), …"

The numbers: https://docs.github.com/en/pages/getting-started-with-github-pages/github-pages-limits and
https://docs.github.com/en/repositories/working-with-files/managing-large-files/about-large-files-on-github
"""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from converters.archive.stamps import files_below

MOST_IN_ALL = 1_000_000_000  # bytes
MOST_IN_A_FILE = 100 * 1024 * 1024
NEAR = 0.8  # of a limit, from where on it is told
_PARTS_TOLD = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """That a site is near a limit, or beyond it, where it cannot be published."""

    text: str
    is_beyond: bool


def check_limits(output: Path) -> list[Finding]:
    """Return what stands near the limits of GitHub Pages or beyond them; nothing where all is well."""
    parts: Counter[str] = Counter()
    findings = []
    for name, size in _sizes(output):
        parts[name.partition("/")[0] + ("/" if "/" in name else "")] += size
        if size > NEAR * MOST_IN_A_FILE:
            findings.append(_finding(f"output/{name}", size, MOST_IN_A_FILE, "for a file; keep it elsewhere"))
    total = parts.total()
    if total > NEAR * MOST_IN_ALL:
        largest = sorted(parts.items(), key=lambda part: (-part[1], part[0]))[:_PARTS_TOLD]
        told = ", ".join(f"{part} ({_megabytes(size)})" for part, size in largest)
        advice = f"in all; most of it is {told}; docs/hosting/ tells of hosts without this limit"
        findings.append(_finding("output/", total, MOST_IN_ALL, advice))
    return findings


def _finding(what: str, size: int, most: int, advice: str) -> Finding:
    return Finding(f"{what}: {_megabytes(size)}, and GitHub Pages takes {_megabytes(most)} {advice}", size > most)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"


def _sizes(output: Path) -> Iterator[tuple[str, int]]:
    for name in sorted(files_below(output)):
        yield name, os.stat(f"{output}/{name}").st_size  # noqa: PTH116  # there may be very many
