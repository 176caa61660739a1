"""How many observations stand behind a rate or a mean: another metric counts them."""

from dataclasses import dataclass

from sqlglot import exp

from assistant.compiler import additive
from assistant.compiler.formulas import DIALECT, Formula, formula
from assistant.insights.base import Scene
from assistant.metric_query import Dimension, MetricQuery, Period
from catalog.semantic_model import Metric

MIN_COUNT = 30
OBSERVATIONS = "observations"


@dataclass(frozen=True)
class Size:
    """The metric that counts the observations.

    Attributes:
        exact: It is the rate's very denominator; else it counts all rows, also those without a
            value, and is only an upper bound.
        made: The metric, where the model has none and one was made of the asked one.
    """

    metric: str
    exact: bool
    made: tuple[Metric, ...] = ()


def size_metric(scene: Scene) -> Size | None:
    """What counts the observations of the asked metric; None when nothing does."""
    asked = formula(scene.metric.name, scene.model)
    if asked.dataset is None:
        return None
    counts = [m for m in scene.model.metrics.values() if _counts(m, asked, scene)]
    divisor = _divisor(asked.tree)
    for metric in counts:
        if divisor is not None and formula(metric.name, scene.model).tree.unnest() == divisor:
            return Size(metric.name, exact=True)
    if isinstance(divisor, exp.Count):
        made = Metric(OBSERVATIONS, divisor.sql(DIALECT), time=asked.metric.time, unit="count")
        return Size(OBSERVATIONS, exact=True, made=(made,))
    plain = [m for m in counts if not formula(m.name, scene.model).tree.find(exp.Case)]
    return Size(plain[0].name, exact=False) if plain else None


def sized(
    scene: Scene, size: Size | None, dimensions: tuple[Dimension, ...], period: Period | None
) -> MetricQuery:
    """The asked metric and what counts its observations, with the question's filters."""
    metrics = (scene.metric.name,) if size is None else (scene.metric.name, size.metric)
    made = size.made if size else ()
    return MetricQuery(metrics, dimensions, scene.query.filters, (), period, made=made)


def _counts(metric: Metric, asked: Formula, scene: Scene) -> bool:
    """Counts rows of the same dataset by the same time."""
    if metric.unit != "count" or metric.time != asked.metric.time or metric == asked.metric:
        return False
    made = formula(metric.name, scene.model)
    return made.dataset == asked.dataset and additive(metric, scene.model)


def _divisor(tree: exp.Expr) -> exp.Expr | None:
    """What a rate divides by, without the guard against 0; what a mean is taken of."""
    top = tree.unnest()
    if isinstance(top, exp.Avg):
        return exp.Count(this=top.this.copy())
    if not isinstance(top, exp.Div):
        return None
    divisor = top.expression.unnest()
    inner: exp.Expr = divisor.this if isinstance(divisor, exp.Nullif) else divisor
    return inner.unnest()
