"""Reads the values of a command's options: numbers, days, processes."""

import os
import sys
from datetime import UTC, date, datetime

from converters.archive.layout import ArchiveError

_MOST_JOBS = 256


def jobs_from(text: str) -> int:
    """Return the number of processes that `--jobs` asks for; nothing means one a processor.

    Raises ArchiveError where it is no number from 1 on.
    """
    if not text:
        return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return min(max(1, number_from("--jobs", text, "4")), _MOST_JOBS)


def number_from(option: str, text: str, example: str) -> int:
    """Return the number that an option was given; raises ArchiveError where it is none."""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise ArchiveError(f"{option} {text}: takes a number, such as {option} {example}")
    return int(text)


def today() -> str:
    """Return the day in UTC, such as `2026-03-08`."""
    return datetime.now(UTC).date().isoformat()


def date_from(option: str, text: str) -> date:
    """Return the day that an option was given, today if it was not; raises ArchiveError where it is none."""
    try:
        return date.fromisoformat(text) if text else date.today()
    except ValueError:
        raise ArchiveError(f"{option} {text}: takes a day, such as {option} 2026-03-08") from None
