"""Numbers of documents over the years, as pictures and as links.

    {1987: 450, 1989: 29}   ─►  Chart((450, 0, 29), 1, "1987", "1989", peak="1987", most=450)
    chart.counts|columns    ─►  "M0 0h.8v100h-.8zM2 94h.8v6h-.8z"   path data, zero at 100, the peak at 0
    chart.counts|line       ─►  "0,2 1,20 2,18.8"                    points of a polyline, zero at 20
    links to years          ─►  Decade("1980s", 479, (1987, 1989))

A scale begins at zero and is never cut. A span of more than 120 years is drawn by decades, one of more than 1,200 by
centuries.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from plugins.site.listings import Part

_MOST_COLUMNS = 120


@dataclass(frozen=True, slots=True)
class Chart:
    """How many documents there are in each year, decade or century of a span."""

    counts: tuple[int, ...]
    step: int
    """How many years a column stands for: 1, 10 or 100."""
    first: str
    last: str
    peak: str
    """The year with the most documents, or the first of the decade or century."""
    most: int


@dataclass(frozen=True, slots=True)
class Decade:
    """Links to the years of a decade that have documents."""

    label: str
    count: int
    years: tuple[Part, ...]


def chart(counts: Mapping[int, int], span: tuple[int, int] | None = None) -> Chart | None:
    """Return the chart of documents by year over a span, or over the years that have any; None without a dated one."""
    years = [year for year in counts if year]
    if not years:
        return None
    first, last = span or (min(years), max(years))
    step = next(step for step in (1, 10, 100) if last // step - first // step < _MOST_COLUMNS or step == 100)
    columns = [0] * (last // step - first // step + 1)
    for year in years:
        columns[year // step - first // step] += counts[year]
    most = max(columns)
    peak = (first // step + columns.index(most)) * step
    return Chart(tuple(columns), step, f"{first:04}", f"{last:04}", f"{peak:04}", most)


def span_of(years: Iterable[int]) -> str:
    """Return the first and the last of the years, `1987–2023` or `2023`; "" without any. 0 is none."""
    known = [year for year in years if year]
    first, last = min(known, default=0), max(known, default=0)
    return f"{first:04}–{last:04}" if first != last else f"{first:04}" if first else ""


def decades(years: Iterable[Part]) -> list[Decade]:
    """Group the links to years by decade; both come as they are, newest or oldest first."""
    groups = groupby(years, lambda year: year.label[:-1])
    return [
        Decade(f"{tens}0s", sum(year.count for year in of_one), of_one)
        for tens, group in groups
        if (of_one := tuple(group))
    ]


def columns(counts: Sequence[int]) -> str:
    """Return the path of a column for each number, a unit wide and at most 100 high; what is not nothing is seen."""
    most = max(counts, default=0) or 1
    heights = ((at, max(1, round(100 * count / most))) for at, count in enumerate(counts) if count)
    return "".join(f"M{at} {100 - height}h.8v{height}h-.8z" for at, height in heights)


def line(counts: Sequence[int]) -> str:
    """Return the points of a line over the numbers, a unit apart and between 2 and 20."""
    most = max(counts, default=0) or 1
    return " ".join(f"{at},{20 - 18 * count / most:.3g}" for at, count in enumerate(counts))
