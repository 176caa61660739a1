"""Ways to read the same rows: through the product, into its engine, and with the raw drivers.

Each runs in a process of its own: `python -m benchmarks.transport.ways WAY URL ORDERS` prints one
JSON line with the rows, the seconds from the statement to the last row, and by how much the peak
memory grew.
"""

import json
import resource
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any

from sqlalchemy import make_url

from catalog.introspection import Meter, Reading
from connectors.arrow_types import arrow_schema
from connectors.clock import Cancellation, Clock, Deadline
from connectors.config import EngineSettings, Limits, SiloSettings
from connectors.engines import load_engine
from connectors.federation import Federation
from connectors.planner import plan
from connectors.policy import load_policy
from connectors.schema import SiloSchema
from connectors.silos import connect

COLUMNS = (
    "l_orderkey", "l_partkey", "l_suppkey", "l_linenumber", "l_quantity", "l_extendedprice",
    "l_discount", "l_tax", "l_returnflag", "l_shipdate", "l_comment",
)  # fmt: skip
LIMITS = Limits(max_rows=100_000_000, max_bytes=100_000_000_000, timeout_s=600)
FETCH = 20_000


def statement(orders: int) -> str:
    """Eleven columns of the lines of the first so many orders, about one row each."""
    return f"SELECT {', '.join(COLUMNS)} FROM lineitem WHERE l_orderkey <= {orders}"


def federation(url: str) -> Federation:
    """The product over one silo that holds TPC-H."""
    silo = SiloSettings(name="silo", url=url, limits=LIMITS, include=("lineitem",))
    schema = SiloSchema(
        table
        for read in Reading(False, {}, Meter(None), Cancellation()).all((silo,))
        for table in read.tables
    )
    return Federation(
        connectors={"silo": connect(silo)},
        engine=load_engine(EngineSettings(memory_mb=1024), {}),
        policy=load_policy(None),
        clock=Clock(),
        schema=lambda: schema,
        limits={"silo": LIMITS},
        timeout_s=600,
    )


def executor(url: str, orders: int) -> Iterator[int]:
    """The answer of the product: bound, secured, planned, read, counted, as Arrow."""
    with federation(url) as ready:
        ready.run(statement(10))
        yield 0
        yield ready.run(statement(orders)).table.num_rows


def engine(url: str, orders: int) -> Iterator[int]:
    """Rows streamed through the parent into the engine's child, where they may spill."""
    with federation(url) as ready:
        ready.run(statement(10))
        secured = ready.secure(statement(orders))
        capabilities = {name: silo.capabilities for name, silo in ready.connectors.items()}
        (fragment,) = plan(secured, capabilities).fragments
        schema = arrow_schema(fragment.columns)
        yield 0
        deadline, cancellation = Deadline.after(600), Cancellation()
        with (
            ready.engine.session(deadline, cancellation) as session,
            ready.connectors["silo"].read(fragment.sql, schema, deadline, cancellation) as rows,
        ):
            session.load("f1", schema, rows)
            result = session.finish("SELECT count(*) AS n FROM f1", None)
        yield result.table["n"][0].as_py()


def adbc(url: str, orders: int) -> Iterator[int]:
    """PostgreSQL's ADBC driver, record batches."""
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(url) as connection, connection.cursor() as cursor:
        yield 0
        cursor.execute(statement(orders))
        yield sum(batch.num_rows for batch in cursor.fetch_record_batch())


def pymysql(url: str, orders: int) -> Iterator[int]:
    """PyMySQL's unbuffered cursor, tuples."""
    import pymysql as driver
    from pymysql.cursors import SSCursor

    parts = make_url(url)
    with (
        driver.connect(
            host=parts.host, port=parts.port or 3306, user=parts.username, database=parts.database
        ) as connection,
        connection.cursor(SSCursor) as cursor,
    ):
        yield 0
        cursor.execute(statement(orders))
        yield sum(map(len, iter(lambda: cursor.fetchmany(FETCH), [])))


def sqlite(url: str, orders: int) -> Iterator[int]:
    """Python's sqlite3, tuples."""
    with closing(sqlite3.connect(make_url(url).database or "")) as connection:
        yield 0
        cursor = connection.execute(statement(orders))
        yield sum(map(len, iter(lambda: cursor.fetchmany(FETCH), [])))


def duckdb(url: str, orders: int) -> Iterator[int]:
    """DuckDB's own Arrow reader."""
    import duckdb as driver

    with driver.connect(make_url(url).database or "", read_only=True, config={"threads": 2}) as own:
        yield 0
        yield sum(batch.num_rows for batch in own.sql(statement(orders)).to_arrow_reader())


WAYS: Mapping[str, Callable[[str, int], Iterator[int]]] = {
    "executor": executor, "engine": engine, "adbc": adbc, "pymysql": pymysql, "sqlite3": sqlite,
    "duckdb": duckdb,
}  # fmt: skip


def measure(way: str, url: str, orders: int) -> dict[str, Any]:
    """Prepare, then read: rows, seconds and megabytes the peak grew by meanwhile."""
    steps = WAYS[way](url, orders)
    next(steps)
    before, began = _peak_mb(), time.perf_counter()
    rows = next(steps)
    found = {"rows": rows, "seconds": time.perf_counter() - began, "mb": _peak_mb() - before}
    steps.close()  # type: ignore[attr-defined]  # each way is a generator
    return found


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
