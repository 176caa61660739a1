"""Keys become the form each silo reads fastest, and restrict to the same rows in each form."""

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


@pytest.mark.parametrize(
    "keys", [pa.array([3]), MANY, pa.array([], pa.int64()), pa.array([f"x{n}" for n in range(99)])]
)
def test_duckdb_gives_the_rows_with_these_keys_and_no_other(keys):
    with duckdb.connect() as connection:
        kind = "VARCHAR" if pa.types.is_string(keys.type) else "INTEGER"
        source = "'x' || range" if kind == "VARCHAR" else "range"
        connection.execute(f"CREATE TABLE t AS SELECT ({source})::{kind} AS a FROM range(1000)")
        connection.execute("INSERT INTO t VALUES (NULL)")
        found = connection.execute(restricted("duckdb", keys)).fetchall()
        every = {row[0] for row in connection.execute(SQL).fetchall()}
    assert sorted(row[0] for row in found) == sorted(every & set(keys.to_pylist()))
