"""Contribution to a change of a count or a sum: which group explains most of it."""

from assistant.answer import Insight
from assistant.compiler import additive
from assistant.insights.base import Scene
from assistant.insights.history import history
from assistant.insights.moves import Move, moves
from assistant.insights.spans import Spans, spans
from assistant.insights.statistics import rate_change

MIN_SHARE = 0.25
MIN_EXCESS = 1.5
MIN_CHANGE = 0.02


class Detector:
    """Additive metrics: each group's change over the whole change, against its size before.

    A group drives a change that is no chance when it moved on its own (see `moves`), explains a
    quarter of the change or more, and half as much again as its share of the whole would let
    expect. What is said is the group's own change.
    """

    kind = "drivers"

    def detect(self, scene: Scene) -> list[Insight]:
        """The drivers of each dimension."""
        compared = spans(scene)
        if compared is None or not additive(scene.metric, scene.model):
            return []
        driving = [move for move in moves(scene, compared) if _drives(move)]
        if not driving or not _surely(scene, driving[0], compared):
            return []
        return [_insight(scene, move, compared) for move in driving]


def _part(move: Move) -> float:
    """Its part of the whole change."""
    return (move.now - move.before) / (move.total - move.earlier)


def _drives(move: Move) -> bool:
    if abs(move.total - move.earlier) < MIN_CHANGE * move.earlier:
        return False
    least = max(MIN_SHARE, MIN_EXCESS * move.before / move.earlier)
    same_way = move.own * move.figure.effect > 0
    return move.figure.certain and same_way and _part(move) >= least


def _surely(scene: Scene, move: Move, compared: Spans) -> bool:
    """True when the whole changed at all: chance needs no explanation."""
    kept = history(scene, compared, additive=True)
    spread = max(1.0, kept.scatter[0]) if kept else 1.0
    whole = rate_change(move.total, move.earlier, compared.scale, spread)
    return whole is not None and whole.certain


def _insight(scene: Scene, move: Move, compared: Spans) -> Insight:
    statement = scene.text(
        "driver_rise" if move.total > move.earlier else "driver_fall",
        metric=scene.label(scene.metric),
        group=scene.said(move.group.value, move.group.dimension),
        dimension=scene.dimension_label(move.group.dimension),
        share=scene.number(100 * _part(move), "percent"),
        part=scene.number(abs(move.now - move.before)),
        whole=scene.number(abs(move.total - move.earlier)),
    )
    return Insight(
        id="",
        type=Detector.kind,
        statement=statement,
        metric=scene.metric.name,
        segment=move.group.segment,
        value=move.now,
        baseline=move.before * compared.scale,
        effect=move.figure.effect,
        interval=move.figure.interval,
        n=round(move.now + move.before) if scene.metric.unit == "count" else None,
        p_value=move.p_value,
        direction=scene.direction(move.now - move.before),
        evidence_sql=tuple(evidence.sql for evidence in move.evidence),
        silos=move.evidence[0].silos,
        touchpoint=scene.metric.touchpoint,
        unit=scene.metric.unit,
    )
