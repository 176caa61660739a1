"""Light statistics of a table: one aggregate statement, and one for the values of categories."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pyarrow as pa
from sqlglot import exp

from catalog.samples import with_shapes
from catalog.sensitivity import looks_personal
from connectors.arrow_types import arrow_type
from connectors.clock import Cancellation, Deadline
from connectors.schema import PERSONAL, Column, ColumnStats, Table
from connectors.silos.base import Connector

LARGE_TABLE = 1_000_000
SAMPLE_ROWS = 100_000
MOST_VALUES = 20
LONGEST_VALUE = 40
_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_UNSIGNED = ("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_TIMES = ("DATE", "TIMESTAMP")
_RANGED = (*_INTEGERS, *_UNSIGNED, "DECIMAL", "FLOAT", "DOUBLE", "DATE", "TIMESTAMP")
_COUNTED = (*_RANGED, "VARCHAR", "BOOLEAN", "UUID", "TIME")
ROWS = "row_count"
RECENT_DAYS = 30
Ask = Callable[[str, pa.Schema], list[dict[str, Any]]]


@dataclass(frozen=True)
class _Figure:
    """One output of the statement: what it says about which column."""

    alias: str
    tree: exp.Expr
    type: pa.DataType


def profile(
    connector: Connector, table: Table, deadline: Deadline, cancellation: Cancellation
) -> Table:
    """The table with statistics, and the newest moment in it when it was read whole.

    A table of more than `LARGE_TABLE` rows, or of unknown size, is read up to a limit; when that is
    reached, minimum and maximum stay unknown, and newest is told by indexed columns only. Values
    of personal columns never leave their silo, but for a sample that is looked at and forgotten.

    Raises:
        SiloError: The silo failed, or the deadline passed.
    """
    if not _readable(table):
        return table
    table, shapes = with_shapes(connector, table, deadline, cancellation)
    limit = _limit(table)
    dialect = connector.capabilities.dialect
    figures = _figures(table, dialect)
    sql = _sql(exp.select(*(exp.alias_(f.tree, f.alias) for f in figures)), table, limit, dialect)
    schema = pa.schema([(f.alias, f.type) for f in figures])
    found = _rows(connector, sql, schema, deadline, cancellation)[0]
    whole = limit is None or found[ROWS] < limit
    stats = {c.name: _stats(c, i, found, table, whole) for i, c in enumerate(_readable(table))}
    values = _values(connector, table, stats, found, limit, deadline, cancellation)
    for name, texts in values.items():
        stats[name] = replace(stats[name], values=texts)
    for name, shape in shapes.items():
        stats[name] = replace(stats[name], shape=shape)
    rows = found[ROWS] if whole else table.row_estimate
    ask = partial(_rows, connector, deadline=deadline, cancellation=cancellation)
    moments = _moments(table, found) if whole else _indexed_moments(table, ask, dialect)
    column, newest = max(moments, key=lambda pair: pair[1], default=(None, None))
    recent = _recent(table, column, newest, ask, dialect) if whole and column and newest else None
    return replace(table, stats=stats, row_estimate=rows, newest=newest, recent=recent)


def _limit(table: Table) -> int | None:
    if table.row_estimate is None:
        return SAMPLE_ROWS
    return SAMPLE_ROWS if table.row_estimate > LARGE_TABLE else None


def _readable(table: Table) -> list[Column]:
    return [column for column in table.columns if column.type != "UNKNOWN"]


def _is_personal(table: Table, column: Column) -> bool:
    return table.sensitivity.get(column.name) in PERSONAL


def _figures(table: Table, dialect: str) -> list[_Figure]:
    figures = [_Figure(ROWS, exp.Count(this=exp.Star()), pa.int64())]
    for position, column in enumerate(_readable(table)):
        figures += _column_figures(position, column, dialect, personal=_is_personal(table, column))
    return figures


def _column_figures(
    position: int, column: Column, dialect: str, *, personal: bool
) -> Iterable[_Figure]:
    name = exp.column(column.name, quoted=True)
    yield _Figure(f"filled_{position}", exp.Count(this=name.copy()), pa.int64())
    if _is(column, _COUNTED):
        yield _Figure(f"distinct_{position}", _distinct(name, dialect), pa.int64())
    if personal:
        return
    if _is(column, ("VARCHAR",)):
        longest = exp.Max(this=exp.Length(this=_as_text(name)))
        yield _Figure(f"longest_{position}", longest, pa.int64())
    elif _is(column, _RANGED):
        kind = arrow_type(column.type)
        yield _Figure(f"least_{position}", exp.Min(this=name.copy()), kind)
        yield _Figure(f"most_{position}", exp.Max(this=name.copy()), kind)


def _is(column: Column, families: tuple[str, ...]) -> bool:
    return column.type.startswith(families) and not column.type.endswith("]")


def _as_text(name: exp.Column) -> exp.Expr:
    """Enumerations have no length, and columns of two collations no union, but as text."""
    return exp.cast(name.copy(), "VARCHAR")


def _distinct(name: exp.Column, dialect: str) -> exp.Expr:
    if dialect == "duckdb":
        return exp.ApproxDistinct(this=name.copy())
    return exp.Count(this=exp.Distinct(expressions=[name.copy()]))


def _sql(select: exp.Select, table: Table, limit: int | None, dialect: str) -> str:
    source = exp.table_(table.name, db=table.schema, quoted=True)
    if limit is None:
        return select.from_(source).sql(dialect)
    columns = [exp.column(column.name, quoted=True) for column in _readable(table)]
    sample = exp.select(*columns).from_(source).limit(limit)
    return select.from_(sample.subquery("sample")).sql(dialect)


def _rows(
    connector: Connector,
    sql: str,
    schema: pa.Schema,
    deadline: Deadline,
    cancellation: Cancellation,
) -> list[dict[str, Any]]:
    with connector.read(sql, schema, deadline, cancellation) as batches:
        return [row for batch in batches for row in batch.to_pylist()]


def _stats(
    column: Column, position: int, found: Mapping[str, Any], table: Table, whole: bool
) -> ColumnStats:
    rows, filled = found[ROWS], found[f"filled_{position}"]
    distinct = found.get(f"distinct_{position}")
    if distinct is not None:
        # An approximate count may exceed the rows; of a sample only a small number tells the whole.
        distinct = min(distinct, filled) if whole or distinct * 10 <= filled else None
    personal = _is_personal(table, column)
    ranged = whole and not personal
    return ColumnStats(
        null_share=1 - filled / rows if rows else None,
        distinct=distinct,
        minimum=_text(found.get(f"least_{position}")) if ranged else None,
        maximum=_text(found.get(f"most_{position}")) if ranged else None,
    )


def _text(value: object) -> str | None:
    if value is None:
        return None
    return value.isoformat() if isinstance(value, date) else str(value)


def _moments(table: Table, found: Mapping[str, Any]) -> list[tuple[Column, datetime]]:
    """The newest moment of the past by column; a plan for the future is not news."""
    now = datetime.now(UTC)
    pairs = ((c, _moment(found.get(f"most_{i}"))) for i, c in enumerate(_readable(table)))
    return [(column, moment) for column, moment in pairs if moment and moment <= now]


def _indexed_moments(table: Table, ask: Ask, dialect: str) -> list[tuple[Column, datetime]]:
    """The same of a large table, from columns an index gives the last value of at once."""
    leading = {key[0].lower() for key in (table.primary_key, *table.indexes) if key}
    times = [c for c in _readable(table) if _is(c, _TIMES) and c.name.lower() in leading]
    if not times:
        return []
    most = (exp.Max(this=exp.column(c.name, quoted=True)) for c in times)
    figures = [_Figure(f"most_{i}", tree, arrow_type(times[i].type)) for i, tree in enumerate(most)]
    select = exp.select(*(exp.alias_(f.tree, f.alias) for f in figures))
    row = ask(_sql(select, table, None, dialect), pa.schema([(f.alias, f.type) for f in figures]))
    return _moments(replace(table, columns=tuple(times)), row[0])


def _recent(table: Table, column: Column, newest: datetime, ask: Ask, dialect: str) -> int:
    """How many rows the last days brought, by the column that is the newest."""
    begin = newest - timedelta(days=RECENT_DAYS)
    text = begin.strftime("%Y-%m-%d" if column.type == "DATE" else "%Y-%m-%d %H:%M:%S")
    since = exp.column(column.name, quoted=True) >= exp.Literal.string(text)
    select = exp.select(exp.alias_(exp.Count(this=exp.Star()), ROWS)).where(since)
    rows = ask(_sql(select, table, None, dialect), pa.schema([(ROWS, pa.int64())]))
    return int(rows[0][ROWS])


def _moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return None


def _values(
    connector: Connector,
    table: Table,
    stats: Mapping[str, ColumnStats],
    found: Mapping[str, Any],
    limit: int | None,
    deadline: Deadline,
    cancellation: Cancellation,
) -> dict[str, tuple[str, ...]]:
    """Category values by column, sorted; nothing for columns with many, long or personal ones."""
    chosen = [c for i, c in enumerate(_readable(table)) if _is_category(c, i, stats, found)]
    if not chosen:
        return {}
    dialect = connector.capabilities.dialect
    parts = [_distinct_values(i, c, table, limit, dialect) for i, c in enumerate(chosen)]
    schema = pa.schema([("position", pa.int64()), ("value", pa.string())])
    rows = _rows(connector, " UNION ALL ".join(parts), schema, deadline, cancellation)
    return _shown(chosen, rows)


def _shown(
    chosen: Sequence[Column], rows: Iterable[Mapping[str, Any]]
) -> dict[str, tuple[str, ...]]:
    texts: dict[str, list[str]] = {}
    for row in rows:
        texts.setdefault(chosen[row["position"]].name, []).append(row["value"])
    return {
        name: tuple(sorted(values))
        for name, values in texts.items()
        if len(values) <= MOST_VALUES and not looks_personal(values)
    }


def _is_category(
    column: Column, position: int, stats: Mapping[str, ColumnStats], found: Mapping[str, Any]
) -> bool:
    longest = found.get(f"longest_{position}")  # absent for personal columns
    few = stats[column.name].distinct
    if longest is None or few is None:
        return False
    # Each row its own value is no category, however few rows there are.
    return longest <= LONGEST_VALUE and few <= MOST_VALUES and few < found[f"filled_{position}"]


def _distinct_values(
    position: int, column: Column, table: Table, limit: int | None, dialect: str
) -> str:
    name = exp.column(column.name, quoted=True)
    number = exp.alias_(exp.Literal.number(position), "position", quoted=True)
    select = exp.select(number, exp.alias_(_as_text(name), "value", quoted=True)).distinct()
    return _sql(select.where(name.is_(exp.null()).not_()), table, limit, dialect)
