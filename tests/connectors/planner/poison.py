"""One table of poisonous values in every kind of silo, and a DuckDB that holds the same rows."""

import os
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import psycopg
import pymysql
from sqlalchemy import make_url

from connectors.clock import Clock
from connectors.config import EngineSettings, Limits, SiloSettings
from connectors.engines import load_engine
from connectors.federation import Federation
from connectors.policy import load_policy
from connectors.schema import SiloSchema
from connectors.silos import connect
from connectors.silos.sqlalchemy import Connector as AnyDialect

CLOCK = Clock(date(2026, 10, 31))
# What stands in the columns; shorter lists repeat, so that pairs differ from row to row.
VALUES: Mapping[str, tuple[object, ...]] = {
    "t": ("a", "A", "a ", " a", "ä", "á", "ss", "ß", "", None, "b", "B", "a%", "a_b", "#Zürich #",
          "zurich", "ab\n", "\u00a0a\u3000", "a'b", "x@y@z", "Straße 1", "[a]*?", "a\u0301", "\u212a", "İa",
          "ıa", "\u017fa", "a\tb", "a\x7f", "+41 (0)79 555-01", "0041 79++5", "079 5", "2125550123", None, 'q"{a,b}', "back\\slash", "NULL"),
    "u": ("a", "a", "a", "A", "B", "", None, "Ä", "SS", "z", "é"),
    "c": ("ab", "AB", "a", "", None, "zz  ", "Zü"),
    "l": ("a", "A", "ü", "Ü", "", None, "a ", "z"),
    "e": ("offen", "Zu", "alt", None),
    "i": (0, 1, -1, 7, -7, None, 2**31 - 1, -(2**31), 3),
    "b": (0, 5, -5, None, 2**63 - 1, -(2**63) + 1, 9007199254740993, 12),
    "s": (None, 1, -1, 2, 100),
    "n": tuple(None if v is None else Decimal(v) for v in (
          "0.00", "1.50", "-1.50", "0.10", None, "9999999999.99", "-9999999999.99", "2.25",
          "2.35", "-0.05", "7.00")),
    "w": tuple(None if v is None else Decimal(v) for v in (
          "0.00000000", "12345678901234567890.12345678", None, "-0.00000001", "0.30000000")),
    "f": (0.0, 1.5, -2.5, None, 0.1, 1e300, -0.0, 3.0, 9007199254740992.0),
    "d": (date(2024, 2, 29), date(2024, 1, 31), None, date(1970, 1, 1), date(2023, 1, 1),
          date(9999, 12, 31), date(1900, 3, 1), date(2026, 12, 28), date(2021, 1, 3)),
    "m": (datetime(2024, 2, 29, 23, 59, 59, 999999), datetime(2024, 1, 31), None,
          datetime(2024, 3, 31, 2, 30, 0, 500000), datetime(1969, 12, 31, 23, 59, 59),
          datetime(2024, 2, 29, 10, 0), datetime(2024, 2, 29, 10, 0, 0, 7)),
    "y": (True, False, None),
}  # fmt: skip
ROWS = 70
COMMON = (
    "i INTEGER, b BIGINT, s SMALLINT, n DECIMAL(12, 2), w DECIMAL(30, 8), f {double}, d DATE,"
    " m {moment}, y {truth}"
)
COLLATE = re.compile(r' COLLATE ("[^"]+"|folded)')
POSTGRES = (
    'CREATE TABLE poison (id INTEGER PRIMARY KEY, t TEXT COLLATE "de-x-icu",'
    ' u VARCHAR(20) COLLATE folded, c CHAR(6) COLLATE "de-x-icu", l VARCHAR(20), e state,'
    f" {COMMON}, z TIMESTAMPTZ)"
).format(double="DOUBLE PRECISION", moment="TIMESTAMP", truth="BOOLEAN")
MYSQL = (
    "CREATE TABLE poison (id INTEGER PRIMARY KEY, t VARCHAR(40) COLLATE utf8mb4_general_ci,"
    " u VARCHAR(20) COLLATE utf8mb4_unicode_ci, c CHAR(6) COLLATE utf8mb4_general_ci,"
    " l VARCHAR(20) CHARACTER SET latin1, e ENUM('zu', 'offen', 'Zu', 'alt') CHARACTER SET utf8mb4"
    f" COLLATE utf8mb4_bin, {COMMON}, z TIMESTAMP(6) NULL, o BIGINT UNSIGNED, KEY (t), KEY (l))"
).format(double="DOUBLE", moment="DATETIME(6)", truth="TINYINT(1)")
SQLITE = (
    "CREATE TABLE poison (id INTEGER PRIMARY KEY, t TEXT COLLATE NOCASE,"
    " u VARCHAR(20), c CHAR(6) COLLATE RTRIM, l VARCHAR(20), e TEXT,"
    f" {COMMON})"
).format(double="DOUBLE", moment="TIMESTAMP", truth="BOOLEAN")
SILOS = ("pg", "my", "lite", "ansi")


