"""Values that are known only at run time: the hole a plan leaves for one, and what fills it."""

import math
from datetime import date, datetime
from decimal import Decimal

from sqlglot import exp

from connectors.planner.plain import is_plain

TEXT = "rundblick-value"
NUMBERS = {"int": "8070605040302010", "decimal": "80706050403.02", "double": "80706050403.01"}
MOMENTS = {"date": "1987-06-05", "timestamp": "1987-06-05 04:03:02.987654"}
HOLES = frozenset({TEXT, *NUMBERS.values(), *MOMENTS.values()})
WHOLE = 2**63
SQLITE_DIGITS = 15


def hole_of(kind: str) -> exp.Expr | None:
    """A literal of a family that `filled` finds again; None for families that are not sent."""
    if kind == "text":
        return exp.Literal.string(TEXT)
    if kind == "double":
        return exp.cast(exp.Literal.number(NUMBERS[kind]), exp.DType.DOUBLE)
    if kind in NUMBERS:
        return exp.Literal.number(NUMBERS[kind])
    if kind in MOMENTS:
        return exp.cast(exp.Literal.string(MOMENTS[kind]), exp.DType(kind.upper()))
    return None


def filled(condition: exp.Expr, value: object, dialect: str) -> exp.Expr | None:
    """The condition with a value in its holes; None when the silo may not read that one alike."""
    text = _written(value, dialect)
    literals = [node for node in condition.find_all(exp.Literal) if node.name in HOLES]
    if text is None or any(node.name not in _holes(value) for node in literals):
        return None
    for node in literals:
        node.set("this", text)
    return condition


def _holes(value: object) -> set[str]:
    """The holes a value fits into."""
    if isinstance(value, str):
        return {TEXT}
    if isinstance(value, datetime):
        return {MOMENTS["timestamp"]}
    if isinstance(value, date):
        return {MOMENTS["date"]}
    if isinstance(value, Decimal):
        whole = value == value.to_integral_value()  # sums of whole numbers come as decimals
        return {NUMBERS["decimal"], *([NUMBERS["int"]] if whole else [])}
    kinds = {int: "int", float: "double"}
    return {NUMBERS[kinds[type(value)]]} if type(value) in kinds else set()


def _written(value: object, dialect: str) -> str | None:
    """The value as a literal's text; None for what dialects may read differently."""
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else None
    if isinstance(value, int):
        return str(value) if -WHOLE < value < WHOLE else None
    if isinstance(value, Decimal):
        digits = len(value.as_tuple().digits)
        return f"{value:f}" if digits <= SQLITE_DIGITS or dialect == "postgres" else None
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f") if value.year > 999 else None
    if isinstance(value, date):
        return value.isoformat() if value.year > 999 else None
    plain = isinstance(value, str) and is_plain(value) and "\\" not in value
    return str(value) if plain else None
