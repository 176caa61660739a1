"""Values MariaDB's text protocol does not give as Arrow needs them: FLOAT and TIME."""

from datetime import time

import pyarrow as pa
import sqlglot
from sqlglot import exp


def exact_floats(sql: str, schema: pa.Schema) -> str:
    """The SELECT with FLOAT columns as DOUBLE: as text a FLOAT has six digits, not all of them."""
    floats = [i for i, field in enumerate(schema) if pa.types.is_float32(field.type)]
    if not floats:
        return sql
    query = sqlglot.parse_one(sql, read="mysql")
    for select in _branches(query):
        if select.is_star or len(select.selects) != len(schema):
            return sql
        for index in floats:
            select.selects[index].replace(_as_double(select.selects[index]))
    return query.sql("mysql")


def _branches(query: exp.Expr) -> list[exp.Select]:
    """The SELECTs whose rows are the result: one, or those a UNION joins."""
    if isinstance(query, exp.Select):
        return [query]
    if isinstance(query, exp.Subquery):
        return _branches(query.this)
    if isinstance(query, exp.SetOperation):
        return _branches(query.this) + _branches(query.expression)
    return []


def _as_double(projection: exp.Expr) -> exp.Expr:
    value = projection.unalias().copy()
    return exp.alias_(exp.cast(value, "double", dialect="mysql"), projection.alias_or_name)


def with_times(rows: list[tuple[object, ...]], schema: pa.Schema) -> list[tuple[object, ...]]:
    """The rows with TIME texts parsed; those beyond a day stay text, and are refused later."""
    places = {i for i, field in enumerate(schema) if pa.types.is_time(field.type)}
    if not places:
        return rows
    return [tuple(_time(v) if i in places else v for i, v in enumerate(row)) for row in rows]


def _time(value: object) -> object:
    try:
        return time.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value
