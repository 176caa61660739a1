"""Figures by cell: every combination of some dimensions' groups, in several periods."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.compiler import additive
from assistant.insights.base import Evidence, Scene
from assistant.insights.groups import MAX_GROUPS
from assistant.insights.sizes import Size, sized
from assistant.metric_query import Dimension, Period

Array = npt.NDArray[Any]
MAX_CELLS = 3_000
MIN_COUNT = 30
LARGE, GONE = 60, 0.1


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
        found = [[cell[self._at(g.dimension)] == g.value for cell in self.cells] for g in groups]
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

    def steady(self) -> tuple[Dimension, ...]:
        """Dimensions of which no large group is all but missing in some period.

        A status is not: what is open today was not open then.
        """
        return tuple(d for d in self.dimensions if self._steady(d))

    def _steady(self, dimension: Dimension) -> bool:
        place = self._at(dimension)
        values = dict.fromkeys(cell[place] for cell in self.cells)
        sizes = self.members([Group(dimension, value) for value in values]).T @ self.sizes[:, :2]
        most, least = sizes.max(axis=1), sizes.min(axis=1)
        return not ((most >= LARGE) & (least < GONE * most)).any()

    def only(self, dimensions: tuple[Dimension, ...], *, weighted: bool) -> "Cube":
        """The cells of some of the dimensions; `weighted` values are means, else they add up."""
        if dimensions == self.dimensions:
            return self
        places = [self._at(dimension) for dimension in dimensions]
        short = [tuple(cell[place] for place in places) for cell in self.cells]
        cells = tuple(dict.fromkeys(short))
        order = {cell: n for n, cell in enumerate(cells)}
        at = np.array([order[cell] for cell in short])
        sums, sizes = np.zeros((2, len(cells), self.values.shape[1]))
        np.add.at(sizes, at, self.sizes)
        np.add.at(sums, at, self.values * (self.sizes if weighted else 1.0))
        if weighted:
            sums = np.divide(sums, sizes, out=np.zeros_like(sums), where=sizes > 0)
        return Cube(dimensions, cells, sums, sizes, self.evidence)

    def _at(self, dimension: Dimension) -> int:
        return self.dimensions.index(dimension)


def asked(scene: Scene, groups: Sequence[Group]) -> frozenset[int]:
    """Places of the groups of dimensions the question names."""
    named = scene.query.dimensions
    return frozenset(n for n, group in enumerate(groups) if group.dimension in named)


def cube(
    scene: Scene, dimensions: Sequence[Dimension], periods: Sequence[Period], size: Size | None
) -> Cube | None:
    """The asked metric by cell; None without dimensions or rows.

    Dimensions with the most groups are left out while there are more than 3,000 cells, and those
    that are not steady over the periods.

    Args:
        scene: Its filters hold.
        dimensions: Without time.
        periods: In this order.
        size: What counts observations; None when the asked metric counts, or none does.
    """
    kept = tuple(dimensions)
    while kept:
        evidence = [scene.ask(sized(scene, size, kept, period)) for period in periods]
        cells = tuple(dict.fromkeys(tuple(r[: len(kept)]) for e in evidence for r in e.rows))
        if len(cells) <= MAX_CELLS:
            if not cells:
                return None
            found = _filled(kept, cells, evidence)
            weighted = not additive(scene.metric, scene.model)
            return found.only(found.steady(), weighted=weighted) if len(periods) > 1 else found
        widths = {d: len({cell[n] for cell in cells}) for n, d in enumerate(kept)}
        kept = tuple(d for d in kept if d != max(kept, key=lambda d: widths[d]))
    return None


def _filled(
    dimensions: tuple[Dimension, ...],
    cells: tuple[tuple[Any, ...], ...],
    evidence: Sequence[Evidence],
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
