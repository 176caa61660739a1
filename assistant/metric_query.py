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
class Membership:
    """Only what has, or lacks, rows of a metric: customers who ordered twice, or never.

    Attributes:
        dataset: Dataset whose rows are chosen; `key` is the field that tells them apart.
        metric: Base metric of the semantic model; each row it counts or sums is one.
        filters: Conditions on these rows; `period` places them by the metric's time.
        having: Threshold on the metric per key; None means at least one row.
        negated: Those without such rows.
    """

    dataset: str
    key: str
    metric: str
    filters: tuple[Filter, ...] = ()
    period: Period | None = None
    having: MetricFilter | None = None
    negated: bool = False


@dataclass(frozen=True)
class Part:
    """A metric of the query that is held to fewer rows than the others: the part of a share."""

    metric: str
    filters: tuple[Filter, ...] = ()
    members: tuple[Membership, ...] = ()


@dataclass(frozen=True)
class MetricQuery:
    """Metrics by dimensions, filtered, in a period, ordered and cut.

    Attributes:
        metrics: Names of metrics of the semantic model; none lists the dimensions' values.
        period: Applies to each metric's own time field; None means all time.
        comparison: A second period, shown beside the first with the change.
        order: Metric or dimension field to order by; None means the natural order.
        made: Metrics of this question alone, such as a share or a ratio.
        share: Also give each row's share of the total of the first metric.
        members: Which customers, products or the like are meant.
        parts: Metrics among `made` (or their inputs) with conditions of their own.
        mean_over: Mean of each metric over the units of time in which it has rows.
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
    members: tuple[Membership, ...] = ()
    parts: tuple[Part, ...] = ()
    mean_over: Grain | None = None
