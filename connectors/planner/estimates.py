"""How many rows and bytes: guesses from statistics. They steer; no answer hangs on them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from math import inf, prod

from sqlglot import exp

from connectors.planner.conditions import conjuncts
from connectors.schema import ColumnStats, Table

EQUALS = 0.05
OTHERWISE = 0.3
PATTERN = 0.1
OTHER_SIGNS = 0.02
FEWEST = 1
WIDTHS = {
    "BOOLEAN": 1, "TINYINT": 1, "SMALLINT": 2, "INTEGER": 4, "DATE": 4, "FLOAT": 4, "UUID": 16,
    "VARCHAR": 20,
}  # fmt: skip
USUAL_WIDTH = 8
NOTHING = ColumnStats()
RANGES = (exp.Between, exp.GT, exp.GTE, exp.LT, exp.LTE)


def row_width(types: Iterable[str]) -> int:
    """Bytes of a row of these canonical types."""
    return sum(WIDTHS.get(kind.split("(")[0], USUAL_WIDTH) for kind in types) or 1


def distinct_values(table: Table, column: str) -> int | None:
    """Distinct values of a column; None when neither statistics nor keys tell."""
    found = table.column(column)
    name = found.name if found is not None else column
    known = table.stats.get(name, NOTHING).distinct
    if known is None and is_unique(table, (name,)):
        known = table.row_estimate
    return known


def is_unique(table: Table, columns: Iterable[str]) -> bool:
    """True when no two rows share values of these columns, by the silo's own keys."""
    names = {name.lower() for name in columns}
    keys = (table.primary_key, *table.unique_keys)
    return any(key and {name.lower() for name in key} <= names for key in keys)


def rows_after(table: Table, filters: Iterable[exp.Expr]) -> int | None:
    """Rows of a table that pass the filters; None when its size is unknown."""
    if table.row_estimate is None:
        return None
    return max(FEWEST, round(table.row_estimate * _together(filters, table)))


def selectivity(part: exp.Expr, table: Table) -> float:
    """Share of rows for which a condition over one table holds, 0 to 1."""
    bare = part.unnest()
    if isinstance(bare, exp.And):
        return _together(conjuncts(bare), table)
    if isinstance(bare, exp.Or):
        return 1 - prod(1 - selectivity(inner, table) for inner in bare.flatten())
    if isinstance(bare, exp.Not):
        return max(0.05, 1 - selectivity(bare.this, table))
    stats = _stats(bare.this, table)
    if isinstance(bare, exp.In):
        return min(1.0, max(1, len(bare.expressions)) * _equals(stats))
    if isinstance(bare, exp.EQ):
        return _equals(stats)
    if isinstance(bare, exp.Is):
        return stats.null_share if stats.null_share is not None else OTHERWISE
    if isinstance(bare, (exp.Like, exp.ILike)):
        return 1 - PATTERN if bare.args.get("negate") else PATTERN
    if isinstance(bare, exp.RegexpLike):
        return OTHER_SIGNS
    if isinstance(bare, exp.NEQ):
        return 1 - _equals(stats)
    return _range([bare], stats)


def _together(parts: Iterable[exp.Expr], table: Table) -> float:
    """The share left by several conditions; two ends of one range are one condition."""
    ranges: dict[str, list[exp.Expr]] = {}
    share = 1.0
    for part in (inner for whole in parts for inner in conjuncts(whole)):
        if isinstance(part, RANGES) and isinstance(part.this, exp.Column):
            ranges.setdefault(part.this.name.lower(), []).append(part)
        else:
            share *= selectivity(part, table)
    return share * prod(_range(ends, _stats(ends[0].this, table)) for ends in ranges.values())


def _stats(node: object, table: Table) -> ColumnStats:
    column = node.find(exp.Column) if isinstance(node, exp.Expr) else None
    found = table.column(column.name) if column is not None else None
    if found is None:
        return NOTHING
    return replace(
        table.stats.get(found.name, NOTHING), distinct=distinct_values(table, found.name)
    )


def _equals(stats: ColumnStats) -> float:
    return 1 / stats.distinct if stats.distinct else EQUALS


def _range(parts: Sequence[exp.Expr], stats: ColumnStats) -> float:
    """The share of the column's range that comparisons with literals leave."""
    lowest, highest = _position(stats.minimum), _position(stats.maximum)
    if lowest is None or highest is None or highest <= lowest:
        return OTHERWISE if len(parts) == 1 else OTHERWISE / 2
    low, high = lowest, highest
    for part in parts:
        ends = _ends(part)
        if ends is None:
            return OTHERWISE
        low, high = max(low, ends[0]), min(high, ends[1])
    return min(1.0, max(0.001, (high - low) / (highest - lowest)))


def _ends(part: exp.Expr) -> tuple[float, float] | None:
    """The smallest and largest value a comparison lets pass; None when they are no literals."""
    if isinstance(part, exp.Between):
        low, high = _literal(part.args["low"]), _literal(part.args["high"])
        return None if low is None or high is None else (low, high)
    end = _literal(part.expression)
    if end is None or not isinstance(part, RANGES):
        return None
    return (end, inf) if isinstance(part, (exp.GT, exp.GTE)) else (-inf, end)


def _literal(node: exp.Expr) -> float | None:
    bare = node.unnest()
    text = bare.this.name if isinstance(bare, exp.Cast) else bare.name
    return _position(text) if bare.find(exp.Literal) else None


def _position(text: str | None) -> float | None:
    """A number, or a day as a number."""
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return float(date.fromisoformat(text[:10]).toordinal())
    except ValueError:
        return None


def group_count(rows: int | None, counts: Iterable[int | None]) -> int | None:
    """Groups that many rows fall into, by the distinct values of each key; None when unknown."""
    if rows is None:
        return None
    made = 1
    for count in counts:
        made *= count if count is not None else rows
        if made >= rows:
            return rows
    return made
