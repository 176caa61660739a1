"""Canonical (DuckDB) types and the Arrow types rows travel in: one table, both ways."""

import re
from collections.abc import Sequence
from functools import cache

import pyarrow as pa

from connectors.errors import TypeMismatch
from connectors.query import OutputColumn

_SIMPLE: dict[str, pa.DataType] = {
    "BOOLEAN": pa.bool_(),
    "TINYINT": pa.int8(),
    "SMALLINT": pa.int16(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "UTINYINT": pa.uint8(),
    "USMALLINT": pa.uint16(),
    "UINTEGER": pa.uint32(),
    "UBIGINT": pa.uint64(),
    "HUGEINT": pa.decimal128(38, 0),
    "FLOAT": pa.float32(),
    "DOUBLE": pa.float64(),
    "VARCHAR": pa.string(),
    "UUID": pa.string(),
    "JSON": pa.string(),
    "BLOB": pa.binary(),
    "DATE": pa.date32(),
    "TIME": pa.time64("us"),
    "TIMESTAMP": pa.timestamp("us"),
    "TIMESTAMPTZ": pa.timestamp("us", tz="UTC"),
    "INTERVAL": pa.month_day_nano_interval(),
    "NULL": pa.null(),
}
_ALIASES = {
    "BOOL": "BOOLEAN",
    "INT": "INTEGER",
    "INT4": "INTEGER",
    "INT8": "BIGINT",
    "LONG": "BIGINT",
    "SHORT": "SMALLINT",
    "INT2": "SMALLINT",
    "INT128": "HUGEINT",
    "REAL": "FLOAT",
    "FLOAT4": "FLOAT",
    "FLOAT8": "DOUBLE",
    "TEXT": "VARCHAR",
    "STRING": "VARCHAR",
    "CHAR": "VARCHAR",
    "BYTEA": "BLOB",
    "DATETIME": "TIMESTAMP",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ",
    "DECIMAL": "DECIMAL(18, 3)",
    "NUMERIC": "DECIMAL(18, 3)",
}
_DECIMAL = re.compile(r"(?:DECIMAL|NUMERIC)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)")
_TEXT = re.compile(r"(?:VARCHAR|CHAR|TEXT)\s*\(\s*\d+\s*\)")
MAX_PRECISION = 38


@cache
def arrow_type(canonical: str) -> pa.DataType:
    """The Arrow type of a canonical type.

    Raises:
        TypeMismatch: The type cannot travel, such as ``UNKNOWN``.
    """
    name = canonical.strip().upper()
    name = _ALIASES.get(name, name)
    if name in _SIMPLE:
        return _SIMPLE[name]
    if name.endswith("[]"):
        return pa.list_(arrow_type(name[:-2]))
    decimal = _DECIMAL.fullmatch(name)
    if decimal and int(decimal[1]) <= MAX_PRECISION:
        return pa.decimal128(int(decimal[1]), int(decimal[2] or 0))
    if _TEXT.fullmatch(name):
        return pa.string()
    raise TypeMismatch(f"a value of type {canonical!r} cannot leave its silo")


@cache
def canonical_type(arrow: pa.DataType) -> str:
    """The canonical type of an Arrow type; ``VARCHAR`` for what has no closer one."""
    if pa.types.is_decimal(arrow):
        return f"DECIMAL({arrow.precision}, {arrow.scale})"
    if pa.types.is_timestamp(arrow):
        return "TIMESTAMPTZ" if arrow.tz else "TIMESTAMP"
    if pa.types.is_list(arrow) or pa.types.is_large_list(arrow):
        return f"{canonical_type(arrow.value_type)}[]"
    if pa.types.is_large_binary(arrow):
        return "BLOB"
    if pa.types.is_time(arrow):
        return "TIME"
    found = next((name for name, known in _SIMPLE.items() if known.equals(arrow)), None)
    return found or "VARCHAR"


def arrow_schema(columns: Sequence[OutputColumn]) -> pa.Schema:
    """The Arrow schema of output columns, in order; the canonical type is in the metadata."""
    return pa.schema(
        pa.field(c.name, arrow_type(c.type), metadata={"canonical": c.type}) for c in columns
    )
