"""Runs plans written by hand: PostgreSQL by psycopg, MariaDB by DuckDB's scanner, compressed.

First line in: {"postgresql": {...}, "attach": {name: [kind, target]}}, arguments of the driver and
what DuckDB attaches, MariaDB as `mysql`. Then {"sql": JSON of {"steps": [[name, kind, sql]],
"remainder": sql}} -> {"seconds": ..., "rows": [[...]], "error": ...}; kind `local` is in DuckDB.
"""

import json
import re
import sys
import time
from collections.abc import Callable
from typing import Any

import duckdb
import psycopg
import pyarrow as pa
from attach import connect

LIST = re.compile(r"\{\{(\w+)\.(\w+)\}\}")
Rows = tuple[list[str], list[tuple[Any, ...]]]


def postgresql(arguments: dict[str, Any]) -> Callable[[str], Rows]:
    """Runs one statement; column names and rows."""
    connection = psycopg.connect(**arguments, autocommit=True)

    def read(sql: str) -> Rows:
        with connection.cursor(binary=True) as cursor:
            cursor.execute(sql)
            return [column.name for column in cursor.description or ()], cursor.fetchall()

    return read


def filled(local: duckdb.DuckDBPyConnection, sql: str) -> str:
    """The statement with each {{relation.column}} replaced by that column's values."""

    def values(found: re.Match[str]) -> str:
        relation, column = found.groups()
        return ",".join(
            str(row[0]) for row in local.sql(f"SELECT {column} FROM {relation}").fetchall()
        )

    return LIST.sub(values, sql)


def run(
    local: duckdb.DuckDBPyConnection,
    read: Callable[[str], Rows],
    plan: dict[str, Any],
) -> list[tuple[Any, ...]]:
    """All steps in their order, then the remainder's rows."""
    made = []
    for name, kind, text in plan["steps"]:
        sql = filled(local, text)
        if kind == "local":
            local.execute(f"CREATE TABLE {name} AS {sql}")
        elif kind == "mysql":
            quoted = sql.replace("'", "''")
            local.execute(f"CREATE TABLE {name} AS FROM mysql_query('mysql', '{quoted}')")
        else:
            columns, rows = read(sql)
            table = pa.table([list(values) for values in zip(*rows, strict=True)], names=columns)
            local.register("incoming", table)
            local.execute(f"CREATE TABLE {name} AS FROM incoming")
            local.unregister("incoming")
        made.append(name)
    try:
        return local.execute(plan["remainder"]).fetchall()
    finally:
        for name in made:
            local.execute(f"DROP TABLE {name}")


def main() -> None:
    """Connect, then answer until the input ends."""
    setup = json.loads(sys.stdin.readline())
    local = connect({"attach": setup["attach"], "views": {}})
    read = postgresql(setup["postgresql"])
    print("{}", flush=True)
    for line in sys.stdin:
        started = time.perf_counter()
        rows = run(local, read, json.loads(json.loads(line)["sql"]))
        seconds = time.perf_counter() - started
        text = [[str(value) for value in row] for row in rows]
        print(json.dumps({"seconds": seconds, "rows": text, "error": None}), flush=True)


main()
