"""Contribution to a change of a count or a sum: which group explains most of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assistant.answer import Insight
from assistant.compiler import additive
from assistant.insights.base import Evidence, Scene
from assistant.insights.candidates import candidates
from assistant.insights.groups import MAX_GROUPS, by_group, by_slice, scatter
from assistant.insights.spans import Spans, spans
from assistant.insights.statistics import Estimate, mean_ratio, rate_change, significant
from assistant.metric_query import Dimension

MAX_DIMENSIONS = 4
MIN_SHARE = 0.25
MIN_EXCESS = 1.5
MIN_COUNT = 30
MIN_CHANGE = 0.02
SAME_STEP = 0.5


class Detector:
    """Additive metrics: each group's change over the whole change, against its size before.

    A group drives a change when it explains a quarter of it or more, and half as much again as its
    share of the whole would let expect; when its own change is no chance, all groups of all
    dimensions tested together (false discovery rate 5 %); and when it did not do so a year ago.
    """

    kind = "drivers"

    def detect(self, scene: Scene) -> list[Insight]:
        """The strongest driver of each dimension."""
        compared = spans(scene)
        if compared is None or not additive(scene.metric, scene.model):
            return []
        counted = scene.metric.unit == "count"
        spread = scatter(scene, compared) if counted else 1.0
        parts = [
            part
            for dimension in candidates(scene, MAX_DIMENSIONS)
            for part in _parts(scene, dimension, compared, spread)
        ]
        kept = significant([part.estimate.p_value for part in parts])
        best: dict[Dimension, _Part] = {}
        for part, holds in zip(parts, kept, strict=True):
            leads = part.dimension not in best or part.share > best[part.dimension].share
            if holds and part.drives and leads:
                best[part.dimension] = part
        return [
            _insight(scene, part, compared)
            for part in best.values()
            if not _seasonal(scene, part, compared)
        ]


@dataclass(frozen=True)
class _Part:
    """A group's figure now and before, the whole change, and the group's own relative change."""

    dimension: Dimension
    value: Any
    now: float
    before: float
    change: float
    size: float
    estimate: Estimate
    evidence: tuple[Evidence, Evidence]

    @property
    def share(self) -> float:
        """Its part of the whole change."""
        return (self.now - self.before) / self.change

    @property
    def drives(self) -> bool:
        least = max(MIN_SHARE, MIN_EXCESS * self.before / self.size)
        same_way = self.estimate.effect * (self.now - self.before) > 0
        return self.estimate.certain and same_way and self.share >= least


def _parts(scene: Scene, dimension: Dimension, compared: Spans, spread: float) -> Iterator[_Part]:
    """Every group whose change can be judged, when the whole changed at all."""
    now = by_group(scene, dimension, compared.now)
    before = by_group(scene, dimension, compared.before)
    here, there = now.values(scene.metric.name), before.values(scene.metric.name)
    change, size = sum(here.values()) - sum(there.values()), sum(there.values())
    if size <= 0 or abs(change) < MIN_CHANGE * size or not 2 <= len(here) <= MAX_GROUPS:
        return
    judged = _judge(scene, dimension, compared, spread)
    for (value,), amount in here.items():
        was = there.get((value,), 0.0)
        estimate = judged(value, amount, was) if value is not None else None
        if estimate is not None:
            pair = (now, before)
            yield _Part(dimension, value, amount, was, change, size, estimate, pair)


class _Counts:
    """Judges a group's count by its scatter."""

    def __init__(self, scale: float, spread: float) -> None:
        self.scale = scale
        self.spread = spread

    def __call__(self, value: Any, now: float, before: float) -> Estimate | None:
        if min(now, before) < MIN_COUNT:
            return None
        return rate_change(now, before, self.scale, self.spread)


class _Sums:
    """Judges a group's sum by how much it differs from week to week, or day to day."""

    def __init__(self, scene: Scene, dimension: Dimension, compared: Spans) -> None:
        self.now, self.starts = by_slice(scene, dimension, compared.now)
        self.before, self.starts_before = by_slice(scene, dimension, compared.before)

    def __call__(self, value: Any, now: float, before: float) -> Estimate | None:
        here, there = self.now.get(value, {}), self.before.get(value, {})
        if not there:
            return None
        return mean_ratio(
            [here.get(start, 0.0) for start in self.starts],
            [there.get(start, 0.0) for start in self.starts_before],
        )


def _judge(scene: Scene, dimension: Dimension, compared: Spans, spread: float) -> _Counts | _Sums:
    if scene.metric.unit == "count":
        return _Counts(compared.scale, spread)
    return _Sums(scene, dimension, compared)


def _seasonal(scene: Scene, part: _Part, compared: Spans) -> bool:
    """True when the group took half this step or more a year ago, the same way."""
    if not compared.seasonal:
        return False
    usual = compared.year_ago()
    now, before = (
        by_group(scene, part.dimension, period).values(scene.metric.name).get((part.value,), 0.0)
        for period in (usual.now, usual.before)
    )
    if not now or not before:
        return False
    return (now / before - 1) / (part.now / part.before - 1) >= SAME_STEP


def _insight(scene: Scene, part: _Part, compared: Spans) -> Insight:
    counted = scene.metric.unit == "count"
    statement = scene.text(
        "driver_rise" if part.change > 0 else "driver_fall",
        metric=scene.label(scene.metric),
        group=scene.said(part.value, part.dimension),
        dimension=scene.dimension_label(part.dimension),
        share=scene.number(100 * part.share, "percent"),
        part=scene.number(abs(part.now - part.before)),
        whole=scene.number(abs(part.change)),
    )
    return Insight(
        id="",
        type=Detector.kind,
        statement=statement,
        metric=scene.metric.name,
        segment={f"{part.dimension.dataset}.{part.dimension.field}": part.value},
        value=part.now,
        baseline=part.before * compared.scale,
        effect=part.estimate.effect,
        interval=part.estimate.interval,
        n=round(part.now + part.before) if counted else None,
        p_value=part.estimate.p_value,
        direction=scene.direction(part.now - part.before),
        evidence_sql=tuple(evidence.sql for evidence in part.evidence),
        silos=part.evidence[0].silos,
        touchpoint=scene.metric.touchpoint,
        unit=scene.metric.unit,
    )
