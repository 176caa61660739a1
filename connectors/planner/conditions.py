"""Conditions taken apart and put together."""

from collections.abc import Sequence

from sqlglot import exp

from connectors.trees import nodes_of

COMPARISONS = (
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Like, exp.ILike, exp.In, exp.Between,
)  # fmt: skip
STRICT = (
    exp.Column, exp.Identifier, exp.Literal, exp.Paren, exp.Cast, exp.DataType, exp.DataTypeParam,
    exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Lower, exp.Upper, exp.Trim,
)  # fmt: skip


def conjuncts(condition: exp.Expr | None) -> list[exp.Expr]:
    """The parts of a condition joined by AND, without parentheses around them."""
    if condition is None:
        return []
    bare = condition.unnest()
    if isinstance(bare, exp.And):
        return [*conjuncts(bare.this), *conjuncts(bare.expression)]
    return [bare]


def joined(parts: Sequence[exp.Expr]) -> exp.Expr | None:
    """The parts joined by AND; None when there are none."""
    return exp.and_(*parts, copy=False) if parts else None


def aliases_in(node: exp.Expr) -> set[str]:
    """Aliases of the tables whose columns stand in an expression, in lower case."""
    return {column.table.lower() for column in nodes_of(node, exp.Column)}


def where_of(select: exp.Select) -> list[exp.Expr]:
    """The parts of WHERE."""
    where = select.args.get("where")
    return conjuncts(where.this if where is not None else None)


def set_where(select: exp.Select, parts: Sequence[exp.Expr]) -> None:
    """Make the parts the WHERE."""
    condition = joined(parts)
    select.set("where", exp.Where(this=condition) if condition is not None else None)


def side_of(join: exp.Join) -> str:
    """``LEFT``, ``RIGHT``, ``FULL`` or empty; ``OTHER`` for kinds no rule touches."""
    kind = str(join.args.get("kind") or "").upper()
    if kind not in ("", "INNER", "OUTER", "CROSS") or join.args.get("method"):
        return "OTHER"
    return str(join.args.get("side") or "").upper()


def short(part: exp.Expr, longest: int = 90) -> str:
    """The expression as one line for people."""
    text = part.sql("duckdb", comments=False)
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def rejects_null(part: exp.Expr, alias: str) -> bool:
    """True for a condition that never holds when all columns of the alias are null."""
    if not isinstance(part, COMPARISONS):
        return False
    sides = [part.this]
    if not isinstance(part, (exp.In, exp.Between, exp.Like, exp.ILike)):
        sides.append(part.expression)
    return any(aliases_in(side) == {alias.lower()} and is_strict(side) for side in sides)


def is_strict(side: exp.Expr) -> bool:
    """Null when any of its columns is null."""
    return all(isinstance(node, STRICT) for node in side.walk())
