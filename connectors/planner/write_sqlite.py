"""SQLite: moments are texts in several forms, LIKE does not mind case, decimals are doubles."""

import re
from collections.abc import Callable, Mapping

from sqlglot import exp

from connectors.planner.kinds import MOMENTS, kind_of
from connectors.planner.spelling import (
    BLANKS,
    PARTS,
    Sources,
    both,
    columns_in_use,
    deepest_first,
    equality,
    mirrored,
    part_of,
    spell,
)

SQLITE = "sqlite"
UTC_SUFFIX = re.compile(r"(\+00(:00)?|Z)$")
TAIL = "0000-00-00 00:00:00.000000"
# Any form of a moment, filled up to one of 26 characters that compares as the moment does.
FULL = f"SUBSTR(REPLACE(_a_, 'T', ' ') || SUBSTR('{TAIL}', LENGTH(_a_) + 1), 1, 26)"
TEXT_AFFINITY = re.compile(r"char|clob|text", re.IGNORECASE)
TRUNC = {
    "DAY": f"(SUBSTR(_a_, 1, 10) || '{TAIL[10:]}')",
    "MONTH": f"(SUBSTR(_a_, 1, 8) || '01{TAIL[10:]}')",
    "YEAR": f"(SUBSTR(_a_, 1, 5) || '01-01{TAIL[10:]}')",
}
EXTRACT = {"YEAR": (1, 4), "MONTH": (6, 2), "DAY": (9, 2)}
MIXING = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In)


def spell_out(tree: exp.Query, sources: Sources) -> None:
    """Rewrite a canonical tree, in place."""
    mirrored(tree)
    equalities: list[exp.Expr] = list(tree.find_all(exp.EQ, exp.In))
    indexed = [(node, node.copy()) for node in equalities if _indexed(node, sources)]
    for column in columns_in_use(tree, ["text"]):
        column.replace(_exact(column, sources))
    for node, plain in indexed:
        node.replace(both(plain, node))
    _moments(tree)
    for node in deepest_first(tree, *FUNCTIONS):
        node.replace(FUNCTIONS[type(node)](node))


def _indexed(node: exp.Expr, sources: Sources) -> bool:
    column = equality(node)
    found = sources.columns(column) if column is not None else []
    affinity = all(TEXT_AFFINITY.search(c.native_type) for c in found)
    return bool(found) and affinity and all(c.collation in ("NOCASE", "RTRIM") for c in found)


def _exact(node: exp.Column, sources: Sources) -> exp.Expr:
    """The column compared by its bytes, and as text whatever SQLite keeps in it."""
    found = sources.columns(node)
    if any(not TEXT_AFFINITY.search(c.native_type) for c in found):
        return spell("CAST(_a_ AS TEXT) COLLATE BINARY", SQLITE, node, a=node)
    if all(c.collation is None for c in found):
        return node
    return spell("_a_ COLLATE BINARY", SQLITE, node, a=node)


def _moments(tree: exp.Query) -> None:
    days = [side for node in tree.find_all(*MIXING) for side in _days_to_fill(node)]
    moments = [c for c in columns_in_use(tree, ["timestamp"]) if not _reads_characters(c)]
    for node in (*days, *moments):
        node.replace(spell(FULL, SQLITE, node, a=node))
    for cast in deepest_first(tree, exp.Cast):
        if kind_of(cast) in MOMENTS:
            cast.replace(_cast(cast))


def _days_to_fill(node: exp.Expr) -> list[exp.Expr]:
    """The days that a comparison holds against moments."""
    keys = ("this", "expression", "low", "high")
    sides = [node.args[key] for key in keys if isinstance(node.args.get(key), exp.Expr)]
    sides += node.args.get("expressions") or []
    kinds = {kind_of(side) for side in sides}
    return [s for s in sides if kind_of(s) == "date"] if "timestamp" in kinds else []


