"""MariaDB: text by its bytes beside the index's own comparison, dates without surprises."""

import re
from collections.abc import Callable, Mapping

from sqlglot import exp

from connectors.planner.kinds import MOMENTS, kind_of
from connectors.planner.spelling import (
    BLANKS,
    PARTS,
    Sources,
    bare_texts,
    both,
    columns_in_use,
    deepest_first,
    equality,
    mirrored,
    part_of,
    spell,
)

MYSQL = "mysql"
UTC_SUFFIX = re.compile(r"(\+00(:00)?|Z)$")
NOPAD = "COLLATE utf8mb4_nopad_bin"
EXACT = f"CONVERT(_a_ USING utf8mb4) {NOPAD}"
INDEXED = re.compile(r"(var)?char|(tiny|medium|long)?text|enum", re.IGNORECASE)
TRUNC = {
    "DAY": "(CAST(_a_ AS DATE))",
    "WEEK": "(CAST(_a_ AS DATE) - INTERVAL WEEKDAY(_a_) DAY)",
    "MONTH": "(CAST(_a_ AS DATE) - INTERVAL (DAYOFMONTH(_a_) - 1) DAY)",
    "QUARTER": "(MAKEDATE(YEAR(_a_), 1) + INTERVAL (QUARTER(_a_) - 1) QUARTER)",
    "YEAR": "(MAKEDATE(YEAR(_a_), 1))",
}
EXTRACT = {
    "WEEK": "WEEK(_a_, 3)", "DOW": "(DAYOFWEEK(_a_) - 1)", "ISODOW": "(WEEKDAY(_a_) + 1)",
    "DOY": "DAYOFYEAR(_a_)",
}  # fmt: skip
BETWEEN = {
    "DAY": "DATEDIFF(_a_, _b_)",
    "MONTH": "((YEAR(_a_) - YEAR(_b_)) * 12 + MONTH(_a_) - MONTH(_b_))",
    "YEAR": "(YEAR(_a_) - YEAR(_b_))",
}
CLASSES = {r"[\s": "[ ", r"\s": " ", r"\+": "[+]", r"\(": "[(]", r"\)": "[)]"}
SIDES = {"LEADING": "^[{}]+", "TRAILING": "[{}]+\\z", "BOTH": "^[{0}]+|[{0}]+\\z"}


def spell_out(tree: exp.Query, sources: Sources) -> None:
    """Rewrite a canonical tree, in place."""
    mirrored(tree)
    indexed = [(node, node.copy()) for node in _indexed(tree, sources)]
    for literal in bare_texts(tree):
        literal.replace(spell(f"_a_ {NOPAD}", MYSQL, literal, a=literal))
    for column in columns_in_use(tree, ["text"]):
        found = sources.columns(column)
        if not found or any(c.collation != "binary" for c in found):
            column.replace(spell(EXACT, MYSQL, column, a=column))
    for node, plain in indexed:
        node.replace(both(plain, node))
    _moments(tree)
    _functions(tree)


def _indexed(tree: exp.Query, sources: Sources) -> list[exp.Expr]:
    """Equalities that an index of the column's own collation can find too many rows of."""
    found: list[exp.Expr] = []
    for node in tree.find_all(exp.EQ, exp.In):
        column = equality(node)
        pair = [node.this, node.expression] if column is None else [column]
        known = [sources.columns(side) for side in pair]
        names = {c.collation for columns in known for c in columns}
        plain = all(known) and len(names) == 1 and None not in names
        texts = all(INDEXED.match(c.native_type) for columns in known for c in columns)
        if plain and texts and kind_of(pair[0]) == "text" and _writable(node, names):
            found.append(node)
    return found


def _writable(node: exp.Expr, collations: set[str | None]) -> bool:
    """A column in an older character set may be compared with ASCII only."""
    wide = all(name is not None and name.startswith("utf8mb4") for name in collations)
    texts = [node.args.get("expression"), *(node.args.get("expressions") or [])]
    plain = all(text.name.isascii() for text in texts if isinstance(text, exp.Literal))
    return (wide or plain) and not node.args.get("query")


