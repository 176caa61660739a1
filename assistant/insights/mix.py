"""Contribution to a change of a rate: did a group change, or did its weight (mix) change?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from assistant.answer import Insight
from assistant.compiler import additive
from assistant.insights.base import Evidence, Scene
from assistant.insights.candidates import candidates
from assistant.insights.groups import MAX_GROUPS, by_group, by_slice, by_whole_slice, figure
from assistant.insights.sizes import MIN_COUNT, size_metric, sizes
from assistant.insights.spans import Spans, spans
from assistant.insights.statistics import (
    Estimate,
    mean_difference,
    share_ratio,
)
from assistant.metric_query import Dimension

MAX_DIMENSIONS = 4
MIN_SHARE = 0.4
MIN_CHANGE = 0.02
TOLERANCE = 0.02


class Detector:
    """Splits a rate's change into the groups' own changes (rate) and of their weights (mix).

    With weights w and rates r by group, and the mean of both periods written with a bar, the change
    is exactly Σ w̄·Δr + Σ Δw·(r̄ - R̄). Only for rates whose denominator the model counts by a metric
    of its own, and only for a change that is no chance. A group is named when one part explains
    40 % of it or more, is no chance itself and, for a rate, differs from what all others did. All
    rates of all dimensions are tested together, and all weights (false discovery rate 5 % each).
    """

    kind = "mix"

    def detect(self, scene: Scene) -> list[Insight]:
        """The strongest part of each dimension."""
        compared = spans(scene)
        size = None if additive(scene.metric, scene.model) else size_metric(scene)
        if compared is None or size is None or not size.exact:
            return []
        now, before = figure(scene, compared.now), figure(scene, compared.before)
        if now is None or before is None or not _changed(now[0], before[0]):
            return []
        if not _surely(scene, compared):
            return []
        change = (now[0], before[0])
        parts = [
            part
            for dimension in candidates(scene, MAX_DIMENSIONS)
            for part in _parts(scene, dimension, compared, change)
        ]
        best: dict[Dimension, _Part] = {}
        for part in (*_certain(scene, parts, weight=False), *_certain(scene, parts, weight=True)):
            leads = part.dimension not in best or part.share > best[part.dimension].share
            if part.share >= MIN_SHARE and leads:
                best[part.dimension] = part
        return [_insight(scene, part) for part in best.values()]


@dataclass(frozen=True)
class _Part:
    """One group's rate or weight part of the change.

    Attributes:
        share: Part of the whole change.
        now: The group's rate, or its weight in percent.
        estimate: Relative change of what `now` is.
    """

    dimension: Dimension
    value: Any
    weight: bool
    share: float
    now: float
    before: float
    n: float
    whole: tuple[float, float]
    estimate: Estimate
    evidence: tuple[Evidence, Evidence]


@dataclass(frozen=True)
class _Side:
    """Rates and observations by group in one period."""

    rates: dict[Any, float]
    counts: dict[Any, float]
    evidence: Evidence

    @property
    def total(self) -> float:
        return sum(self.counts.values())

    def weight(self, value: Any) -> float:
        return self.counts.get(value, 0.0) / self.total

    def rebuilt(self) -> float:
        """The whole's rate from its groups."""
        return sum(self.weight(value) * rate for value, rate in self.rates.items())


def _surely(scene: Scene, compared: Spans) -> bool:
    """True when the whole changed at all: chance needs no explanation."""
    weeks, others = (
        [*by_whole_slice(scene, period).values()] for period in (compared.now, compared.before)
    )
    estimate = mean_difference(weeks, others)
    return estimate is not None and estimate.certain


def _certain(scene: Scene, parts: list[_Part], *, weight: bool) -> list[_Part]:
    """Parts of one kind that are no chance."""
    family = [part for part in parts if part.weight is weight]
    kept = scene.significant([part.estimate.p_value for part in family])
    return [p for p, holds in zip(family, kept, strict=True) if holds and p.estimate.certain]


def _changed(now: float, before: float) -> bool:
    return bool(before) and abs(now - before) >= MIN_CHANGE * abs(before)


