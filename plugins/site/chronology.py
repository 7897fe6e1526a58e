"""The pages of years, months and days: calendars, what lies beside each, and which documents each shows.

    2023/index.html          its months, twelve calendars; its documents where they are few
    2023/03/index.html       its calendar, and its documents by day; of a long month three titles a day
    2023/03/08/index.html    its documents; every day that has any has this page

Zeros stand for what is not known, as in `dates.py`: documents of a month without a day are one more day of it, at
`2023/03/undated/index.html`.
"""

from bisect import bisect_left
from calendar import Calendar
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from pelican.contents import Article

from plugins.site import dates
from plugins.site.dates import period_of
from plugins.site.listings import FULL, UNDATED, Listing, Part, Period, by_period, split

FEW = 10
"""The most documents of a year or a month that are listed without a calendar: it would say no more than they do."""
_OF_A_DAY = 3  # titles, in a month that has too many for one page
_OTHER_YEARS = 3  # before and after, in which the same day is named
_SHADES = 4


@dataclass(frozen=True, slots=True)
class Cell:
    """A day in a calendar."""

    day: int
    link: Part
    shade: int
    """How many documents it has beside other days, from 1 to 4; 0 without any."""


@dataclass(frozen=True, slots=True)
class Month:
    """A month's calendar: weeks from Monday, of seven days each; a day outside the month is None. No weeks if empty."""

    link: Part
    weeks: tuple[tuple[Cell | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Day:
    """The documents of a day, or the first of them, as a month lists them."""

    period: Period
    link: Part
    articles: Sequence[Article]


@dataclass(frozen=True, slots=True)
class TimeListing(Listing):
    """One page of a year, a month or a day."""

    months: tuple[Month, ...] = ()
    """The calendars of a year, January first, or of a month."""
    days: tuple[Day, ...] = ()
    """The days of a month, the last first."""
    shades: tuple[tuple[int, int], ...] = ()
    """The legend of the calendars: the least and the most documents of a day, shade by shade."""


class Timeline:
    """All years, months and days that have documents, and what lies beside each."""

    def __init__(self, counts: Mapping[Period, int]) -> None:
        """Take the number of documents of each period."""
        self._counts = counts
        self._by_length = {length: sorted(p for p in counts if len(p) == length) for length in (1, 2, 3)}
        self._same_days: dict[Period, list[Period]] = {}
        for day in self._by_length[3]:
            self._same_days.setdefault(day[1:], []).append(day)

    def part(self, period: Period) -> Part:
        """Return the link to a period."""
        return Part(dates.name(period), period_page(period), self._counts[period])

    def beside(self, period: Period) -> tuple[Part | None, Part | None]:
        """Return the next and the last period of the same length that have documents."""
        alike = self._by_length[len(period)]
        at = bisect_left(alike, period)
        later, earlier = alike[at + 1 : at + 2], alike[max(0, at - 1) : at]
        return self.part(later[0]) if later else None, self.part(earlier[0]) if earlier else None

    def other_years(self, day: Period) -> list[Part]:
        """Return the same day in the years nearest to its own in which it has documents, the latest first."""
        return [self.part(other) for other in reversed(same_days(day, self._same_days[day[1:]]))]


def same_days(day: Period, days: Iterable[Period]) -> list[Period]:
    """Return those of the days that are the same in the nearest other years, three before and three after at most."""
    same = sorted(other for other in days if other[1:] == day[1:] and other != day)
    at = bisect_left(same, day)
    return same[max(0, at - _OTHER_YEARS) : at + _OTHER_YEARS]


def chronology(articles: Sequence[Article]) -> Iterator[TimeListing]:
    """Yield the pages of all years and of their months and days; the articles come newest first."""
    for year, in_year in by_period(articles, 1):
        if not year[0]:
            yield from _split(period_page(year), in_year, (0, 0, 0))
            continue
        with_month = [article for article in in_year if period_of(article.published)[1]]
        months = [(month, in_month, _days(in_month)) for month, in_month in by_period(with_month, 2)]
        if without := in_year[len(with_month) :]:
            yield from _split(period_page((*year, 0)), without, (*year, 0, 0))
        yield _year(year, in_year, months)
        for month, in_month, days in months:
            yield _month(month, in_month, days)
            for day in days:
                yield from _split(day.link.url, day.articles, day.period)


def period_page(period: Period) -> str:
    """Return the address of the page of a year, a month or a day."""
    names = [f"{number:04}" if at == 0 else f"{number:02}" for at, number in enumerate(period) if number]
    return "/".join((*names, *([UNDATED] if 0 in period else []), "index.html"))


def link(period: Period, number: int) -> Part:
    """Return the link to a period that has a number of documents."""
    return Part(dates.name(period), period_page(period), number)


def _split(page: str, articles: Sequence[Article], period: Period) -> Iterator[TimeListing]:
    for one in split(page.removesuffix(".html"), articles, period):
        yield TimeListing(one.save_as, one.period, one.total, one.articles, one.parts, one.beginning)


def _year(
    year: Period, articles: Sequence[Article], months: Sequence[tuple[Period, Sequence[Article], tuple[Day, ...]]]
) -> TimeListing:
    shown = articles if len(articles) <= FULL else ()
    parts = tuple(link(month, len(in_month)) for month, in_month, _ in months)
    if len(articles) <= FEW:
        return TimeListing(period_page(year), year, len(articles), shown, parts)
    shades = _shades(len(day.articles) for *_, days in months for day in days if day.period[2])
    having = {month[1]: days for month, _, days in months}
    grids = tuple(_calendar((*year, month), having.get(month, ()), shades) for month in range(1, 13))
    return TimeListing(period_page(year), year, len(articles), shown, parts, months=grids, shades=shades)


def _month(month: Period, articles: Sequence[Article], days: tuple[Day, ...]) -> TimeListing:
    shades = _shades(len(day.articles) for day in days if day.period[2])
    grids = (_calendar(month, days, shades),) if len(articles) > FEW else ()
    shown = days if len(articles) <= FULL else tuple(_first_of(day) for day in days)
    return TimeListing(period_page(month), month, len(articles), (), months=grids, days=shown, shades=shades)


def _first_of(day: Day) -> Day:
    return Day(day.period, day.link, day.articles[:_OF_A_DAY])


def _days(articles: Sequence[Article]) -> tuple[Day, ...]:
    return tuple(Day(day, link(day, len(in_day)), in_day) for day, in_day in by_period(articles, 3))


def _calendar(month: Period, days: Sequence[Day], shades: Sequence[tuple[int, int]]) -> Month:
    links = {day.period[2]: day.link for day in days}
    of_month = Part(dates.name(month), period_page(month), sum(len(day.articles) for day in days))
    if not days:
        return Month(of_month, ())

    def cell(day: int) -> Cell | None:
        if not day:
            return None
        found = links.get(day)
        return Cell(day, found or _NOTHING, _shade(found.count, shades) if found else 0)

    weeks = Calendar().monthdayscalendar(*month)
    return Month(of_month, tuple(tuple(map(cell, week)) for week in weeks))


_NOTHING = Part("", "", 0)


def _shades(counts: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Return the least and the most of each quarter of the counts; those that are the same are one."""
    ordered = sorted(counts)
    ends = sorted(
        {ordered[len(ordered) * quarter // _SHADES - 1] for quarter in range(1, _SHADES + 1)} if ordered else ()
    )
    return tuple(
        (of_one[0], of_one[-1])
        for _, group in groupby(ordered, lambda count: bisect_left(ends, count))
        if (of_one := [*group])
    )


def _shade(count: int, shades: Sequence[tuple[int, int]]) -> int:
    return 1 + next(at for at, (_, most) in enumerate(shades) if count <= most)
