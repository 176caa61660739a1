"""Answers of many shapes read through a counting proxy: receipt, Arrow and wire bytes of each."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import pymysql
from sqlalchemy import make_url

from benchmarks.proxy import Proxy
from connectors.clock import Clock
from connectors.config import EngineSettings, Limits, SiloSettings
from connectors.engines import load_engine
from connectors.federation import Federation
from connectors.policy import load_policy
from connectors.schema import SiloSchema
from connectors.silos import connect

ROWS = 20_000
WITHIN, FEW_BYTES = 0.10, 64
SHAPES: Mapping[str, str] = {
    "whole numbers": "SELECT id, n FROM t",
    "decimals": "SELECT betrag FROM t",
    "doubles": "SELECT wert FROM t",
    "days": "SELECT tag FROM t",
    "moments": "SELECT moment FROM t",
    "truth values": "SELECT ja FROM t",
    "short text": "SELECT wort FROM t",
    "long text": "SELECT lang FROM t",
    "nulls": "SELECT leer FROM t",
    "all columns": "SELECT * FROM t",
    "groups": "SELECT n, count(*) AS z, sum(betrag) AS s, avg(wert) AS a FROM t GROUP BY n",
    "10 rows": "SELECT * FROM t LIMIT 10",
    "one value": "SELECT count(*) AS n FROM t",
}
COLUMNS = (
    "id BIGINT, n INTEGER, betrag DECIMAL(12, 2), wert DOUBLE PRECISION, tag DATE, moment {},"
    " ja BOOLEAN, wort VARCHAR(20), lang VARCHAR(400), leer INTEGER"
)
VALUES = (
    "i, i % 100, i * 1.25, i / 7.0e0, DATE '2026-01-01', TIMESTAMP '2026-01-01 10:00:00',"
    " i % 2 = 0, CONCAT('w', i % 50), REPEAT(CONCAT('t', i % 9), 40 + 100 * (i % 2)),"
    " CASE WHEN i % 4 = 0 THEN i END"
)


@dataclass(frozen=True)
class Measured:
    """Bytes of one answer from one kind of server, out of the silo."""

    server: str
    shape: str
    rows: int
    receipt: int
    arrow: int
    wire: int

    @property
    def agrees(self) -> bool:
        """Within 10 %; the frame of a tiny answer may be off by some bytes."""
        return abs(self.receipt - self.wire) <= max(WITHIN * self.wire, FEW_BYTES)


def measure(postgres: str, mysql: str) -> Iterator[Measured]:
    """Fill a table in each of the two empty databases and read it in every shape."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE TABLE t ({COLUMNS.format('TIMESTAMP')})")
        connection.execute(f"INSERT INTO t SELECT {VALUES} FROM generate_series(1, {ROWS}) AS s(i)")
    parts = make_url(mysql)
    with pymysql.connect(
        host=parts.host, port=parts.port, user=parts.username, password=str(parts.password or ""),
        database=parts.database, autocommit=True,
    ) as server:  # fmt: skip
        server.cursor().execute(f"CREATE TABLE t ({COLUMNS.format('DATETIME')})")
        source = f"(SELECT seq AS i FROM seq_1_to_{ROWS}) AS s"
        server.cursor().execute(f"INSERT INTO t SELECT {VALUES} FROM {source}")
    packed = parts.update_query_dict({"compress": "true"}).render_as_string(hide_password=False)
    for kind, url in {"PostgreSQL": postgres, "MariaDB": mysql, "MariaDB, packed": packed}.items():
        with _behind_proxy(url) as (federation, proxy):
            yield from _shapes(kind, federation, proxy)


def _shapes(kind: str, federation: Federation, proxy: Proxy) -> Iterator[Measured]:
    federation.run("SELECT count(*) AS n FROM t")  # so that the connection stands
    for shape, sql in SHAPES.items():
        proxy.counter.reset()
        result = federation.run(sql)
        (receipt,) = result.receipt.fragments
        yield Measured(
            kind, shape, receipt.rows, receipt.bytes, result.table.nbytes, _settled(proxy)
        )


def _settled(proxy: Proxy) -> int:
    """Bytes out of the silo once no more come."""
    seen = -1
    while seen != proxy.counter.down:
        seen = proxy.counter.down
        time.sleep(0.02)
    return seen


@contextmanager
def _behind_proxy(url: str) -> Iterator[tuple[Federation, Proxy]]:
    parts = make_url(url)
    with Proxy((parts.host or "127.0.0.1", parts.port or 0)) as proxy:
        near = parts.set(host="127.0.0.1", port=proxy.port)
        settings = SiloSettings(name="silo", url=near.render_as_string(hide_password=False))
        connector = connect(settings)
        schema = SiloSchema(connector.introspect())
        with Federation(
            {"silo": connector}, load_engine(EngineSettings(), {}), load_policy(None), Clock(),
            lambda: schema, {"silo": Limits()}, 30,
        ) as federation:  # fmt: skip
            yield federation, proxy
