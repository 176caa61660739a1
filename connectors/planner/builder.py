"""Collects the fragments of one plan; equal fragments are one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlglot import exp
from sqlglot.errors import SqlglotError

from connectors.binder.oracle import TypeOracle
from connectors.guard import SecuredQuery
from connectors.planner.plan import Fragment
from connectors.planner.pushdown import ALLOW_LISTS, why_local
from connectors.planner.render import render
from connectors.query import OutputColumn
from connectors.schema import Table
from connectors.silos.base import Capabilities


class Builder:
    """One plan in the making.

    Attributes:
        fragments: By name, in order of making.
        notes: Decisions worth showing.
        values: Distinct values expected in a fragment's output, by its name and the column's.
    """

    def __init__(
        self, secured: SecuredQuery, capabilities: Mapping[str, Capabilities], oracle: TypeOracle
    ) -> None:
        self.tables = {table.full_name.lower(): table for table in secured.tables}
        self.capabilities = capabilities
        self.fragments: dict[str, Fragment] = {}
        self.notes: list[str] = []
        self.values: dict[tuple[str, str], int] = {}
        self._oracle = oracle
        self._by_sql: dict[tuple[str, str], str] = {}

    def table(self, node: exp.Table) -> Table | None:
        """The catalog table of a node; None for a common table expression."""
        return self.tables.get(".".join(part.name for part in node.parts).lower())

    def tables_of(self, tree: exp.Expr) -> tuple[Table, ...]:
        """Catalog tables in a tree, each once."""
        found = (self.table(node) for node in tree.find_all(exp.Table))
        return tuple({t.full_name: t for t in found if t is not None}.values())

    def reason(self, tree: exp.Expr, silo: str) -> str | None:
        """Why a tree cannot run in a silo; None when it can."""
        return why_local(tree, ALLOW_LISTS[self.capabilities[silo].pushdown])

    def add(
        self,
        tree: exp.Query,
        columns: Sequence[OutputColumn] | None,
        *,
        pushed: Sequence[str],
        kept: Sequence[str] = (),
        rows: int | None = None,
    ) -> Fragment | None:
        """A fragment that runs `tree`, which reads one silo; None when its dialect cannot say it.

        Args:
            tree: Canonical and annotated; it is copied.
            columns: Its output columns; None asks DuckDB for them.
            pushed: What runs in the silo.
            kept: What could not, with the reason.
            rows: Rows expected to leave the silo.
        """
        tables = self.tables_of(tree)
        silo = tables[0].silo
        dialect = self.capabilities[silo].dialect
        try:
            own, sql = render(tree, dialect, tables)
        except (SqlglotError, ValueError) as error:
            self.notes.append(f"{silo}: {str(error).splitlines()[0]}")
            return None
        known = self._by_sql.get((silo, sql))
        if known is not None:
            return self.fragments[known]
        fragment = Fragment(
            name=f"f{len(self.fragments) + 1}",
            silo=silo,
            dialect=dialect,
            tree=own,
            sql=sql,
            canonical=tree,
            columns=tuple(columns or self._oracle.columns(tree, tables)),
            pushed=tuple(pushed),
            kept=tuple(kept),
            tables=tuple(table.full_name for table in tables),
            estimated_rows=rows,
        )
        self._by_sql[silo, sql] = fragment.name
        self.fragments[fragment.name] = fragment
        return fragment

    def writes(self, shown: exp.Expr, body: exp.Select) -> bool:
        """True when the dialect of the body's silo can say a projection."""
        select = body.copy()
        select.set("expressions", [shown])
        tables = self.tables_of(select)
        try:
            render(select, self.capabilities[tables[0].silo].dialect, tables)
        except (SqlglotError, ValueError):
            return False
        return True

    def spelled(self, expression: exp.Expr, fragment: Fragment) -> exp.Expr | None:
        """A canonical expression over a fragment's tables, in the dialect of its silo."""
        select = fragment.canonical.copy()
        select.set("expressions", [exp.alias_(expression.copy(), "key", copy=False)])
        for clause in ("group", "having", "order", "distinct"):
            select.set(clause, None)
        try:
            own, _ = render(select, fragment.dialect, self.tables_of(select))
        except (SqlglotError, ValueError):
            return None
        return own.selects[0].unalias()

    def waits_for(self, name: str, other: str) -> bool:
        """True when a fragment is another, or takes keys from it, straight or through others."""
        if name == other:
            return True
        keys = self.fragments[name].keys
        return any(self.waits_for(first, other) for key in keys for first in key.waits_for)

    def note_values(self, fragment: Fragment, counts: Mapping[str, int | None]) -> None:
        """Keep how many distinct values each output is expected to have."""
        known = {name.lower(): count for name, count in counts.items() if count is not None}
        self.values |= {(fragment.name, name): count for name, count in known.items()}

    def amend(self, name: str, **changes: object) -> None:
        """Replace fields of a fragment."""
        self.fragments[name] = replace(self.fragments[name], **changes)  # type: ignore[arg-type]  # typed at each call


def relation(fragment: Fragment, alias: str | None = None) -> exp.Table:
    """The fragment as a table of the remainder."""
    table = exp.Table(this=exp.to_identifier(fragment.name))
    if alias:
        table.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
    return table