def _reads_characters(node: exp.Expr) -> bool:
    """The first characters are the same in every form."""
    return isinstance(node.parent, (exp.TimestampTrunc, exp.Extract, exp.Is, *PARTS))


def _cast(node: exp.Expr) -> exp.Expr:
    target, value = kind_of(node), node.this
    if isinstance(value, exp.Literal):
        text = UTC_SUFFIX.sub("", value.name).strip().replace("T", " ")
        return exp.Literal.string(text if target == "date" else text + TAIL[len(text) :])
    pattern = "SUBSTR(_a_, 1, 10)" if target == "date" else FULL
    return spell(pattern, SQLITE, node, a=value)


def _trunc(node: exp.Expr) -> exp.Expr:
    return spell(TRUNC[str(node.args["unit"].name).upper()], SQLITE, node, a=node.this)


def _part(node: exp.Expr) -> exp.Expr:
    name, moment = part_of(node)
    start, length = EXTRACT[name]
    return spell(f"CAST(SUBSTR(_a_, {start}, {length}) AS INTEGER)", SQLITE, node, a=moment)


def _like(node: exp.Expr) -> exp.Expr:
    """GLOB minds the case; what is special to it alone is put in brackets."""
    if isinstance(node.parent, exp.Escape):
        return node
    escaped = isinstance(node, exp.Escape)
    like, sign = (node.this, node.expression.name) if escaped else (node, "")
    made, signs = "", iter(like.expression.name)
    for char in signs:
        if char == sign:
            made += next(signs)
        else:
            made += {"%": "*", "_": "?"}.get(char, f"[{char}]" if char in "*?[" else char)
    glob = exp.Glob(this=like.this.copy(), expression=exp.Literal.string(made))
    return exp.Not(this=exp.Paren(this=glob)) if like.args.get("negate") else exp.Paren(this=glob)


def _trim(node: exp.Expr) -> exp.Expr:
    signs = node.args.get("expression") or exp.Literal.string(BLANKS)
    names = {"LEADING": "LTRIM", "TRAILING": "RTRIM"}
    name = names.get(str(node.args.get("position") or "").upper(), "TRIM")
    return exp.Anonymous(this=name, expressions=[node.this.copy(), signs.copy()])


def _choice(node: exp.Expr) -> exp.Expr:
    name = "MAX" if isinstance(node, exp.Greatest) else "MIN"
    parts = {"a": node.this, "b": node.expressions[0]}
    made = [spell(p, SQLITE, **parts) for p in ("COALESCE(_a_, _b_)", "COALESCE(_b_, _a_)")]
    return exp.Anonymous(this=name, expressions=made)


def _concat(node: exp.Expr) -> exp.Expr:
    parts = [
        exp.Coalesce(this=p.copy(), expressions=[exp.Literal.string("")]) for p in node.expressions
    ]
    made: exp.Expr = parts[0]
    for part in parts[1:]:
        made = exp.DPipe(this=made, expression=part, safe=True)
    return exp.Paren(this=made)


def _left(node: exp.Expr) -> exp.Expr:
    return spell("SUBSTR(_a_, 1, _b_)", SQLITE, node, a=node.this, b=node.expression)


def _matches(node: exp.Expr) -> exp.Expr:
    """The test for other signs; GLOB and LENGTH stop at a NUL, which is one."""
    pattern = "(_a_ GLOB _b_ OR LENGTH(CAST(_a_ AS BLOB)) <> LENGTH(_a_))"
    glob = exp.Literal.string(f"*{node.expression.name}*")
    return spell(pattern, SQLITE, node, a=node.this, b=glob)


FUNCTIONS: Mapping[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    **dict.fromkeys(PARTS, _part),
    exp.Extract: _part,
    exp.TimestampTrunc: _trunc,
    exp.Like: _like,
    exp.Escape: _like,
    exp.Trim: _trim,
    exp.Greatest: _choice,
    exp.Least: _choice,
    exp.Concat: _concat,
    exp.RegexpLike: _matches,
    exp.Left: _left,
}
