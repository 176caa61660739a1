"""How many values a `range` or `generate_series` with literal bounds makes."""

from datetime import datetime, timedelta
from typing import NoReturn

from sqlglot import exp

from connectors.errors import ForbiddenConstruct
from connectors.functions import MAX_SERIES

SECONDS = {
    "MICROSECOND": 1e-6, "MILLISECOND": 1e-3, "SECOND": 1, "MINUTE": 60, "HOUR": 3600,
    "DAY": 86_400, "WEEK": 604_800, "MONTH": 2_419_200, "QUARTER": 7_776_000,
    "YEAR": 31_536_000,
}  # fmt: skip
CASTS = (exp.Cast, exp.Date, exp.Timestamp, exp.TsOrDsToDate)


def check_series(node: exp.Expr) -> None:
    """Refuse a series whose bounds are not literals, or that makes more than MAX_SERIES values.

    Bounds may be numbers, dates or timestamps; the clock's literals count. A month counts as 28
    days, so the estimate is never too low.

    Raises:
        ForbiddenConstruct: The bounds are no literals, or the series is too long or endless.
    """
    start, end, step = node.args.get("start"), node.args["end"], node.args.get("step")
    first = _point(start, node) if start is not None else 0.0
    width = _step(step, node) if step is not None else 1.0
    if width == 0:
        _refuse(node, "a step of 0")
    if (_point(end, node) - first) / width > MAX_SERIES:
        _refuse(node, f"a series of more than {MAX_SERIES} values")


def _point(node: exp.Expr, series: exp.Expr) -> float:
    """A bound as a number; days and instants as seconds."""
    if isinstance(node, exp.Paren):
        return _point(node.this, series)
    if isinstance(node, exp.Neg):
        return -_point(node.this, series)
    if isinstance(node, (exp.Add, exp.Sub)):
        sign = 1 if isinstance(node, exp.Add) else -1
        return _point(node.this, series) + sign * _step(node.expression, series)
    if isinstance(node, exp.TimestampTrunc):
        return _point(node.this, series)
    if isinstance(node, CASTS):
        return _point(node.this, series)
    return _literal(node, series)


def _literal(node: exp.Expr, series: exp.Expr) -> float:
    if not isinstance(node, exp.Literal):
        _refuse(series, "a series whose bounds are not literals")
    try:
        if not node.is_string:
            return float(node.this)
        return (datetime.fromisoformat(node.this).replace(tzinfo=None) - datetime.min) / timedelta(
            seconds=1
        )
    except ValueError:
        _refuse(series, f"{node.this!r} as the bound of a series")


def _step(node: exp.Expr, series: exp.Expr) -> float:
    if not isinstance(node, exp.Interval):
        return _point(node, series)
    amount, unit = node.this, node.args.get("unit")
    text = amount.name if isinstance(amount, exp.Literal) else ""
    name = unit.name.upper().removesuffix("S") if unit is not None else ""
    try:
        return float(text) * SECONDS[name]
    except (ValueError, KeyError):
        _refuse(series, "a step that is not a plain interval")


def _refuse(node: exp.Expr, what: str) -> NoReturn:
    message = f"{what} is not allowed: {node.sql('duckdb')[:80]!r}"
    raise ForbiddenConstruct(message, hint=f"Use literal bounds, at most {MAX_SERIES} values.")
