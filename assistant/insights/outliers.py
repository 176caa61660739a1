"""Groups of the answer that stand far from all others, such as one campaign among many."""

from dataclasses import replace
from statistics import median
from typing import Any

from assistant.answer import Insight
from assistant.compiler import additive
from assistant.compiler.formulas import formula
from assistant.insights.base import Evidence, Scene

MIN_GROUPS = 6
MIN_COUNT = 30
LIMIT = 3.5
TO_SIGMA = 1.4826


class Detector:
    """Distance from the median in units of the median absolute deviation (Iglewicz, Hoaglin 1993).

    Needs at least six groups of one dimension in the answer. Where the model counts the rows behind
    the metric, groups of fewer than 30 are left out.
    """

    kind = "outlier"

    def detect(self, scene: Scene) -> list[Insight]:
        """The groups beyond 3.5 deviations."""
        plain = [d for d in scene.query.dimensions if d.grain is None]
        cut = scene.query.limit is not None or scene.query.having
        if len(plain) != 1 or len(scene.query.dimensions) != 1 or cut or scene.result.truncated:
            return []
        silos = tuple(dict.fromkeys(f.silo for f in scene.result.receipt.fragments))
        names = tuple(column.name for column in scene.result.columns)
        evidence = Evidence(names, scene.result.rows(), scene.result.sql, silos)
        values = {
            g[0]: v for g, v in evidence.values(scene.metric.name).items() if g[0] is not None
        }
        large = _large_enough(scene)
        if large is not None:
            values = {group: value for group, value in values.items() if group in large}
        if len(values) < MIN_GROUPS:
            return []
        middle = median(values.values())
        spread = TO_SIGMA * median(abs(value - middle) for value in values.values())
        return [
            self._insight(scene, group, value, middle, spread, evidence)
            for group, value in values.items()
            if spread and abs(value - middle) > LIMIT * spread
        ]

    def _insight(
        self,
        scene: Scene,
        group: Any,
        value: float,
        middle: float,
        spread: float,
        evidence: Evidence,
    ) -> Insight:
        dimension = scene.query.dimensions[0]
        statement = scene.text(
            "outlier_high" if value > middle else "outlier_low",
            metric=scene.label(scene.metric),
            group=scene.said(group, dimension),
            dimension=scene.dimension_label(dimension),
            value=scene.number(value),
            middle=scene.number(middle),
        )
        return Insight(
            id="",
            type=self.kind,
            statement=statement,
            metric=scene.metric.name,
            segment={f"{dimension.dataset}.{dimension.field}": group},
            value=value,
            baseline=middle,
            effect=(value - middle) / abs(middle) if middle else None,
            n=len(evidence.rows),
            direction=scene.direction(value - middle),
            evidence_sql=(evidence.sql,),
            silos=evidence.silos,
            touchpoint=scene.metric.touchpoint,
            unit=scene.metric.unit,
        )


def _large_enough(scene: Scene) -> set[Any] | None:
    """Groups with enough rows behind them; None when the model does not count these rows."""
    counted = _count_of_rows(scene)
    if counted is None:
        return None
    evidence = scene.run(replace(scene.query, metrics=(counted,), order=None))
    return {group[0] for group, count in evidence.values(counted).items() if count >= MIN_COUNT}


def _count_of_rows(scene: Scene) -> str | None:
    """The metric itself when it counts, else one that counts the rows of the same dataset."""
    dataset = formula(scene.metric.name, scene.model).dataset
    same = (
        metric
        for metric in (scene.metric, *scene.model.metrics.values())
        if metric.unit == "count"
        and metric.time == scene.metric.time
        and formula(metric.name, scene.model).dataset == dataset
        and additive(metric, scene.model)
    )
    return next((metric.name for metric in same), None) if dataset else None
