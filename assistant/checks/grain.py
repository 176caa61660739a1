"""Finds aggregates that count rows several times, since a join has multiplied them.

A join multiplies the rows of one side when the other side's join columns do not tell its rows
apart: no key covers them and, by the catalog's statistics, values repeat. Where nothing is known,
nothing is claimed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from assistant.checks.scans import scopes, table_name, tables_by_name
from catalog.semantic_model import Dataset
from connectors.query import BoundQuery
from connectors.schema import Table

REPEATED = 0.9
"""Distinct values per row below which a column is surely no key (counts may be approximate)."""
COUNTING = (exp.Sum, exp.Avg, exp.Count, exp.Median, exp.PercentileCont, exp.Quantile)
Sides = dict[tuple[str, str], set[str]]


@dataclass(frozen=True)
class _Joins:
    """How the sources of one SELECT are joined.

    Attributes:
        columns: (of, with) -> columns of `of` that are compared with `with`.
        fixed: Columns by source that a condition fixes to one value.
    """

    columns: Mapping[tuple[str, str], frozenset[str]]
    fixed: Mapping[str, frozenset[str]]


def double_counts(bound: BoundQuery, datasets: Mapping[str, Dataset]) -> Iterator[str]:
    """One sentence for each aggregate over multiplied rows: what, why, and what to do instead.

    Args:
        bound: The statement.
        datasets: By lower-case source; their primary keys count as keys.
    """
    tables = tables_by_name(bound)
    for scope in scopes(bound.tree):
        if len(scope.selected_sources) > 1:
            yield from _of_scope(scope, _Unique(tables, datasets))


def _of_scope(scope: Scope, unique: "_Unique") -> Iterator[str]:
    joins = _joins(scope)
    many = {
        (a, b): unique.of(scope, b, joins.columns[(b, a)], joins.fixed.get(b, frozenset())) is False
        for a, b in joins.columns
    }
    causes = {alias: _multiplier(alias, many) for alias in scope.selected_sources}
    for aggregate in _aggregates(scope):
        over = {column.table for column in aggregate.find_all(exp.Column)} & set(causes)
        found = [causes[alias] for alias in over or causes]
        cause = next((c for c in found if c is not None), None)
        if cause is not None and all(found):
            yield _said(aggregate, scope, cause, joins.columns)


def _said(
    aggregate: exp.Expr,
    scope: Scope,
    cause: tuple[str, str],
    columns: Mapping[tuple[str, str], frozenset[str]],
) -> str:
    one, other = cause
    key = ", ".join(sorted(columns[(other, one)]))
    return (
        f"{aggregate.sql('duckdb')} counts rows more than once: a row of {_name(scope, one)} meets "
        f"many rows of {_name(scope, other)} over ({key}). Aggregate {_name(scope, other)} by "
        f"({key}) in a CTE first and join that, or use EXISTS, or count DISTINCT keys."
    )


def _name(scope: Scope, alias: str) -> str:
    source = scope.sources.get(alias)
    return f"{table_name(source)} ({alias})" if isinstance(source, exp.Table) else alias


def _multiplier(start: str, many: Mapping[tuple[str, str], bool]) -> tuple[str, str] | None:
    """The first step on a way from a source that leads to many rows; None when there is none."""
    seen, waiting = {start}, [start]
    while waiting:
        here = waiting.pop(0)
        for (a, b), is_many in many.items():
            if a == here and b not in seen:
                if is_many:
                    return a, b
                seen.add(b)
                waiting.append(b)
    return None


def _aggregates(scope: Scope) -> Iterator[exp.Expr]:
    """Aggregates of this SELECT that a repeated row changes; those of windows are left out."""
    for node in scope.walk():
        if not isinstance(node, COUNTING) or isinstance(node.parent, exp.Window):
            continue
        if not isinstance(node.this, exp.Distinct) and not node.args.get("distinct"):
            yield node


def _joins(scope: Scope) -> _Joins:
    columns: Sides = {}
    fixed: dict[str, set[str]] = {}
    for equal in _equalities(scope):
        left, right = _one_column(equal.this), _one_column(equal.expression)
        for one, other in ((left, right), (right, left)):
            if one is None:
                continue
            if other is not None and other.table != one.table:
                columns.setdefault((one.table, other.table), set()).add(one.name.lower())
            elif other is None and _is_constant(equal):
                fixed.setdefault(one.table, set()).add(one.name.lower())
    return _Joins(
        {pair: frozenset(names) for pair, names in columns.items()},
        {alias: frozenset(names) for alias, names in fixed.items()},
    )


def _equalities(scope: Scope) -> Iterator[exp.EQ]:
    """Equalities that all rows must fulfil: of WHERE and of every ON."""
    select = scope.expression
    where = select.args.get("where")
    conditions = [join.args.get("on") for join in select.args.get("joins") or ()]
    for condition in [where.this if where else None, *conditions]:
        if condition is None:
            continue
        for part in condition.flatten() if isinstance(condition, exp.And) else [condition]:
            bare = part.unnest()
            if isinstance(bare, exp.EQ):
                yield bare


def _one_column(expression: exp.Expr) -> exp.Column | None:
    """The only column of a side of an equality."""
    found = list(expression.find_all(exp.Column))
    return found[0] if len({(c.table, c.name) for c in found}) == 1 else None


def _is_constant(equal: exp.EQ) -> bool:
    return any(not list(side.find_all(exp.Column)) for side in (equal.this, equal.expression))


class _Unique:
    """Whether columns tell the rows of a source apart."""

    def __init__(self, tables: Mapping[str, Table], datasets: Mapping[str, Dataset]) -> None:
        self._tables = tables
        self._datasets = datasets

    def of(
        self, scope: Scope, alias: str, columns: frozenset[str], fixed: frozenset[str]
    ) -> bool | None:
        """True, False when values surely repeat, None when it is not known."""
        source = scope.sources.get(alias)
        if isinstance(source, Scope):
            return self._of_query(source, columns)
        table = self._tables.get(table_name(source)) if isinstance(source, exp.Table) else None
        if table is None:
            return None
        return self._of_table(table, columns, fixed)

    def _of_table(
        self, table: Table, columns: frozenset[str], fixed: frozenset[str]
    ) -> bool | None:
        dataset = self._datasets.get(table.full_name.lower())
        keys = [table.primary_key, *table.unique_keys, dataset.primary_key if dataset else ()]
        told = columns | fixed
        if any(key and {part.lower() for part in key} <= told for key in keys):
            return True
        if fixed or len(columns) != 1:
            return None
        return self._by_statistics(table, next(iter(columns)))

    def _by_statistics(self, table: Table, name: str) -> bool | None:
        column = table.column(name)
        stats = table.stats.get(column.name) if column else None
        if stats is None or stats.distinct is None or not table.row_estimate:
            return None
        filled = table.row_estimate * (1 - (stats.null_share or 0))
        return False if stats.distinct < REPEATED * filled else None

    def _of_query(self, inner: Scope, columns: frozenset[str]) -> bool | None:
        select = inner.expression
        if not isinstance(select, exp.Select):
            return None
        outputs = {p.alias_or_name.lower(): p.unalias() for p in select.selects}
        group = select.args.get("group")
        if group is not None:
            keys = {expression.sql() for expression in group.expressions}
            told = {outputs[name].sql() for name in columns if name in outputs}
            return True if keys <= told else None
        if select.args.get("distinct"):
            return True if set(outputs) <= columns else None
        aggregated = all(p.find(exp.AggFunc) for p in outputs.values())
        return True if aggregated and outputs else None
