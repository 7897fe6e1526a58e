"""Dates for people: "8 March 2023", the same in every locale; and dates of which only a part is known.

period_of("2023-03-08")  ->  (2023, 3, 8)      "8 March 2023"
period_of("1998-05")     ->  (1998, 5, 0)      "May 1998"
period_of("")            ->  (0, 0, 0)         "undated"

A zero stands for what is not known: documents of a month without a day are one more "day" of that month.
"""

from datetime import date
from functools import lru_cache

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

UNKNOWN = ("undated", "without a month", "without a day")
"""What is said of a year, a month or a day that is not known."""


def period_of(published: str) -> tuple[int, int, int]:
    """Return year, month and day of `2023-03-08`, `2023-03`, `2023` or nothing; 0 for what is not known."""
    parts = [int(part) for part in published[:10].split("-") if part]
    return (*parts, 0, 0, 0)[:3]  # type: ignore[return-value]


def name(period: tuple[int, ...]) -> str:
    """Return the name of a year, a month or a day: `2023`, `March 2023`, `8 March 2023`, `2023, without a month`."""
    known = period[: period.index(0)] if 0 in period else period
    if not known:
        return UNKNOWN[0]
    parts = [str(known[0])]
    if len(known) > 1:
        parts.insert(0, MONTHS[known[1] - 1])
    if len(known) > 2:
        parts.insert(0, str(known[2]))
    return " ".join(parts) + (f", {UNKNOWN[len(known)]}" if len(known) < len(period) else "")


def weekday(period: tuple[int, ...]) -> str:
    """Return the day of the week of a day."""
    return WEEKDAYS[date(*period).weekday()]


@lru_cache(maxsize=10_000)  # days of 27 years; each stands on many pages
def published(text: str) -> str:
    """Return a date that may be known in part, as people write it: `8 March 2023`, `May 1998`, `1998`, `undated`."""
    period = period_of(text)
    return name(period[: period.index(0)] if 0 in period else period) if period[0] else UNKNOWN[0]


def day(when: date) -> str:
    """Return a date, or the day of a moment, as `8 March 2023`."""
    return name((when.year, when.month, when.day))
