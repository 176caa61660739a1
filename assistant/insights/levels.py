"""Rates and means by group: which group lies away from the whole, with an interval."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from assistant.answer import Insight
from assistant.compiler import additive
from assistant.insights.base import Evidence, Scene
from assistant.insights.candidates import candidates
from assistant.insights.confounders import explained
from assistant.insights.groups import MAX_GROUPS, by_group, by_slice, by_whole_slice, figure
from assistant.insights.sizes import MIN_COUNT, size_metric, sizes
from assistant.insights.spans import spans
from assistant.insights.statistics import Estimate, heterogeneity, mean
from assistant.metric_query import Dimension, Period

MIN_SLICES = 8
MIN_EFFECT = 0.03
SURE = 0.01
MAX_DIMENSIONS = 4


class Detector:
    """A group's rate less the whole's, slice of time by slice of time.

    The mean of these differences and their scatter give the interval, whatever the rate is made
    of; the whole includes the group, so the effect is rather too small than too large. All groups
    of all dimensions are tested together (false discovery rate 5 %). Left out are groups with fewer
    than 30 observations, or seen in fewer than eight weeks (days in a short period); those that lie
    away from the whole only as a stronger group of their dimension pulls on it; and those whose
    difference another dimension explains (Simpson, see `confounders`).
    """

    kind = "levels"

    def detect(self, scene: Scene) -> list[Insight]:
        """Groups away from the whole, by the dimensions asked for or the model's own."""
        compared = spans(scene)
        if compared is None or additive(scene.metric, scene.model):
            return []
        whole = figure(scene, compared.now)
        if whole is None or not whole[0]:
            return []
        tested = [
            group
            for dimension in candidates(scene, MAX_DIMENSIONS)
            for group in _compare(scene, dimension, compared.now)
        ]
        kept = scene.significant([group.estimate.p_value for group in tested])
        away = [
            group
            for group, holds in zip(tested, kept, strict=True)
            if holds and group.estimate.certain
            if abs(group.estimate.effect) >= MIN_EFFECT * abs(whole[0])
            if group.estimate.effect * (group.level - whole[0]) > 0
        ]
        return [_insight(scene, g, whole[0]) for g in _own(scene, _leading(away), compared.now)]


@dataclass(frozen=True)
class _Slices:
    """Rates by group and by slice of time, the whole's by slice, and the groups' sizes."""

    groups: dict[Any, dict[date, float]]
    whole: dict[date, float]
    starts: list[date]
    sizes: dict[Any, float]

    def gaps(self, value: Any, without: frozenset[Any] = frozenset()) -> list[float]:
        """A group's rate less the whole's; the whole without some groups, by their sizes."""
        own = self.groups.get(value, {})
        others = [(self.sizes.get(v, 0.0), self.groups.get(v, {})) for v in without]
        total = sum(self.sizes.values())
        found = []
        for start in self.starts:
            present = [(size, rates[start]) for size, rates in others if start in rates]
            rest = total - sum(size for size, _ in present)
            if start in own and start in self.whole and rest > 0:
                pulled = sum(size * rate for size, rate in present)
                found.append(own[start] - (total * self.whole[start] - pulled) / rest)
        return found


@dataclass(frozen=True)
class _Group:
    """A group's rate in the whole period and its mean difference from the whole."""

    dimension: Dimension
    value: Any
    level: float
    n: int | None
    estimate: Estimate
    slices: _Slices
    evidence: Evidence


def _compare(scene: Scene, dimension: Dimension, period: Period) -> Iterator[_Group]:
    """Every large enough group with its difference."""
    size = size_metric(scene)
    if size is None:
        return
    evidence = by_group(scene, dimension, period)
    levels = evidence.values(scene.metric.name)
    if not 2 <= len(levels) <= MAX_GROUPS:
        return
    counts = sizes(scene, dimension, period, size)
    groups, starts = by_slice(scene, dimension, period)
    slices = _Slices(groups, by_whole_slice(scene, period), starts, counts)
    for (value,), level in levels.items():
        gaps = slices.gaps(value)
        count = counts.get(value, 0.0)
        estimate = mean(gaps) if len(gaps) >= MIN_SLICES else None
        if value is not None and estimate and count >= MIN_COUNT:
            n = round(count) if size.exact else None
            yield _Group(dimension, value, level, n, estimate, slices, evidence)


def _leading(groups: list[_Group]) -> list[_Group]:
    """Without groups that lie away from the whole only as a stronger one pulls on it.

    Of each dimension the group without which the others are most alike stays; the next must lie
    away from the whole without it; and so on.
    """
    kept: list[_Group] = []
    for dimension in dict.fromkeys(group.dimension for group in groups):
        left = [group for group in groups if group.dimension == dimension]
        pulls: frozenset[Any] = frozenset()
        while left:
            best = min(left, key=lambda group: _unlike(group, pulls | {group.value}))
            left.remove(best)
            if not pulls or _holds_without(best, pulls):
                kept.append(best)
                pulls |= {best.value}
    return kept


def _unlike(group: _Group, without: frozenset[Any]) -> float:
    """How much the rates of a dimension's groups differ, some left out."""
    counts = group.slices.sizes
    rates = group.evidence.values(group.evidence.columns[-1])
    return heterogeneity((r, counts.get(v, 0.0)) for (v,), r in rates.items() if v not in without)


def _holds_without(group: _Group, pulls: frozenset[Any]) -> bool:
    rest = mean(group.slices.gaps(group.value, pulls))
    if rest is None:
        return False
    return rest.certain and rest.effect * group.estimate.effect > 0 and rest.p_value <= SURE


def _own(scene: Scene, groups: list[_Group], period: Period) -> Iterator[_Group]:
    """Without groups that only hold more of another group that is away itself."""
    others = {group.dimension: None for group in groups}
    for group in groups:
        confounders = [dimension for dimension in others if dimension != group.dimension]
        if not explained(scene, (group.dimension, group.value), confounders, period):
            yield group


def _insight(scene: Scene, group: _Group, whole: float) -> Insight:
    estimate = group.estimate.relative(whole)
    statement = scene.text(
        "level_high" if group.level > whole else "level_low",
        metric=scene.label(scene.metric),
        group=scene.said(group.value, group.dimension),
        dimension=scene.dimension_label(group.dimension),
        value=scene.number(group.level),
        whole=scene.number(whole),
    )
    return Insight(
        id="",
        type=Detector.kind,
        statement=statement,
        metric=scene.metric.name,
        segment={f"{group.dimension.dataset}.{group.dimension.field}": group.value},
        value=group.level,
        baseline=whole,
        effect=estimate.effect,
        interval=estimate.interval,
        n=group.n,
        p_value=estimate.p_value,
        direction=scene.direction(group.level - whole),
        evidence_sql=(group.evidence.sql,),
        silos=group.evidence.silos,
        touchpoint=scene.metric.touchpoint,
        unit=scene.metric.unit,
    )
