"""Contribution to a change: which group explains most of it."""

from typing import Any

from assistant.answer import Insight
from assistant.compiler import additive
from assistant.insights.base import Evidence, Scene
from assistant.insights.candidates import candidates
from assistant.insights.statistics import rate_change
from assistant.metric_query import Dimension, MetricQuery, Period
from assistant.periods import previous

MAX_DIMENSIONS = 4
MIN_SHARE = 0.25
MIN_EXCESS = 1.5
MIN_COUNT = 30


class Detector:
    """Additive metrics: each group's change over the whole change, against its size before.

    A group drives a change when it explains a quarter of it or more, and half as much again as its
    share of the whole would let expect.
    """

    kind = "drivers"

    def detect(self, scene: Scene) -> list[Insight]:
        """The strongest driver of each dimension."""
        period = scene.query.period
        if period is None or not additive(scene.metric, scene.model):
            return []
        before = scene.query.comparison or previous(period)
        found = []
        for dimension in candidates(scene, MAX_DIMENSIONS):
            insight = self._driver(scene, dimension, period, before)
            if insight is not None:
                found.append(insight)
        return found

    def _driver(
        self, scene: Scene, dimension: Dimension, period: Period, before: Period
    ) -> Insight | None:
        now, then = _groups(scene, dimension, period), _groups(scene, dimension, before)
        name = scene.query.metrics[0]
        here, there = now.values(name), then.values(name)
        change = sum(here.values()) - sum(there.values())
        size = sum(there.values())
        if not change or not size or len(here) < 2:
            return None
        parts = {
            g: here.get(g, 0.0) - there.get(g, 0.0) for g in {*here, *there} if g[0] is not None
        }
        if not parts:
            return None
        group = max(parts, key=lambda g: (parts[g] / change, str(g)))
        share, expected = parts[group] / change, there.get(group, 0.0) / size
        if share < MIN_SHARE or share < MIN_EXCESS * expected:
            return None
        return self._insight(scene, dimension, group[0], (here, there, change), now)

    def _insight(
        self,
        scene: Scene,
        dimension: Dimension,
        value: Any,
        figures: tuple[dict[tuple[Any, ...], float], dict[tuple[Any, ...], float], float],
        evidence: Evidence,
    ) -> Insight | None:
        here, there, change = figures
        now, before = here.get((value,), 0.0), there.get((value,), 0.0)
        counts = scene.metric.unit == "count"
        estimate = rate_change(now, before) if counts else None
        if counts and (estimate is None or not estimate.certain or min(now, before) < MIN_COUNT):
            return None
        share = (now - before) / change
        statement = scene.text(
            "driver_rise" if change > 0 else "driver_fall",
            metric=scene.label(scene.metric),
            group=scene.said(value, dimension),
            dimension=scene.dimension_label(dimension),
            share=scene.number(100 * share, "percent"),
            part=scene.number(abs(now - before)),
            whole=scene.number(abs(change)),
        )
        return Insight(
            id="",
            type=self.kind,
            statement=statement,
            metric=scene.metric.name,
            segment={f"{dimension.dataset}.{dimension.field}": value},
            value=now,
            baseline=before,
            effect=share,
            interval=estimate.interval if estimate else None,
            n=round(now + before) if counts else None,
            p_value=estimate.p_value if estimate else None,
            direction=scene.direction(now - before),
            evidence_sql=(evidence.sql,),
            silos=evidence.silos,
            touchpoint=scene.metric.touchpoint,
            unit=scene.metric.unit,
        )


def _groups(scene: Scene, dimension: Dimension, period: Period) -> Evidence:
    metric = scene.query.metrics[:1]
    return scene.run(MetricQuery(metric, (dimension,), scene.query.filters, period=period))
