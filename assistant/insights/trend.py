"""Change over time: the asked period against the one before, beyond season and usual scatter."""

from math import sqrt

from assistant.answer import Insight
from assistant.compiler import additive
from assistant.insights.base import Evidence, Scene
from assistant.insights.groups import by_whole_slice, figure, scatter, whole_slices
from assistant.insights.spans import Spans, days, spans
from assistant.insights.statistics import (
    Estimate,
    difference_from_history,
    mean_ratio,
    rate_change,
    surely_beyond,
)
from assistant.metric_query import Period
from assistant.periods import previous

HISTORY = 6
MIN_COUNT = 30
MIN_CHANGE = 0.05
SAME_STEP = 0.5


class Detector:
    """Compares the whole figure with the period before, and both with a year ago.

    Counts are compared as rates per day, their scatter measured on the months of two years; other
    metrics with the spread of six earlier periods. A change that was there a year ago too is
    season, no finding.
    """

    kind = "trend"

    def detect(self, scene: Scene) -> list[Insight]:
        """At most one finding: the asked metric's change."""
        compared = spans(scene)
        if compared is None:
            return []
        now, before = figure(scene, compared.now), figure(scene, compared.before)
        if now is None or before is None or not before[0]:
            return []
        counted = scene.metric.unit == "count" and additive(scene.metric, scene.model)
        judge = _counts if counted else _others
        estimate = judge(scene, compared, now[0], before[0])
        scene.significant([] if estimate is None else [estimate.p_value])
        if estimate is None or not estimate.certain or abs(estimate.effect) < MIN_CHANGE:
            return []
        season = _season(scene, compared, now[0], before[0])
        if season == "same":
            return []
        return [_insight(scene, now, before, estimate, compared, known=season == "other")]


def _counts(scene: Scene, compared: Spans, now: float, before: float) -> Estimate | None:
    """The change of a count per day, and beyond last year's when that is known."""
    if min(now, before) < MIN_COUNT:
        return None
    spread = scatter(scene, compared)
    estimate = rate_change(now, before, compared.scale, spread)
    usual = _year_ago(scene, compared) if compared.seasonal else None
    if estimate is None or usual is None or min(usual) < MIN_COUNT:
        return estimate
    last = rate_change(usual[0], usual[1], compared.year_ago().scale, spread)
    return estimate if surely_beyond(estimate, last) else None


def _beyond_last_year(scene: Scene, compared: Spans) -> bool:
    """True when a sum changed more, by its weeks or days, than a year ago."""
    if not compared.seasonal:
        return True
    earlier = compared.year_ago()
    step, usual = (
        mean_ratio(*(_slices(scene, p) for p in (s.now, s.before))) for s in (compared, earlier)
    )
    return step is None or surely_beyond(step, usual)


def _slices(scene: Scene, period: Period) -> list[float]:
    found = by_whole_slice(scene, period)
    return [found[start] for start in whole_slices(period) if start in found]


def _others(scene: Scene, compared: Spans, now: float, before: float) -> Estimate | None:
    """How far a rate, a mean or a sum of money is from the period before, by the usual spread.

    Sums are compared per day, so that a short February is no fall.
    """
    summed = additive(scene.metric, scene.model)
    history, earlier = [], compared.before
    for _ in range(HISTORY):
        found = figure(scene, earlier)
        if found is not None:
            history.append(found[0] / days(earlier) if summed else found[0])
        earlier = previous(earlier)
    here = now / days(compared.now) if summed else now
    there = before / days(compared.before) if summed else before
    unusual = difference_from_history(here, history)
    if unusual is None or not unusual.certain or unusual.effect * (here - there) <= 0:
        return None
    if summed and not _beyond_last_year(scene, compared):
        return None
    # Two single periods differ more by chance than one differs from the mean of many.
    half = (unusual.interval[1] - unusual.effect) * sqrt(2 / (1 + 1 / len(history)))
    change = here - there
    return Estimate(change, (change - half, change + half), unusual.p_value).relative(there)


def _season(scene: Scene, compared: Spans, now: float, before: float) -> str:
    """``same`` when the step a year ago was half as large or more, the same way; else ``other``.

    ``unknown`` when there is nothing a year ago; ``other`` when the same season is compared anyway.
    """
    if not compared.seasonal:
        return "other"
    usual = _year_ago(scene, compared)
    if usual is None or not usual[1]:
        return "unknown"
    step = (now - before) / abs(before)
    return "same" if (usual[0] - usual[1]) / abs(usual[1]) / step >= SAME_STEP else "other"


def _year_ago(scene: Scene, compared: Spans) -> tuple[float, float] | None:
    """The figures of both periods one year earlier; None when there were none yet."""
    earlier = compared.year_ago()
    now, before = figure(scene, earlier.now), figure(scene, earlier.before)
    if now is None or before is None:
        return None
    return now[0], before[0]


def _insight(
    scene: Scene,
    now: tuple[float, Evidence],
    before: tuple[float, Evidence],
    estimate: Estimate,
    compared: Spans,
    *,
    known: bool,
) -> Insight:
    counted = scene.metric.unit == "count"
    daily = additive(scene.metric, scene.model)
    baseline = before[0] * compared.scale if daily else before[0]
    key = "trend_rise" if estimate.effect > 0 else "trend_fall"
    statement = scene.text(
        key if known else f"{key}_unseasoned",
        metric=scene.label(scene.metric),
        change=scene.change(estimate.effect, baseline),
        now=scene.number(now[0]),
        before=scene.number(before[0]),
    )
    if daily and compared.scale != 1:
        statement += " " + scene.text("per_day")
    return Insight(
        id="",
        type=Detector.kind,
        statement=statement,
        metric=scene.metric.name,
        value=now[0],
        baseline=baseline,
        effect=estimate.effect,
        interval=estimate.interval,
        n=round(now[0] + before[0]) if counted else None,
        p_value=estimate.p_value,
        direction=scene.direction(estimate.effect),
        evidence_sql=(now[1].sql, before[1].sql),
        silos=now[1].silos,
        touchpoint=scene.metric.touchpoint,
        unit=scene.metric.unit,
    )
