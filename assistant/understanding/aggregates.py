"""Metrics a question makes by another aggregate: the largest, the median, the count of."""

from dataclasses import replace
from typing import Literal

from sqlglot import exp

from assistant.compiler.formulas import DIALECT, additive, formula, parsed, row_condition
from assistant.compiler.paths import path
from catalog.semantic_model import Dataset, Metric, SemanticModel

Kind = Literal["MAX", "MIN", "MEDIAN"]
NAMES: dict[str, dict[str, str]] = {
    "MAX": {"de": "höchster Wert: {}", "en": "highest {}"},
    "MIN": {"de": "tiefster Wert: {}", "en": "lowest {}"},
    "MEDIAN": {"de": "Median: {}", "en": "median {}"},
    "count": {"de": "Anzahl: {}", "en": "number of {}"},
    "first": {"de": "Erstes Datum: {}", "en": "first date of {}"},
    "last": {"de": "Letztes Datum: {}", "en": "last date of {}"},
    "part": {"de": "Teil: {}", "en": "part of {}"},
}


def named(metric: Metric, kind: str, suffix: str, expression: str, **changes: object) -> Metric:
    """A metric made of another, with a name and a label that say how."""
    labels = {
        language: form.format(metric.labels.get(language, metric.name.replace("_", " ")))
        for language, form in NAMES[kind].items()
    }
    made = replace(metric, name=f"{metric.name}_{suffix}", expression=expression, labels=labels)
    return replace(made, synonyms=(), source="question", **changes)  # type: ignore[arg-type]


def measured(metric: Metric) -> exp.Expr | None:
    """The value of one row that a mean, median or quotient is made of; None for a plain sum."""
    tree = parsed(metric.expression).unnest()
    means = [*tree.find_all(exp.Avg), *tree.find_all(exp.Median)]
    if len(means) == 1:
        value: exp.Expr = means[0].this.copy()
        return value
    sums = list(tree.find_all(exp.Sum))
    if len(sums) == 1 and isinstance(tree, exp.Div) and not tree.find(exp.Case):
        total: exp.Expr = sums[0].this.copy()
        return total
    return None


def extreme(metric: Metric, kind: Kind) -> Metric | None:
    """The largest, smallest or median value of a row; None when the metric has none by row."""
    value = measured(metric)
    if value is None:
        return None
    tree = parsed(metric.expression)
    inner = next((a for a in tree.find_all(exp.Avg)), None)
    call = f"{kind}({value.sql(DIALECT)})"
    if inner is not None and tree is not inner:
        inner.replace(parsed(call))
        call = tree.sql(DIALECT)
    return named(metric, kind, kind.lower(), call)


def largest_row(dataset: str, model: SemanticModel, kind: Kind) -> Metric | None:
    """The largest value of a dataset's rows, as of orders: of its first sum of money."""
    money = money_of(dataset, model)
    if money is None:
        return None
    tree = parsed(money.expression)
    return named(money, kind, kind.lower(), f"{kind}({tree.this.sql(DIALECT)})")


def money_of(dataset: str, model: SemanticModel) -> Metric | None:
    """The first metric that sums money over the dataset's own rows."""
    for metric in model.metrics.values():
        tree = parsed(metric.expression)
        money = metric.unit is not None and len(metric.unit) == 3 and metric.unit.isupper()
        plain = isinstance(tree, exp.Sum) and isinstance(tree.this, exp.Column)
        if money and plain and formula(metric.name, model).dataset == dataset:
            return metric
    return None


def lasting(dataset: str, model: SemanticModel) -> Metric | None:
    """How long a dataset's rows last: its mean of seconds that is named so, or the only one."""
    found = [
        metric
        for metric in model.metrics.values()
        if metric.unit == "seconds" and formula(metric.name, model).dataset == dataset
    ]
    named_so = [m for m in found if any("dau" in n.lower() or "dura" in n.lower()
                                        for n in m.labels.values())]  # fmt: skip
    if named_so:
        return named_so[0]
    return found[0] if len(found) == 1 else None


def spent_by(entity: str, model: SemanticModel) -> Metric | None:
    """The first sum of money whose rows belong to a customer or the like."""
    for dataset in model.datasets:
        if dataset != entity and path(model, dataset, entity) is not None:
            money = money_of(dataset, model)
            if money is not None:
                return money
    return None


def numerator(metric: Metric) -> Metric | None:
    """The count above the line of a percentage: returned orders of the return rate."""
    tree = parsed(metric.expression)
    if metric.unit != "percent" or not isinstance(tree, exp.Div):
        return None
    counts = list(tree.this.find_all(exp.Count))
    if len(counts) != 1:
        return None
    return named(metric, "count", "count", counts[0].sql(DIALECT), unit="count", datatype="Integer")


