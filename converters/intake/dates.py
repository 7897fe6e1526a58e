"""Reads dates and times as tables, mail and feeds write them.

day_of("2023-03-08 09:00:00+01:00")      ->  PartialDate(2023, 3, 8): the day where it was written
day_of("Wed, 08 Mar 2023 09:00:00 GMT")  ->  PartialDate(2023, 3, 8)
day_of("8 March 2023"), day_of("2023")   ->  PartialDate(2023, 3, 8), PartialDate(2023)
day_of("03/08/2023")                     ->  None, since it has two meanings
moment_of("1678266000")                  ->  datetime(2023, 3, 8, 9, 0, tzinfo=UTC)
"""

import re
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from converters.model import PartialDate

_ISO = re.compile(r"([0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?)(?:[T ].*)?", re.DOTALL)
_SLASHES = re.compile(r"([0-9]{4})[/.]([0-9]{1,2})[/.]([0-9]{1,2})(?:[T ].*)?", re.DOTALL)
_TIGHT = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})(?:T?[0-9]{6}Z?)?")
_SECONDS = re.compile(r"-?[0-9]{9,10}(?:\.[0-9]+)?")
_MILLISECONDS = re.compile(r"[0-9]{12,13}")
_MONTHS = "january february march april may june july august september october november december".split()
_WORDS = re.compile(
    r"(?:[A-Za-z]+, )?(?:(?P<day>[0-9]{1,2})[ -])?(?P<month>[A-Za-z]{3,9})\.?[ -]"
    r"(?:(?P<day2>[0-9]{1,2}),? )?(?P<year>[0-9]{4})(?: [0-9:.]+)?"
)


def day_of(text: str) -> PartialDate | None:
    """Return the day, month or year that a text gives, where it was written; None where it gives none for sure."""
    text = text.strip()
    with suppress(ValueError):
        if found := _ISO.fullmatch(text):
            return PartialDate.fromisoformat(found[1])
        if found := _SLASHES.fullmatch(text):
            return PartialDate.fromisoformat(f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}")
        if found := _TIGHT.fullmatch(text):
            return PartialDate.fromisoformat("-".join(found.groups()))
        if found := _WORDS.fullmatch(text):
            return _in_words(found)
    moment = _in_seconds(text) or _of_mail(text)
    return PartialDate(moment.year, moment.month, moment.day) if moment else None


def moment_of(text: str) -> datetime | None:
    """Return the moment that a text gives, in UTC; a time without its zone is taken to be in UTC."""
    text = text.strip()
    moment = None
    if len(text) >= len("2023-03-08"):
        with suppress(ValueError):
            moment = datetime.fromisoformat(text)
    moment = moment or _in_seconds(text) or _of_mail(text)
    if moment is None:
        return None
    with suppress(OverflowError):
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def _in_words(found: re.Match[str]) -> PartialDate | None:
    month = next((at for at, name in enumerate(_MONTHS, 1) if name.startswith(found["month"].lower()[:9])), 0)
    if not month or len(found["month"]) < 3:
        return None
    day = found["day"] or found["day2"]
    return PartialDate.fromisoformat(f"{found['year']}-{month:02}" + (f"-{int(day):02}" if day else ""))


def _in_seconds(text: str) -> datetime | None:
    with suppress(ValueError, OverflowError, OSError):
        if _SECONDS.fullmatch(text):
            return datetime.fromtimestamp(float(text), UTC)
        if _MILLISECONDS.fullmatch(text):
            return datetime.fromtimestamp(int(text) / 1000, UTC)
    return None


def _of_mail(text: str) -> datetime | None:
    with suppress(ValueError, TypeError, IndexError, OverflowError):
        return parsedate_to_datetime(text)
    return None
