"""What every detector is, and what it sees; the folder is the registry."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from assistant.answer import Direction, Insight
from assistant.insights.statistics import FALSE_RATE, significant
from assistant.language import format_value, text
from assistant.metric_query import Dimension, MetricQuery
from catalog.semantic_model import Field, Language, Metric, SemanticModel
from connectors.clock import Clock
from connectors.errors import RundblickError
from connectors.query import QueryResult

SHARED = frozenset(
    {
        "base",
        "candidates",
        "changes",
        "confounders",
        "cubes",
        "groups",
        "history",
        "moves",
        "past",
        "sizes",
        "spans",
        "statistics",
        "steps",
        "stepwise",
        "people",
    }
)


@dataclass(frozen=True)
class Evidence:
    """Rows of a varied metric query: dimension columns in query order, then metric columns."""

    columns: tuple[str, ...]
    rows: list[list[Any]]
    sql: str
    silos: tuple[str, ...]

    def values(self, metric: str) -> dict[tuple[Any, ...], float]:
        """The metric by its group of dimension values; groups without a value are left out."""
        place = self.columns.index(metric)
        width = min(place, len(self.columns) - 1)
        return {
            tuple(row[:width]): float(row[place]) for row in self.rows if row[place] is not None
        }


@dataclass(frozen=True)
class Scene:
    """An answered question and the means to look behind it.

    Attributes:
        run: Compiles a varied query and runs it through the guard, within the question's budget.
        asked: Evidence by query, as detectors often need the same; one that is under way is
            waited for.
        made: Numbers of tests made for the question, by family.
    """

    query: MetricQuery
    model: SemanticModel
    result: QueryResult
    language: Language
    clock: Clock
    run: Callable[[MetricQuery], Evidence]
    asked: dict[MetricQuery, Future[Evidence]] = field(
        default_factory=dict, compare=False, repr=False
    )
    made: list[int] = field(default_factory=list, compare=False, repr=False)

    def ask(self, query: MetricQuery) -> Evidence:
        """As `run`, each query once; periods' labels make no difference."""
        if query.period is not None:
            query = replace(query, period=replace(query.period, label=""))
        own: Future[Evidence] = Future()
        first = self.asked.setdefault(query, own)
        if first is own:
            try:
                own.set_result(self.run(query))
            except RundblickError as error:
                own.set_exception(error)
        return first.result()

    def count_tests(self, number: int) -> None:
        """Note that so many tests were made, which their detector corrects itself."""
        self.made.append(number)

    def significant(self, p_values: Sequence[float]) -> list[bool]:
        """Which tests of one family hold, with a false discovery rate of 0.5 %."""
        self.count_tests(len(p_values))
        return significant(p_values, FALSE_RATE)

    @property
    def metric(self) -> Metric:
        """The first metric asked for."""
        return self.model.metrics[self.query.metrics[0]]

    def label(self, metric: Metric) -> str:
        """A metric's name in the asker's language."""
        return metric.labels.get(self.language, metric.name.replace("_", " "))

    def field(self, dimension: Dimension) -> Field:
        """The field a dimension groups by."""
        found = self.model.datasets[dimension.dataset].field(dimension.field)
        if found is None:
            raise KeyError(dimension.field)
        return found

    def said(self, value: Any, dimension: Dimension) -> str:
        """A value of a dimension as people say it; codes by their label."""
        if value is None:
            return text("value.unknown", self.language)
        codes = self.field(dimension).codes
        label = codes.get(value) or codes.get(str(value))
        return label.get(self.language, str(value)) if label else str(value)

    def dimension_label(self, dimension: Dimension) -> str:
        """The field's name in the asker's language."""
        return self.field(dimension).labels.get(self.language, dimension.field)

    def number(self, value: float, unit: str | None = None) -> str:
        """A number as people say it, in the metric's unit unless another is given."""
        return format_value(value, unit or self.metric.unit, self.language)

    def change(self, effect: float, baseline: float) -> str:
        """The size of a relative change: percent; of rates and scores their points instead."""
        if self.metric.unit not in ("percent", "points"):
            return self.number(100 * abs(effect), "percent")
        points = self.number(abs(effect * baseline), "points")
        return text(f"insights.{self.metric.unit}", self.language, value=points)

    def text(self, key: str, **values: object) -> str:
        """A sentence of the locale files."""
        said = text(f"insights.{key}", self.language, **values)
        return said[:1].upper() + said[1:]

    def direction(self, change: float) -> Direction:
        """good, bad or neutral, by what is better for the metric."""
        if not self.metric.better or not change:
            return "neutral"
        return "good" if (change > 0) == (self.metric.better == "up") else "bad"


class Detector(Protocol):
    """Looks for one kind of finding. One file in this folder; its class is named `Detector`."""

    kind: str

    def detect(self, scene: Scene) -> list[Insight]:
        """Findings that stand out from chance, in any order; ids are given later.

        Raises:
            RundblickError: A query failed or the budget is used up.
        """


def detectors() -> tuple[Detector, ...]:
    """One detector of every file in this folder, by name."""
    package = importlib.import_module("assistant.insights")
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    modules = [importlib.import_module(f"{package.__name__}.{n}") for n in names if n not in SHARED]
    return tuple(module.Detector() for module in modules)


def rank(insights: Iterable[Insight], limit: int = 5) -> list[Insight]:
    """The largest and surest first; one per metric and group, whichever detector found it."""
    best: dict[str, Insight] = {}
    for insight in sorted(insights, key=_weight, reverse=True):
        best.setdefault(f"{insight.metric} {insight.segment}", insight)
    return list(best.values())[:limit]


def _weight(insight: Insight) -> float:
    """Size of the effect by how far it is from chance; a doubling is as large as it gets.

    What only the bound nearest to no effect vouches for counts: a large but vague effect ranks
    behind a smaller one that is well measured.
    """
    effect = min(1.0, abs(insight.effect or 0))
    if insight.interval is None:
        return effect / 2
    sure = min(1.0, min(abs(bound) for bound in insight.interval))
    return (effect + sure) / 2 * (1 - (insight.p_value or 0))
