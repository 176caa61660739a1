"""Figures by cell: every combination of some dimensions' groups, in several periods."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.insights.base import Evidence, Scene
from assistant.insights.groups import MAX_GROUPS
from assistant.metric_query import Dimension, MetricQuery, Period

Array = npt.NDArray[Any]
MAX_CELLS = 3_000
MIN_COUNT = 30


@dataclass(frozen=True)
class Group:
    """A value of a dimension."""

    dimension: Dimension
    value: Any

    @property
    def segment(self) -> dict[str, Any]:
        """As insights name it."""
        return {f"{self.dimension.dataset}.{self.dimension.field}": self.value}


@dataclass(frozen=True)
class Cube:
    """A metric, and how many observations stand behind it, by cell and period.

    Attributes:
        cells: One value per dimension.
        values: The metric, cells x periods; 0 where there is none.
        sizes: Observations, cells x periods; the metric itself where it counts.
        evidence: One per period.
    """

    dimensions: tuple[Dimension, ...]
    cells: tuple[tuple[Any, ...], ...]
    values: Array
    sizes: Array
    evidence: tuple[Evidence, ...]

    def members(self, groups: Sequence[Group]) -> Array:
        """Which cells belong to each group, cells x groups, 0 or 1."""
        found = [[cell[self._place(g)] == g.value for cell in self.cells] for g in groups]
        return np.array(found, dtype=float).reshape(len(groups), len(self.cells)).T

    def groups(self, least: float = MIN_COUNT) -> list[Group]:
        """Groups with enough observations in every period, and as many outside them."""
        found = []
        for place, dimension in enumerate(self.dimensions):
            values = list(dict.fromkeys(cell[place] for cell in self.cells))
            if not 2 <= len(values) <= MAX_GROUPS:
                continue
            found += [Group(dimension, v) for v in values if v is not None]
        if not found:
            return []
        inside = self.members(found).T @ self.sizes
        outside = self.sizes.sum(axis=0) - inside
        large = np.minimum(inside, outside).min(axis=1) >= least
        return [group for group, kept in zip(found, large, strict=True) if kept]

    def first(self, periods: int) -> "Cube":
        """With the first periods alone."""
        return replace(
            self,
            values=self.values[:, :periods],
            sizes=self.sizes[:, :periods],
            evidence=self.evidence[:periods],
        )

    def _place(self, group: Group) -> int:
        return self.dimensions.index(group.dimension)


def cube(
    scene: Scene, dimensions: Sequence[Dimension], periods: Sequence[Period], size: str | None
) -> Cube | None:
    """The asked metric by cell; None without dimensions or rows.

    Dimensions with the most groups are left out while there are more than 3,000 cells.

    Args:
        scene: Its filters hold.
        dimensions: Without time.
        periods: In this order.
        size: The metric that counts observations; None when the asked one counts, or none does.
    """
    kept = tuple(dimensions)
    while kept:
        evidence = [_evidence(scene, kept, period, size) for period in periods]
        cells = tuple(dict.fromkeys(tuple(r[: len(kept)]) for e in evidence for r in e.rows))
        if len(cells) <= MAX_CELLS:
            return _filled(kept, cells, evidence, size) if cells else None
        widths = {d: len({cell[n] for cell in cells}) for n, d in enumerate(kept)}
        kept = tuple(d for d in kept if d != max(kept, key=lambda d: widths[d]))
    return None


def _evidence(
    scene: Scene, dimensions: tuple[Dimension, ...], period: Period, size: str | None
) -> Evidence:
    metrics = (scene.metric.name,) if size is None else (scene.metric.name, size)
    return scene.ask(MetricQuery(metrics, dimensions, scene.query.filters, (), period))


def _filled(
    dimensions: tuple[Dimension, ...],
    cells: tuple[tuple[Any, ...], ...],
    evidence: Sequence[Evidence],
    size: str | None,
) -> Cube:
    width, place = len(dimensions), {cell: n for n, cell in enumerate(cells)}
    values, sizes = np.zeros((2, len(cells), len(evidence)))
    for nth, found in enumerate(evidence):
        for row in found.rows:
            value, count = row[width], row[-1]
            if value is not None:
                at = place[tuple(row[:width])], nth
                values[at], sizes[at] = float(value), float(count or 0.0)
    return Cube(dimensions, cells, values, sizes, tuple(evidence))
