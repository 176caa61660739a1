"""The plan: fragments that run inside silos and the remainder that runs in the engine."""

from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from connectors.planner.estimates import row_width
from connectors.query import OutputColumn


@dataclass(frozen=True)
class KeySource:
    """Keys one fragment takes from another: a semi-join resolved at run time.

    Attributes:
        column: Expression inside the receiving fragment, canonical, that must be among the keys.
        fragment: Name of the fragment whose rows give the keys; it runs first.
        key: Canonical SQL over that fragment's output columns.
        limit: With more distinct keys than this the restriction is dropped, never cut.
        otherwise: True, inside the receiving fragment, for rows that pass whatever the keys.
        after: Other fragments that `key` reads.
        value: `key` gives one value, and `column` is a condition with a hole for it.
    """

    column: exp.Expr
    fragment: str
    key: str
    limit: int = 10_000
    otherwise: exp.Expr | None = None
    after: tuple[str, ...] = ()
    value: bool = False

    @property
    def waits_for(self) -> tuple[str, ...]:
        """Names of the fragments that must have run."""
        return (self.fragment, *self.after)


@dataclass(frozen=True)
class Fragment:
    """The part of a query that runs inside one silo.

    Attributes:
        name: Name of its relation in the remainder, such as ``f1``.
        silo: The silo it runs in.
        dialect: sqlglot dialect of that silo.
        tree: What runs there, already in the silo's own names (no silo part) and semantics.
        sql: `tree` rendered, without keys.
        canonical: What `tree` was rendered from.
        columns: Output columns with canonical types; names are unique.
        pushed: What runs in the silo, one phrase each, for receipt and explain.
        kept: What had to stay in the engine, with the reason.
        tables: Three-part names of the tables read.
        estimated_rows: Rows expected to leave the silo; None when unknown.
        keys: Semi-joins filled from other fragments at run time.
    """

    name: str
    silo: str
    dialect: str
    tree: exp.Query
    sql: str
    canonical: exp.Query
    columns: tuple[OutputColumn, ...]
    pushed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    estimated_rows: int | None = None
    keys: tuple[KeySource, ...] = ()

    @property
    def estimated_bytes(self) -> int | None:
        """Bytes expected to leave the silo, values alone; None when the rows are unknown."""
        rows = self.estimated_rows
        return None if rows is None else rows * row_width(column.type for column in self.columns)

    @property
    def unrestricted_rows(self) -> int | None:
        """Rows expected of a plain scan: no filter, no limit, no groups, no keys; else None."""
        clauses = ("where", "group", "having", "limit", "distinct", "joins")
        restricted = bool(self.keys) or any(self.tree.args.get(clause) for clause in clauses)
        plain = isinstance(self.tree, exp.Select) and not self.tree.find(exp.AggFunc)
        return self.estimated_rows if plain and not restricted else None


@dataclass(frozen=True)
class FederatedPlan:
    """All fragments and the remainder.

    Attributes:
        fragments: In an order in which every key source precedes its users.
        remainder: DuckDB SQL over the fragments' names; None when the only fragment's rows are
            the answer as they are.
        columns: Output columns of the answer.
        sql: Canonical SQL of the whole query.
        notes: Decisions worth showing, such as why a join was not pushed.
    """

    fragments: tuple[Fragment, ...]
    remainder: str | None
    columns: tuple[OutputColumn, ...]
    sql: str
    notes: tuple[str, ...] = field(default=())

    @property
    def tables(self) -> tuple[str, ...]:
        """Three-part names of the tables read, each once."""
        names = (name for fragment in self.fragments for name in fragment.tables)
        return tuple(dict.fromkeys(names))

    def to_json(self) -> dict[str, Any]:
        """The plan as plain JSON values."""
        return {
            "fragments": [_fragment_json(fragment) for fragment in self.fragments],
            "remainder": self.remainder,
            "notes": list(self.notes),
        }


def _fragment_json(fragment: Fragment) -> dict[str, Any]:
    return {
        "name": fragment.name,
        "silo": fragment.silo,
        "dialect": fragment.dialect,
        "sql": fragment.sql,
        "columns": [{"name": c.name, "type": c.type} for c in fragment.columns],
        "pushed": list(fragment.pushed),
        "kept": list(fragment.kept),
        "estimated_rows": fragment.estimated_rows,
        "estimated_bytes": fragment.estimated_bytes,
        "keys_from": [f"{key.fragment}.{key.key}" for key in fragment.keys],
    }
