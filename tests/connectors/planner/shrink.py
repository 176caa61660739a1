"""Makes a failing query small: drops what it can while the failure stays."""

from collections.abc import Callable, Iterator

import sqlglot
from sqlglot import exp

MOST_TRIES = 600
DROPPED = ("where", "having", "order", "limit", "distinct", "group", "with_")


def shrink(sql: str, fails: Callable[[str], bool]) -> str:
    """The smallest query found that still fails; `fails` is False for an invalid query."""
    tries = 0
    smaller = True
    while smaller and tries < MOST_TRIES:
        smaller = False
        for candidate in candidates(sql):
            tries += 1
            if len(candidate) < len(sql) and fails(candidate):
                sql, smaller = candidate, True
                break
            if tries >= MOST_TRIES:
                break
    return sql


def candidates(sql: str) -> Iterator[str]:
    """Queries that are this one without a part; the largest parts first."""
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    count = sum(1 for _ in tree.walk())
    for position in range(count):
        for step in STEPS:
            yield from _at(tree, position, step)


def _at(tree: exp.Expr, position: int, step) -> Iterator[str]:
    """What one step makes of the node at one position; each variant on a copy of its own."""
    variant = 0
    while True:
        copy = tree.copy()
        node = next(n for i, n in enumerate(copy.walk()) if i == position)
        changed = step(node, variant)
        if changed is None:
            return
        yield (changed if node is copy else copy).sql("duckdb")
        variant += 1


def _one_side(node: exp.Expr, variant: int) -> exp.Expr | None:
    """AND, OR, UNION: one of both sides; NOT and parentheses: what is inside."""
    binary = isinstance(node, (exp.And, exp.Or, exp.SetOperation)) and variant < 2
    unary = isinstance(node, (exp.Not, exp.Paren)) and variant == 0
    if not binary and not unary:
        return None
    side = node.expression if variant else node.this
    return node.replace(side) if node.parent else side


def _without_clause(node: exp.Expr, variant: int) -> exp.Expr | None:
    present = [key for key in DROPPED if node.args.get(key)] if isinstance(node, exp.Query) else []
    if variant >= len(present):
        return None
    node.set(present[variant], None)
    return node


def _without_item(node: exp.Expr, variant: int) -> exp.Expr | None:
    """SELECT lists, GROUP BY, joins: one item less."""
    key = "joins" if isinstance(node, exp.Select) and node.args.get("joins") else "expressions"
    lists = []
    if isinstance(node, (exp.Select, exp.Group, exp.Order, exp.In)):
        lists = [k for k in {key, "expressions"} if node.args.get(k)]
    places = [(k, i) for k in sorted(lists) for i in reversed(range(len(node.args[k])))]
    places = [(k, i) for k, i in places if k == "joins" or len(node.args[k]) > 1]
    if variant >= len(places):
        return None
    name, index = places[variant]
    node.set(name, [item for i, item in enumerate(node.args[name]) if i != index])
    return node


def _inner_query(node: exp.Expr, variant: int) -> exp.Expr | None:
    """The whole query becomes one of the queries inside it."""
    if node.parent is not None or not isinstance(node, exp.Query):
        return None
    inner = [q for q in node.find_all(exp.Select) if q is not node]
    return inner[variant].copy() if variant < len(inner) else None


STEPS = (_inner_query, _without_clause, _without_item, _one_side)
