"""Replaces now(), current_date and their like by literals of the clock: one instant per query."""

from datetime import datetime

from sqlglot import exp

from connectors import functions
from connectors.clock import Clock


def fix_moments(tree: exp.Query, clock: Clock) -> None:
    """Put the clock's instant, in UTC, and its day in place of the functions, in place."""
    today = clock.day().isoformat()
    now = clock.now()
    for node in list(tree.walk()):
        literal = _literal(node, today, now)
        if literal is not None:
            node.replace(literal)


def _literal(node: exp.Expr, today: str, now: datetime) -> exp.Expr | None:
    kind = _kind(node)
    if kind == "day":
        return exp.cast(exp.Literal.string(today), exp.DType.DATE)
    if kind == "time":
        return exp.cast(exp.Literal.string(f"{now:%H:%M:%S}"), exp.DType.TIME)
    text = exp.Literal.string(f"{now:%Y-%m-%d %H:%M:%S}")
    if kind == "local":
        return exp.cast(text, exp.DType.TIMESTAMP)
    if kind == "now":
        return exp.cast(exp.Literal.string(f"{text.name}+00:00"), exp.DType.TIMESTAMPTZ)
    return None


def _kind(node: exp.Expr) -> str | None:
    name = node.name.lower() if isinstance(node, exp.Anonymous) else None
    cls = type(node).__name__
    for kind, classes, names in (
        ("now", functions.NOW_CLASSES, functions.NOW_NAMES),
        ("local", functions.LOCAL_NOW_CLASSES, functions.LOCAL_NOW_NAMES),
        ("day", functions.TODAY_CLASSES, functions.TODAY_NAMES),
        ("time", functions.TIME_CLASSES, functions.TIME_NAMES),
    ):
        if cls in classes or name in names:
            return kind
    return None
