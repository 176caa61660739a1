"""Verdicts, causes and what was ruled out, in words."""

from assistant.answer import Insight, RuledOut
from assistant.compiler import additive
from assistant.insights.base import Scene
from assistant.insights.trend import Assessed
from assistant.investigation.causes import Cause
from assistant.language import text
from assistant.understanding.why import Way


def verdict(scene: Scene, name: str, found: Assessed, way: Way | None) -> Insight:
    """Whether the figure moved, and whether season or chance explain it."""
    (now, evidence), (before, earlier), estimate = found.now, found.before, found.estimate
    rose = now > before
    otherwise = way is not None and (way == "up") != rose
    key = f"{name}_unseasoned" if name == "real" and not found.known else name
    statement = scene_text(
        scene,
        f"{key}_{'rise' if rose else 'fall'}" if name == "real" else key,
        metric=scene.label(scene.metric),
        now=scene.number(now),
        before=scene.number(before),
    )
    if otherwise:
        statement = scene_text(scene, f"not_{way}") + " " + statement
    return Insight(
        id="",
        type="trend" if name == "real" else name,
        statement=statement,
        metric=scene.metric.name,
        value=now,
        baseline=before,
        effect=estimate.effect,
        interval=estimate.interval,
        p_value=estimate.p_value,
        direction=scene.direction(estimate.effect) if name == "real" else "neutral",
        evidence_sql=(evidence.sql, earlier.sql),
        silos=evidence.silos,
        touchpoint=scene.metric.touchpoint,
        unit=scene.metric.unit,
    )


def cause(scene: Scene, found: Cause) -> Insight:
    """A group that goes along with the change; the effect is that of the days of confirmation."""
    low, high = _bounds(scene, found)
    statement = scene_text(
        scene,
        "cause_rise" if found.now > found.before else "cause_fall",
        metric=scene.label(scene.metric),
        dimension=scene.dimension_label(found.group.dimension),
        group=scene.said(found.group.value, found.group.dimension),
        now=scene.number(found.now),
        before=scene.number(found.before),
        low=low,
        high=high,
        n=scene.number(found.n, "count"),
    )
    daily = additive(scene.metric, scene.model)
    return Insight(
        id="",
        type="cause",
        statement=statement,
        metric=scene.metric.name,
        segment=found.group.segment,
        value=found.now,
        baseline=found.before,
        effect=found.estimate.effect,
        interval=found.estimate.interval,
        n=found.n if daily or found.n else None,
        p_value=found.estimate.p_value,
        direction=scene.direction(found.now - found.before),
        evidence_sql=tuple(evidence.sql for evidence in found.evidence),
        silos=found.evidence[0].silos,
        touchpoint=scene.metric.touchpoint,
        unit=scene.metric.unit,
    )


def _bounds(scene: Scene, found: Cause) -> tuple[str, str]:
    """The interval: percent, of rates and scores their points."""
    low, high = found.estimate.interval
    if scene.metric.unit not in ("percent", "points"):
        return scene.number(100 * low, "percent"), scene.number(100 * high, "percent")
    points = [bound * abs(found.measure) for bound in (low, high)]
    said = text(
        f"insights.{scene.metric.unit}", scene.language, value=scene.number(points[1], "points")
    )
    return scene.number(points[0], "points"), said


def ruled_out(scene: Scene, kind: str, **values: str) -> RuledOut:
    """One explanation that was looked at and does not hold."""
    said = scene_text(scene, f"ruled_{kind}", metric=scene.label(scene.metric), **values)
    return RuledOut(kind, said)


def scene_text(scene: Scene, key: str, **values: object) -> str:
    """A sentence of the locale files, with a capital."""
    said = text(f"why.{key}", scene.language, **values)
    return said[:1].upper() + said[1:]
