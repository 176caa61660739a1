"""Rule: the first rows of one source are picked in its silo.

The order goes with it where the silo sorts so; among equals either side may pick any. The remainder
orders and cuts again.
"""

from collections.abc import Mapping

from sqlglot import exp

from connectors.planner.builder import Builder
from connectors.planner.conditions import aliases_in
from connectors.planner.sources import Source

OTHER_CLAUSES = ("where", "joins", "group", "having", "distinct", "qualify", "windows")


def push_limit(select: exp.Select, sources: Mapping[str, Source], builder: Builder) -> None:
    """Give the only source of a SELECT its LIMIT, with the order where the silo can sort so."""
    rows = _wanted(select)
    if rows is None or len(sources) != 1 or any(select.args.get(c) for c in OTHER_CLAUSES):
        return
    (source,) = sources.values()
    if any(part.find(exp.AggFunc, exp.Window, exp.Unnest) for part in select.selects):
        return
    order = select.args.get("order")
    ordered = [source.inside(part) for part in order.expressions] if order is not None else []
    for part in order.expressions if order is not None else ():
        if aliases_in(part) != {source.alias.lower()} or part.find(exp.Query):
            return
    body = source.body.copy()
    if ordered:
        body.set("order", exp.Order(expressions=ordered))
    body.set("limit", exp.Limit(expression=exp.Literal.number(rows)))
    if builder.reason(body, source.silo) is None:
        source.body = body
        source.rows = min(rows, source.rows) if source.rows is not None else rows


def _wanted(select: exp.Select) -> int | None:
    """How many rows LIMIT and OFFSET need; None when they are no plain numbers."""
    wanted = 0
    for clause in ("limit", "offset"):
        node = select.args.get(clause)
        if node is None and clause == "offset":
            continue
        if node is None or not isinstance(node.expression, exp.Literal):
            return None
        if node.expression.is_string or not node.expression.name.isdigit():
            return None
        wanted += int(node.expression.name)
    return wanted
