"""How many rows and bytes: guesses from statistics. They steer; no answer hangs on them."""

from collections.abc import Iterable, Mapping
from datetime import date
from math import prod

from sqlglot import exp

from connectors.planner.conditions import conjuncts
from connectors.schema import ColumnStats, Table

EQUALS = 0.05
OTHERWISE = 0.3
PATTERN = 0.1
FEWEST = 1
WIDTHS = {
    "BOOLEAN": 1, "TINYINT": 1, "SMALLINT": 2, "INTEGER": 4, "DATE": 4, "FLOAT": 4, "UUID": 16,
    "VARCHAR": 20,
}  # fmt: skip
USUAL_WIDTH = 8
NOTHING = ColumnStats()


def width(types: Iterable[str]) -> int:
    """Bytes of a row of these canonical types."""
    return sum(WIDTHS.get(kind.split("(")[0], USUAL_WIDTH) for kind in types) or 1


def distinct(table: Table, column: str) -> int | None:
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
    share = prod(selectivity(part, table) for part in filters)
    return max(FEWEST, round(table.row_estimate * share))


def selectivity(part: exp.Expr, table: Table) -> float:
    """Share of rows for which a condition over one table holds, 0 to 1."""
    bare = part.unnest()
    if isinstance(bare, exp.And):
        return prod(selectivity(inner, table) for inner in conjuncts(bare))
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
    if isinstance(bare, exp.Like):
        return PATTERN
    if isinstance(bare, exp.NEQ):
        return 1 - _equals(stats)
    return _range(bare, stats)


def _stats(node: object, table: Table) -> ColumnStats:
    column = node.find(exp.Column) if isinstance(node, exp.Expr) else None
    found = table.column(column.name) if column is not None else None
    return table.stats.get(found.name, NOTHING) if found is not None else NOTHING


def _equals(stats: ColumnStats) -> float:
    return 1 / stats.distinct if stats.distinct else EQUALS


def _range(part: exp.Expr, stats: ColumnStats) -> float:
    """The share of the column's range that a comparison with literals leaves."""
    lowest, highest = _position(stats.minimum), _position(stats.maximum)
    if lowest is None or highest is None or highest <= lowest:
        return OTHERWISE
    low, high = lowest, highest
    if isinstance(part, exp.Between):
        low = _literal(part.args["low"], low)
        high = _literal(part.args["high"], high)
    elif isinstance(part, (exp.GT, exp.GTE)):
        low = _literal(part.expression, low)
    elif isinstance(part, (exp.LT, exp.LTE)):
        high = _literal(part.expression, high)
    else:
        return OTHERWISE
    return min(1.0, max(0.001, (min(high, highest) - max(low, lowest)) / (highest - lowest)))


def _literal(node: exp.Expr, otherwise: float) -> float:
    bare = node.unnest()
    text = bare.this.name if isinstance(bare, exp.Cast) else bare.name
    found = _position(text) if bare.find(exp.Literal) else None
    return otherwise if found is None else found


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


def groups(rows: int | None, counts: Iterable[int | None]) -> int | None:
    """Groups that many rows fall into, by the distinct values of each key; None when unknown."""
    if rows is None:
        return None
    made = 1
    for count in counts:
        made *= count if count is not None else rows
        if made >= rows:
            return rows
    return made


Estimates = Mapping[str, int | None]
