"""What a recommendation is made in: language, model, the question's figures, whom it may reach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.answer import Insight
from assistant.compiler.blocks import find_field, literal
from assistant.compiler.formulas import formula
from assistant.language import format_number, has_text, text
from assistant.metric_query import Filter, MetricQuery
from assistant.people.audiences import Audiences, Selection
from assistant.people.facts import link
from assistant.recommendations.decisions import Decision
from catalog.semantic_model import Language, Metric, SemanticModel
from catalog.semantic_offers import Condition
from connectors.errors import BindError


@dataclass(frozen=True)
class Situation:
    """The question and the means.

    Attributes:
        query: What was asked; None when the findings are not about a metric query.
        audiences: Counts whom an action reaches; None leaves it out.
        decisions: What was decided of earlier recommendations, by their id.
    """

    language: Language
    model: SemanticModel
    query: MetricQuery | None = None
    audiences: Audiences | None = None
    decisions: Mapping[str, Decision] = field(default_factory=dict)

    def metric(self, insight: Insight) -> Metric | None:
        """The metric a finding is about; None when it is none of the model's."""
        return self.model.metrics.get(insight.metric)

    def metric_label(self, name: str) -> str:
        """A metric's name as people say it; that of a study where the model has none."""
        metric = self.model.metrics.get(name)
        key = f"study.metric_{name}"
        if metric is None and has_text(key, self.language):
            return text(key, self.language)
        return metric.labels.get(self.language, name) if metric else name

    def group(self, insight: Insight) -> str:
        """The group of a finding as people say it; „all customers" when it is everybody."""
        if not insight.segment:
            return text("insights.everyone", self.language)
        name, value = next(iter(insight.segment.items()))
        dataset, _, label = name.partition(".")
        if dataset not in self.model.datasets or self.model.datasets[dataset].field(label) is None:
            return str(value)
        known = find_field(self.model, dataset, label)
        code = known.codes.get(value) or known.codes.get(str(value)) or {}
        said = code.get(self.language, str(value))
        if value is None:
            said = text("value.unknown", self.language)
        return f"{said} ({known.labels.get(self.language, label)})"

    def number(self, value: float, unit: str | None) -> str:
        """A number as people say it."""
        return format_number(value, unit, self.language)

    def say(self, key: str, **values: object) -> str:
        """A text of the locale files."""
        return text(f"recommend.{key}", self.language, **values)

    def caveat(self, key: str, **values: object) -> str:
        """A caveat, as findings have them."""
        return text(f"insights.{key}", self.language, **values)

    def unit(self, unit: str | None, value: str) -> str:
        """A number of points, of percent or of a score."""
        return text(f"insights.{unit}", self.language, value=value)

    def basis(self, key: str, period: str) -> str:
        """What an effect is measured against."""
        return text(f"insights.{key}", self.language, period=period)

    def selection(self, insight: Insight, channel: str) -> Selection | None:
        """The people a finding is about: those with rows of its metric, in its group and period.

        None when there is no metric query, or a link to the persons is missing.
        """
        metric = self.metric(insight)
        if self.query is None or metric is None:
            return None
        base = formula(metric.name, self.model).dataset
        if base is None or link(self.model, base) is None:
            return None
        filters = [*self.query.filters, *_segment(insight)]
        try:
            conditions = self._conditions(base, metric, filters)
        except BindError:
            return None
        return Selection(conditions, channel)

    def _conditions(
        self, base: str, metric: Metric, filters: Sequence[Filter]
    ) -> tuple[Condition, ...]:
        """One condition per dataset; those of others than the base must lead to persons too."""
        parts: dict[str, list[str]] = {base: self._period(metric)}
        for one in filters:
            parts.setdefault(one.dataset, []).append(self._filter(one))
        if any(link(self.model, dataset) is None for dataset in parts):
            raise BindError("a filter of the question is not about people")
        return tuple(
            Condition(dataset, " AND ".join(f"({part})" for part in found) or "TRUE")
            for dataset, found in parts.items()
        )

    def _period(self, metric: Metric) -> list[str]:
        period = self.query.period if self.query else None
        if period is None or metric.time is None:
            return []
        dataset, _, name = metric.time.partition(".")
        moment = find_field(self.model, dataset, name).expression
        return [f"{moment} >= {literal(period.start)}", f"{moment} < {literal(period.end)}"]

    def _filter(self, one: Filter) -> str:
        sql = find_field(self.model, one.dataset, one.field).expression
        values = [literal(value) for value in one.values]
        if one.operator in ("in", "not in"):
            return f"{sql} {one.operator.upper()} ({', '.join(values)})"
        if one.operator in ("is null", "not null"):
            return f"{sql} IS NULL" if one.operator == "is null" else f"NOT {sql} IS NULL"
        return f"{sql} {one.operator.upper()} {values[0]}"


def _segment(insight: Insight) -> list[Filter]:
    found = []
    for name, value in (insight.segment or {}).items():
        dataset, _, label = name.partition(".")
        operator: Any = "=" if value is not None else "is null"
        found.append(Filter(dataset, label, operator, (value,) if value is not None else ()))
    return found
