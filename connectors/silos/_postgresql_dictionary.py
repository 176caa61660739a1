"""Statements over PostgreSQL's own dictionary, and its types in canonical form."""

import re
from collections import defaultdict
from typing import Any

from connectors.schema import Column, ForeignKey

Key = tuple[str, str]
Names = tuple[str, ...]
READABLE = """
    c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND n.nspname NOT LIKE 'pg\\_%' AND NOT c.relispartition
    AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
"""
TABLES = f"""
    SELECT n.nspname::text, c.relname::text,
        CASE WHEN c.relkind IN ('v', 'm') THEN 'view' ELSE 'table' END,
        coalesce(obj_description(c.oid, 'pg_class'), ''), c.reltuples::float8
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE {READABLE} ORDER BY 1, 2
"""
COLUMNS = f"""
    SELECT n.nspname::text, c.relname::text, a.attname::text,
        CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN b.typname ELSE t.typname END::text,
        format_type(CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE a.atttypid END,
            CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END)::text,
        a.attnotnull, coalesce(col_description(c.oid, a.attnum), ''),
        coalesce(CASE WHEN o.collname = 'default' THEN d.datcollate ELSE o.collname END, '')::text
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_type b ON b.oid = t.typbasetype
    LEFT JOIN pg_collation o ON o.oid = a.attcollation
    JOIN pg_database d ON d.datname = current_database()
    WHERE a.attnum > 0 AND NOT a.attisdropped AND {READABLE} ORDER BY 1, 2, a.attnum
"""
CONSTRAINTS = f"""
    SELECT n.nspname::text, c.relname::text, k.contype::text,
        (SELECT string_agg(a.attname, chr(31) ORDER BY u.place) FROM unnest(k.conkey)
            WITH ORDINALITY u(number, place)
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number),
        m.nspname::text, f.relname::text,
        (SELECT string_agg(a.attname, chr(31) ORDER BY u.place) FROM unnest(k.confkey)
            WITH ORDINALITY u(number, place)
            JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number)
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_class f ON f.oid = k.confrelid LEFT JOIN pg_namespace m ON m.oid = f.relnamespace
    WHERE k.contype IN ('p', 'f') AND {READABLE}
"""
INDEXES = f"""
    SELECT n.nspname::text, c.relname::text, string_agg(a.attname, chr(31) ORDER BY u.place),
        i.indisunique AND NOT i.indisprimary
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY u(number, place)
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.number
    WHERE u.place <= i.indnkeyatts AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
        AND {READABLE}
    GROUP BY 1, 2, i.indexrelid, i.indisunique, i.indisprimary ORDER BY 1, 2, 3
"""
BINARY_COLLATIONS = frozenset({"", "C", "POSIX", "ucs_basic", "C.UTF-8", "C.utf8"})
TYPES = {
    "bool": "BOOLEAN", "int2": "SMALLINT", "int4": "INTEGER", "int8": "BIGINT", "oid": "BIGINT",
    "float4": "FLOAT", "float8": "DOUBLE", "text": "VARCHAR", "varchar": "VARCHAR",
    "bpchar": "VARCHAR", "name": "VARCHAR", "enum": "VARCHAR", "uuid": "UUID", "json": "JSON",
    "jsonb": "JSON", "bytea": "BLOB", "date": "DATE", "time": "TIME", "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMPTZ", "interval": "INTERVAL",
}  # fmt: skip
NUMERIC = re.compile(r"numeric\((\d+),(-?\d+)\)")
MAX_PRECISION = 38


def canonical(base: str, native: str) -> str:
    """The canonical type; UNKNOWN for what cannot travel, such as arrays and ranges."""
    if base != "numeric":
        return TYPES.get(base, "UNKNOWN")
    match = NUMERIC.fullmatch(native)
    if match is None:
        return "DECIMAL(38, 10)"
    precision, scale = int(match[1]), int(match[2])
    if precision > MAX_PRECISION or not 0 <= scale <= precision:
        return "UNKNOWN"
    return f"DECIMAL({precision}, {scale})"


def column(row: tuple[Any, ...]) -> Column:
    """A column of a row of COLUMNS."""
    _, _, name, base, native, required, comment, collation = row
    return Column(
        name,
        canonical(base, native),
        native,
        not required,
        comment,
        None if collation in BINARY_COLLATIONS else collation,
    )


def constraints(
    rows: list[tuple[Any, ...]],
) -> tuple[dict[Key, Names], dict[Key, list[ForeignKey]]]:
    """Primary keys and references by table."""
    keys: dict[Key, Names] = {}
    foreign: dict[Key, list[ForeignKey]] = defaultdict(list)
    for schema, table, kind, names, other_schema, other, other_names in rows:
        columns = tuple(names.split("\x1f"))
        if kind == "p":
            keys[schema, table] = columns
        else:
            target = tuple((other_names or "").split("\x1f"))
            foreign[schema, table].append(ForeignKey(columns, f"{other_schema}.{other}", target))
    return keys, foreign


def indexes(
    rows: list[tuple[Any, ...]],
) -> tuple[dict[Key, list[Names]], dict[Key, list[Names]]]:
    """Indexes by table, and those that are unique keys beside the primary one."""
    found: dict[Key, list[Names]] = defaultdict(list)
    unique: dict[Key, list[Names]] = defaultdict(list)
    for schema, table, names, is_unique in rows:
        columns = tuple(names.split("\x1f"))
        found[schema, table].append(columns)
        if is_unique:
            unique[schema, table].append(columns)
    return found, unique
