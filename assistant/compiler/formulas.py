"""Metrics as formulas: which datasets they aggregate, and what is derived from what."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from rapidfuzz import process
from sqlglot import exp

from assistant.compiler.paths import path
from catalog.semantic_model import Metric, SemanticModel
from connectors.errors import BindError

DIALECT = "duckdb"
ADDITIVE_UNITS = frozenset({"count", "CHF", "EUR", "USD", "GBP", "seconds"})


@dataclass(frozen=True)
class Formula:
    """A metric's parsed expression.

    Attributes:
        dataset: The dataset it aggregates; None for a metric derived from others.
        tree: Shared by all who ask; copy it before it is changed.
        inputs: Base metrics a derived metric is made of; itself for a base metric.
    """

    metric: Metric
    tree: exp.Expr
    dataset: str | None
    inputs: tuple[str, ...]


@lru_cache(maxsize=4_096)
def _parsed(expression: str) -> exp.Expr:
    return sqlglot.parse_one(expression, dialect=DIALECT)


@lru_cache(maxsize=4_096)
def _guarded(expression: str) -> exp.Expr:
    return guard_divisions(_parsed(expression).copy())


def parsed(expression: str) -> exp.Expr:
    """An expression as a tree of its own, to be changed at will."""
    return _parsed(expression).copy()


def formula(name: str, model: SemanticModel) -> Formula:
    """The formula of a metric.

    Raises:
        BindError: There is no such metric, or it refers to nothing the model knows.
    """
    metric = model.metrics.get(name)
    if metric is None:
        near = process.extractOne(name, list(model.metrics))
        hint = f"Nearest: {near[0]}." if near else None
        raise BindError(f"there is no metric {name!r} in the semantic model", hint=hint)
    tree = _guarded(metric.expression)
    if tree.find(exp.AggFunc):
        return Formula(metric, tree, _dataset(metric, tree, model), (name,))
    inputs: dict[str, None] = {}
    for column in tree.find_all(exp.Column):
        inputs.update(dict.fromkeys(formula(column.name, model).inputs))
    return Formula(metric, tree, None, tuple(inputs))


def _dataset(metric: Metric, tree: exp.Expr, model: SemanticModel) -> str:
    """The dataset whose rows are counted or summed.

    That of its time, or one with many rows to each of these; without a time the first.
    """
    names = [c.table for c in tree.find_all(exp.Column) if c.table in model.datasets]
    placed = metric.time.split(".")[0] if metric.time else None
    if placed is not None:
        finer = [n for n in names if n != placed and path(model, n, placed) is not None]
        return finer[0] if finer else placed
    if not names:
        message = f"the metric {metric.name!r} names no dataset in {metric.expression!r}"
        raise BindError(message, hint="Write fields as dataset.field.")
    return names[0]


def row_condition(tree: exp.Expr) -> exp.Expr | None:
    """What a row must meet to be counted: that of ``COUNT(CASE WHEN … THEN …)``; None for all."""
    if not isinstance(tree, exp.Count):
        return None
    inner = tree.this.expressions[0] if isinstance(tree.this, exp.Distinct) else tree.this
    if (
        isinstance(inner, exp.Case)
        and len(inner.args["ifs"]) == 1
        and not inner.args.get("default")
    ):
        condition: exp.Expr = inner.args["ifs"][0].this
        return condition.copy()
    if isinstance(inner, exp.Column) and not isinstance(tree.this, exp.Distinct):
        return exp.Not(this=exp.Is(this=inner.copy(), expression=exp.Null()))
    return None


def all_rows(metric: Metric, model: SemanticModel) -> str | None:
    """The dataset of a metric that counts every row of it; None for any other metric."""
    made = formula(metric.name, model) if metric.name in model.metrics else None
    if made is None or not isinstance(made.tree, exp.Count):
        return None
    inner = made.tree.this
    column = inner.expressions[0] if isinstance(inner, exp.Distinct) else inner
    owner = model.datasets.get(made.dataset or "")
    keys = owner.primary_key if owner else ()
    return made.dataset if isinstance(column, exp.Column) and column.name in keys else None


def guard_divisions(tree: exp.Expr) -> exp.Expr:
    """Every divisor becomes null instead of 0."""
    for division in list(tree.find_all(exp.Div)):
        divisor = division.expression.unnest()
        if not isinstance(divisor, exp.Nullif):
            zero = exp.Literal.number(0)
            division.set("expression", exp.Nullif(this=divisor.copy(), expression=zero))
    return tree


def additive(metric: Metric, model: SemanticModel) -> bool:
    """True when the values of groups add up to the value of the whole."""
    tree = formula(metric.name, model).tree.unnest()
    return metric.unit in ADDITIVE_UNITS and isinstance(tree, (exp.Count, exp.Sum))


def expanded(name: str, model: SemanticModel) -> exp.Expr:
    """A derived metric as an expression over columns named like base metrics."""
    made = formula(name, model)
    if made.dataset is not None:
        return exp.column(exp.to_identifier(name, quoted=True))
    tree = exp.Paren(this=made.tree.copy())
    for column in list(tree.find_all(exp.Column)):
        column.replace(expanded(column.name, model))
    return tree


def bases(metrics: tuple[str, ...], model: SemanticModel) -> dict[str, list[str]]:
    """Base metrics by the dataset they aggregate, in order of first need."""
    found: dict[str, list[str]] = {}
    for name in _base_names(metrics, model):
        dataset = formula(name, model).dataset
        if dataset is not None and name not in found.setdefault(dataset, []):
            found[dataset].append(name)
    return found


def _base_names(metrics: tuple[str, ...], model: SemanticModel) -> Iterator[str]:
    for name in metrics:
        yield from formula(name, model).inputs
