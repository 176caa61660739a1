"""Rule: what the rest of the query only computes with leaves its silo computed.

``preis * (1 - rabatt)`` is one column where it would be two; ``typ LIKE 'A%'`` is a truth value
where it would be a text. Only where the silo computes it alike, and where that is narrower. Of a
source that an outer join fills with nulls only what is null there by itself.
"""

from collections.abc import Iterator

from sqlglot import exp

from connectors.planner.builder import Builder
from connectors.planner.conditions import aliases_in, is_strict
from connectors.planner.estimates import row_width
from connectors.planner.sources import Source
from connectors.trees import nodes_of

VALUES = (
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.Case, exp.Coalesce, exp.Concat, exp.DPipe,
    exp.Nullif, exp.Substring, exp.Left, exp.Right, exp.SplitPart, exp.Length, exp.Extract,
    exp.Year, exp.Month, exp.Abs, exp.Round, exp.Greatest, exp.Least, exp.EQ, exp.NEQ, exp.GT,
    exp.GTE, exp.LT, exp.LTE, exp.Like, exp.Escape, exp.In, exp.Between, exp.Is,
    exp.Not, exp.StartsWith,
)  # fmt: skip
NEVER = (exp.Query, exp.AggFunc, exp.Window, exp.Interval)


def compute_there(source: Source, root: exp.Expr, builder: Builder) -> None:
    """Give the source expressions to compute, and read their outcome in the query; in place."""
    if any(isinstance(star.parent, exp.Select) for star in root.find_all(exp.Star)):
        return  # every column is an output
    groups: dict[str, list[exp.Expr]] = {}
    for node in _largest(root, source, builder):
        groups.setdefault(node.sql("duckdb", comments=False), []).append(node)
    for same in groups.values():
        shown = exp.alias_(source.inside(same[0]), "made")
        if _saves(same, source, root) and builder.writes(shown, source.body):
            _replace(same, shown.this, source)


def _largest(node: exp.Expr, source: Source, builder: Builder) -> Iterator[exp.Expr]:
    """What the silo may compute of this source alone and is part of nothing larger."""
    for child in node.iter_expressions():
        placed = not isinstance(node, (exp.Select, exp.Escape)) and isinstance(child, VALUES)
        own = placed and aliases_in(child) == {source.alias.lower()}
        if own and _runs_there(child, source, builder):
            yield child
        else:
            yield from _largest(child, source, builder)


def _runs_there(node: exp.Expr, source: Source, builder: Builder) -> bool:
    if node.find(*NEVER) is not None or (source.nullable and not is_strict(node)):
        return False
    shown = exp.alias_(source.inside(node), "made")
    return builder.reason(shown, source.silo) is None


def _saves(same: list[exp.Expr], source: Source, root: exp.Expr) -> bool:
    """The columns nothing else reads are wider than what is made of them."""
    alias = source.alias.lower()
    inside = {id(column) for node in same for column in nodes_of(node, exp.Column)}
    elsewhere = {
        column.name.lower()
        for column in nodes_of(root, exp.Column)
        if column.table.lower() == alias and id(column) not in inside
    }
    own = {column.name.lower() for column in nodes_of(same[0], exp.Column)} - elsewhere
    kind = same[0].type
    return kind is not None and source.width(sorted(own)) > row_width([kind.sql("duckdb")])


def _replace(same: list[exp.Expr], inner: exp.Expr, source: Source) -> None:
    number = len(source.computed) + 1
    while (name := f"made_{number}") in source.places:
        number += 1
    source.computed[name] = inner
    for node in same:
        made = exp.column(
            exp.to_identifier(name, quoted=True), exp.to_identifier(source.alias, quoted=True)
        )
        made.type = node.type
        node.replace(made)
