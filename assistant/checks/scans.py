"""The tables a bound statement reads, scope by scope."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from connectors.query import BoundQuery
from connectors.schema import Column, Table


@dataclass(frozen=True)
class Scan:
    """One table in one FROM.

    Attributes:
        node: Its place in the tree, to be changed there.
        columns: Columns of it that its SELECT mentions anywhere.
    """

    scope: Scope
    alias: str
    node: exp.Table
    table: Table
    columns: tuple[exp.Column, ...]

    def mentions(self, names: frozenset[str]) -> bool:
        """True when one of the columns (lower case) is mentioned."""
        return any(column.name.lower() in names for column in self.columns)


def scopes(tree: exp.Query) -> list[Scope]:
    """All scopes of SELECTs, inner ones first."""
    return [scope for scope in traverse_scope(tree) if isinstance(scope.expression, exp.Select)]


def scans(tree: exp.Query, bound: BoundQuery) -> Iterator[Scan]:
    """Every table read; `tree` is the bound tree or a copy of it."""
    known = tables_by_name(bound)
    for scope in scopes(tree):
        for alias, (node, source) in scope.selected_sources.items():
            table = known.get(table_name(source)) if isinstance(source, exp.Table) else None
            if table is not None and isinstance(node, exp.Table):
                mentioned = tuple(c for c in scope.columns if c.table == alias)
                yield Scan(scope, alias, node, table, mentioned)


def tables_by_name(bound: BoundQuery) -> Mapping[str, Table]:
    """The statement's tables by lower-case full name."""
    return {table.full_name.lower(): table for table in bound.tables}


def table_name(node: exp.Table) -> str:
    """Lower-case three-part name."""
    return ".".join(part.name for part in node.parts).lower()


def column_of(column: exp.Column, scope: Scope, bound: BoundQuery) -> tuple[Table, Column] | None:
    """The table's column a column stands for; None for one of a subquery."""
    source = scope.sources.get(column.table)
    if not isinstance(source, exp.Table):
        return None
    table = tables_by_name(bound).get(table_name(source))
    found = table.column(column.name) if table else None
    return (table, found) if table and found else None
