"""Counts and sums by group: whose share of the whole changed, with an interval."""

from assistant.answer import Insight
from assistant.compiler import additive
from assistant.insights.base import Scene
from assistant.insights.moves import Move, moves
from assistant.insights.spans import spans


class Detector:
    """Counts and sums: a group's share of the whole now against its share before.

    Shares are compared, so a rise of everything is no finding about a group. Which groups moved on
    their own, and not only every year, is told by `moves`; of those the ones whose share moved the
    same way beyond chance are said.
    """

    kind = "segments"

    def detect(self, scene: Scene) -> list[Insight]:
        """Groups whose share changed, by the dimensions asked for or the model's own."""
        compared = spans(scene)
        if compared is None or not additive(scene.metric, scene.model):
            return []
        found = moves(scene, compared)
        return [_insight(scene, m) for m in found if m.share.certain and m.share.effect * m.own > 0]


def _insight(scene: Scene, move: Move) -> Insight:
    was, rose = move.before / move.earlier, move.share.effect > 0
    statement = scene.text(
        "segment_rise" if rose else "segment_fall",
        metric=scene.label(scene.metric),
        group=scene.said(move.group.value, move.group.dimension),
        dimension=scene.dimension_label(move.group.dimension),
        now=scene.number(100 * move.now / move.total, "percent"),
        before=scene.number(100 * was, "percent"),
    )
    return Insight(
        id="",
        type=Detector.kind,
        statement=statement,
        metric=scene.metric.name,
        segment=move.group.segment,
        value=move.now,
        baseline=move.total * was,
        effect=move.share.effect,
        interval=move.share.interval,
        n=round(move.now + move.before) if scene.metric.unit == "count" else None,
        p_value=move.p_value,
        direction=scene.direction(1 if rose else -1),
        evidence_sql=tuple(evidence.sql for evidence in move.evidence),
        silos=move.evidence[0].silos,
        touchpoint=scene.metric.touchpoint,
        unit=scene.metric.unit,
    )
