"""Adds the row conditions of the semantic model where a statement does not speak of them."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import sqlglot
from sqlglot import exp

from assistant.checks.scans import Scan, scans
from catalog.semantic_model import Dataset
from connectors.query import BoundQuery

DIALECT = "duckdb"
OUTER = frozenset({"RIGHT", "FULL"})


def with_row_conditions(
    bound: BoundQuery, datasets: Iterable[Dataset], all_rows_of: Collection[str] = ()
) -> tuple[str, tuple[str, ...]]:
    """The statement with each dataset's `always` and `latest`, and what was added.

    A table is left alone when its SELECT mentions a column of the condition, since it then asks
    for certain rows itself, or when `all_rows_of` names it. Where several datasets read one
    table, the one the alias names counts, else the first.

    Returns:
        Canonical SQL, unchanged when nothing is added, and one phrase for each addition.
    """
    by_source: dict[str, list[Dataset]] = {}
    for dataset in datasets:
        by_source.setdefault(dataset.source.lower(), []).append(dataset)
    free = {name.lower().rpartition(".")[2] for name in all_rows_of}
    tree = bound.tree.copy()
    notes: list[str] = []
    for scan in list(scans(tree, bound)):
        known = by_source.get(scan.table.full_name.lower(), [])
        if known and scan.table.name.lower() not in free:
            notes += _restrict(scan, _meant(scan, known))
    return (tree.sql(DIALECT), tuple(dict.fromkeys(notes))) if notes else (bound.sql, ())


def _meant(scan: Scan, known: Sequence[Dataset]) -> Dataset:
    return next((d for d in known if d.name.lower() == scan.alias.lower()), known[0])


def _restrict(scan: Scan, dataset: Dataset) -> list[str]:
    if dataset.latest and not scan.mentions(frozenset({dataset.latest[1].lower()})):
        _put_subquery(scan, dataset.always, dataset.latest)
        return [f"{dataset.source}: newest row per {', '.join(dataset.latest[0])}"]
    if not dataset.always or scan.mentions(_columns(dataset.always)):
        return []
    _put_condition(scan, dataset.always)
    return [f"{dataset.source}: {dataset.always}"]


def _columns(condition: str) -> frozenset[str]:
    tree = sqlglot.parse_one(f"SELECT {condition}", dialect=DIALECT)
    return frozenset(column.name.lower() for column in tree.find_all(exp.Column))


def _put_condition(scan: Scan, condition: str) -> None:
    """Into WHERE, or ON of the join that must keep rows without a partner."""
    select: Any = scan.scope.expression
    join = scan.node.parent
    joined = join if isinstance(join, exp.Join) else None
    sides = {other.side for other in select.args.get("joins") or ()}
    semi = joined is not None and joined.kind in ("SEMI", "ANTI")
    if sides & OUTER:
        _put_subquery(scan, condition, None)
    elif joined is not None and (joined.side == "LEFT" or semi):
        joined.on(_over(condition, scan.alias), copy=False)
    else:
        select.where(_over(condition, scan.alias), copy=False)


def _over(condition: str, alias: str) -> exp.Expr:
    tree = sqlglot.parse_one(condition, dialect=DIALECT)
    holder = exp.Paren(this=tree)
    for column in holder.find_all(exp.Column):
        column.set("table", exp.to_identifier(alias))
    inner = holder.this
    return holder if isinstance(inner, exp.Or) else inner


def _put_subquery(
    scan: Scan, condition: str | None, latest: tuple[tuple[str, ...], str] | None
) -> None:
    source = scan.node.copy()
    source.set("alias", None)
    inner = exp.select("*").from_(source)
    if condition:
        inner = inner.where(condition, dialect=DIALECT)
    if latest:
        keys = ", ".join(exp.to_identifier(k, quoted=True).sql(DIALECT) for k in latest[0])
        order = exp.to_identifier(latest[1], quoted=True).sql(DIALECT)
        number = f"ROW_NUMBER() OVER (PARTITION BY {keys} ORDER BY {order} DESC) = 1"
        inner.set("qualify", exp.Qualify(this=sqlglot.parse_one(number, dialect=DIALECT)))
    scan.node.replace(inner.subquery(scan.alias))
