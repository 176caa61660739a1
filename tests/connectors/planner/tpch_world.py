"""TPC-H-shaped rows in four real databases and, all together, in one DuckDB."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psycopg
import pyarrow as pa
import pymysql
from sqlalchemy import make_url

from benchmarks.tpch.placements import PLACEMENTS, Placement
from benchmarks.tpch.stores import SQLITE_TYPES, ddl, sqlite_value
from catalog.introspection import Meter, Reading
from connectors.clock import Cancellation, Clock
from connectors.config import Settings, SiloSettings
from connectors.federation import Federation
from connectors.schema import SiloSchema
from tests.connectors.planner.tpch_rows import Rows, rows

BIG, INT, TEXT, DAY, SUM = "BIGINT", "INTEGER", "VARCHAR(99)", "DATE", "DECIMAL(15,2)"
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "region": {"r_regionkey": INT, "r_name": TEXT, "r_comment": TEXT},
    "nation": {"n_nationkey": INT, "n_name": TEXT, "n_regionkey": INT, "n_comment": TEXT},
    "customer": {
        "c_custkey": BIG, "c_name": TEXT, "c_address": TEXT, "c_nationkey": INT, "c_phone": TEXT,
        "c_acctbal": SUM, "c_mktsegment": TEXT, "c_comment": TEXT,
    },
    "supplier": {
        "s_suppkey": BIG, "s_name": TEXT, "s_address": TEXT, "s_nationkey": INT, "s_phone": TEXT,
        "s_acctbal": SUM, "s_comment": TEXT,
    },
    "part": {
        "p_partkey": BIG, "p_name": TEXT, "p_mfgr": TEXT, "p_brand": TEXT, "p_type": TEXT,
        "p_size": INT, "p_container": TEXT, "p_retailprice": SUM, "p_comment": TEXT,
    },
    "partsupp": {
        "ps_partkey": BIG, "ps_suppkey": BIG, "ps_availqty": BIG, "ps_supplycost": SUM,
        "ps_comment": TEXT,
    },
    "orders": {
        "o_orderkey": BIG, "o_custkey": BIG, "o_orderstatus": TEXT, "o_totalprice": SUM,
        "o_orderdate": DAY, "o_orderpriority": TEXT, "o_clerk": TEXT, "o_shippriority": INT,
        "o_comment": TEXT,
    },
    "lineitem": {
        "l_orderkey": BIG, "l_partkey": BIG, "l_suppkey": BIG, "l_linenumber": BIG,
        "l_quantity": SUM, "l_extendedprice": SUM, "l_discount": SUM, "l_tax": SUM,
        "l_returnflag": TEXT, "l_linestatus": TEXT, "l_shipdate": DAY, "l_commitdate": DAY,
        "l_receiptdate": DAY, "l_shipinstruct": TEXT, "l_shipmode": TEXT, "l_comment": TEXT,
    },
}  # fmt: skip


@dataclass(frozen=True)
class TpchWorld:
    """A federation per placement, and the one DuckDB that holds all."""

    federations: Mapping[str, Federation]
    whole: duckdb.DuckDBPyConnection

    def expected(self, sql: str) -> tuple[list[str], list[tuple]]:
        """Column names and rows of one DuckDB that holds all."""
        found = self.whole.execute(sql)
        return [column[0] for column in found.description or ()], found.fetchall()


def build(postgres: str, mysql: str, folder: Path) -> Iterator[TpchWorld]:
    """Fill all databases; everything is closed at the end."""
    data = rows()
    _postgres(postgres, data)
    _mysql(mysql, data)
    _sqlite(folder / "t.db", data)
    with duckdb.connect(str(folder / "t.duckdb")) as file:
        _duckdb(file, data)
    urls = {
        "postgresql": postgres, "mysql": mysql,
        "sqlite": f"sqlite:///{folder / 't.db'}", "duckdb": f"duckdb:///{folder / 't.duckdb'}",
    }  # fmt: skip
    with duckdb.connect() as whole:
        _duckdb(whole, data)
        opened = {name: _federation(placement, urls) for name, placement in PLACEMENTS.items()}
        yield TpchWorld(opened, whole)
        for federation in opened.values():
            federation.close()


def _federation(placement: Placement, urls: Mapping[str, str]) -> Federation:
    """With the catalog and its statistics, as a refresh reads them."""
    silos = tuple(
        SiloSettings(name=silo, url=urls[kind], include=tables)
        for silo, (kind, tables) in placement.items()
    )
    read = Reading(True, {}, Meter(None), Cancellation()).all(silos)
    assert [found.error for found in read if found.error] == []
    schema = SiloSchema(table for found in read for table in found.tables)
    settings = Settings(path=Path("silos.yaml"), silos=silos)
    return Federation.open(settings, lambda: schema, clock=Clock())


def _create(table: str, types: Mapping[str, str] | None = None) -> str:
    own = types or {}
    return ddl(table, [(name, own.get(kind, kind)) for name, kind in COLUMNS[table].items()])


def _places(mark: str, row: Sequence[object]) -> str:
    return ", ".join([mark] * len(row))


def _postgres(url: str, data: Rows) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for table, content in data.items():
            connection.execute(_create(table))
            with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                for row in content:
                    copy.write_row(row)
        connection.execute("ANALYZE")


def _mysql(url: str, data: Rows) -> None:
    parts = make_url(url)
    connection = pymysql.connect(
        host=parts.host, port=parts.port, user=parts.username, password=str(parts.password or ""),
        database=parts.database, charset="utf8mb4",
    )  # fmt: skip
    with closing(connection), connection.cursor() as cursor:
        for table, content in data.items():
            cursor.execute(_create(table))
            marks = _places("%s", content[0])
            cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", content)
        connection.commit()


def _sqlite(path: Path, data: Rows) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for table, content in data.items():
            connection.execute(_create(table, {**SQLITE_TYPES, TEXT: "TEXT"}))
            plain = [[sqlite_value(value) for value in row] for row in content]
            connection.executemany(
                f"INSERT INTO {table} VALUES ({_places('?', content[0])})", plain
            )
        connection.commit()


def _duckdb(connection: duckdb.DuckDBPyConnection, data: Rows) -> None:
    for table, content in data.items():
        connection.execute(_create(table))
        columns = zip(*content, strict=True)
        connection.register("incoming", pa.table(dict(zip(COLUMNS[table], columns, strict=True))))
        connection.execute(f"INSERT INTO {table} FROM incoming")
        connection.unregister("incoming")
