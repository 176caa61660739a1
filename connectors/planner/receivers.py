"""What receives keys or a value inside a fragment, as its silo spells it."""

import re
from dataclasses import dataclass

from sqlglot import exp

from connectors.planner.builder import Builder
from connectors.planner.kinds import kind_of
from connectors.planner.plain import let_through
from connectors.planner.plan import Fragment

PLAIN_TEXTS = re.compile(r"(var)?char|character( varying)?\b|(tiny|medium|long)?text", re.I)


@dataclass(frozen=True)
class Receiver:
    """What receives keys, as the silo spells it, and which rows pass whatever the keys."""

    column: exp.Expr
    otherwise: exp.Expr | None = None

    @classmethod
    def of(cls, taker: exp.Expr, target: Fragment, builder: Builder) -> "Receiver | None":
        """Of an expression over the target's outputs; None where no rows may be left out."""
        if isinstance(taker, exp.Column):
            made = spelled_output(taker, target.canonical)
            if not isinstance(made, exp.Column) or _takes_any_key(made, target, builder):
                plain = spelled_output(taker, target.tree)
                return cls(plain) if plain is not None else None
        else:
            made = over_tables(taker, target)
        return cls._compared(made, target, builder) if made is not None else None

    @classmethod
    def _compared(cls, made: exp.Expr, target: Fragment, builder: Builder) -> "Receiver | None":
        """As a side of a comparison, which is spelled otherwise than an output is."""
        test = let_through(made)
        asked: exp.Expr = exp.NEQ(this=made.copy(), expression=made)
        if builder.reason(asked if test is None else exp.or_(asked, test), target.silo) is not None:
            return None
        column = builder.spelled(asked, target)
        if column is None or test is None:
            return cls(column.this) if column is not None else None
        otherwise = builder.spelled(test, target)
        return cls(column.this, otherwise) if otherwise is not None else None


def _takes_any_key(column: exp.Column, target: Fragment, builder: Builder) -> bool:
    """False for a text that its silo compares with some texts only: an ENUM, another charset."""
    if kind_of(column) != "text" or target.dialect not in ("mysql", "postgres"):
        return True
    tables = (builder.tables[name.lower()] for name in target.tables)
    found = [c for c in (table.column(column.name) for table in tables) if c is not None]
    if target.dialect == "postgres":
        return all(PLAIN_TEXTS.match(c.native_type) for c in found)
    return all(PLAIN_TEXTS.match(c.native_type) and _is_wide(c.collation) for c in found)


def _is_wide(collation: str | None) -> bool:
    return collation is None or collation.startswith("utf8mb4")


def over_tables(taker: exp.Expr, target: Fragment) -> exp.Expr | None:
    """An expression over a fragment's outputs as one over its tables; None where it has none."""
    holder: exp.Paren = exp.Paren(this=taker.copy())
    for column in list(holder.find_all(exp.Column)):
        plain = spelled_output(column, target.canonical)
        if not isinstance(plain, exp.Column):
            return None
        column.replace(plain)
    made: exp.Expr = holder.this
    return made


def spelled_output(column: exp.Column, tree: exp.Query) -> exp.Expr | None:
    """What stands behind an output column, where a filter on it leaves out whole output rows."""
    if not isinstance(tree, exp.Select) or tree.find(exp.Window):
        return None
    if any(tree.args.get(key) for key in ("limit", "offset", "qualify", "with_")):
        return None
    group, distinct = tree.args.get("group"), tree.args.get("distinct")
    if distinct is not None and distinct.args.get("on"):
        return None
    for projection in tree.selects:
        if projection.alias_or_name.lower() == column.name.lower():
            found = projection.unalias()
            single = group is None and not projection.find(exp.AggFunc)
            if single or (group is not None and found in group.expressions):
                return found.copy()
    return None
