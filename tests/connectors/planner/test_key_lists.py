"""Keys become the form each silo reads fastest, and restrict to the same rows in each form."""

import sqlite3
from contextlib import closing
from datetime import date
from decimal import Decimal
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
        ("sqlite", pa.array([Decimal(7)] * 30), "a IN (7, 7, 7"),
        ("mysql", pa.array([Decimal(2**70)]), "a IN (1180591620717411303424)"),
    ],
)
def test_keys_are_written_for_the_silo(dialect, keys, expected):
    assert expected in restricted(dialect, keys)


def test_postgresql_reads_texts_as_one_array():
    column = sqlglot.column("a")
    column.type = "VARCHAR"
    source = KeySource(column, "f0", "k", 50_000)
    keys = pa.array(['q"', "b\\", "it's", "n\0ul", "NULL", ""])
    sent = with_keys(fragment("postgres"), {source: keys})
    assert sent.endswith(r"""= ANY(CAST('{"q\"","b\\","it''s","NULL",""}' AS TEXT[]))""")


def test_postgresql_reads_uuids_as_one_array():
    column = sqlglot.column("a")
    column.type = "UUID"
    key = "6f1ed002-ab59-4d5b-9b1f-7a1a0c3c0a01"
    sent = with_keys(fragment("postgres"), {KeySource(column, "f0", "k", 9): pa.array([key])})
    assert f"""= ANY(CAST('{{"{key}"}}' AS UUID[]))""" in sent


@pytest.mark.parametrize("keys", [MANY, pa.array([f"x{n}" for n in range(99)] + ['"', "\\'"])])
def test_sqlite_gives_the_rows_with_these_keys_and_no_other(keys):
    with closing(sqlite3.connect(":memory:")) as connection:
        text = pa.types.is_string(keys.type)
        connection.execute(f"CREATE TABLE t (a {'TEXT' if text else 'INTEGER'})")
        rows = ["x1", "x98", "x99", '"', "\\'", None] if text else [0, 1, 2, 1_998, 2_000, None]
        connection.executemany("INSERT INTO t VALUES (?)", [(row,) for row in rows])
        found = {row[0] for row in connection.execute(restricted("sqlite", keys))}
    assert found == set(rows) & set(keys.to_pylist())


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
