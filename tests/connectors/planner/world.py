"""Three tables of poisonous rows in four real databases and, all together, in one DuckDB.

Text that differs only in case, blanks or accents; nulls; ties; zeros; dates at the edges.
"""

import random
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import psycopg
import pymysql
from sqlalchemy import make_url

from connectors.clock import Clock
from connectors.config import EngineSettings, Limits, SiloSettings
from connectors.engines import load_engine
from connectors.engines.base import Engine
from connectors.federation import Federation
from connectors.policy import load_policy
from connectors.schema import ColumnStats, SiloSchema, Table
from connectors.silos import connect
from connectors.silos.base import Connector

WORDS = ("a", "A", "a ", "ä", "", "b", "B", "ss", "ß", "a%", "a_b", "Zürich", "zurich", None, None)
STATES = ("offen", "Offen", "zu", None)
TABLES = {
    "kunden": "id INTEGER, name VARCHAR(20), region VARCHAR(20), betrag DECIMAL(12, 2), zahl INTEGER,"
    " tag DATE, moment {moment}, ja {truth}",
    "bestellungen": "id INTEGER, kunde INTEGER, betrag DECIMAL(12, 2), menge INTEGER,"
    " status VARCHAR(20), tag DATE",
    "tickets": "id INTEGER, kunde INTEGER, punkte INTEGER, kanal VARCHAR(20), moment {moment}",
}
SIZES = {"kunden": 40, "bestellungen": 90, "tickets": 60}
SILOS = ("pg", "my", "lite", "duck")
CLOCK = Clock(date(2026, 10, 31))


def rows() -> dict[str, list[tuple]]:
    chance = random.Random(7)

    def day():
        return chance.choice([None, date(2026, 1, 1) + timedelta(chance.randrange(300))])

    def money():
        return chance.choice([None, Decimal(chance.randrange(-500, 5000)) / 100, Decimal(0)])

    def small(n):
        return chance.choice([None, *range(n)])

    def moment():
        return chance.choice([None, datetime(2026, 1, 1) + timedelta(hours=chance.randrange(7000))])

    return {
        "kunden": [
            (i, chance.choice(WORDS), chance.choice(WORDS), money(), small(6), day(), moment(), chance.choice([True, False, None]))
            for i in range(SIZES["kunden"])
        ],
        "bestellungen": [
            (i, chance.choice([None, *range(45)]), money(), small(4), chance.choice(STATES), day())
            for i in range(SIZES["bestellungen"])
        ],
        "tickets": [
            (i, chance.choice([None, *range(45)]), small(6), chance.choice(WORDS), moment())
            for i in range(SIZES["tickets"])
        ],
    }  # fmt: skip


@dataclass(frozen=True)
class World:
    """All four databases, filled, and the one that holds all."""

    connectors: Mapping[str, Connector]
    tables: Mapping[tuple[str, str], Table]
    engine: Engine
    whole: duckdb.DuckDBPyConnection

    def federation(self, placement: Mapping[str, str], seed: int = 0) -> Federation:
        """A federation in which each table lives in the silo `placement` says.

        Its statistics are made up from the seed, so that rules fire that small tables would not
        call for, and no answer may hang on a guess being right.
        """
        chance = random.Random(seed)
        schema = SiloSchema(
            _guessed(self.tables[silo, table], chance) for table, silo in placement.items()
        )
        return Federation(
            connectors=self.connectors,
            engine=self.engine,
            policy=load_policy(None),
            clock=CLOCK,
            schema=lambda: schema,
            limits=dict.fromkeys(self.connectors, Limits(max_rows=10**9)),
            timeout_s=30,
        )

    def expected(self, sql: str) -> list[tuple]:
        """The answer of one DuckDB that holds all; several threads may ask."""
        with self.whole.cursor() as cursor:
            return cursor.execute(sql).fetchall()


def _guessed(table: Table, chance: random.Random) -> Table:
    rows = chance.choice([None, 50, 2_000, 100_000, 5_000_000])
    distinct = [None, 1, 40, 3_000, 200_000]
    stats = {column.name: ColumnStats(distinct=chance.choice(distinct)) for column in table.columns}
    keys = chance.choice([("id",), ()])
    return replace(table, row_estimate=rows, stats=stats, primary_key=keys)


def build(postgres: str, mysql: str, folder: Path) -> Iterator[World]:
    """Fill all databases; everything is closed at the end."""
    data = rows()
    _postgres(postgres, data)
    _mysql(mysql, data)
    _sqlite(folder / "w.db", data)
    _duckdb(folder / "w.duckdb", data)
    urls = {
        "pg": postgres, "my": mysql, "lite": f"sqlite:///{folder / 'w.db'}",
        "duck": f"duckdb:///{folder / 'w.duckdb'}",
    }  # fmt: skip
    connectors = {name: connect(SiloSettings(name=name, url=url)) for name, url in urls.items()}
    tables = {(t.silo, t.name): t for c in connectors.values() for t in c.introspect()}
    engine = load_engine(EngineSettings(memory_mb=512), {})
    whole = duckdb.connect(config={"threads": 1})
    _fill_duckdb(whole, data)
    yield World(connectors, tables, engine, whole)
    whole.close()
    engine.close()
    for connector in connectors.values():
        connector.close()


def _statements(moment: str, truth: str) -> dict[str, str]:
    return {
        name: f"CREATE TABLE {name} ({columns.format(moment=moment, truth=truth)})"
        for name, columns in TABLES.items()
    }


def _postgres(url: str, data: Mapping[str, list[tuple]]) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for name, create in _statements("TIMESTAMP", "BOOLEAN").items():
            connection.execute(create)
            places = ", ".join(["%s"] * len(data[name][0]))
            with connection.cursor() as cursor:
                cursor.executemany(f"INSERT INTO {name} VALUES ({places})", data[name])
        connection.execute("ANALYZE")


def _mysql(url: str, data: Mapping[str, list[tuple]]) -> None:
    parts = make_url(url)
    connection = pymysql.connect(
        host=parts.host, port=parts.port, user=parts.username, password=str(parts.password or ""),
        database=parts.database, autocommit=True, charset="utf8mb4",
    )  # fmt: skip
    with closing(connection), connection.cursor() as cursor:
        cursor.execute(
            f"ALTER DATABASE {parts.database} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
        )
        for name, create in _statements("DATETIME", "TINYINT(1)").items():
            cursor.execute(create)
            places = ", ".join(["%s"] * len(data[name][0]))
            cursor.executemany(f"INSERT INTO {name} VALUES ({places})", data[name])


def _sqlite(path: Path, data: Mapping[str, list[tuple]]) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for name, create in _statements("TIMESTAMP", "BOOLEAN").items():
            connection.execute(create)
            places = ", ".join("?" * len(data[name][0]))
            plain = [tuple(_sqlite_value(value) for value in row) for row in data[name]]
            connection.executemany(f"INSERT INTO {name} VALUES ({places})", plain)
        connection.commit()


def _sqlite_value(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else value


def _duckdb(path: Path, data: Mapping[str, list[tuple]]) -> None:
    with duckdb.connect(str(path)) as connection:
        _fill_duckdb(connection, data)


def _fill_duckdb(connection: duckdb.DuckDBPyConnection, data: Mapping[str, list[tuple]]) -> None:
    for name, create in _statements("TIMESTAMP", "BOOLEAN").items():
        connection.execute(create)
        places = ", ".join("?" * len(data[name][0]))
        connection.executemany(f"INSERT INTO {name} VALUES ({places})", data[name])
