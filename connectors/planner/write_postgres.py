"""PostgreSQL: text compared by its bytes whatever its collation, CHAR without its blanks."""

import re
from collections.abc import Callable, Mapping

from sqlglot import exp

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

POSTGRES = "postgres"
PLAIN_TEXT = ("text", "character varying", "varchar")
PADDED = ("character(", "char(")
# The collations that come with PostgreSQL take different texts for different; one that somebody
# made may not.
SHIPPED = re.compile(r"[a-z]{2,3}([_-][\w.@-]+)?|[\w-]+-x-icu|default|unicode|pg_c_utf8")
COMPARING = (exp.EQ, exp.NEQ, exp.In, exp.Like, exp.Is, exp.Alias, exp.Group, exp.Distinct,
             exp.Count)  # fmt: skip
BETWEEN = {
    "DAY": "(CAST(_a_ AS DATE) - CAST(_b_ AS DATE))",
    "MONTH": "((EXTRACT(YEAR FROM _a_) - EXTRACT(YEAR FROM _b_)) * 12"
    " + EXTRACT(MONTH FROM _a_) - EXTRACT(MONTH FROM _b_))",
    "YEAR": "(EXTRACT(YEAR FROM _a_) - EXTRACT(YEAR FROM _b_))",
}


def spell_out(tree: exp.Query, sources: Sources) -> None:
    """Rewrite a canonical tree, in place."""
    mirrored(tree)
    equalities: list[exp.Expr] = list(tree.find_all(exp.EQ, exp.In))
    indexed = [(node, node.copy()) for node in equalities if _indexed(node, sources)]
    for literal in bare_texts(tree):
        literal.replace(spell('_a_ COLLATE "C"', POSTGRES, literal, a=literal))
    collated = sources.collations() - {None}
    exact = [(c, _exact(c, sources, bool(collated))) for c in columns_in_use(tree, ["text"])]
    for column, made in exact:
        column.replace(made)
    for node, plain in indexed:
        node.replace(both(plain, node))
    for node in deepest_first(tree, *FUNCTIONS):
        node.replace(FUNCTIONS[type(node)](node))


def _indexed(node: exp.Expr, sources: Sources) -> bool:
    """An equality whose exact form no index knows, and whose plain form finds too many rows."""
    column = equality(node)
    found = sources.columns(column) if column is not None else []
    padded = all(c.native_type.startswith(PADDED) for c in found)
    plain = all(c.native_type.startswith(PLAIN_TEXT) for c in found)
    return bool(found) and (padded or (plain and any(not _shipped(c.collation) for c in found)))


def _shipped(collation: str | None) -> bool:
    return collation is None or SHIPPED.fullmatch(collation) is not None


def _exact(node: exp.Column, sources: Sources, collated: bool) -> exp.Expr:
    """The column as text, with a collation where its own may differ from the bytes' order."""
    found = sources.columns(node)
    plain = not found or all(c.native_type.startswith(PLAIN_TEXT) for c in found)
    text = "_a_" if plain else "CAST(_a_ AS TEXT)"
    binary = bool(found) and all(c.collation is None for c in found)
    if (plain and binary) or not _needs_collation(node, sources, collated):
        return node if plain else spell(text, POSTGRES, node, a=node)
    return spell(f'{text} COLLATE "C"', POSTGRES, node, a=node)


def _needs_collation(node: exp.Column, sources: Sources, collated: bool) -> bool:
    found = sources.columns(node)
    if found and not all(_shipped(c.collation) for c in found):
        return True
    if not found and collated:
        return True
    if not isinstance(node.parent, COMPARING):
        return True
    if isinstance(node.parent, (exp.EQ, exp.NEQ, exp.In)):
        return not _alike(node.parent, sources)
    return False


def _alike(node: exp.Expr, sources: Sources) -> bool:
    """All sides are literals or columns of one collation."""
    if node.args.get("query") is not None:
        return False
    sides = [node.this, *([node.expression] if node.args.get("expression") else [])]
    sides += node.args.get("expressions") or []
    names: set[str | None] = set()
    for side in sides:
        if not isinstance(side, exp.Literal):
            names |= {c.collation for c in sources.columns(side)} or {f"of {id(side)}"}
    return len(names) <= 1


def _part(node: exp.Expr) -> exp.Expr:
    name, moment = part_of(node)
    pattern = f"EXTRACT({name} FROM _a_)"
    if name == "SECOND":
        pattern = f"FLOOR({pattern})"
    return spell(pattern, POSTGRES, node, a=moment)


def _between(node: exp.Expr) -> exp.Expr:
    pattern = BETWEEN[str(node.args["unit"].name).upper()]
    return spell(pattern, POSTGRES, node, a=node.this, b=node.expression)


def _trim(node: exp.Expr) -> exp.Expr:
    signs = node.args.get("expression") or exp.Literal.string(BLANKS)
    names = {"LEADING": "LTRIM", "TRAILING": "RTRIM"}
    name = names.get(str(node.args.get("position") or "").upper(), "BTRIM")
    return exp.Anonymous(this=name, expressions=[node.this.copy(), signs.copy()])


def _position(node: exp.Expr) -> exp.Expr:
    """POSITION has no place for a collation."""
    parts = [node.this.copy(), node.args["substr"].copy()]
    return exp.Anonymous(this="STRPOS", expressions=parts)


def _hash(node: exp.Expr) -> exp.Expr:
    pattern = "ENCODE(SHA256(CONVERT_TO(_a_, 'UTF8')), 'hex')"
    return spell(pattern, POSTGRES, node, a=node.this)


FUNCTIONS: Mapping[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    **dict.fromkeys(PARTS, _part),
    exp.Extract: _part,
    exp.DateDiff: _between,
    exp.SHA2: _hash,
    exp.Trim: _trim,
    exp.StrPosition: _position,
}
