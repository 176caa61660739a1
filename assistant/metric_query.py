"""A question about metrics as data: translators draft it, detectors vary it, SQL comes of it."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from catalog.semantic_model import Metric

Grain = Literal["day", "week", "month", "quarter", "year"]
Operator = Literal["=", "!=", "<", "<=", ">", ">=", "in", "not in", "like", "is null", "not null"]


@dataclass(frozen=True)
class Period:
    """Days from `start` (included) to `end` (excluded); `label` as the asker would say it."""

    start: date
    end: date
    label: str = ""


@dataclass(frozen=True)
class Dimension:
    """A ``dataset.field`` to group by; `grain` for time dimensions."""

    dataset: str
    field: str
    grain: Grain | None = None


@dataclass(frozen=True)
class Filter:
    """A condition on a ``dataset.field``; values as stored in the silo, not as labelled."""

    dataset: str
    field: str
    operator: Operator
    values: tuple[str | int | float | bool | date, ...] = ()


@dataclass(frozen=True)
class MetricFilter:
    """A threshold on a metric of the result (HAVING)."""

    metric: str
    operator: Literal["<", "<=", ">", ">=", "="]
    value: float


@dataclass(frozen=True)
class MetricQuery:
    """Metrics by dimensions, filtered, in a period, ordered and cut.

    Attributes:
        metrics: Names of metrics of the semantic model.
        period: Applies to each metric's own time field; None means all time.
        comparison: A second period, shown beside the first with the change.
        order: Metric or dimension field to order by; None means the natural order.
        made: Metrics of this question alone, such as a share or a ratio.
        share: Also give each row's share of the total of the first metric.
    """

    metrics: tuple[str, ...]
    dimensions: tuple[Dimension, ...] = ()
    filters: tuple[Filter, ...] = ()
    having: tuple[MetricFilter, ...] = ()
    period: Period | None = None
    comparison: Period | None = None
    order: str | None = None
    descending: bool = True
    limit: int | None = None
    share: bool = False
    made: tuple[Metric, ...] = ()
