"""Counts by group: whose share of the whole changed, with an interval."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assistant.answer import Insight
from assistant.compiler import additive
from assistant.insights.base import Evidence, Scene
from assistant.insights.candidates import candidates
from assistant.insights.groups import MAX_GROUPS, by_group, scatter
from assistant.insights.spans import Spans, spans
from assistant.insights.statistics import Estimate, rate_change, share_ratio, significant
from assistant.metric_query import Dimension

MIN_COUNT = 30
MIN_POINTS = 0.02
MAX_DIMENSIONS = 4
SAME_STEP = 0.5


class Detector:
    """Counts only: a group's share of the whole now against its share before.

    Shares are compared, so a rise of everything is no finding about a group; and the group's own
    count must have moved too, so that others' moves are none either. All groups of all dimensions
    are tested together (false discovery rate 5 %); groups under 30 are left out, and so is what
    happened in the same way a year ago.
    """

    kind = "segments"

    def detect(self, scene: Scene) -> list[Insight]:
        """Groups whose share changed, by the dimensions asked for or the model's own."""
        compared = spans(scene)
        counts = scene.metric.unit == "count" and additive(scene.metric, scene.model)
        if compared is None or not counts:
            return []
        tested = [
            group
            for dimension in candidates(scene, MAX_DIMENSIONS)
            for group in _compare(scene, dimension, compared)
        ]
        kept = significant([group.estimate.p_value for group in tested])
        spread = scatter(scene, compared) if any(kept) else 1.0
        return [
            _insight(scene, group)
            for group, holds in zip(tested, kept, strict=True)
            if holds and group.large and group.moved(compared, spread)
            if not _seasonal(scene, group, compared)
        ]


@dataclass(frozen=True)
class _Group:
    """A group's count and the whole, now and before, and the relative change of its share."""

    dimension: Dimension
    value: Any
    now: float
    total: float
    before: float
    earlier: float
    estimate: Estimate
    evidence: tuple[Evidence, Evidence]

    @property
    def points(self) -> float:
        """Change of the share, 0 to 1."""
        return self.now / self.total - self.before / self.earlier

    @property
    def large(self) -> bool:
        return self.estimate.certain and abs(self.points) >= MIN_POINTS

    def moved(self, compared: Spans, spread: float) -> bool:
        """True when its own count changed: others' moves shift shares as well."""
        own = rate_change(self.now, self.before, compared.scale, spread)
        return own is not None and own.certain and own.effect * self.points > 0


def _compare(scene: Scene, dimension: Dimension, compared: Spans) -> Iterator[_Group]:
    """Every large enough group with the change of its share."""
    now = by_group(scene, dimension, compared.now)
    before = by_group(scene, dimension, compared.before)
    here, there = now.values(scene.metric.name), before.values(scene.metric.name)
    total, earlier = sum(here.values()), sum(there.values())
    if not 2 <= len(here) <= MAX_GROUPS:
        return
    for (value,), count in here.items():
        was = there.get((value,), 0.0)
        estimate = share_ratio(count, total, was, earlier)
        if value is not None and estimate and min(count, was) >= MIN_COUNT:
            yield _Group(dimension, value, count, total, was, earlier, estimate, (now, before))


def _seasonal(scene: Scene, group: _Group, compared: Spans) -> bool:
    """True when the share took half this step or more a year ago, the same way."""
    if not compared.seasonal:
        return False
    usual = compared.year_ago()
    shares = []
    for period in (usual.now, usual.before):
        counts = by_group(scene, group.dimension, period).values(scene.metric.name)
        if counts.get((group.value,), 0.0) < MIN_COUNT:
            return False
        shares.append(counts[(group.value,)] / sum(counts.values()))
    return (shares[0] - shares[1]) / group.points >= SAME_STEP


def _insight(scene: Scene, group: _Group) -> Insight:
    was = group.before / group.earlier
    statement = scene.text(
        "segment_rise" if group.points > 0 else "segment_fall",
        metric=scene.label(scene.metric),
        group=scene.said(group.value, group.dimension),
        dimension=scene.dimension_label(group.dimension),
        now=scene.number(100 * group.now / group.total, "percent"),
        before=scene.number(100 * was, "percent"),
    )
    return Insight(
        id="",
        type=Detector.kind,
        statement=statement,
        metric=scene.metric.name,
        segment={f"{group.dimension.dataset}.{group.dimension.field}": group.value},
        value=group.now,
        baseline=group.total * was,
        effect=group.estimate.effect,
        interval=group.estimate.interval,
        n=round(group.now + group.before),
        p_value=group.estimate.p_value,
        direction=scene.direction(group.points),
        evidence_sql=tuple(evidence.sql for evidence in group.evidence),
        silos=group.evidence[0].silos,
        touchpoint=scene.metric.touchpoint,
        unit=scene.metric.unit,
    )
