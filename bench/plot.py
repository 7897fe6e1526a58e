"""Draws the figures of a benchmark over the number of documents: wall time and peak memory, both axes logarithmic.

    draw([Series("Hugo", [Point(1000, Span(1.2, 1.3, 1.6), 150e6), Point(10_000, …)]), …], "2 cores, …")  →  SVG

A line joins the medians, a bar at each reaches from the least to the most. Lines differ in colour, in dashes and in
the shape of their marks. The same figures give the same bytes; the drawing is read on light and dark ground alike.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

_WIDTH, _HEIGHT = 960, 470
_TOP, _BOTTOM = 76, 330
_PANELS = ((70, 460), (550, 940))
_LEGEND_TOP, _LEGEND_ROW, _LEGEND_COLUMN = 400, 24, 300
_STYLE = """
.ground { fill: #fcfbf8 } text { fill: #1c1a17; font: 14px system-ui, sans-serif } .soft { fill: #5b554c }
.head { font-size: 16px; font-weight: 600 } .rule { stroke: #d9d3c7 } .line { fill: none; stroke-width: 2 }
.s0 { stroke: #0b4579; fill: #0b4579 } .s1 { stroke: #0f7a6b; fill: #0f7a6b } .s2 { stroke: #b3450a; fill: #b3450a }
.s3 { stroke: #8a6100; fill: #8a6100 } .s4 { stroke: #7c4588; fill: #7c4588 } .s5 { stroke: #5b554c; fill: #5b554c }
@media (prefers-color-scheme: dark) {
.ground { fill: #17181a } text { fill: #dedad2 } .soft { fill: #a7a198 } .rule { stroke: #3b3d41 }
.s0 { stroke: #9ccaf2; fill: #9ccaf2 } .s1 { stroke: #6fd0bf; fill: #6fd0bf } .s2 { stroke: #f2a33a; fill: #f2a33a }
.s3 { stroke: #e3cd6a; fill: #e3cd6a } .s4 { stroke: #cba6e0; fill: #cba6e0 } .s5 { stroke: #a7a198; fill: #a7a198 }
}
.line { fill: none }
"""
_DASHES = ("none", "2 3", "8 4", "2 3", "12 3 2 3", "none")
_MARKS = (
    "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
    "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
    "M-5-5h10v10h-10z",
    "M-4-4h8v8h-8z",
    "M0-6L6 5H-6z",
    "M0-6L6 0L0 6L-6 0z",
)


@dataclass(frozen=True, slots=True)
class Span:
    """The figures of several runs."""

    least: float
    median: float
    most: float


@dataclass(frozen=True, slots=True)
class Point:
    """What a contestant took for a number of documents: seconds and bytes."""

    docs: int
    wall: Span
    memory: Span


@dataclass(frozen=True, slots=True)
class Series:
    """A line of the plot."""

    name: str
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class _Axis:
    """Puts figures from `low` to `high`, both powers of ten, between two places on the drawing."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, figure: float) -> float:
        part = (log10(figure) - log10(self.low)) / (log10(self.high) - log10(self.low))
        return round(self.start + part * (self.end - self.start), 1)

    def ticks(self) -> Iterator[float]:
        for power in range(floor(log10(self.low)), ceil(log10(self.high)) + 1):
            for step in (1, 2, 5):
                if self.low <= step * 10.0**power <= self.high:
                    yield step * 10.0**power


def draw(series: Sequence[Series], machine: str) -> str:
    """Give the SVG; `machine` tells in one line where and with what the figures were measured."""
    wall = _panel(series, _PANELS[0], "Wall time", _seconds, lambda point: point.wall)
    memory = _panel(series, _PANELS[1], "Peak memory of all processes", _bytes, lambda point: point.memory)
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
            'aria-labelledby="title desc">',
            '<title id="title">Time and memory to build an archive</title>',
            f'<desc id="desc">{escape(_told(series))}</desc>',
            f"<style>{_STYLE}</style>",
            f'<rect class="ground" width="{_WIDTH}" height="{_HEIGHT}"/>',
            f'<text class="soft" x="20" y="28">{escape(machine)}</text>',
            *wall,
            *memory,
            *_legend(series),
            "</svg>\n",
        )
    )


def _panel(
    series: Sequence[Series],
    sides: tuple[int, int],
    heading: str,
    label: Callable[[float], str],
    span: Callable[[Point], Span],
) -> Iterator[str]:
    points = [point for line in series for point in line.points]
    docs = [point.docs for point in points]
    x = _Axis(min(docs) / 1.3, max(docs) * 1.3, *sides)
    y = _Axis(min(span(point).least for point in points) / 1.3, max(span(p).most for p in points) * 1.3, _BOTTOM, _TOP)
    left, right = sides
    yield f'<text class="head" x="{left}" y="{_TOP - 18}">{heading}</text>'
    for tick in y.ticks():
        yield f'<path class="rule" d="M{left} {y(tick)}H{right}"/>'
        yield f'<text class="soft" x="{left - 8}" y="{y(tick) + 5:g}" text-anchor="end">{label(tick)}</text>'
    for number in sorted(set(docs)):
        yield f'<path class="rule" d="M{x(number)} {_TOP}V{_BOTTOM}"/>'
        yield f'<text class="soft" x="{x(number)}" y="{_BOTTOM + 20}" text-anchor="middle">{number:,}</text>'
    yield f'<text class="soft" x="{(left + right) / 2:g}" y="{_BOTTOM + 42}" text-anchor="middle">documents</text>'
    for at, line in enumerate(series):
        path = "L".join(f"{x(point.docs)} {y(span(point).median)}" for point in line.points)
        yield f'<path class="s{at} line" stroke-dasharray="{_DASHES[at]}" d="M{path}"/>'
        for point in line.points:
            yield f'<path class="s{at}" d="M{x(point.docs)} {y(span(point).least)}V{y(span(point).most)}"/>'
            yield _mark(at, x(point.docs), y(span(point).median))


def _legend(series: Sequence[Series]) -> Iterator[str]:
    for at, line in enumerate(series):
        left, top = 20 + at // 2 * _LEGEND_COLUMN, _LEGEND_TOP + at % 2 * _LEGEND_ROW
        yield f'<path class="s{at} line" stroke-dasharray="{_DASHES[at]}" d="M{left} {top}h36"/>'
        yield _mark(at, left + 18, top)
        yield f'<text x="{left + 46}" y="{top + 5}">{escape(line.name)}</text>'


def _mark(at: int, x: float, y: float) -> str:
    return f'<path class="s{at}" transform="translate({x} {y})" d="{_MARKS[at]}"/>'


def _told(series: Sequence[Series]) -> str:
    return " ".join(
        f"{line.name}, {point.docs:,} documents: {_seconds(point.wall.median)}, {_bytes(point.memory.median)}."
        for line in series
        for point in line.points
    )


def _seconds(figure: float) -> str:
    return f"{figure:.2g} s" if figure < 10 else f"{figure:.0f} s"


def _bytes(figure: float) -> str:
    return f"{figure / 1e6:.0f} MB"
