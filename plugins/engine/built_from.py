"""What a site was built from and for which day, in `.cache/built-from`: whether it is to be built again.

    BuiltFrom("5f0c6b1e…", day="2026-11-25", since="2026-03-01", until="2027-01-01")

A document with an embargo is held back until its day has come, so one content makes one site from `since` on and
another from `until` on. The day is a date in UTC or the one that `--date` gives; no other clock is read.
"""

from collections.abc import Iterable
from typing import NamedTuple

from converters.archive.atomic import atomic_write
from converters.archive.layout import Archive
from converters.archive.options import today

NEVER = "9999-12-31"


class BuiltFrom(NamedTuple):
    """What the last build left."""

    digest: str = ""
    """Of all that the site was built from."""
    day: str = ""
    since: str = ""
    until: str = ""
    """The days between which it is the same site: from `since` on, before `until`."""

    def stands(self, digest: str, day: str) -> bool:
        """Whether a build of what has this digest would give the same site on a day."""
        return self.digest == digest and self.since <= day < self.until


def span(day: str, embargoes: Iterable[str]) -> tuple[str, str]:
    """Return the days between which, around a day, the same documents are held back."""
    days = {*embargoes}
    since = max((embargo for embargo in days if embargo <= day), default="")
    return since, min((embargo for embargo in days if embargo > day), default=NEVER)


def day_of_site(archive: Archive) -> str:
    """Return the day that the site was built for; today where that is not known."""
    return read_built_from(archive).day or today()


def read_built_from(archive: Archive) -> BuiltFrom:
    """Return what the last build left; nothing where there was none, or one that was killed."""
    try:
        lines = (archive.cache / "built-from").read_text(encoding="utf-8").split("\n")
        return BuiltFrom(*lines)
    except (OSError, TypeError, ValueError):
        return BuiltFrom()


def write_built_from(archive: Archive, built: BuiltFrom) -> None:
    """Leave what the site was built from to the next build."""
    with atomic_write(archive.cache / "built-from", durable=False) as file:
        file.write("\n".join(built))


def forget_built_from(archive: Archive) -> None:
    """Let nothing speak of what the site was built from, while it changes."""
    (archive.cache / "built-from").unlink(missing_ok=True)
