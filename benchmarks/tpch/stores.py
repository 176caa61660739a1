"""Loads TPC-H into PostgreSQL, MariaDB, SQLite and DuckDB once; each placement reads its part."""

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psycopg
import pymysql

from benchmarks.environment import FOLDER, run_peer
from benchmarks.tpch.placements import TABLES
from demo.servers import start_mariadb, start_postgres

KEYS = {
    "customer": ("c_custkey",),
    "lineitem": ("l_orderkey", "l_linenumber"),
    "nation": ("n_nationkey",),
    "orders": ("o_orderkey",),
    "part": ("p_partkey",),
    "partsupp": ("ps_partkey", "ps_suppkey"),
    "region": ("r_regionkey",),
    "supplier": ("s_suppkey",),
}
BATCH = 5_000
# The tables fit into memory: no side waits for a disk.
POSTGRES_SETTINGS = ("shared_buffers=1GB",)
MARIADB_SETTINGS = ("--innodb-buffer-pool-size=2G", "--innodb-log-file-size=512M")
SQLITE_TYPES = {"BIGINT": "INTEGER", "INTEGER": "INTEGER", "VARCHAR": "TEXT", "DATE": "DATE"}


@dataclass(frozen=True)
class Stores:
    """Where every store answers: ports of the servers, files of the others."""

    postgres_port: int
    mysql_port: int
    sqlite: Path
    duckdb: Path
    name: str

    def trino_duckdb(self) -> Path:
        """A copy of the DuckDB file for Trino alone, made on first use."""
        copy = self.duckdb.absolute().with_name("trino.duckdb")
        if not copy.exists():
            shutil.copyfile(self.duckdb, copy)
        return copy


@contextmanager
def stores(scale: float) -> Iterator[Stores]:
    """Start the servers with TPC-H at this scale loaded into each of the four stores."""
    name = f"tpch_{str(scale).replace('.', '_')}"
    folder = FOLDER / name
    if not (folder / "lineitem.parquet").exists():
        run_peer("make_tpch.py", str(scale), folder)
    with ExitStack() as started:
        postgres = start_postgres(FOLDER / "postgres", settings=POSTGRES_SETTINGS)
        started.callback(postgres.stop)
        mariadb = start_mariadb(FOLDER / "mariadb", MARIADB_SETTINGS)
        if mariadb is None:
            raise SystemExit("the benchmark needs mariadbd on the machine")
        started.callback(mariadb.stop)
        ready = Stores(
            postgres.port,
            mariadb.port,
            folder / "all.sqlite",
            folder / "all.duckdb",
            name,
        )
        _load_all(ready, folder)
        yield ready


def _load_all(target: Stores, folder: Path) -> None:
    if (folder / ".loaded").exists():
        return
    with duckdb.connect() as source:
        for table in TABLES:
            source.execute(f"CREATE VIEW {table} AS FROM '{folder / table}.parquet'")
        _load_postgres(target, source, folder)
        _load_mysql(target, source, folder)
        _load_sqlite(target, source)
    run_peer("load_duckdb.py", folder)
    (folder / ".loaded").touch()


def _columns(source: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in source.execute(f"DESCRIBE {table}").fetchall()]


def _batches(source: duckdb.DuckDBPyConnection, table: str) -> Iterator[Sequence[Sequence[object]]]:
    rows = source.execute(f"FROM {table}")
    while batch := rows.fetchmany(BATCH):
        yield batch


def ddl(table: str, columns: Sequence[tuple[str, str]]) -> str:
    """CREATE TABLE from names and types; every column is NOT NULL, as TPC-H says."""
    body = ", ".join(f"{name} {kind} NOT NULL" for name, kind in columns)
    return f"CREATE TABLE {table} ({body}, PRIMARY KEY ({', '.join(KEYS[table])}))"


@contextmanager
def _csv(source: duckdb.DuckDBPyConnection, table: str, folder: Path) -> Iterator[Path]:
    file = folder / f"{table}.csv"
    source.execute(f"COPY {table} TO '{file}' (FORMAT csv, HEADER false)")
    yield file
    file.unlink()


def _load_postgres(target: Stores, source: duckdb.DuckDBPyConnection, folder: Path) -> None:
    admin = f"postgresql://postgres@127.0.0.1:{target.postgres_port}"
    with psycopg.connect(f"{admin}/postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {target.name}")
        connection.execute(f"CREATE DATABASE {target.name}")
    with psycopg.connect(f"{admin}/{target.name}", autocommit=True) as connection:
        for table in TABLES:
            connection.execute(ddl(table, _columns(source, table)))
            with (
                _csv(source, table, folder) as file,
                file.open("rb") as data,
                connection.cursor().copy(f"COPY {table} FROM STDIN (FORMAT csv)") as copy,
            ):
                while chunk := data.read(1 << 20):
                    copy.write(chunk)
        connection.execute("ANALYZE")


def _load_mysql(target: Stores, source: duckdb.DuckDBPyConnection, folder: Path) -> None:
    with pymysql.connect(
        host="127.0.0.1", port=target.mysql_port, user="root", autocommit=False
    ) as connection:
        cursor = connection.cursor()
        cursor.execute(f"DROP DATABASE IF EXISTS {target.name}")
        cursor.execute(f"CREATE DATABASE {target.name} CHARACTER SET utf8mb4")
        cursor.execute(f"USE {target.name}")
        for table in TABLES:
            columns = [
                (n, k.replace("VARCHAR", "VARCHAR(199)")) for n, k in _columns(source, table)
            ]
            cursor.execute(ddl(table, columns))
            with _csv(source, table, folder) as file:
                form = """FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '"' ESCAPED BY ''"""
                cursor.execute(f"LOAD DATA INFILE '{file.absolute()}' INTO TABLE {table} {form}")
            connection.commit()
        cursor.execute(f"ANALYZE TABLE {', '.join(TABLES)}")


def _load_sqlite(target: Stores, source: duckdb.DuckDBPyConnection) -> None:
    target.sqlite.unlink(missing_ok=True)
    with sqlite3.connect(target.sqlite) as connection:
        for table in TABLES:
            columns = _columns(source, table)
            typed = [(name, SQLITE_TYPES.get(kind, kind)) for name, kind in columns]
            connection.execute(ddl(table, typed))
            marks = ", ".join(["?"] * len(columns))
            for batch in _batches(source, table):
                rows = [[sqlite_value(v) for v in row] for row in batch]
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        connection.execute("ANALYZE")


def sqlite_value(value: object) -> object:
    """A value as SQLite stores it."""
    return value if isinstance(value, int) else str(value)
