"""What the writers of all dialects share: patterns with holes, and which columns are compared."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp

from connectors.planner.kinds import kind_of
from connectors.schema import Column, Table

# The blanks DuckDB's TRIM takes away: all of Unicode's category Zs.
BLANKS = " \u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u202f\u205f\u3000"
PARTS: dict[type[exp.Expr], str] = {
    exp.Year: "YEAR", exp.Quarter: "QUARTER", exp.Month: "MONTH", exp.Week: "WEEK",
    exp.WeekOfYear: "WEEK", exp.Day: "DAY", exp.DayOfMonth: "DAY", exp.DayOfWeek: "DOW",
    exp.DayOfWeekIso: "ISODOW", exp.DayOfYear: "DOY",
}  # fmt: skip
PART_NAMES = {"DAYOFWEEK": "DOW", "DAYOFYEAR": "DOY"}
CARRIERS = (exp.Coalesce, exp.Nullif, exp.Case, exp.Greatest, exp.Least)


@dataclass(frozen=True)
class Sources:
    """The catalog's tables behind a tree's aliases.

    Attributes:
        tables: By lower-case alias; one used twice in different blocks has several.
    """

    tables: Mapping[str, list[Table]]

    @classmethod
    def of(cls, tree: exp.Query, tables: Mapping[str, Table]) -> "Sources":
        """Of a canonical tree; `tables` by lower-case three-part name."""
        found: dict[str, list[Table]] = {}
        for node in tree.find_all(exp.Table):
            table = tables.get(".".join(part.name for part in node.parts).lower())
            if table is not None:
                found.setdefault(node.alias_or_name.lower(), []).append(table)
        return cls(found)

    def columns(self, node: exp.Expr) -> list[Column]:
        """What a column may stand for in the catalog; nothing for one of a subquery."""
        if not isinstance(node, exp.Column):
            return []
        tables = self.tables.get(node.table.lower(), ())
        return [c for c in (table.column(node.name) for table in tables) if c is not None]

    def collations(self) -> set[str | None]:
        """Of all text columns there are."""
        found = {t.full_name: t for tables in self.tables.values() for t in tables}
        return {c.collation for t in found.values() for c in t.columns if c.type == "VARCHAR"}


def columns_in_use(tree: exp.Query, kinds: Iterable[str]) -> list[exp.Column]:
    """Columns of these families that are compared, grouped, ordered or computed with."""
    wanted = frozenset(kinds)
    found = [node for node in tree.find_all(exp.Column) if kind_of(node) in wanted]
    return [node for node in found if not _only_shown(node, tree)]


def _only_shown(node: exp.Column, tree: exp.Query) -> bool:
    """True for a plain output column of the outermost SELECT that nothing compares."""
    parent = node.parent
    if not isinstance(parent, exp.Alias) or parent.parent is not tree:
        return False
    return not any(tree.args.get(key) for key in ("group", "distinct"))


def spell(pattern: str, dialect: str, like: exp.Expr | None = None, **holes: exp.Expr) -> exp.Expr:
    """The pattern, in the dialect, with expressions in the place of ``_name_``.

    The type is that of `like`.
    """
    made = _parsed(pattern, dialect).copy()
    for column in list(made.find_all(exp.Column)):
        hole = holes.get(column.name.strip("_"))
        if hole is not None and column.name.startswith("_"):
            filled = hole.copy()
            if column is made:
                made = filled
            else:
                column.replace(filled)
    if like is not None:
        made.type = like.type
    return made


@lru_cache(maxsize=500)
def _parsed(pattern: str, dialect: str) -> exp.Expr:
    return sqlglot.parse_one(pattern, dialect=dialect)


def deepest_first(tree: exp.Expr, *kinds: type[exp.Expr]) -> list[exp.Expr]:
    """Nodes of these classes, each after all that stand inside it."""
    found = [node for node in tree.walk(bfs=True) if isinstance(node, kinds)]
    return found[::-1]


def part_of(node: exp.Expr) -> tuple[str, exp.Expr]:
    """Which part of which moment EXTRACT, YEAR and the like give."""
    if isinstance(node, exp.Extract):
        name = node.name.upper()
        return PART_NAMES.get(name, name), node.expression
    return PARTS[type(node)], node.this


def bare_texts(tree: exp.Expr) -> list[exp.Literal]:
    """Text literals that an expression gives as a value, whose collation would be the session's."""
    return [
        node
        for node in tree.find_all(exp.Literal)
        if node.is_string and (isinstance(node.parent, CARRIERS) or _is_value(node))
    ]


def _is_value(node: exp.Literal) -> bool:
    parent = node.parent
    if isinstance(parent, exp.If):
        return node is not parent.this
    return isinstance(parent, exp.Alias)


def equality(node: exp.Expr) -> exp.Expr | None:
    """The column of ``column = 'text'`` or ``column IN ('a', 'b')``; None for all else."""
    if isinstance(node, exp.In):
        values = node.args.get("expressions") or []
    elif isinstance(node, exp.EQ):
        values = [node.expression]
    else:
        return None
    plain = bool(values) and all(isinstance(v, exp.Literal) and v.is_string for v in values)
    return node.this if plain and isinstance(node.this, exp.Column) else None


def both(plain: exp.Expr, exact: exp.Expr) -> exp.Expr:
    """The condition an index knows, and beside it the exact one; null where the exact one is."""
    return exp.Paren(this=exp.And(this=plain, expression=exact.copy()))


def mirrored(tree: exp.Expr) -> None:
    """Write ``'x' = column`` as ``column = 'x'``, in place."""
    for node in tree.find_all(exp.EQ):
        if isinstance(node.this, exp.Literal) and isinstance(node.expression, exp.Column):
            left, right = node.this, node.expression
            node.set("this", right)
            node.set("expression", left)
