"""The draft of a why-question: the figure beside the one before, so that the change is seen."""

from dataclasses import replace

from assistant.compiler import compile_query
from assistant.compiler.formulas import formula
from assistant.draft import Draft
from assistant.insights.spans import days
from assistant.metric_query import Period
from assistant.periods import add, previous
from catalog.semantic_model import Language, SemanticModel
from connectors.clock import Clock

HALF_YEAR = 185


def with_change(draft: Draft, model: SemanticModel, clock: Clock, language: Language) -> Draft:
    """The same figure with the period before; without a period that of the last full quarter.

    A draft without a metric query, or of a metric without time, stays as it is.
    """
    query = draft.query
    if draft.kind != "sql" or query is None or query.made:
        return draft
    inputs = formula(query.metrics[0], model).inputs
    if not all(model.metrics[name].time for name in inputs):
        return draft
    period = query.period or _last_quarter(clock, language)
    asked = replace(query, period=period, comparison=query.comparison or _before(period))
    made = compile_query(asked, model, language)
    return replace(
        draft,
        sql=made.sql,
        query=asked,
        units=dict(made.units),
        labels=dict(made.labels),
        codes={name: dict(meaning) for name, meaning in made.codes.items()},
        definitions=made.definitions,
        links=made.links,
    )


def _last_quarter(clock: Clock, language: Language) -> Period:
    today = clock.day()
    end = today.replace(month=today.month - (today.month - 1) % 3, day=1)
    start = add(end, "month", -3)
    number = (start.month + 2) // 3
    label = f"{number}. Quartal {start.year}" if language == "de" else f"Q{number} {start.year}"
    return Period(start, end, label)


def _before(period: Period) -> Period:
    """Half a year and more is compared with a year ago."""
    if days(period) >= HALF_YEAR:
        return Period(add(period.start, "year", -1), add(period.end, "year", -1))
    return previous(period)