def _moments(tree: exp.Query) -> None:
    for test in list(tree.find_all(exp.Is)):
        if isinstance(test.expression, exp.Null) and kind_of(test.this) in MOMENTS:
            # Of a column that is never null, IS NULL would find the zero dates.
            test.replace(exp.NullSafeEQ(this=test.this, expression=exp.Null()))
    for node in deepest_first(tree, exp.Cast):
        kind = kind_of(node)
        if kind not in MOMENTS:
            if kind == "text":
                node.replace(spell(f"CONVERT(CAST(_a_ AS CHAR) USING utf8mb4) {NOPAD}", MYSQL,
                                   node, a=node.this))  # fmt: skip
            continue
        value = node.this
        if isinstance(value, exp.Literal):
            # The session is in UTC, and no offset is known in a text.
            value = exp.Literal.string(UTC_SUFFIX.sub("", value.name).strip())
        target = "DATE" if kind == "date" else "DATETIME(6)"
        node.replace(spell(f"CAST(_a_ AS {target})", MYSQL, node, a=value))


def _functions(tree: exp.Query) -> None:
    for node in deepest_first(tree, *FUNCTIONS):
        node.replace(FUNCTIONS[type(node)](node))


def _trunc(node: exp.Expr) -> exp.Expr:
    return spell(TRUNC[str(node.args["unit"].name).upper()], MYSQL, node, a=node.this)


def _part(node: exp.Expr) -> exp.Expr:
    name, moment = part_of(node)
    return spell(EXTRACT.get(name, f"EXTRACT({name} FROM _a_)"), MYSQL, node, a=moment)


def _between(node: exp.Expr) -> exp.Expr:
    pattern = BETWEEN[str(node.args["unit"].name).upper()]
    return spell(pattern, MYSQL, node, a=node.this, b=node.expression)


def _trim(node: exp.Expr) -> exp.Expr:
    """MariaDB's TRIM takes away whole texts, not any of their characters."""
    signs = node.args.get("expression")
    inside = re.sub(r"([\]\[\\^-])", r"\\\1", signs.name if signs is not None else BLANKS)
    side = SIDES[str(node.args.get("position") or "BOTH").upper()]
    pattern = exp.Literal.string(side.format(inside))
    return spell("REGEXP_REPLACE(_a_, _b_, '')", MYSQL, node, a=node.this, b=pattern)


def _choice(node: exp.Expr) -> exp.Expr:
    """GREATEST and LEAST without the nulls."""
    name = "GREATEST" if isinstance(node, exp.Greatest) else "LEAST"
    pattern = f"{name}(COALESCE(_a_, _b_), COALESCE(_b_, _a_))"
    return spell(pattern, MYSQL, node, a=node.this, b=node.expressions[0])


def _concat(node: exp.Expr) -> exp.Expr:
    parts = node.expressions
    if isinstance(node, exp.DPipe):
        parts = [node.this, node.expression]
    else:
        parts = [exp.Coalesce(this=p, expressions=[exp.Literal.string("")]) for p in parts]
    return exp.Anonymous(this="CONCAT", expressions=[part.copy() for part in parts])


def _spread(node: exp.Expr) -> exp.Expr:
    """Of decimals and whole numbers MariaDB gives four digits; of doubles all."""
    made = node.copy()
    made.set("this", spell("CAST(_a_ AS DOUBLE)", MYSQL, a=node.this))
    return made


def _matches(node: exp.Expr) -> exp.Expr:
    return spell("(REGEXP_INSTR(_a_, _b_) > 0)", MYSQL, node, a=node.this, b=node.expression)


def _rewritten(node: exp.Expr) -> exp.Expr:
    """Every place is replaced; a backslash in a text would depend on the server's settings."""
    pattern = node.expression.name
    for sign, class_ in CLASSES.items():
        pattern = pattern.replace(sign, class_)
    by: exp.Expr = node.args["replacement"]
    if by.name == "\\1":
        by = spell("CONCAT(CHAR(92 USING utf8mb4), '1')", MYSQL)
    elif "\\1" in by.name:
        text = exp.Literal.string(by.name.removesuffix("\\1"))
        by = spell("CONCAT(_b_, CHAR(92 USING utf8mb4), '1')", MYSQL, b=text)
    return spell("REGEXP_REPLACE(_a_, _p_, _b_)", MYSQL, node, a=node.this, b=by,
                 p=exp.Literal.string(pattern))  # fmt: skip


FUNCTIONS: Mapping[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    **dict.fromkeys(PARTS, _part),
    exp.Extract: _part,
    exp.TimestampTrunc: _trunc,
    exp.DateDiff: _between,
    exp.Trim: _trim,
    exp.Greatest: _choice,
    exp.Least: _choice,
    exp.Concat: _concat,
    exp.DPipe: _concat,
    exp.RegexpLike: _matches,
    exp.RegexpReplace: _rewritten,
    **dict.fromkeys(
        (exp.Stddev, exp.StddevSamp, exp.StddevPop, exp.Variance, exp.VariancePop), _spread
    ),
}
