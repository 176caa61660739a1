"""Counts and sums by group: whose share of the whole changed, with an interval."""

from assistant.answer import Insight
from assistant.compiler import additive
from assistant.insights.base import Scene
from assistant.insights.candidates import candidates
from assistant.insights.shares import Moved, leading, moved, seasonal
from assistant.insights.spans import spans

MIN_POINTS = 0.02
MAX_DIMENSIONS = 4


class Detector:
    """Counts and sums: a group's share of the whole now against its share before.

    Shares are compared, so a rise of everything is no finding about a group. All groups of all
    dimensions are tested together (false discovery rate 5 %); left out are groups under 30, those
    whose share moved only because a stronger group's did, and what happened in the same way a year
    ago, as far as chance lets tell.
    """

    kind = "segments"

    def detect(self, scene: Scene) -> list[Insight]:
        """Groups whose share changed, by the dimensions asked for or the model's own."""
        compared = spans(scene)
        if compared is None or not additive(scene.metric, scene.model):
            return []
        tested = [
            group
            for dimension in candidates(scene, MAX_DIMENSIONS)
            for group in moved(scene, dimension, compared)
        ]
        kept = scene.significant([group.estimate.p_value for group in tested])
        large = [
            group for group, holds in zip(tested, kept, strict=True) if holds and _large(group)
        ]
        return [
            _insight(scene, group)
            for group in leading(large)
            if not seasonal(scene, group, compared)
        ]


def _large(group: Moved) -> bool:
    same_way = group.estimate.effect * group.points > 0
    return group.estimate.certain and same_way and abs(group.points) >= MIN_POINTS


def _insight(scene: Scene, group: Moved) -> Insight:
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
        n=round(group.now + group.before) if scene.metric.unit == "count" else None,
        p_value=group.estimate.p_value,
        direction=scene.direction(group.points),
        evidence_sql=tuple(evidence.sql for evidence in group.evidence),
        silos=group.evidence[0].silos,
        touchpoint=scene.metric.touchpoint,
        unit=scene.metric.unit,
    )
