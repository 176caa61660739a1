"""Two cubes of the same cells: causes found in one have to be there in the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from assistant.insights.base import Evidence, Scene
from assistant.insights.cubes import Array, Cube
from assistant.insights.sizes import Size, sized
from assistant.insights.spans import days, time_dimension
from assistant.metric_query import Dimension, Period

MOST_ROWS = 150_000
SHORT = 45


@dataclass(frozen=True)
class Halves:
    """The odd days or weeks and the even ones; each belongs to one half.

    Attributes:
        whole: Both together.
    """

    odd: Cube
    even: Cube
    whole: Cube


def halves(
    scene: Scene,
    dimensions: Sequence[Dimension],
    periods: Sequence[Period],
    size: Size | None,
    *,
    weighted: bool,
) -> Halves | None:
    """The asked metric by cell and half; None without time, dimensions or rows.

    Days are numbered from year 1, so odd and even ones share all weekdays evenly; periods of more
    than 45 days are halved by weeks, of which fewer rows leave the silos. Sums and counts
    of days add up; rates and means (`weighted`) are weighted by their observations.
    """
    day = time_dimension(scene, "day" if days(periods[0]) <= SHORT else "week")
    if day is None or not dimensions:
        return None
    asked = tuple(dimensions)
    evidence = [scene.ask(sized(scene, size, (*asked, day), period)) for period in periods]
    if sum(len(found.rows) for found in evidence) > MOST_ROWS:
        return None
    cells = tuple(dict.fromkeys(tuple(r[: len(asked)]) for e in evidence for r in e.rows))
    if not cells:
        return None
    return _Folding(asked, cells, evidence, weighted, day.grain == "week").halves()


@dataclass(frozen=True)
class _Folding:
    """Rows by cell and day being folded; `weighted` values are means over their observations."""

    dimensions: tuple[Dimension, ...]
    cells: tuple[tuple[Any, ...], ...]
    evidence: list[Evidence]
    weighted: bool
    weekly: bool

    def halves(self) -> Halves:
        width = len(self.dimensions)
        place = {cell: n for n, cell in enumerate(self.cells)}
        sums, sizes = np.zeros((2, 2, len(self.cells), len(self.evidence)))
        for nth, found in enumerate(self.evidence):
            for row in found.rows:
                value, count, day = row[width + 1], row[-1], row[width]
                if value is None or not isinstance(day, date):
                    continue
                at = self._half(day), place[tuple(row[:width])], nth
                sums[at] += float(value) * (float(count or 0) if self.weighted else 1.0)
                sizes[at] += float(count or 0)
        whole = self._cube(sums.sum(axis=0), sizes.sum(axis=0))
        steady = whole.steady()
        odd, even, both = (
            made.only(steady, weighted=self.weighted)
            for made in (*(self._cube(sums[half], sizes[half]) for half in (1, 0)), whole)
        )
        return Halves(odd, even, both)

    def _half(self, day: date) -> int:
        number = day.toordinal()
        return (number // 7 if self.weekly else number) % 2

    def _cube(self, sums: Array, sizes: Array) -> Cube:
        values = sums
        if self.weighted:
            values = np.divide(sums, sizes, out=np.zeros_like(sums), where=sizes > 0)
        return Cube(self.dimensions, self.cells, values, sizes, tuple(self.evidence))