def rows() -> list[dict[str, object]]:
    """The rows; a few columns of the second round are shifted, so that pairs differ."""
    made = []
    for number in range(ROWS):
        row: dict[str, object] = {"id": number}
        for place, (name, values) in enumerate(VALUES.items()):
            turn = number + place * (number // len(values))
            row[name] = values[turn % len(values)]
        made.append(row)
    return made


@dataclass(frozen=True)
class Poison:
    """The silos behind one federation, and the rows of each in one DuckDB as schemas."""

    federation: Federation
    whole: duckdb.DuckDBPyConnection
    urls: Mapping[str, str]

    def expected(self, sql: str) -> list[tuple]:
        """The central answer to SQL over ``silo.schema.poison``."""
        return self.whole.execute(sql).fetchall()

    def table(self, silo: str) -> str:
        """Three-part name of the silo's table."""
        return next(t.full_name for t in self.federation.schema() if t.silo == silo)


def build(postgres: str, mysql: str, folder: Path) -> Iterator[Poison]:
    """Fill all databases; everything is closed at the end."""
    path = folder / "poison.db"
    _postgres(postgres)
    _mysql(mysql)
    _sqlite(path)
    urls = {"pg": postgres, "my": mysql, "lite": f"sqlite:///{path}", "ansi": f"sqlite:///{path}"}
    settings = {name: SiloSettings(name=name, url=url) for name, url in urls.items()}
    connectors = {n: connect(s) for n, s in settings.items() if n != "ansi"}
    connectors["ansi"] = AnyDialect(settings["ansi"])
    schema = SiloSchema(t for c in connectors.values() for t in c.introspect())
    federation = Federation(
        connectors=connectors,
        engine=load_engine(EngineSettings(memory_mb=512), {}),
        policy=load_policy(None),
        clock=CLOCK,
        schema=lambda: schema,
        limits=dict.fromkeys(connectors, Limits()),
        timeout_s=30,
    )
    whole = duckdb.connect()
    whole.execute("SET TimeZone = 'UTC'")
    for table in schema:
        _read_whole(federation, whole, table.full_name)
    yield Poison(federation, whole, urls)
    whole.close()
    federation.close()


def _read_whole(federation: Federation, whole: duckdb.DuckDBPyConnection, table: str) -> None:
    """What a plain read gives is what a central database would hold."""
    silo, schema, _ = table.split(".")
    result = federation.run(f"SELECT * FROM {table}")
    whole.execute(f"ATTACH IF NOT EXISTS ':memory:' AS {silo}")
    whole.execute(f"CREATE SCHEMA IF NOT EXISTS {silo}.{schema}")
    read = result.table  # noqa: F841  # DuckDB finds it by its name
    whole.execute(f"CREATE TABLE {table} AS FROM read")


def _insert(names: list[str], mark: str) -> str:
    return f"INSERT INTO poison ({', '.join(names)}) VALUES ({', '.join([mark] * len(names))})"


def _knows_icu(connection: psycopg.Connection) -> bool:
    """False for the wheel's server, whose columns then all compare by bytes; never so in CI."""
    try:
        connection.execute(
            "CREATE COLLATION folded (provider = icu, locale = 'und-u-ks-level2',"
            " deterministic = false)"
        )
    except psycopg.errors.FeatureNotSupported:
        if os.environ.get("CI"):
            raise
        return False
    return True


def _postgres(url: str) -> None:
    data = [{**row, "z": row["m"]} for row in rows()]
    nan, inf = dict(data[0], id=ROWS, f=float("nan")), dict(data[1], id=ROWS + 1, f=float("inf"))
    data += [nan, inf, dict(nan, id=ROWS + 2), dict(data[2], id=ROWS + 3, f=float("-inf"))]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        create = POSTGRES if _knows_icu(connection) else COLLATE.sub("", POSTGRES)
        connection.execute("CREATE TYPE state AS ENUM ('zu', 'offen', 'Zu', 'alt')")
        connection.execute(create)
        with connection.cursor() as cursor:
            cursor.executemany(_insert(list(data[0]), "%s"), [tuple(row.values()) for row in data])
        connection.execute("CREATE INDEX ON poison (t)")
        connection.execute("CREATE INDEX ON poison (l)")
        connection.execute("ANALYZE")


def _mysql(url: str) -> None:
    parts = make_url(url)
    connection = pymysql.connect(
        host=parts.host, port=parts.port, user=parts.username, password=str(parts.password or ""),
        database=parts.database, autocommit=True, charset="utf8mb4",
    )  # fmt: skip
    unsigned = (0, 2**64 - 1, None, 7)
    data = [
        {
            **row,
            # A TIMESTAMP begins in 1970; the year 9999 in a DATE stays.
            "z": None if row["m"] is None or row["m"].year < 1970 else row["m"],
            "o": unsigned[row["id"] % 4],
        }
        for row in rows()
    ]
    with closing(connection), connection.cursor() as cursor:
        cursor.execute("SET time_zone = '+00:00'")
        cursor.execute(MYSQL)
        cursor.executemany(_insert(list(data[0]), "%s"), [tuple(row.values()) for row in data])


def _sqlite(path: Path) -> None:
    data = [{name: _plain(name, v, row["id"]) for name, v in row.items()} for row in rows()]
    data.append({**data[1], "id": ROWS, "f": float("inf")})
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(SQLITE)
        connection.executemany(_insert(list(data[0]), "?"), [tuple(r.values()) for r in data])
        connection.commit()


def _plain(name: str, value: object, number: int) -> object:
    if name == "w" and isinstance(value, Decimal):
        return float(round(value, 8)) if abs(value) < 1 else 1.25
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        # The same moment in the ways SQLite's users write it.
        text = value.isoformat("T" if number % 2 else " ")
        return text.removesuffix(":00") if value.microsecond == 0 and number % 3 else text
    return value.isoformat() if isinstance(value, date) else value
