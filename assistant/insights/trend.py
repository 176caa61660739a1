"""Change over time: the asked period against the one before, beyond season and usual scatter."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import hypot, log, sqrt
from statistics import fmean

from assistant.answer import Insight
from assistant.compiler import additive
from assistant.insights.base import Evidence, Scene
from assistant.insights.groups import figure
from assistant.insights.history import History, earlier_years, history
from assistant.insights.past import unusual_figure, unusual_rate
from assistant.insights.spans import Spans, spans
from assistant.insights.statistics import Estimate, log_ratio, student

MIN_COUNT = 30
MIN_CHANGE = 0.05
WHOLE_RATE = 0.005


class Detector:
    """Compares the whole figure with the period before, and both with earlier years.

    Counts and sums: the log of the step, less the mean of the same step one and two years ago
    (difference in differences); their scatter is that of two years' weeks. Rates and means: the
    period against the mean of up to six earlier ones, by the scatter of weeks, or of the periods
    where these scatter more; what happened a year ago too is season. One test a question, at
    0.5 %; the plain change must be beyond chance, and lie the same way.
    """

    kind = "trend"

    def detect(self, scene: Scene) -> list[Insight]:
        """At most one finding: the asked metric's change."""
        compared = spans(scene)
        found = None if compared is None else assess(scene, compared)
        if compared is None or found is None:
            return []
        scene.count_tests(1)
        sure = found.estimate.certain and found.estimate.p_value <= WHOLE_RATE
        if not sure or abs(found.estimate.effect) < MIN_CHANGE:
            return []
        return [_insight(scene, found, compared)]


@dataclass(frozen=True)
class Assessed:
    """The whole figure now and before.

    Attributes:
        estimate: Relative change, per day for counts and sums; its p value is that of what goes
            beyond season and usual scatter.
        known: An earlier year tells the season, or the same season is compared.
    """

    now: tuple[float, Evidence]
    before: tuple[float, Evidence]
    estimate: Estimate
    known: bool


def assess(scene: Scene, compared: Spans) -> Assessed | None:
    """The change of the whole figure; None without values, or when its scatter is unknown."""
    now, before = figure(scene, compared.now), figure(scene, compared.before)
    if now is None or before is None or not before[0]:
        return None
    summed, values = additive(scene.metric, scene.model), (now[0], before[0])
    kept = history(scene, compared, additive=summed)
    years = earlier_years(compared, kept)
    if summed:
        estimate = _summed(scene, kept, [compared, *years], values)
    else:
        estimate = unusual_rate(kept, compared, years, values)
        estimate = estimate or unusual_figure(scene, kept, compared, values)
    if estimate is None:
        return None
    return Assessed(now, before, estimate, bool(years) or not compared.seasonal)


def _summed(
    scene: Scene, kept: History | None, steps: Sequence[Spans], values: tuple[float, float]
) -> Estimate | None:
    """The change of a count or a sum per day; its p value is that of what exceeds earlier years."""
    counted = scene.metric.unit == "count"
    if kept is None or min(values) < (MIN_COUNT if counted else 1e-9):
        return None
    spread, freedom = kept.scatter
    if not freedom and not counted:
        return None
    spread = max(1.0, spread) if counted else spread
    taken = [_step(values, steps[0], spread)]
    for step in steps[1:]:
        found = [figure(scene, period) for period in (step.now, step.before)]
        pair = [value[0] for value in found if value is not None]
        if len(pair) == 2 and min(pair) >= (MIN_COUNT if counted else 1e-9):
            taken.append(_step((pair[0], pair[1]), step, spread))
    (change, error), usual = taken[0], taken[1:]
    said = log_ratio(change, error)
    if not usual:
        return replace(said, p_value=student(change, error, freedom or 1e6).p_value)
    middle = fmean(step for step, _ in usual)
    doubt = hypot(*(error for _, error in usual)) / len(usual)
    excess = student(change - middle, hypot(error, doubt), freedom or 1e6)
    same_way = excess.effect * change > 0
    return replace(said, p_value=excess.p_value if same_way else 1.0)


def _step(values: tuple[float, float], step: Spans, spread: float) -> tuple[float, float]:
    """Log of the factor per day, and its standard error."""
    now, before = values
    return log(now / before / step.scale), sqrt(spread * (1 / now + 1 / before))


def _insight(scene: Scene, found: Assessed, compared: Spans) -> Insight:
    (now, evidence), (before, earlier), estimate = found.now, found.before, found.estimate
    daily = additive(scene.metric, scene.model)
    baseline = before * compared.scale if daily else before
    key = "trend_rise" if estimate.effect > 0 else "trend_fall"
    statement = scene.text(
        key if found.known else f"{key}_unseasoned",
        metric=scene.label(scene.metric),
        change=scene.change(estimate.effect, baseline),
        now=scene.number(now),
        before=scene.number(before),
    )
    if daily and compared.scale != 1:
        statement += " " + scene.text("per_day")
    return Insight(
        id="",
        type=Detector.kind,
        statement=statement,
        metric=scene.metric.name,
        value=now,
        baseline=baseline,
        effect=estimate.effect,
        interval=estimate.interval,
        n=round(now + before) if scene.metric.unit == "count" else None,
        p_value=estimate.p_value,
        direction=scene.direction(estimate.effect),
        evidence_sql=(evidence.sql, earlier.sql),
        silos=evidence.silos,
        touchpoint=scene.metric.touchpoint,
        unit=scene.metric.unit,
    )