def moment(metric: Metric, *, last: bool) -> Metric | None:
    """When a metric's first or last row was; None for a state."""
    if metric.time is None:
        return None
    condition = row_condition(parsed(metric.expression))
    value = metric.time
    if condition is not None:
        value = f"CASE WHEN {condition.sql(DIALECT)} THEN {value} END"
    expression = f"{'MAX' if last else 'MIN'}({value})"
    kind = "last" if last else "first"
    return named(metric, kind, kind, expression, unit=None, datatype="Date")


def counted(dataset: Dataset, field: str | None = None) -> Metric:
    """The number of a dataset's rows, or of different values of a field."""
    times = [f for f in dataset.fields if f.is_time]
    own = dataset.field(field) if field else None
    labels = own.labels if own else dataset.labels
    expression = f"COUNT(DISTINCT {dataset.name}.{field or dataset.primary_key[0]})"
    base = Metric(f"{dataset.name}_{field or 'rows'}", expression, labels=labels, unit="count")
    named_start = [f for f in times if f.name == "start"] or times
    time = f"{dataset.name}.{named_start[0].name}" if named_start and not field else None
    made = named(base, "count", "number", expression, datatype="Integer", time=time)
    return replace(made, labels=labels if not field else made.labels)


def quotient(top: Metric, bottom: Metric, scale: int) -> Metric:
    """One metric per so many of another."""
    per = {"de": "pro", "en": "per"}
    often = "" if scale == 1 else f"{scale} "
    labels = {
        language: f"{_label(top, language)} {word} {often}{_label(bottom, language)}"
        for language, word in per.items()
    }
    expression = f"{float(scale)} * {top.name} / {bottom.name}"
    money = top.unit if scale == 1 and top.unit and top.unit.isupper() else "ratio"
    name = f"{top.name}_per_{bottom.name}"
    return Metric(name, expression, labels=labels, unit=money, source="question")


def persons(metric: Metric, entity: str, model: SemanticModel) -> Metric | None:
    """The customers behind a count, told by the dataset's own key where the model counts by it.

    None when the model itself never counts this key: it may be written in several ways.
    """
    made = formula(metric.name, model)
    steps = path(model, made.dataset, entity) if made.dataset else None
    if not steps or len(steps) != 1 or len(steps[0].from_columns) != 1:
        return None
    dataset, column = made.dataset, steps[0].from_columns[0]
    if not any(_counts_by(m, str(dataset), column) for m in model.metrics.values()):
        return None
    if _counts_by(metric, str(dataset), column):
        return metric
    condition = row_condition(parsed(metric.expression))
    counted_key = f"{dataset}.{column}"
    if condition is not None:
        counted_key = f"CASE WHEN {condition.sql(DIALECT)} THEN {counted_key} END"
    expression = f"COUNT(DISTINCT {counted_key})"
    same = [
        m for m in model.metrics.values() if m.expression == expression and m.time == metric.time
    ]
    if same:
        return same[0]
    label = model.datasets[entity].labels
    whose = {
        language: f"{label.get(language, entity)}: {_label(metric, language)}"
        for language in ("de", "en")
    }
    made_metric = named(metric, "count", "persons", expression, unit="count", datatype="Integer")
    return replace(made_metric, labels=whose)


def _counts_by(metric: Metric, dataset: str, column: str) -> bool:
    """True when a metric counts different values of the column."""
    counted_by = _counted(metric)
    return counted_by is not None and (counted_by.table, counted_by.name) == (dataset, column)


def counted_column(metric: Metric) -> str:
    """The field whose different values a metric counts; '' when it counts none."""
    column = _counted(metric)
    return column.name if column is not None else ""


def _counted(metric: Metric) -> exp.Column | None:
    tree = parsed(metric.expression)
    if not isinstance(tree, exp.Count) or not isinstance(tree.this, exp.Distinct):
        return None
    inner = tree.this.expressions[0]
    if isinstance(inner, exp.Case):
        inner = inner.args["ifs"][0].args["true"]
    return inner if isinstance(inner, exp.Column) else None


def is_average(metric: Metric, model: SemanticModel) -> bool:
    """True when a mean of it is what it already says: a rate, a quotient, a mean."""
    return not additive(metric, model)


def _label(metric: Metric, language: str) -> str:
    return metric.labels.get(language, metric.name.replace("_", " "))
