"""A Trino server as a contender: the same protocol as attach.py.

First line in: {"port": ..., "probes": [sql]}. Then {"sql": ...} -> {"seconds": ...,
"rows": [[...]], "error": ...}.
"""

import json
import sys
import time
from typing import Any

import trino

PATIENCE_S = 60


def answer(connection: trino.dbapi.Connection, sql: str) -> dict[str, Any]:
    """Rows as text and the seconds they took."""
    started = time.perf_counter()
    try:
        rows = connection.cursor().execute(sql).fetchall()
    except trino.exceptions.Error as error:
        return {"seconds": time.perf_counter() - started, "error": str(error), "rows": []}
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "rows": [[str(v) for v in row] for row in rows], "error": None}


def wait_for_nodes(connection: trino.dbapi.Connection, probes: list[str]) -> None:
    """The server answers some seconds before each of its catalogs has a node to run a query on."""
    for sql in probes:
        for _ in range(PATIENCE_S):
            if "NO_NODES_AVAILABLE" not in (answer(connection, sql)["error"] or ""):
                break
            time.sleep(1)


def main() -> None:
    """Connect, then answer until the input ends."""
    setup = json.loads(sys.stdin.readline())
    connection = trino.dbapi.connect(host="127.0.0.1", port=setup["port"], user="benchmark")
    wait_for_nodes(connection, setup["probes"])
    print("{}", flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(connection, json.loads(line)["sql"])), flush=True)


main()
