"""Checks a tree against the allow-lists in `connectors.functions`: the rest is refused."""

import re
from collections.abc import Callable
from typing import NoReturn

from rapidfuzz import process
from sqlglot import exp
from sqlglot.errors import ErrorLevel

from connectors import functions
from connectors.errors import ForbiddenConstruct, ForbiddenFunction
from connectors.series import check_series

SELECT_PARTS = frozenset(
    {"with_", "kind", "expressions", "distinct", "from_", "laterals", "joins", "where", "group"}
    | {"having", "qualify", "windows", "order", "limit", "offset"}
)
TABLE_PARTS = frozenset({"this", "db", "catalog", "alias"})
JOIN_PARTS = frozenset({"this", "on", "using", "side", "kind", "method"})
WIDTH = re.compile(r"\d{4,}|\*|\{[^}]*\{")
ADVICE = {
    "Pivot": "Write one aggregate with FILTER (WHERE ...) per value instead.",
    "TableSample": "A sample gives another answer each time; use LIMIT to look at a few rows.",
    "Columns": "Name the columns one by one.",
    "Parameter": "Write the value into the query.",
    "Placeholder": "Write the value into the query.",
}


def check(tree: exp.Expr) -> None:
    """Refuse whatever is not on the allow-lists.

    Raises:
        ForbiddenConstruct: A clause, operator or type outside the lists, or too many nodes.
        ForbiddenFunction: A function outside the lists.
    """
    for count, node in enumerate(tree.walk(), start=1):
        if count > functions.MAX_NODES:
            _too_large()
        _check_class(node)
        checker = CHECKS.get(type(node).__name__)
        if checker:
            checker(node)


def _too_large() -> NoReturn:
    message = f"the query has more than {functions.MAX_NODES} parts"
    raise ForbiddenConstruct(message, hint="Ask for less at once, or split the query.")


def _check_class(node: exp.Expr) -> None:
    name = type(node).__name__
    if name in functions.NODES or isinstance(node, exp.Anonymous):
        return
    if isinstance(node, exp.Func):
        _refuse_function(node.sql_name().lower())
    message = f"{name} is not allowed: {_text(node)!r}"
    raise ForbiddenConstruct(message, hint=ADVICE.get(name))


def _refuse_function(name: str) -> NoReturn:
    known = functions.FUNCTION_NAMES | {word.lower() for word in functions.FUNCTION_CLASSES}
    near = process.extractOne(name, sorted(known), score_cutoff=75)
    hint = f"Did you mean {near[0]!r}?" if near else "See docs/sql.md for the functions allowed."
    raise ForbiddenFunction(f"the function {name!r} is not allowed", hint=hint)


def _check_anonymous(node: exp.Expr) -> None:
    name = node.name.lower()
    if not isinstance(node.this, str) or name not in functions.FUNCTION_NAMES:
        _refuse_function(name)
    if name in functions.FORMATTED:
        _check_format(node)


def _check_format(node: exp.Expr) -> None:
    """The format must be a plain text without widths of four digits or more."""
    text = node.this if isinstance(node, exp.Format) else next(iter(node.expressions), None)
    if not isinstance(text, exp.Literal) or not text.is_string:
        _refuse(node, "a format that is not a plain text")
    elif WIDTH.search(text.name):
        _refuse(node, "a width above 999")


def _check_select(node: exp.Expr) -> None:
    _check_parts(node, SELECT_PARTS)
    if node.args.get("kind"):
        _refuse(node, f"SELECT AS {node.args['kind']}")


def _check_table(node: exp.Expr) -> None:
    _check_parts(node, TABLE_PARTS)
    source = node.this
    if isinstance(source, exp.Identifier):
        return
    if type(source).__name__ not in functions.TABLE_FUNCTIONS:
        name = source.name if isinstance(source, exp.Anonymous) else source.sql_name().lower()
        message = f"the table function {name!r} is not allowed"
        raise ForbiddenFunction(message, hint="Read the tables of the catalog.")


def _check_join(node: exp.Expr) -> None:
    _check_parts(node, JOIN_PARTS)
    method = str(node.args.get("method") or "").upper()
    if method == "NATURAL":
        message = "NATURAL JOIN is not allowed: what it joins on changes with the tables"
        raise ForbiddenConstruct(message, hint="Write ON or USING with the columns.")
    if method not in ("", "ASOF"):
        _refuse(node, f"{method} JOIN")


def _check_parts(node: exp.Expr, allowed: frozenset[str]) -> None:
    for key, value in node.args.items():
        if value and key not in allowed:
            _refuse(node, key.strip("_").upper())


def _refuse(node: exp.Expr, what: str) -> NoReturn:
    raise ForbiddenConstruct(f"{what} is not allowed: {_text(node)!r}")


def _text(node: exp.Expr) -> str:
    """The start of what is refused, as SQL."""
    try:
        return node.sql("duckdb", comments=False, unsupported_level=ErrorLevel.IGNORE)[:80]
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return node.key


def _check_type(node: exp.Expr) -> None:
    kind = node.this
    name = kind.name if isinstance(kind, exp.DType) else str(kind)
    if name not in functions.TYPES:
        written = _text(node)
        message = f"the type {written!r} is not allowed in a CAST"
        raise ForbiddenConstruct(message, hint="Use a canonical type such as VARCHAR or DATE.")


def _check_sized(node: exp.Expr) -> None:
    size = node.args.get(functions.SIZED[type(node).__name__])
    if not isinstance(size, exp.Literal) or size.is_string:
        _refuse(node, "a length that is not a plain number")
    elif float(size.this) > functions.MAX_REPEAT:
        _refuse(node, f"a length above {functions.MAX_REPEAT}")


def _check_star(node: exp.Expr) -> None:
    if node.args.get("rename"):
        _refuse(node, "* RENAME")


CHECKS: dict[str, Callable[[exp.Expr], None]] = {
    "Anonymous": _check_anonymous,
    "Select": _check_select,
    "Table": _check_table,
    "Join": _check_join,
    "DataType": _check_type,
    "GenerateSeries": check_series,
    "Format": _check_format,
    "Repeat": _check_sized,
    "Pad": _check_sized,
    "Star": _check_star,
}
