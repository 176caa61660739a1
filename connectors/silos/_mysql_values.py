"""Values MariaDB's text protocol does not give in full: FLOAT."""

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