def _parts(
    scene: Scene, dimension: Dimension, compared: Spans, whole: tuple[float, float]
) -> Iterator[_Part]:
    """Both parts of every large enough group, when the groups make up the whole."""
    sides = _sides(scene, dimension, compared)
    if sides is None:
        return
    off = [abs(s.rebuilt() - rate) for s, rate in zip(sides, whole, strict=True)]
    if max(off) > TOLERANCE * abs(whole[0] - whole[1]):
        return
    now, before = sides
    weeks, _ = by_slice(scene, dimension, compared.now)
    others, _ = by_slice(scene, dimension, compared.before)
    wholes = [by_whole_slice(scene, period) for period in (compared.now, compared.before)]
    for value in now.rates.keys() & before.rates.keys():
        count = min(now.counts.get(value, 0.0), before.counts.get(value, 0.0))
        if value is None or count < MIN_COUNT:
            continue
        rates = mean_difference([*weeks.get(value, {}).values()], [*others.get(value, {}).values()])
        apart = mean_difference(_gaps(weeks, wholes[0], value), _gaps(others, wholes[1], value))
        if rates is not None and apart is not None and apart.effect * rates.effect > 0:
            worse = max(rates.p_value, apart.p_value)
            rates = replace(rates, p_value=worse)
            yield from _rate_part(dimension, value, sides, whole, rates)
        yield from _mix_part(dimension, value, sides, whole)


def _gaps(
    slices: dict[Any, dict[date, float]], whole: dict[date, float], value: Any
) -> list[float]:
    """A group's rate less the whole's, slice by slice."""
    own = slices.get(value, {})
    return [rate - whole[start] for start, rate in own.items() if start in whole]


def _sides(scene: Scene, dimension: Dimension, compared: Spans) -> tuple[_Side, _Side] | None:
    size = size_metric(scene)
    if size is None:
        return None
    made = []
    for period in (compared.now, compared.before):
        evidence = by_group(scene, dimension, period)
        rates = {v[0]: rate for v, rate in evidence.values(scene.metric.name).items()}
        counts = sizes(scene, dimension, period, size)
        if not 2 <= len(rates) <= MAX_GROUPS or not sum(counts.values()):
            return None
        made.append(_Side(rates, counts, evidence))
    return made[0], made[1]


def _rate_part(
    dimension: Dimension,
    value: Any,
    sides: tuple[_Side, _Side],
    whole: tuple[float, float],
    estimate: Estimate | None,
) -> Iterator[_Part]:
    now, before = sides
    rate, was = now.rates[value], before.rates[value]
    if estimate is None or not was or estimate.effect * (rate - was) <= 0:
        return
    share = (now.weight(value) + before.weight(value)) / 2 * (rate - was) / (whole[0] - whole[1])
    n = now.counts[value] + before.counts[value]
    relative, evidence = estimate.relative(was), (now.evidence, before.evidence)
    yield _Part(dimension, value, False, share, rate, was, n, whole, relative, evidence)


def _mix_part(
    dimension: Dimension, value: Any, sides: tuple[_Side, _Side], whole: tuple[float, float]
) -> Iterator[_Part]:
    now, before = sides
    here, there = now.counts[value], before.counts[value]
    estimate = share_ratio(here, now.total, there, before.total)
    if estimate is None:
        return
    gap = (now.rates[value] + before.rates[value] - sum(whole)) / 2
    weights = 100 * now.weight(value), 100 * before.weight(value)
    share = (weights[0] - weights[1]) / 100 * gap / (whole[0] - whole[1])
    evidence = (now.evidence, before.evidence)
    yield _Part(dimension, value, True, share, *weights, here + there, whole, estimate, evidence)


def _insight(scene: Scene, part: _Part) -> Insight:
    rose = part.whole[0] > part.whole[1]
    unit = "percent" if part.weight else scene.metric.unit
    statement = scene.text(
        f"{'mix' if part.weight else 'rate'}_{'rise' if rose else 'fall'}",
        metric=scene.label(scene.metric),
        group=scene.said(part.value, part.dimension),
        dimension=scene.dimension_label(part.dimension),
        share=scene.number(100 * part.share, "percent"),
        now=scene.number(part.now, unit),
        before=scene.number(part.before, unit),
    )
    return Insight(
        id="",
        type="mix" if part.weight else "rate",
        statement=statement,
        metric=scene.metric.name,
        segment={f"{part.dimension.dataset}.{part.dimension.field}": part.value},
        value=part.now,
        baseline=part.before,
        effect=part.estimate.effect,
        interval=part.estimate.interval,
        n=round(part.n),
        p_value=part.estimate.p_value,
        direction=scene.direction(part.whole[0] - part.whole[1]),
        evidence_sql=tuple(evidence.sql for evidence in part.evidence),
        silos=part.evidence[0].silos,
        touchpoint=scene.metric.touchpoint,
        unit=unit,
    )
