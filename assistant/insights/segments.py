"""Comparison of groups: which group stands out from the rest, with an interval."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assistant.answer import Insight
from assistant.compiler import additive
from assistant.insights.base import Evidence, Scene
from assistant.insights.candidates import candidates
from assistant.insights.statistics import Estimate, rate_change, share_difference, significant
from assistant.metric_query import Dimension, MetricQuery, Period
from assistant.periods import previous

MIN_COUNT = 30
MIN_EFFECT = 0.02
MAX_DIMENSIONS = 4
MAX_GROUPS = 40


class Detector:
    """Counts only: a group's share of the whole now against its share before.

    Shares are compared, so a rise of everything is no finding about a group; and the group's own
    count must have moved too, so that others' moves are none either. All groups of all dimensions
    are tested together (false discovery rate 5 %); groups under 30 are left out.
    """

    kind = "segments"

    def detect(self, scene: Scene) -> list[Insight]:
        """Groups whose share changed, by the dimensions asked for or the model's own."""
        period = scene.query.period
        counts = scene.metric.unit == "count" and additive(scene.metric, scene.model)
        if period is None or not counts:
            return []
        found: list[_Group] = []
        for dimension in candidates(scene, MAX_DIMENSIONS):
            now = _groups(scene, dimension, period)
            before = _groups(scene, dimension, previous(period))
            found += _compare(scene, dimension, now, before)
        kept = significant([group.estimate.p_value for group in found])
        return [
            self._insight(scene, group)
            for group, holds in zip(found, kept, strict=True)
            if holds and group.estimate.certain and abs(group.estimate.effect) >= MIN_EFFECT
        ]

    def _insight(self, scene: Scene, group: "_Group") -> Insight:
        effect = group.estimate.effect
        rose = effect > 0
        statement = scene.text(
            "segment_rise" if rose else "segment_fall",
            metric=scene.label(scene.metric),
            group=scene.said(group.value, group.dimension),
            dimension=scene.dimension_label(group.dimension),
            now=scene.number(100 * group.now / group.total, "percent"),
            before=scene.number(100 * group.before / group.earlier, "percent"),
        )
        return Insight(
            id="",
            type=self.kind,
            statement=statement,
            metric=scene.metric.name,
            segment={f"{group.dimension.dataset}.{group.dimension.field}": group.value},
            value=group.now,
            baseline=group.total * group.before / group.earlier,
            effect=effect,
            interval=group.estimate.interval,
            n=round(group.now + group.before),
            p_value=group.estimate.p_value,
            direction=scene.direction(effect),
            evidence_sql=(group.evidence.sql,),
            silos=group.evidence.silos,
            touchpoint=scene.metric.touchpoint,
            unit=scene.metric.unit,
        )


def _groups(scene: Scene, dimension: Dimension, period: Period) -> Evidence:
    metric = scene.query.metrics[:1]
    return scene.run(MetricQuery(metric, (dimension,), scene.query.filters, period=period))


@dataclass(frozen=True)
class _Group:
    """A group's count and the whole, now and before, and its change of share."""

    dimension: Dimension
    value: Any
    now: float
    total: float
    before: float
    earlier: float
    estimate: Estimate
    evidence: Evidence


def _compare(
    scene: Scene, dimension: Dimension, now: Evidence, before: Evidence
) -> Iterator[_Group]:
    """Every large enough group with its change of share."""
    name = scene.query.metrics[0]
    here, there = now.values(name), before.values(name)
    total, earlier = sum(here.values()), sum(there.values())
    if not total or not earlier or not 2 <= len(here) <= MAX_GROUPS:
        return
    for (value,), count in here.items():
        was = there.get((value,), 0.0)
        if value is None or min(count, was) < MIN_COUNT:
            continue
        own, estimate = rate_change(count, was), share_difference(count, total, was, earlier)
        # A share that moved only because the others moved is no finding about this group.
        if own and estimate and own.certain and own.effect * estimate.effect > 0:
            yield _Group(dimension, value, count, total, was, earlier, estimate, now)
