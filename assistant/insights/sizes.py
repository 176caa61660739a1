"""How many observations stand behind a rate or a mean: another metric of the model counts them."""

from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from assistant.compiler import additive
from assistant.compiler.formulas import Formula, formula
from assistant.insights.base import Scene
from assistant.metric_query import Dimension, MetricQuery, Period
from catalog.semantic_model import Metric

MIN_COUNT = 30


@dataclass(frozen=True)
class Size:
    """The metric that counts the observations.

    Attributes:
        exact: It is the rate's very denominator; else it counts all rows, also those without a
            value, and is only an upper bound.
    """

    metric: str
    exact: bool


def size_metric(scene: Scene) -> Size | None:
    """What counts the observations of the asked metric; None when the model has no such metric."""
    asked = formula(scene.metric.name, scene.model)
    if asked.dataset is None:
        return None
    counts = [m for m in scene.model.metrics.values() if _counts(m, asked, scene)]
    divisor = _divisor(asked.tree)
    for metric in counts:
        if divisor is not None and formula(metric.name, scene.model).tree.unnest() == divisor:
            return Size(metric.name, exact=True)
    plain = [m for m in counts if not formula(m.name, scene.model).tree.find(exp.Case)]
    return Size(plain[0].name, exact=False) if plain else None


def sizes(
    scene: Scene, dimension: Dimension, period: Period | None, size: Size
) -> dict[Any, float]:
    """Observations by group, with the question's filters."""
    query = MetricQuery((size.metric,), (dimension,), scene.query.filters, (), period)
    counted = scene.ask(query).values(size.metric)
    return {value: count for (value,), count in counted.items()}


def _counts(metric: Metric, asked: Formula, scene: Scene) -> bool:
    """Counts rows of the same dataset by the same time."""
    if metric.unit != "count" or metric.time != asked.metric.time or metric == asked.metric:
        return False
    made = formula(metric.name, scene.model)
    return made.dataset == asked.dataset and additive(metric, scene.model)


def _divisor(tree: exp.Expr) -> exp.Expr | None:
    """What a rate divides by, without the guard against 0."""
    top = tree.unnest()
    if not isinstance(top, exp.Div):
        return None
    divisor = top.expression.unnest()
    inner: exp.Expr = divisor.this if isinstance(divisor, exp.Nullif) else divisor
    return inner.unnest()
