"""One SELECT per dataset and period: its metrics by the dimensions, over many→one joins."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import sqlglot
from sqlglot import exp

from assistant.compiler.formulas import DIALECT, formula, row_condition
from assistant.compiler.paths import path
from assistant.metric_query import Dimension, Filter, Membership, MetricQuery, Part, Period
from catalog.normalisers import normalise
from catalog.semantic_model import Dataset, Field, Relationship, SemanticModel
from connectors.errors import BindError


@dataclass
class Block:
    """A SELECT over one base dataset, in the making."""

    model: SemanticModel
    base: str
    joined: dict[str, Relationship] = field(default_factory=dict)
    used: dict[str, Relationship] = field(default_factory=dict)

    def select(
        self,
        metrics: Iterable[str],
        query: MetricQuery,
        period: Period | None,
        part: Part | None = None,
    ) -> str:
        """The SELECT: dimension columns first, then metric columns, one row per group."""
        dimensions = [self._dimension(d, query) for d in query.dimensions]
        outputs = [f"{sql} AS {quoted(name)}" for sql, name in dimensions]
        outputs += [f"{self._metric(name)} AS {quoted(name)}" for name in metrics]
        conditions = [self._condition(f) for f in (*query.filters, *(part.filters if part else ()))]
        conditions += self._period(metrics, period)
        members = (*query.members, *(part.members if part else ()))
        conditions += [self._member(member) for member in members]
        sql = f"SELECT {', '.join(outputs)} {self._from(conditions)}"
        if dimensions:  # without metrics each combination stands once
            sql += f" GROUP BY {', '.join(sql for sql, _ in dimensions)}"
        return sql

    def _from(self, conditions: list[str]) -> str:
        """FROM and WHERE, once all joins are known."""
        base = self.model.datasets[self.base]
        if base.always:
            conditions = [over(base.always, self.base), *conditions]
        where = f" WHERE {' AND '.join(f'({c})' for c in conditions)}" if conditions else ""
        self.used.update({step.name: step for step in self.joined.values()})
        return f"FROM {source(base)}{self.joins()}{where}"

    def _member(self, member: Membership) -> str:
        """The key is among those with such rows, or not."""
        inner = Block(self.model, str(formula(member.metric, self.model).dataset))
        keys = inner.keys(member)
        self.used.update(inner.used)
        own = self.reference(member.dataset, member.key)
        return f"{own} {'NOT IN' if member.negated else 'IN'} ({keys})"

    def keys(self, member: Membership) -> str:
        """A SELECT of the keys that have rows of a metric; without nulls."""
        tree = formula(member.metric, self.model).tree
        key = self.reference(member.dataset, member.key)
        conditions = [f"NOT {key} IS NULL", *(self._condition(f) for f in member.filters)]
        conditions += self._period([member.metric], member.period)
        if member.having is not None:
            value = self._metric(member.metric)
            limit = f"{value} {member.having.operator} {number(member.having.value)}"
            return f"SELECT {key} {self._from(conditions)} GROUP BY {key} HAVING {limit}"
        condition = row_condition(tree)
        if condition is not None:
            conditions.append(self._resolved(condition))
        return f"SELECT {key} {self._from(conditions)} GROUP BY {key}"

    def reference(self, dataset: str, name: str) -> str:
        """A ``dataset.field`` as SQL, the dataset joined.

        Raises:
            BindError: The model has no such field, or no many→one path leads there.
        """
        steps = path(self.model, self.base, dataset)
        if steps is None:
            message = f"{dataset!r} cannot be reached from {self.base!r}"
            raise BindError(message, hint="Add a relationship to the semantic model.")
        for step in steps:
            self.joined.setdefault(step.to_dataset, step)
        return over(find_field(self.model, dataset, name).expression, dataset)

    def _metric(self, name: str) -> str:
        return self._resolved(formula(name, self.model).tree.copy())

    def _resolved(self, tree: exp.Expr) -> str:
        """An expression over ``dataset.field`` names as SQL, the datasets joined."""
        root = exp.Paren(this=tree)
        for column in list(root.find_all(exp.Column)):
            reference = self.reference(column.table or self.base, column.name)
            column.replace(sqlglot.parse_one(reference, dialect=DIALECT))
        sql: str = root.this.sql(DIALECT)
        return sql

    def _dimension(self, dimension: Dimension, query: MetricQuery) -> tuple[str, str]:
        name = dimension_name(dimension, query)
        if dimension.grain is None:
            return self.reference(dimension.dataset, dimension.field), name
        sql = self._moment(dimension, query)
        return f"CAST(DATE_TRUNC('{dimension.grain}', {sql}) AS DATE)", name

    def _moment(self, dimension: Dimension, query: MetricQuery) -> str:
        """The time dimension; each base dataset uses its own metrics' time."""
        times = {self.model.metrics[m].time for m in _inputs(query, self.model)}
        if f"{dimension.dataset}.{dimension.field}" in times:
            own = next((t for t in times if t and t.split(".")[0] == self.base), None)
            if own is not None:
                return self.reference(*own.split("."))
        return self.reference(dimension.dataset, dimension.field)

    def _condition(self, condition: Filter) -> str:
        sql = self.reference(condition.dataset, condition.field)
        values = [literal(value) for value in condition.values]
        if condition.operator in ("in", "not in"):
            return f"{sql} {condition.operator.upper()} ({', '.join(values)})"
        if condition.operator == "is null":
            return f"{sql} IS NULL"
        if condition.operator == "not null":
            return f"NOT {sql} IS NULL"
        return f"{sql} {condition.operator.upper()} {values[0]}"

    def _period(self, metrics: Iterable[str], period: Period | None) -> list[str]:
        times = {self.model.metrics[name].time for name in metrics} - {None}
        if period is None or not times:
            return []
        if len(times) > 1:
            names = ", ".join(sorted(str(time) for time in times))
            raise BindError(f"metrics of {self.base!r} with different times: {names}")
        sql = self.reference(*str(times.pop()).split("."))
        return [f"{sql} >= {literal(period.start)}", f"{sql} < {literal(period.end)}"]

    def joins(self) -> str:
        """The JOINs of everything referred to so far."""
        return "".join(self._join(step) for step in self.joined.values())

    def _join(self, step: Relationship) -> str:
        target = self.model.datasets[step.to_dataset]
        pairs = zip(step.from_columns, step.to_columns, strict=True)
        conditions = [
            f"{self.side(step.from_dataset, a, step)} = {self.side(step.to_dataset, b, step)}"
            for a, b in pairs
        ]
        if target.always and not target.latest:
            conditions.append(over(target.always, target.name))
        return f" LEFT JOIN {source(target)} ON {' AND '.join(conditions)}"

    def side(self, dataset: str, column: str, step: Relationship) -> str:
        """One side of a link, brought to the form both sides are compared in."""
        return normalise(step.normaliser, over(_key(self.model, dataset, column), dataset))


