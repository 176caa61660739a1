"""Whether a statement gives the shape of answer that its draft announces."""

from collections.abc import Iterator
from typing import Literal

from sqlglot import exp

from connectors.query import BoundQuery

Shape = Literal["figure", "row", "groups", "series", "list", "comparison"]
SHAPES: tuple[Shape, ...] = ("figure", "row", "groups", "series", "list", "comparison")
NUMBERS = ("DECIMAL", "DOUBLE", "FLOAT", "HUGEINT", "BIGINT", "INTEGER", "SMALLINT", "TINYINT", "U")
FEWEST_COMPARED = 2


def misfits(bound: BoundQuery, shape: Shape) -> Iterator[str]:
    """One sentence for each way in which the statement does not fit its shape."""
    if shape == "figure" and len(bound.columns) != 1:
        names = ", ".join(column.name for column in bound.columns)
        yield f"shape is 'figure', one column, but the outputs are {names}: keep what is asked"
    if shape in ("figure", "row") and not is_one_row(bound.tree):
        yield (
            f"shape is {shape!r}, but the statement may give several rows: aggregate without "
            "GROUP BY, add LIMIT 1, or correct the shape"
        )
    if shape == "series" and not bound.tree.args.get("order"):
        yield "shape is 'series', but there is no ORDER BY over its time column"
    if shape == "comparison" and _numbers(bound) < FEWEST_COMPARED:
        yield "shape is 'comparison': put figure, figure before and change in percent in one row"


def is_one_row(tree: exp.Query) -> bool:
    """True when the statement gives one row at most."""
    limit = tree.args.get("limit")
    if limit is not None and limit.expression is not None and limit.expression.name == "1":
        return True
    if not isinstance(tree, exp.Select) or tree.args.get("group"):
        return False
    outputs = [projection.unalias() for projection in tree.selects]
    aggregated = any(output.find(exp.AggFunc) for output in outputs)
    return (aggregated and all(map(_is_aggregated, outputs))) or _sources_of_one_row(tree)


def _is_aggregated(expression: exp.Expr) -> bool:
    if isinstance(expression, exp.Subquery | exp.Literal | exp.Null):
        return True
    aggregate = expression.find(exp.AggFunc)
    windowed = aggregate is not None and isinstance(aggregate.parent, exp.Window)
    scalar = expression.find(exp.Subquery) is not None
    return (aggregate is not None and not windowed) or scalar


def _sources_of_one_row(tree: exp.Select) -> bool:
    """True when every source is a CTE or subquery of one row, or there is no source."""
    start = tree.args.get("from_") or tree.args.get("from")
    sources = [start.this] if start else []
    sources += [join.this for join in tree.args.get("joins") or ()]
    ctes = {cte.alias: cte.this for cte in tree.ctes}
    inner = [s.this if isinstance(s, exp.Subquery) else ctes.get(s.name) for s in sources]
    return all(isinstance(query, exp.Query) and is_one_row(query) for query in inner)


def _numbers(bound: BoundQuery) -> int:
    return sum(column.type.startswith(NUMBERS) for column in bound.columns)
