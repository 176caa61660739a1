"""DuckDB with ATTACH: the peer. Reads one JSON line per query from stdin, answers one per query.

First line in: {"attach": {name: [kind, target]}, "views": {table: "name.schema.table"}}. Then
{"sql": ...} -> {"seconds": ..., "rows": [[...]], "error": ...}.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import duckdb

SCANNERS = {"postgres": "postgres_scanner", "mysql": "mysql_scanner", "sqlite": "sqlite_scanner"}


def connect(setup: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """A connection with every silo attached and a view per table."""
    connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    for kind in {kind for kind, _ in setup["attach"].values()} & set(SCANNERS):
        package = __import__(f"duckdb_extension_{SCANNERS[kind]}")
        binary = next(Path(package.__path__[0]).rglob("*.duckdb_extension"))
        connection.execute(f"LOAD '{binary}'")
    for name, (kind, target) in setup["attach"].items():
        options = "READ_ONLY" if kind == "duckdb" else f"TYPE {kind}, READ_ONLY"
        connection.execute(f"ATTACH '{target}' AS {name} ({options})")
    for table, source in setup["views"].items():
        connection.execute(f"CREATE VIEW {table} AS FROM {source}")
    return connection


def answer(connection: duckdb.DuckDBPyConnection, sql: str) -> dict[str, Any]:
    """Rows as text and the seconds they took."""
    started = time.perf_counter()
    try:
        rows = connection.execute(sql).fetchall()
    except duckdb.Error as error:
        return {"seconds": time.perf_counter() - started, "error": str(error), "rows": []}
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "rows": [[str(v) for v in row] for row in rows], "error": None}


def main() -> None:
    """Attach, then answer until the input ends."""
    connection = connect(json.loads(sys.stdin.readline()))
    print("{}", flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(connection, json.loads(line)["sql"])), flush=True)


if __name__ == "__main__":
    main()
