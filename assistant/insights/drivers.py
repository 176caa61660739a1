"""Contribution to a change of a count or a sum: which group explains most of it."""

from dataclasses import dataclass

from assistant.answer import Insight
from assistant.compiler import additive
from assistant.insights.base import Scene
from assistant.insights.candidates import candidates
from assistant.insights.groups import by_slice, by_whole_slice, scatter, whole_slices
from assistant.insights.shares import Moved, leading, moved, seasonal
from assistant.insights.spans import Spans, spans
from assistant.insights.statistics import Estimate, mean_ratio, rate_change, significant
from assistant.metric_query import Period

MAX_DIMENSIONS = 4
MIN_SHARE = 0.25
MIN_EXCESS = 1.5
MIN_CHANGE = 0.02


class Detector:
    """Additive metrics: each group's change over the whole change, against its size before.

    A group drives a change that is no chance when it explains a quarter of it or more, half as much
    again as its share of the whole would let expect, and when its share moved beyond chance, all
    groups of all dimensions tested together (false discovery rate 5 %), not only because a stronger
    group's did, and not in the same way a year ago.
    """

    kind = "drivers"

    def detect(self, scene: Scene) -> list[Insight]:
        """The drivers of each dimension."""
        compared = spans(scene)
        if compared is None or not additive(scene.metric, scene.model):
            return []
        tested = [
            group
            for dimension in candidates(scene, MAX_DIMENSIONS)
            for group in moved(scene, dimension, compared)
        ]
        # The very tests of `segments`, so they are not counted again for the question.
        kept = significant([group.estimate.p_value for group in tested])
        driving = [g for g, holds in zip(tested, kept, strict=True) if holds and _drives(g)]
        if not driving or not _surely(scene, driving[0], compared):
            return []
        made = (
            _part(scene, group, compared)
            for group in leading(driving)
            if not seasonal(scene, group, compared)
        )
        return [_insight(scene, part, compared) for part in made if part is not None]


@dataclass(frozen=True)
class _Part:
    """A group, and its own relative change."""

    group: Moved
    estimate: Estimate

    @property
    def share(self) -> float:
        """Its part of the whole change."""
        return _share(self.group)


def _share(group: Moved) -> float:
    return (group.now - group.before) / (group.total - group.earlier)


def _drives(group: Moved) -> bool:
    if abs(group.total - group.earlier) < MIN_CHANGE * group.earlier:
        return False
    least = max(MIN_SHARE, MIN_EXCESS * group.before / group.earlier)
    same_way = group.estimate.effect * (group.now - group.before) > 0
    return group.estimate.certain and same_way and _share(group) >= least


def _surely(scene: Scene, group: Moved, compared: Spans) -> bool:
    """True when the whole changed at all: chance needs no explanation."""
    if scene.metric.unit == "count":
        spread = scatter(scene, compared)
        whole = rate_change(group.total, group.earlier, compared.scale, spread)
    else:
        whole = mean_ratio(*(_wholes(scene, p) for p in (compared.now, compared.before)))
    return whole is not None and whole.certain


def _wholes(scene: Scene, period: Period) -> list[float]:
    found = by_whole_slice(scene, period)
    return [found.get(start, 0.0) for start in whole_slices(period)]


def _part(scene: Scene, group: Moved, compared: Spans) -> _Part | None:
    """The group's own change: a count's by its scatter, a sum's by that of weeks or days."""
    if scene.metric.unit == "count":
        spread = scatter(scene, compared)
        estimate = rate_change(group.now, group.before, compared.scale, spread)
    else:
        estimate = mean_ratio(*_own(scene, group, compared))
    if estimate is None or not estimate.certain:
        return None
    return _Part(group, estimate)


def _own(scene: Scene, group: Moved, compared: Spans) -> list[list[float]]:
    sides = []
    for period in (compared.now, compared.before):
        found, starts = by_slice(scene, group.dimension, period)
        sides.append([found.get(group.value, {}).get(start, 0.0) for start in starts])
    return sides


def _insight(scene: Scene, part: _Part, compared: Spans) -> Insight:
    counted = scene.metric.unit == "count"
    group = part.group
    statement = scene.text(
        "driver_rise" if group.total > group.earlier else "driver_fall",
        metric=scene.label(scene.metric),
        group=scene.said(group.value, group.dimension),
        dimension=scene.dimension_label(group.dimension),
        share=scene.number(100 * part.share, "percent"),
        part=scene.number(abs(group.now - group.before)),
        whole=scene.number(abs(group.total - group.earlier)),
    )
    return Insight(
        id="",
        type=Detector.kind,
        statement=statement,
        metric=scene.metric.name,
        segment={f"{group.dimension.dataset}.{group.dimension.field}": group.value},
        value=group.now,
        baseline=group.before * compared.scale,
        effect=part.estimate.effect,
        interval=part.estimate.interval,
        n=round(group.now + group.before) if counted else None,
        p_value=group.estimate.p_value,
        direction=scene.direction(group.now - group.before),
        evidence_sql=tuple(evidence.sql for evidence in group.evidence),
        silos=group.evidence[0].silos,
        touchpoint=scene.metric.touchpoint,
        unit=scene.metric.unit,
    )
