"""A difference between groups that another dimension explains, said with what is left of it."""

from dataclasses import dataclass
from math import sqrt
from typing import Any

from assistant.answer import Insight
from assistant.compiler import additive
from assistant.insights.base import Scene
from assistant.insights.candidates import candidates
from assistant.insights.confounders import Strata, standardised
from assistant.insights.cubes import Cube, Group, cube
from assistant.insights.sizes import size_metric
from assistant.insights.statistics import FALSE_RATE, Estimate, student
from assistant.insights.stepwise import Means
from assistant.metric_query import Dimension

MAX_DIMENSIONS = 4
MOST_LEFT = 0.5


class Detector:
    """Rates at equal weights of the strongest confounder (Mantel and Haenszel; Simpson 1951).

    Of the dimension asked for: a group whose plain rate differs from the others' beyond chance
    (Bonferroni, 0.5 %), of which less than half is left, or the opposite, when both are compared
    within the groups of another dimension. The one that leaves least is named. Rates whose
    observations are counted only; groups with fewer than 30 are left out.
    """

    kind = "standardised"

    def detect(self, scene: Scene) -> list[Insight]:
        """One finding a group at most."""
        size = size_metric(scene)
        plain = [d for d in scene.query.dimensions if d.grain is None]
        if len(plain) != 1 or size is None or not size.exact or additive(scene.metric, scene.model):
            return []
        found = _cube(scene)
        if found is None or plain[0] not in found.dimensions or len(found.dimensions) < 2:
            return []
        groups = [group for group in found.groups() if group.dimension == plain[0]]
        scene.count_tests(len(groups))
        made = (_explained(found, group, len(groups)) for group in groups)
        return [_insight(scene, left, found) for left in made if left is not None]


@dataclass(frozen=True)
class _Left:
    """A group's plain difference from all others, and what is left of it within a confounder."""

    group: Group
    by: Dimension
    rate: float
    others: float
    plain: float
    n: float
    left: Estimate


def _cube(scene: Scene) -> Cube | None:
    size, period = size_metric(scene), scene.query.period
    if period is None:
        return None
    return cube(scene, candidates(scene, MAX_DIMENSIONS), [period], size)


def _explained(found: Cube, group: Group, tests: int) -> _Left | None:
    inside, outside = _strata(found, group, None)
    (n, rate), (m, others) = inside[None], outside[None]
    variance = _variance(found)
    plain = student(rate - others, sqrt(variance * (1 / n + 1 / m)), n + m)
    if plain.p_value > FALSE_RATE / tests:
        return None
    best: _Left | None = None
    for by in found.dimensions:
        if by == group.dimension:
            continue
        left = _left(*_strata(found, group, by), variance)
        if left is None or left.effect / plain.effect >= MOST_LEFT:
            continue
        if best is None or left.effect / plain.effect < best.left.effect / plain.effect:
            best = _Left(group, by, rate, others, plain.effect, n, left)
    return best


def _left(inside: Strata, outside: Strata, variance: float) -> Estimate | None:
    effect = standardised(inside, outside)
    if effect is None:
        return None
    both = [(inside[s][0], outside[s][0]) for s in inside.keys() & outside.keys()]
    weights = [n * m / (n + m) for n, m in both]
    squared = sum(
        w**2 * variance * (1 / n + 1 / m) for w, (n, m) in zip(weights, both, strict=True)
    )
    return student(effect, sqrt(squared) / sum(weights), sum(n + m for n, m in both))


def _variance(found: Cube) -> float:
    """Of one observation: what all groups together leave unexplained."""
    groups = found.groups()
    families = tuple(found.dimensions.index(group.dimension) for group in groups)
    members = found.members(groups)
    return Means(found.values[:, 0], found.sizes[:, 0], members, families, (0.0, 0.0)).variance


def _strata(found: Cube, group: Group, by: Dimension | None) -> tuple[Strata, Strata]:
    """Observations and rate within the group and outside it, by the confounder's groups."""
    own, at = found.dimensions.index(group.dimension), None
    if by is not None:
        at = found.dimensions.index(by)
    sums: dict[tuple[bool, Any], tuple[float, float]] = {}
    for cell, value, size in zip(found.cells, found.values[:, 0], found.sizes[:, 0], strict=True):
        key = cell[own] == group.value, None if at is None else cell[at]
        n, total = sums.get(key, (0.0, 0.0))
        sums[key] = n + float(size), total + float(value * size)
    made = {key: (n, total / n) for key, (n, total) in sums.items() if n > 0}
    inside = {stratum: pair for (is_in, stratum), pair in made.items() if is_in}
    return inside, {stratum: pair for (is_in, stratum), pair in made.items() if not is_in}


def _insight(scene: Scene, found: _Left, cells: Cube) -> Insight:
    unit = scene.metric.unit
    statement = scene.text(
        "standardised",
        metric=scene.label(scene.metric),
        group=scene.said(found.group.value, found.group.dimension),
        dimension=scene.dimension_label(found.group.dimension),
        by=scene.dimension_label(found.by),
        value=scene.number(found.rate),
        others=scene.number(found.others),
        plain=scene.number(found.plain, "points" if unit == "percent" else unit),
        left=scene.number(found.left.effect, "points" if unit == "percent" else unit),
    )
    measure = abs(found.others) or 1.0
    return Insight(
        id="",
        type=Detector.kind,
        statement=statement,
        metric=scene.metric.name,
        segment=found.group.segment,
        value=found.rate,
        baseline=found.others,
        effect=found.left.effect / measure,
        interval=(found.left.interval[0] / measure, found.left.interval[1] / measure),
        n=round(found.n),
        p_value=found.left.p_value,
        direction="neutral",
        evidence_sql=(cells.evidence[0].sql,),
        silos=cells.evidence[0].silos,
        touchpoint=scene.metric.touchpoint,
        unit=unit,
    )
