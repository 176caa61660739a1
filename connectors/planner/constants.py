"""Rule: what no row can change is computed once, before the query is split."""

from sqlglot import exp

from connectors.binder.oracle import TypeOracle
from connectors.planner.kinds import MOMENTS, kind_of


def fold(tree: exp.Query, oracle: TypeOracle) -> None:
    """Replace date arithmetic over literals by its value, in place.

    Silos spell intervals differently; a plain date they all read alike.
    """
    for node in list(tree.find_all(exp.Add, exp.Sub)):
        if node.parent is None or not _constant(node) or kind_of(node) not in MOMENTS:
            continue
        value, kind = oracle.value(node), node.type
        if value is not None and kind is not None:
            literal = exp.Literal.string(value)
            node.replace(exp.Cast(this=literal, to=kind.copy()))


def _constant(node: exp.Expr) -> bool:
    return node.find(exp.Interval) is not None and not any(
        isinstance(part, (exp.Column, exp.Query, exp.Func)) and not isinstance(part, exp.Cast)
        for part in node.walk()
    )
