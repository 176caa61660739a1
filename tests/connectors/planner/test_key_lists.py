"""Keys become the form each silo reads fastest, and restrict to the same rows in each form."""

from datetime import date
from uuid import UUID

import duckdb
import pyarrow as pa
import pytest
import sqlglot

from connectors.planner import with_keys
from connectors.planner.plan import Fragment, KeySource

SQL = "SELECT a FROM t"


def fragment(dialect: str) -> Fragment:
    tree = sqlglot.parse_one(SQL, read=dialect)
    return Fragment("f1", "silo", dialect, tree, SQL, tree, ())


def restricted(dialect: str, values: pa.Array) -> str:
    source = KeySource(sqlglot.column("a"), "f0", "k", 50_000)
    return with_keys(fragment(dialect), {source: values})


MANY = pa.array(range(0, 2_000, 2))


@pytest.mark.parametrize(
    ("dialect", "keys", "expected"),
    [
        ("postgres", MANY, "a = ANY(CAST('{0,2,4,"),
        ("duckdb", MANY, "a IN (SELECT UNNEST(CAST('[0,2,4,"),
        ("duckdb", pa.array([1, 2]), "a IN (1, 2)"),
        ("mysql", MANY, "a IN (0, 2, 4,"),
        ("sqlite", MANY, "a IN (0, 2, 4,"),
        ("postgres", pa.array([2**64 - 1], pa.uint64()), "a IN (18446744073709551615)"),
        ("mysql", pa.array(["it's", "\\"]), "a IN ('it''s', '\\\\')"),
        ("postgres", pa.array(["it's"]), "a IN ('it''s')"),
        ("duckdb", pa.array([], pa.int64()), "1 = 0"),
    ],
)
def test_keys_are_written_for_the_silo(dialect, keys, expected):
    assert expected in restricted(dialect, keys)


TEXTS = [f"it's {n}," for n in range(50)]


@pytest.mark.parametrize(
    ("kind", "source", "keys"),
    [
        ("INTEGER", "range", pa.array([3])),
        ("INTEGER", "range", MANY),
        ("INTEGER", "range", pa.array([], pa.int64())),
        ("VARCHAR", "'x' || range", pa.array([f"x{n}" for n in range(99)])),
        ("VARCHAR", "'it''s ' || range || ','", pa.array(TEXTS)),
        ("VARCHAR", "',;|\t\x1f' || range", pa.array([f",;|\t\x1f{n}" for n in range(30)])),
        ("UUID", "md5(range::VARCHAR)", pa.array([str(UUID(int=n)) for n in range(30)])),
        ("DATE", "DATE '2026-01-01' + range::INT", pa.array([date(2026, 1, n) for n in range(1, 31)])),
    ],
)  # fmt: skip
def test_duckdb_gives_the_rows_with_these_keys_and_no_other(kind, source, keys):
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t AS SELECT ({source})::{kind} AS a FROM range(1000)")
        connection.execute("INSERT INTO t VALUES (NULL)")
        found = connection.execute(restricted("duckdb", keys)).fetchall()
        every = {row[0] for row in connection.execute(SQL).fetchall()}
    assert sorted(str(row[0]) for row in found) == sorted(
        str(value)
        for value in every
        if value is not None and str(value) in map(str, keys.to_pylist())
    )
