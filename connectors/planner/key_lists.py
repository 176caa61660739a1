"""What the run adds to a fragment: keys, a limit; and the order in which fragments can run."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect

from connectors.planner.kinds import kind_of
from connectors.planner.plan import Fragment, KeySource
from connectors.planner.render import write
from connectors.planner.values import filled

HOLE = "rundblick-keys-{}"
SEPARATORS = (",", ";", "|", "\t", "\x1f")
FEW = 20  # DuckDB plans a longer IN list slowly: 16,000 keys take half a second, as an array 15 ms


def with_keys(fragment: Fragment, keys: Mapping[KeySource, pa.Array]) -> str:
    """The fragment's SQL with the given keys as lists or arrays, in its silo's dialect.

    A key source that is not in `keys` leaves the fragment unrestricted by it. No keys at all make
    a condition that is never true.
    """
    select = fragment.tree.copy()
    lists: dict[str, str] = {}
    for number, (source, values) in enumerate(keys.items()):
        if not isinstance(select, exp.Select):
            break
        hole = HOLE.format(number)
        if source.value:
            select = _with_value(select, source, values, fragment.dialect)
            continue
        fitting = _storable(values, fragment.dialect)
        condition, written = _among(source.column.copy(), fitting, hole, fragment.dialect)
        if source.otherwise is not None:
            condition = exp.or_(condition, source.otherwise, copy=True)
        select = select.where(condition, copy=False)
        lists[f"'{hole}'"] = written
    sql = write(select, fragment.dialect)
    # Thousands of nodes would cost more than the query: the lists are put in as text.
    for hole_text, written in lists.items():
        sql = sql.replace(hole_text, written, 1)
    return sql


def _with_value(
    select: exp.Select, source: KeySource, values: pa.Array, dialect: str
) -> exp.Select:
    """With a condition on one value: none of NULL, left out where the dialect may misread it."""
    if not len(values):
        return select.where(_never(), copy=False)
    condition = filled(source.column.copy(), values[0].as_py(), dialect)
    return select if condition is None else select.where(condition, copy=False)


def _never() -> exp.Expr:
    return exp.EQ(this=exp.Literal.number(1), expression=exp.Literal.number(0))


def _among(column: exp.Expr, values: pa.Array, hole: str, dialect: str) -> tuple[exp.Expr, str]:
    """A condition with a hole, and what belongs there."""
    if not len(values):
        return _never(), ""
    text = exp.Literal.string(hole)
    kind = _array_of(column, values)
    if dialect == "postgres" and kind is not None:
        array = exp.Cast(this=text, to=exp.DataType.build(f"{kind}[]", dialect=dialect))
        found = exp.EQ(this=column, expression=exp.Any(this=exp.Paren(this=array)))
        return found, _quoted(f"{{{_joined(values)}}}", dialect)
    if dialect == "duckdb" and len(values) > FEW:
        found_in_rows = _in_rows(column, values, text)
        if found_in_rows is not None:
            return found_in_rows
    return exp.In(this=column, expressions=[text]), ", ".join(_literals(values, dialect))


def _in_rows(column: exp.Expr, values: pa.Array, text: exp.Expr) -> tuple[exp.Expr, str] | None:
    """A condition that DuckDB plans as a join, and its one literal; None where IN must do."""
    if pa.types.is_integer(values.type) and values.type != pa.uint64():
        array: exp.Expr = exp.cast(text, "BIGINT[]", dialect="duckdb")
        written = f"[{_joined(values)}]"
    elif pa.types.is_string(values.type):
        texts = values.to_pylist()
        separator = next((s for s in SEPARATORS if not any(s in t for t in texts)), None)
        if separator is None:
            return None
        array = exp.func("STRING_SPLIT", text, exp.Literal.string(separator), dialect="duckdb")
        column = exp.cast(column, "VARCHAR", dialect="duckdb")  # a UUID compares with no text
        written = separator.join(texts).replace("'", "''")
    else:
        return None
    rows = exp.select(exp.Explode(this=array)).subquery()
    return exp.In(this=column, query=rows), f"'{written}'"


def _array_of(column: exp.Expr, values: pa.Array) -> str | None:
    """The type of an array that holds the keys; None where a list is surer."""
    if pa.types.is_integer(values.type):
        return "BIGINT" if values.type != pa.uint64() else None
    kind = kind_of(column)
    return {"text": "TEXT", "uuid": "UUID"}.get(kind) if pa.types.is_string(values.type) else None


def _joined(values: pa.Array) -> str:
    """Elements of an array as PostgreSQL reads them from a text, DuckDB those of numbers."""
    if pa.types.is_integer(values.type):
        return ",".join(map(str, values.to_pylist()))
    escaped = (text.replace("\\", "\\\\").replace('"', '\\"') for text in values.to_pylist())
    return ",".join(f'"{text}"' for text in escaped)


def _literals(values: pa.Array, dialect: str) -> Iterator[str]:
    """Keys as literals."""
    for value in values.to_pylist():
        plain = isinstance(value, (int, Decimal))
        yield str(value) if plain else _quoted(str(value), dialect)


def _quoted(text: str, dialect: str) -> str:
    """A text as the dialect's own writer escapes it."""
    generator = Dialect.get_or_raise(dialect).generator()
    return generator.generate(exp.Literal.string(text), copy=False)


def _storable(values: pa.Array, dialect: str) -> pa.Array:
    """Without keys that no text of PostgreSQL can equal: it has no NUL."""
    if dialect != "postgres" or not pa.types.is_string(values.type):
        return values
    return values.filter(pc.invert(pc.match_substring(values, "\0")))


def with_limit(fragment: Fragment, rows: int) -> str:
    """The fragment's SQL with at most so many rows, in its silo's dialect."""
    if fragment.tree.args.get("limit") or fragment.tree.args.get("offset"):
        return fragment.sql
    return write(fragment.tree.limit(rows, dialect=fragment.dialect), fragment.dialect)


def ordered(fragments: Mapping[str, Fragment]) -> tuple[Fragment, ...]:
    """Fragments so that each comes after those it takes keys from."""
    done: dict[str, Fragment] = {}
    waiting = dict(fragments)
    while waiting:
        ready = [f for f in waiting.values() if all(w in done for k in f.keys for w in k.waits_for)]
        for fragment in ready:
            done[fragment.name] = waiting.pop(fragment.name)
    return tuple(replace(f) for f in done.values())
