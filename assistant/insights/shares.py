"""Whose part of a count or a sum moved: every group against all others, the strongest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import log
from typing import Any, Protocol

from assistant.insights.base import Evidence, Scene
from assistant.insights.groups import MAX_GROUPS, by_group, by_slice
from assistant.insights.spans import Spans
from assistant.insights.statistics import (
    Estimate,
    heterogeneity,
    mean_ratio,
    share_ratio,
    surely_beyond,
)
from assistant.metric_query import Dimension

MIN_COUNT = 30
SURE = 0.01
Without = frozenset[Any]


class Board(Protocol):
    """The figures of one dimension's groups in two periods."""

    def estimate(self, value: Any, without: Without = frozenset()) -> Estimate | None:
        """Relative change of a group's share of the whole, others left out of the whole."""


@dataclass(frozen=True)
class Counts:
    """Counts by group now and before; shares by Katz's interval."""

    now: dict[Any, float]
    before: dict[Any, float]

    def estimate(self, value: Any, without: Without = frozenset()) -> Estimate | None:
        """As `Board`; None with fewer than 30."""
        here, there = self.now.get(value, 0.0), self.before.get(value, 0.0)
        if min(here, there) < MIN_COUNT:
            return None
        total = sum(count for group, count in self.now.items() if group not in without)
        earlier = sum(count for group, count in self.before.items() if group not in without)
        return share_ratio(here, total, there, earlier)


@dataclass(frozen=True)
class Sums:
    """Sums by group and slice of time: the share in each slice, and how the shares scatter.

    What all groups have in common, such as weekdays and good days, leaves the shares alone.
    """

    now: dict[Any, dict[date, float]]
    before: dict[Any, dict[date, float]]

    def estimate(self, value: Any, without: Without = frozenset()) -> Estimate | None:
        """As `Board`; None with under three slices."""
        here, there = (_shares(side, value, without) for side in (self.now, self.before))
        return mean_ratio(here, there)


def _shares(side: dict[Any, dict[date, float]], value: Any, without: Without) -> list[float]:
    totals: dict[date, float] = {}
    for group, slices in side.items():
        if group not in without:
            for start, amount in slices.items():
                totals[start] = totals.get(start, 0.0) + amount
    own = side.get(value, {})
    return [own.get(start, 0.0) / total for start, total in totals.items() if total > 0]


@dataclass(frozen=True)
class Moved:
    """A group's figure and the whole, now and before, and the relative change of its share."""

    dimension: Dimension
    value: Any
    now: float
    total: float
    before: float
    earlier: float
    estimate: Estimate
    board: Board
    evidence: tuple[Evidence, Evidence]

    @property
    def points(self) -> float:
        """Change of the share, 0 to 1."""
        return self.now / self.total - self.before / self.earlier


def moved(scene: Scene, dimension: Dimension, compared: Spans) -> Iterator[Moved]:
    """Every large enough group of a dimension with the change of its share."""
    now = by_group(scene, dimension, compared.now)
    before = by_group(scene, dimension, compared.before)
    here, there = _flat(now, scene.metric.name), _flat(before, scene.metric.name)
    total, earlier = sum(here.values()), sum(there.values())
    if not 2 <= len(here) <= MAX_GROUPS or min(total, earlier) <= 0:
        return
    made = board(scene, dimension, compared)
    for value, amount in here.items():
        estimate = made.estimate(value) if value is not None else None
        was = there.get(value, 0.0)
        if estimate is not None and was > 0:
            yield Moved(
                dimension, value, amount, total, was, earlier, estimate, made, (now, before)
            )


def board(scene: Scene, dimension: Dimension, compared: Spans) -> Board:
    """The groups' counts, or their sums by slice of time."""
    if scene.metric.unit == "count":
        now, before = (
            by_group(scene, dimension, period) for period in (compared.now, compared.before)
        )
        return Counts(_flat(now, scene.metric.name), _flat(before, scene.metric.name))
    return Sums(
        by_slice(scene, dimension, compared.now)[0],
        by_slice(scene, dimension, compared.before)[0],
    )


def _flat(evidence: Evidence, metric: str) -> dict[Any, float]:
    return {group[0]: amount for group, amount in evidence.values(metric).items()}


def leading(groups: Sequence[Moved]) -> list[Moved]:
    """Without groups whose share moved only because a stronger one of their dimension did.

    Of each dimension the group without which the others changed most alike stays; the next must
    still have moved among the groups without it; and so on.
    """
    kept: list[Moved] = []
    for dimension in dict.fromkeys(group.dimension for group in groups):
        left = [group for group in groups if group.dimension == dimension]
        pulls: Without = frozenset()
        while left:
            best = min(left, key=lambda group: _unlike(group, pulls | {group.value}))
            left.remove(best)
            if not pulls or holds_without(best, pulls):
                kept.append(best)
                pulls |= {best.value}
    return kept


def _unlike(group: Moved, without: Without) -> float:
    """How much the changes of a dimension's groups differ, some left out."""
    here, there = (_flat(side, group.evidence[0].columns[-1]) for side in group.evidence)
    changes = {
        value: (log(here[value] / there[value]), there[value])
        for value in here.keys() & there.keys()
        if value not in without and min(here[value], there[value]) > 0
    }
    return heterogeneity(changes.values())


def holds_without(group: Moved, pulls: Without) -> bool:
    """True when the share moved the same way among the other groups."""
    rest = group.board.estimate(group.value, pulls)
    if rest is None:
        return False
    same_way = rest.effect * group.estimate.effect > 0
    return rest.certain and same_way and rest.p_value <= SURE


def seasonal(scene: Scene, group: Moved, compared: Spans) -> bool:
    """True when the share took this step a year ago too, as far as chance lets tell."""
    if not compared.seasonal:
        return False
    usual = board(scene, group.dimension, compared.year_ago()).estimate(group.value)
    return not surely_beyond(group.estimate, usual)
