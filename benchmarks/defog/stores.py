"""Puts the tables of one database into PostgreSQL, MariaDB, SQLite and DuckDB, each into one."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb
import psycopg
import pymysql
from sqlalchemy import make_url

from benchmarks.defog.questions import KINDS, Columns, fill, placement, tables
from catalog.introspection import Meter, Reading
from connectors.clock import Cancellation, Clock
from connectors.config import Settings, SiloSettings
from connectors.federation import Federation
from connectors.schema import SiloSchema
from tests import servers

TYPES = {
    "postgresql": {"DOUBLE": "DOUBLE PRECISION", "VARCHAR": "TEXT"},
    "mysql": {"VARCHAR": "VARCHAR(400)", "TIMESTAMP": "DATETIME(6)", "BOOLEAN": "TINYINT(1)"},
    "sqlite": {"VARCHAR": "TEXT"},
    "duckdb": {},
}
Rows = list[tuple[object, ...]]


@contextmanager
def federated(folder: Path, db: str, shift: int, scratch: Path) -> Iterator[Federation]:
    """A federation over one database, its tables spread in turns; with statistics."""
    names = tables(folder, db)
    where = placement(names, shift)
    with (
        duckdb.connect() as whole,
        servers.fresh_postgres() as postgres,
        servers.fresh_mysql() as mysql,
    ):
        fill(whole, folder, db, set(names))
        files = {kind: scratch / f"{db}_{shift}.{kind}" for kind in ("sqlite", "duckdb")}
        urls = {"postgresql": postgres, "mysql": mysql}
        urls |= {kind: f"{kind}:///{path.absolute()}" for kind, path in files.items()}
        for kind in KINDS:
            own = {table: names[table] for table in names if where[table] == kind}
            rows = {table: whole.execute(f'FROM "{table}"').fetchall() for table in own}
            store(kind, urls[kind], own, rows)
        with _open(urls) as federation:
            yield federation


def _open(urls: Mapping[str, str]) -> Federation:
    silos = tuple(SiloSettings(name=f"silo_{kind}", url=url) for kind, url in urls.items())
    read = Reading(True, {}, Meter(None), Cancellation()).all(silos)
    for found in read:
        if found.error is not None:
            raise found.error
    schema = SiloSchema(table for found in read for table in found.tables)
    settings = Settings(path=Path("silos.yaml"), silos=silos)
    return Federation.open(settings, lambda: schema, clock=Clock())


def store(kind: str, url: str, own: Mapping[str, Columns], rows: Mapping[str, Rows]) -> None:
    """Make tables with these columns and rows in an empty database of one kind."""
    writers = {"postgresql": _postgres, "mysql": _mysql, "sqlite": _sqlite, "duckdb": _duckdb}
    writers[kind](url, own, rows)


def _duckdb(url: str, own: Mapping[str, Columns], rows: Mapping[str, Rows]) -> None:
    with duckdb.connect(url.removeprefix("duckdb:///")) as connection:
        for table, columns in own.items():
            connection.execute(_create("duckdb", table, columns))
            marks = ", ".join("?" * len(columns))
            if rows[table]:
                connection.executemany(f'INSERT INTO "{table}" VALUES ({marks})', rows[table])


def _create(kind: str, table: str, columns: Columns, quote: str = '"') -> str:
    own = TYPES[kind]
    body = ", ".join(f"{quote}{n}{quote} {own.get(k, k)}" for n, k in columns.items())
    return f"CREATE TABLE {quote}{table}{quote} ({body})"


def _postgres(url: str, own: Mapping[str, Columns], rows: Mapping[str, Rows]) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for table, columns in own.items():
            connection.execute(_create("postgresql", table, columns))
            with connection.cursor().copy(f'COPY "{table}" FROM STDIN') as copy:
                for row in rows[table]:
                    copy.write_row(row)
        connection.execute("ANALYZE")


def _mysql(url: str, own: Mapping[str, Columns], rows: Mapping[str, Rows]) -> None:
    parts = make_url(url)
    connection = pymysql.connect(
        host=parts.host, port=parts.port, user=parts.username, password=str(parts.password or ""),
        database=parts.database, charset="utf8mb4", autocommit=True,
    )  # fmt: skip
    with closing(connection), connection.cursor() as cursor:
        for table, columns in own.items():
            cursor.execute(_create("mysql", table, columns, "`"))
            marks = ", ".join(["%s"] * len(columns))
            if rows[table]:
                cursor.executemany(f"INSERT INTO `{table}` VALUES ({marks})", rows[table])


def _sqlite(url: str, own: Mapping[str, Columns], rows: Mapping[str, Rows]) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        for table, columns in own.items():
            connection.execute(_create("sqlite", table, columns))
            plain = [[_sqlite_value(value) for value in row] for row in rows[table]]
            marks = ", ".join("?" * len(columns))
            connection.executemany(f'INSERT INTO "{table}" VALUES ({marks})', plain)
        connection.commit()


def _sqlite_value(value: object) -> object:
    return value if value is None or isinstance(value, (int, float)) else str(value)
