"""A writer between two fragments of one silo changes both or none of them."""

import threading
from contextlib import contextmanager
from dataclasses import replace

import duckdb
import psycopg
import pymysql
import pytest
from sqlalchemy import make_url

from connectors.config import EngineSettings, Limits, SiloSettings
from connectors.engines import load_engine
from connectors.federation import Federation
from connectors.policy import load_policy
from connectors.schema import SiloSchema
from connectors.silos import connect
from tests.connectors.company import CLOCK

SQL = """SELECT t.n AS in_t, u.n AS in_u FROM (SELECT count(*) AS n FROM t) AS t
    CROSS JOIN (SELECT count(*) AS n FROM u) AS u CROSS JOIN eins"""


def writer(url: str):
    """Runs statements at a server, each at once."""
    parts = make_url(url)
    if parts.get_backend_name() == "postgresql":
        return psycopg.connect(url, autocommit=True)
    return pymysql.connect(
        host=parts.host, port=parts.port, user=parts.username, password=str(parts.password or ""),
        database=parts.database, autocommit=True,
    )  # fmt: skip


WRITING = threading.Lock()


class Meddling:
    """A connector; whenever rows were read through it, somebody writes into both tables."""

    def __init__(self, inner, connection, capabilities):
        self._inner, self._connection, self.capabilities = inner, connection, capabilities

    @contextmanager
    def snapshot(self):
        with self._inner.snapshot() as reader:
            yield Meddling(reader, self._connection, self.capabilities)

    @contextmanager
    def read(self, *arguments):
        with self._inner.read(*arguments) as rows:
            yield rows
        with WRITING:  # both fragments may end at once, and the writer is one connection
            for table in "tu":
                self._connection.cursor().execute(
                    f"INSERT INTO {table} SELECT max(id) + 1 FROM {table}"
                )

    def close(self):
        self._inner.close()


@pytest.fixture(params=["postgres_database", "mysql_database"])
def federation(request, tmp_path):
    url = request.getfixturevalue(request.param)
    with duckdb.connect(str(tmp_path / "a.duckdb")) as own:
        own.execute("CREATE TABLE eins AS SELECT 1 AS id")
    connection = writer(url)
    for table in "tu":
        connection.cursor().execute(f"DROP TABLE IF EXISTS {table}")
        connection.cursor().execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY)")
        connection.cursor().execute(f"INSERT INTO {table} VALUES (1)")
    server = connect(SiloSettings(name="server", url=url))
    file = connect(SiloSettings(name="datei", url=f"duckdb:///{tmp_path / 'a.duckdb'}"))
    schema = SiloSchema(table for silo in (server, file) for table in silo.introspect())
    silos = {"server": Meddling(server, connection, server.capabilities), "datei": file}
    made = Federation(
        silos, load_engine(EngineSettings(memory_mb=256), {}), load_policy(None), CLOCK,
        lambda: schema, dict.fromkeys(silos, Limits(concurrency=1)), 30,
    )  # fmt: skip
    yield made
    made.close()
    connection.close()


def test_two_fragments_of_a_silo_show_it_as_of_one_moment(federation):
    result = federation.run(SQL)
    assert [f.silo for f in result.receipt.fragments].count("server") == 2
    assert result.rows() == [[1, 1]]
    assert all(fragment.snapshot for fragment in result.receipt.fragments)
    later = federation.run(SQL).rows()[0]
    assert later[0] == later[1] > 1


def test_a_silo_that_has_no_snapshots_may_show_two_and_the_receipt_says_so(federation):
    server = federation.connectors["server"]
    server.capabilities = replace(server.capabilities, snapshot=False)
    receipts = federation.run(SQL).receipt.fragments
    assert {f.silo: f.snapshot for f in receipts} == {"server": False, "datei": True}


def test_one_fragment_needs_no_transaction(federation):
    asked = []
    server = federation.connectors["server"]
    server.snapshot = lambda: asked.append(True)
    result = federation.run("SELECT count(*) AS n FROM t CROSS JOIN eins")
    assert result.receipt.fragments[0].snapshot
    assert asked == []
