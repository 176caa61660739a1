"""The 22 queries as canonical SQL: every table named with the silo it lives in."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from sqlglot import exp, parse, parse_one

from benchmarks.tpch.placements import TABLES, Placement, silo_of


@cache
def queries() -> dict[int, str]:
    """The 22 queries by number, table names bare, as DuckDB's own extension gives them."""
    text = Path(__file__).with_name("queries.sql").read_text()
    trees = [tree for tree in parse(text, read="duckdb") if tree is not None]
    return {n: tree.sql("duckdb", comments=False) for n, tree in enumerate(trees, 1)}


def canonical(sql: str, placement: Placement) -> str:
    """The query over one placement; names of common table expressions stay as they are."""
    tree = parse_one(sql, read="duckdb")
    for table in list(tree.find_all(exp.Table)):
        if table.name in TABLES:
            table.set("db", exp.to_identifier(silo_of(placement, table.name)))
            if not table.alias:
                table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name)))
    return tree.sql("duckdb")


def for_trino(sql: str, placement: Placement, schemas: Mapping[str, str]) -> str:
    """The query in Trino's dialect: catalogs are named as the silos, `schemas` is by kind."""
    tree = parse_one(sql, read="duckdb")
    for table in list(tree.find_all(exp.Table)):
        if table.name in TABLES:
            silo = silo_of(placement, table.name)
            table.set("catalog", exp.to_identifier(silo))
            table.set("db", exp.to_identifier(schemas[placement[silo][0]]))
    for select in tree.find_all(exp.Select):
        _group_by_expressions(select)
    return tree.sql("trino")


def _group_by_expressions(select: exp.Select) -> None:
    """Trino knows no output names in GROUP BY: put what they stand for."""
    group = select.args.get("group")
    meant = {each.alias: each.this for each in select.expressions if isinstance(each, exp.Alias)}
    for term in group.expressions if group else ():
        if isinstance(term, exp.Column) and not term.table and term.name in meant:
            term.replace(meant[term.name].copy())


def order_columns(sql: str, columns: list[str]) -> list[int]:
    """Positions of the output columns the answer is ordered by."""
    tree = parse_one(sql, read="duckdb")
    order = tree.args.get("order")
    names = [term.this.name for term in order.expressions] if order else []
    return [columns.index(name) for name in names if name in columns]
