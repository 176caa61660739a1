"""Change over time: the asked period against the one before, beyond season and usual spread."""

from dataclasses import replace

from assistant.answer import Insight
from assistant.compiler import additive
from assistant.insights.base import Evidence, Scene
from assistant.insights.statistics import Estimate, difference_from_history, rate_change
from assistant.metric_query import MetricQuery, Period
from assistant.periods import add, previous

HISTORY = 6
MIN_COUNT = 30
MIN_CHANGE = 0.05


class Detector:
    """Compares the whole figure with the period before, and checks it against a year ago.

    Counts are compared as Poisson rates; other metrics with the spread of six earlier periods. A
    change that was as large a year ago is season, no finding.
    """

    kind = "trend"

    def detect(self, scene: Scene) -> list[Insight]:
        """At most one finding: the asked metric's change."""
        period = scene.query.period
        if period is None or not _whole_time(scene):
            return []
        now = _figure(scene, period)
        before = _figure(scene, previous(period))
        if now is None or before is None or not before[0]:
            return []
        estimate = self._estimate(scene, now[0], before[0], period)
        if estimate is None or not estimate.certain:
            return []
        if self._seasonal(scene, period, now[0] / before[0] - 1):
            return []
        return [self._insight(scene, now, before, estimate)]

    def _estimate(self, scene: Scene, now: float, before: float, period: Period) -> Estimate | None:
        if abs(now / before - 1) < MIN_CHANGE:
            return None
        if scene.metric.unit == "count" and additive(scene.metric, scene.model):
            return rate_change(now, before) if min(now, before) >= MIN_COUNT else None
        history = []
        earlier = previous(period)
        for _ in range(HISTORY):
            found = _figure(scene, earlier)
            if found is not None:
                history.append(found[0])
            earlier = previous(earlier)
        made = difference_from_history(now, history)
        if made is None:
            return None
        low, high = (bound / abs(before) for bound in made.interval)
        return Estimate(now / before - 1, (low, high), made.p_value)

    def _seasonal(self, scene: Scene, period: Period, change: float) -> bool:
        """True when the same step a year ago was at least half as large, the same way."""
        year_ago = Period(add(period.start, "year", -1), add(period.end, "year", -1))
        now, before = _figure(scene, year_ago), _figure(scene, previous(year_ago))
        if now is None or before is None or not before[0]:
            return False
        return (now[0] / before[0] - 1) / change >= 0.5

    def _insight(
        self,
        scene: Scene,
        now: tuple[float, Evidence],
        before: tuple[float, Evidence],
        estimate: Estimate,
    ) -> Insight:
        rose = now[0] > before[0]
        change = scene.number(100 * abs(now[0] / before[0] - 1), "percent")
        statement = scene.text(
            "trend_rise" if rose else "trend_fall",
            metric=scene.label(scene.metric),
            change=change,
            now=scene.number(now[0]),
            before=scene.number(before[0]),
        )
        return Insight(
            id="",
            type=self.kind,
            statement=statement,
            metric=scene.metric.name,
            value=now[0],
            baseline=before[0],
            effect=estimate.effect,
            interval=estimate.interval,
            n=round(now[0] + before[0]) if scene.metric.unit == "count" else None,
            p_value=estimate.p_value,
            direction=scene.direction(now[0] - before[0]),
            evidence_sql=(now[1].sql, before[1].sql),
            silos=now[1].silos,
            touchpoint=scene.metric.touchpoint,
            unit=scene.metric.unit,
        )


def _whole_time(scene: Scene) -> bool:
    return scene.metric.time is not None or "/" in scene.metric.expression


def _figure(scene: Scene, period: Period) -> tuple[float, Evidence] | None:
    """The metric of a period with the question's filters, without its groups."""
    query = MetricQuery(scene.query.metrics[:1], (), scene.query.filters, period=period)
    evidence = scene.run(replace(query, comparison=None))
    value = evidence.rows[0][-1] if evidence.rows else None
    return None if value is None else (float(value), evidence)