def _inputs(query: MetricQuery, model: SemanticModel) -> set[str]:
    return {name for metric in query.metrics for name in formula(metric, model).inputs}


def _key(model: SemanticModel, dataset: str, name: str) -> str:
    """A key's expression: a field of the dataset, or a column of its table."""
    found = model.datasets[dataset].field(name)
    return found.expression if found else quoted(name)


def find_field(model: SemanticModel, dataset: str, name: str) -> Field:
    """A field of the model.

    Raises:
        BindError: There is none of this name.
    """
    owner = model.datasets.get(dataset)
    found = owner.field(name) if owner else None
    if found is None:
        raise BindError(f"the semantic model has no field {f'{dataset}.{name}'!r}")
    return found


def over(expression: str, dataset: str) -> str:
    """An expression over a dataset's own columns, each with the dataset's alias."""
    tree = sqlglot.parse_one(expression, dialect=DIALECT)
    for column in tree.find_all(exp.Column):
        if not column.table:
            column.set("table", exp.to_identifier(dataset, quoted=True))
    return tree.sql(DIALECT)


def source(dataset: Dataset) -> str:
    """A dataset's table, or its newest rows, under the dataset's name."""
    name = ".".join(quoted(part) for part in dataset.source.split("."))
    if dataset.latest is None:
        return f"{name} AS {quoted(dataset.name)}"
    keys, order = dataset.latest
    newest = f"ROW_NUMBER() OVER (PARTITION BY {', '.join(map(quoted, keys))}"
    newest += f" ORDER BY {quoted(order)} DESC) = 1"
    where = f" WHERE {dataset.always}" if dataset.always else ""
    return f"(SELECT * FROM {name}{where} QUALIFY {newest}) AS {quoted(dataset.name)}"


def dimension_name(dimension: Dimension, query: MetricQuery) -> str:
    """Its output column: the field's name; with the dataset before it when two share a name."""
    same = [d for d in query.dimensions if d.field == dimension.field]
    plain = len(same) == 1 and dimension.field not in query.metrics
    return dimension.field if plain else f"{dimension.dataset}_{dimension.field}"


def number(value: float) -> str:
    """A threshold as a canonical literal, whole where it is."""
    return str(int(value)) if value == int(value) else str(value)


def quoted(name: str) -> str:
    """An identifier in double quotes."""
    return exp.to_identifier(name, quoted=True).sql(DIALECT)


def literal(value: str | int | float | bool | date) -> str:
    """A value as a canonical literal."""
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    return exp.convert(value).sql(DIALECT)
