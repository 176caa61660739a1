"""Statements over information_schema, and MariaDB's types in canonical form."""

import re
from typing import Any

from connectors.schema import Column

SYSTEM = "('information_schema', 'mysql', 'performance_schema', 'sys')"
WHERE = f"table_schema NOT IN {SYSTEM} AND ({{database}} = '' OR table_schema = {{database}})"
TABLES = f"""
    SELECT table_schema, table_name, table_type, table_comment, table_rows
    FROM information_schema.tables WHERE {WHERE} ORDER BY 1, 2
"""
COLUMNS = f"""
    SELECT table_schema, table_name, column_name, data_type, column_type, is_nullable,
        column_comment, collation_name, numeric_precision, numeric_scale
    FROM information_schema.columns WHERE {WHERE} ORDER BY 1, 2, ordinal_position
"""
INDEXES = f"""
    SELECT table_schema, table_name, index_name, non_unique, column_name
    FROM information_schema.statistics WHERE {WHERE} ORDER BY 1, 2, 3, seq_in_index
"""
REFERENCES = f"""
    SELECT table_schema, table_name, constraint_name, column_name, referenced_table_schema,
        referenced_table_name, referenced_column_name
    FROM information_schema.key_column_usage
    WHERE referenced_table_name IS NOT NULL AND {WHERE} ORDER BY 1, 2, 3, ordinal_position
"""
TYPES = {
    "tinyint": "TINYINT", "smallint": "SMALLINT", "mediumint": "INTEGER", "int": "INTEGER",
    "bigint": "BIGINT", "float": "FLOAT", "double": "DOUBLE", "date": "DATE", "time": "TIME",
    "datetime": "TIMESTAMP", "timestamp": "TIMESTAMPTZ", "year": "SMALLINT", "json": "JSON",
    "uuid": "UUID", "char": "VARCHAR", "varchar": "VARCHAR", "tinytext": "VARCHAR",
    "text": "VARCHAR", "mediumtext": "VARCHAR", "longtext": "VARCHAR", "enum": "VARCHAR",
    "set": "VARCHAR", "inet4": "VARCHAR", "inet6": "VARCHAR", "binary": "BLOB",
    "varbinary": "BLOB", "tinyblob": "BLOB", "blob": "BLOB", "mediumblob": "BLOB",
    "longblob": "BLOB", "bit": "BLOB",
}  # fmt: skip
UNSIGNED = {
    "TINYINT": "UTINYINT",
    "SMALLINT": "USMALLINT",
    "INTEGER": "UINTEGER",
    "BIGINT": "UBIGINT",
}
MAX_PRECISION = 38


def column(row: tuple[Any, ...]) -> Column:
    """A column from a row of COLUMNS."""
    _, _, name, base, native, nullable, comment, collation, precision, scale = row
    kind = canonical(str(base).lower(), str(native).lower(), precision, scale)
    return Column(
        str(name),
        kind,
        str(native),
        nullable == "YES",
        str(comment),
        str(collation) if collation and kind == "VARCHAR" else None,
    )


def canonical(base: str, native: str, precision: Any, scale: Any) -> str:
    """The canonical type; UNKNOWN for what cannot travel, such as geometry."""
    if re.match(r"tinyint\(1\)(?! unsigned)", native):
        return "BOOLEAN"
    if base == "decimal":
        digits = int(precision)
        return f"DECIMAL({digits}, {int(scale)})" if digits <= MAX_PRECISION else "UNKNOWN"
    plain = TYPES.get(base, "UNKNOWN")
    return UNSIGNED.get(plain, plain) if "unsigned" in native else plain
