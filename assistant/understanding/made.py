"""Metrics a question makes of the model's own: a share, rows beyond a threshold."""

from collections.abc import Iterable
from dataclasses import replace

from sqlglot import exp

from assistant.compiler.blocks import literal
from assistant.compiler.formulas import DIALECT, additive, formula, parsed
from assistant.metric_query import Filter, MetricFilter
from catalog.semantic_model import Metric, SemanticModel


def portion(name: str, conditions: Iterable[Filter], model: SemanticModel) -> Metric | None:
    """Percent of a count or sum that meets all conditions; None when it cannot be told."""
    metric, made = model.metrics[name], formula(name, model)
    if made.dataset is None or not additive(metric, model):
        return None
    tree = parsed(metric.expression)
    part = _where(tree, " AND ".join(_condition(c) for c in conditions))
    expression = f"100.0 * {part.sql(DIALECT)} / {tree.sql(DIALECT)}"
    found = share_of(metric, expression)
    same = formula(found.name, _with(model, found)).dataset == made.dataset
    return found if same else None


def part_of(name: str, whole: str, model: SemanticModel, *, same: bool = False) -> Metric | None:
    """Percent one count is of another whose rows it is among, as buyers among customers.

    `same` when both count rows of one dataset, the part only some of them.
    """
    part = model.metrics[name]
    if part.unit != "count" or not (same or _divides(name, whole, model)):
        return None
    start, goal = formula(name, model).dataset, formula(whole, model).dataset
    if start != goal and not _counts(name, str(goal), model):
        return None
    return share_of(part, f"100.0 * {name} / {whole}")


def beyond(name: str, measure: str, limit: MetricFilter, model: SemanticModel) -> Metric | None:
    """Rows of a count whose measured value is beyond a limit: calls that waited over a minute."""
    counted, measured = formula(name, model), formula(measure, model)
    if counted.dataset is None or counted.dataset != measured.dataset:
        return None
    inner = parsed(model.metrics[measure].expression)
    means = list(inner.find_all(exp.Avg, exp.Sum))
    if len(means) != 1 or len(list(inner.find_all(exp.AggFunc))) != 1:
        return None
    value = means[0].this.sql(DIALECT)
    if inner is not means[0]:
        means[0].replace(exp.Paren(this=means[0].this))
        value = inner.sql(DIALECT)
    metric = model.metrics[name]
    tree = parsed(metric.expression)
    if not isinstance(tree, exp.Count):
        return None
    part = _where(tree, f"({value}) {limit.operator} {limit.value}")
    return replace(metric, name=f"{name}_beyond", expression=part.sql(DIALECT), synonyms=())


def _counts(name: str, whole: str, model: SemanticModel) -> bool:
    """True when the metric counts each row of the other dataset once, by its key."""
    tree = formula(name, model).tree
    if not isinstance(tree, exp.Count) or not isinstance(tree.this, exp.Distinct):
        return False
    column = tree.this.expressions[0]
    keys = {
        (step.from_dataset, step.from_columns)
        for step in model.relationships
        if step.to_dataset == whole
    }
    return isinstance(column, exp.Column) and (column.table, (column.name,)) in keys


def _divides(name: str, base: str, model: SemanticModel) -> bool:
    """Two base metrics; of one dataset only with one time, else a period would cut both alike."""
    top, bottom = formula(name, model), formula(base, model)
    if top.dataset is None or bottom.dataset is None or name == base:
        return False
    return top.dataset != bottom.dataset or top.metric.time == bottom.metric.time


def share_of(metric: Metric, expression: str) -> Metric:
    """A percentage of a metric, named after it."""
    names = {"de": "Anteil {}", "en": "share of {}"}
    labels = {
        language: form.format(metric.labels.get(language, metric.name))
        for language, form in names.items()
    }
    made = replace(metric, name=f"{metric.name}_portion", expression=expression, labels=labels)
    return replace(made, unit="percent", datatype="Decimal", source="question", synonyms=())


def _where(tree: exp.Expr, condition: str) -> exp.Expr:
    """Every aggregate of the tree over the rows of the condition alone."""
    tree = tree.copy()
    for call in list(tree.find_all(exp.AggFunc)):
        inner = call.this
        target = inner.expressions[0] if isinstance(inner, exp.Distinct) else inner
        case = exp.Case().when(parsed(condition), target.copy())
        target.replace(case)
    return tree


def _condition(condition: Filter) -> str:
    column = f"{condition.dataset}.{condition.field}"
    values = ", ".join(literal(value) for value in condition.values)
    if condition.operator in ("in", "not in"):
        return f"{column} {condition.operator.upper()} ({values})"
    return f"{column} {condition.operator} {values}"


def _with(model: SemanticModel, *made: Metric) -> SemanticModel:
    return replace(model, metrics={**model.metrics, **{metric.name: metric for metric in made}})


def with_made(model: SemanticModel, made: tuple[Metric, ...]) -> SemanticModel:
    """The model with the metrics a question made."""
    return _with(model, *made) if made else model
