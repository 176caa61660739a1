"""Writes a canonical tree in a silo's dialect so that it means there what it means in DuckDB.

Text is the trap: MariaDB finds ``'a' = 'A'`` and ``'a' = 'a '`` true, PostgreSQL orders by the
database's language and pads CHAR. Each text column therefore gets a binary collation or cast.
"""

import re
from collections.abc import Iterable, Mapping

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel

from connectors.planner.kinds import kind_of
from connectors.schema import Column, Table

ORDERING = (exp.Ordered, exp.Min, exp.Max, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between)
UTC_SUFFIX = re.compile(r"(\+00(:00)?|Z)$")
PLAIN_TEXT = ("text", "character varying", "varchar")


def render(tree: exp.Query, dialect: str, tables: Iterable[Table]) -> tuple[exp.Query, str]:
    """The tree in the silo's own names and semantics, and its SQL without comments.

    Raises:
        UnsupportedError: The dialect cannot say it.
    """
    own = tree.copy()
    sources = _sources(own, {table.full_name.lower(): table for table in tables})
    if dialect != "duckdb":
        _exact_arithmetic(own)
        _order_by_expressions(own)
        _exact_text(own, dialect, sources)
        _exact_moments(own, dialect)
    for node in own.find_all(exp.Table):
        node.set("catalog", None)
    for identifier in own.find_all(exp.Identifier):
        identifier.set("quoted", True)
    return own, write(own, dialect)


def write(tree: exp.Query, dialect: str) -> str:
    """A tree that `render` made, as text for its silo."""
    return tree.sql(dialect, comments=False, unsupported_level=ErrorLevel.RAISE)


def _sources(tree: exp.Query, tables: Mapping[str, Table]) -> dict[str, list[Table]]:
    """Catalog tables by alias; an alias used twice in different blocks has several."""
    found: dict[str, list[Table]] = {}
    for node in tree.find_all(exp.Table):
        table = tables.get(".".join(part.name for part in node.parts).lower())
        if table is not None:
            found.setdefault(node.alias_or_name.lower(), []).append(table)
    return found


def _exact_arithmetic(tree: exp.Query) -> None:
    """Averages and quotients as doubles, as DuckDB computes them."""
    for average in list(tree.find_all(exp.Avg)):
        total, count = exp.Sum(this=average.this.copy()), exp.Count(this=average.this.copy())
        divisor = exp.Nullif(this=count, expression=exp.Literal.number(0))
        average.replace(exp.Paren(this=exp.Div(this=_double(total), expression=_double(divisor))))
    for division in tree.find_all(exp.Div):
        division.set("typed", True)
        for key in ("this", "expression"):
            side = division.args[key]
            if not isinstance(side, exp.Cast) or kind_of(side) != "double":
                side.replace(_double(side.copy()))


def _order_by_expressions(tree: exp.Query) -> None:
    """Order by what an output name stands for: text needs a collation beside it."""
    for ordered in list(tree.find_all(exp.Ordered)):
        column, select = ordered.this, ordered.find_ancestor(exp.Select)
        if not isinstance(column, exp.Column) or column.table or kind_of(column) != "text":
            continue
        outputs = select.selects if select is not None else []
        meant = next((p for p in outputs if p.alias_or_name == column.name), None)
        if meant is not None:
            column.replace(meant.unalias().copy())


def _double(node: exp.Expr) -> exp.Cast:
    return exp.Cast(this=node, to=exp.DataType.build("DOUBLE"), _type=exp.DataType.build("DOUBLE"))


def _exact_text(tree: exp.Query, dialect: str, sources: Mapping[str, list[Table]]) -> None:
    for node in list(tree.find_all(exp.Column)):
        if kind_of(node) == "text" and not _only_shown(node, tree):
            candidates = [table.column(node.name) for table in sources.get(node.table.lower(), ())]
            node.replace(_exact(node, dialect, [c for c in candidates if c is not None]))


def _only_shown(node: exp.Column, tree: exp.Query) -> bool:
    """True for a plain output column of the outermost SELECT that nothing compares."""
    parent = node.parent
    if not isinstance(parent, exp.Alias) or parent.parent is not tree:
        return False
    return not any(tree.args.get(key) for key in ("group", "distinct"))


def _exact(node: exp.Column, dialect: str, columns: list[Column]) -> exp.Expr:
    """The column with a comparison of bytes; as it is where the silo already compares so."""
    base = bool(columns)
    if dialect == "mysql":
        if base and all(column.collation == "binary" for column in columns):
            return node
        return _parsed("CONVERT({} USING utf8mb4) COLLATE utf8mb4_nopad_bin", node, dialect)
    if dialect == "sqlite":
        binary = base and all(column.collation is None for column in columns)
        return node if binary or not base else _parsed("{} COLLATE BINARY", node, dialect)
    if dialect == "postgres":
        return _postgres(node, columns)
    return node


def _postgres(node: exp.Column, columns: list[Column]) -> exp.Expr:
    plain = not columns or all(c.native_type.startswith(PLAIN_TEXT) for c in columns)
    ordered = isinstance(node.parent, ORDERING) and not (
        columns and all(column.collation is None for column in columns)
    )
    text = "{}" if plain else "CAST({} AS TEXT)"
    pattern = f'{text} COLLATE "C"' if ordered else text
    return node if pattern == "{}" else _parsed(pattern, node, "postgres")


def _parsed(pattern: str, node: exp.Column, dialect: str) -> exp.Expr:
    """The pattern with the column in the place of ``{}``, a text like before."""
    made = sqlglot.parse_one(pattern.format("_hole_"), dialect=dialect)
    hole = next(c for c in made.find_all(exp.Column) if c.name == "_hole_")
    hole.replace(node.copy())
    made.type = node.type
    return made


def _exact_moments(tree: exp.Query, dialect: str) -> None:
    if dialect in ("mysql", "sqlite"):
        for cast in list(tree.find_all(exp.Cast)):
            if isinstance(cast.this, exp.Literal) and cast.this.is_string:
                cast.replace(_moment_literal(cast, dialect))
    if dialect == "mysql":
        for trunc in list(tree.find_all(exp.TimestampTrunc, exp.DateTrunc)):
            trunc.replace(_mysql_trunc(trunc))


def _moment_literal(cast: exp.Cast, dialect: str) -> exp.Expr:
    """A literal moment; both silos keep UTC and know no offset in a text."""
    text = UTC_SUFFIX.sub("", cast.this.name).strip()
    if dialect == "sqlite":
        return exp.Literal.string(text)
    kind = "DATE" if kind_of(cast) == "date" else "DATETIME"
    return exp.Cast(this=exp.Literal.string(text), to=exp.DataType.build(kind, dialect="mysql"))


MYSQL_TRUNC = {
    "DAY": "CAST({} AS DATE)",
    "WEEK": "CAST({} AS DATE) - INTERVAL WEEKDAY({}) DAY",
    "MONTH": "CAST({} AS DATE) - INTERVAL (DAYOFMONTH({}) - 1) DAY",
    "QUARTER": "MAKEDATE(YEAR({}), 1) + INTERVAL (QUARTER({}) - 1) QUARTER",
    "YEAR": "MAKEDATE(YEAR({}), 1)",
}


def _mysql_trunc(trunc: exp.Expr) -> exp.Expr:
    column = trunc.this.sql("mysql")
    pattern = MYSQL_TRUNC[str(trunc.args["unit"].name).upper()]
    return sqlglot.parse_one(f"({pattern.format(column, column)})", dialect="mysql")
