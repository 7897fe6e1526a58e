"""Dates for people: "8 March 2023", the same in every locale."""

from datetime import date

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


def name(period: tuple[int, ...]) -> str:
    """Give the name of a year, a month or a day: `2023`, `March 2023`, `8 March 2023`."""
    parts = [str(period[0])]
    if len(period) > 1:
        parts.insert(0, MONTHS[period[1] - 1])
    if len(period) > 2:
        parts.insert(0, str(period[2]))
    return " ".join(parts)


def day(when: date) -> str:
    """Give a date, or the day of a moment, as `8 March 2023`."""
    return name((when.year, when.month, when.day))
