"""Two cubes of the same cells: one to look for causes in, the other to confirm them with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from assistant.insights.base import Evidence, Scene
from assistant.insights.cubes import Array, Cube
from assistant.insights.spans import time_dimension
from assistant.metric_query import Dimension, MetricQuery, Period

MOST_ROWS = 150_000


@dataclass(frozen=True)
class Halves:
    """The odd days and the even days; each day belongs to one of them.

    Attributes:
        looked: Where causes are looked for.
        kept: Where they are confirmed.
        whole: Both together.
    """

    looked: Cube
    kept: Cube
    whole: Cube


def halves(
    scene: Scene,
    dimensions: Sequence[Dimension],
    periods: Sequence[Period],
    size: str | None,
    *,
    weighted: bool,
) -> Halves | None:
    """The asked metric by cell and half; None without time, dimensions or rows.

    Days are numbered from year 1, so odd and even ones share all weekdays evenly. Sums and counts
    of days add up; rates and means (`weighted`) are weighted by their observations.
    """
    day = time_dimension(scene, "day")
    if day is None or not dimensions:
        return None
    metrics = (scene.metric.name,) if size is None else (scene.metric.name, size)
    filters = scene.query.filters
    asked = tuple(dimensions)
    evidence = [scene.ask(MetricQuery(metrics, (*asked, day), filters, (), p)) for p in periods]
    if sum(len(found.rows) for found in evidence) > MOST_ROWS:
        return None
    cells = tuple(dict.fromkeys(tuple(r[: len(asked)]) for e in evidence for r in e.rows))
    if not cells:
        return None
    return _Folding(asked, cells, evidence, weighted).halves()


@dataclass(frozen=True)
class _Folding:
    """Rows by cell and day being folded; `weighted` values are means over their observations."""

    dimensions: tuple[Dimension, ...]
    cells: tuple[tuple[Any, ...], ...]
    evidence: list[Evidence]
    weighted: bool

    def halves(self) -> Halves:
        width = len(self.dimensions)
        place = {cell: n for n, cell in enumerate(self.cells)}
        sums, sizes = np.zeros((2, 2, len(self.cells), len(self.evidence)))
        for nth, found in enumerate(self.evidence):
            for row in found.rows:
                value, count, day = row[width + 1], row[-1], row[width]
                if value is None or not isinstance(day, date):
                    continue
                at = day.toordinal() % 2, place[tuple(row[:width])], nth
                sums[at] += float(value) * (float(count or 0) if self.weighted else 1.0)
                sizes[at] += float(count or 0)
        odd, even = (self._cube(sums[half], sizes[half]) for half in (1, 0))
        return Halves(odd, even, self._cube(sums.sum(axis=0), sizes.sum(axis=0)))

    def _cube(self, sums: Array, sizes: Array) -> Cube:
        values = sums
        if self.weighted:
            values = np.divide(sums, sizes, out=np.zeros_like(sums), where=sizes > 0)
        return Cube(self.dimensions, self.cells, values, sizes, tuple(self.evidence))
