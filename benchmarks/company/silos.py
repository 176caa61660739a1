"""Where the company's tables lie: four silos of four kinds, so that most questions cross two."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import duckdb
import psycopg
import pymysql
from sqlalchemy import make_url

from benchmarks.defog.stores import store
from demo.servers import start_mariadb, start_postgres

PLACES = {
    "core": ("users", "sbTransaction", "notifications", "coupons"),
    "pay": ("merchants", "sbDailyPrice", "wallet_user_balance_daily"),
    "app": ("user_sessions", "sbCustomer", "wallet_merchant_balance_daily"),
    "books": ("sbTicker", "user_setting_snapshot", "wallet_transactions_daily"),
}
DATABASE = "company"


class MissingServer(Exception):
    """MariaDB is not on this machine."""


@contextmanager
def held(folder: Path) -> Iterator[dict[str, str]]:
    """The URLs of the silos, whose servers run until the context ends."""
    with ExitStack() as stack:
        postgres = start_postgres(folder / "postgres")
        stack.callback(postgres.stop)
        mariadb = start_mariadb(folder / "mariadb")
        if mariadb is None:
            raise MissingServer("the company needs mariadbd (package mariadb-server)")
        stack.callback(mariadb.stop)
        yield {
            "core": f"{postgres.admin_url}/{DATABASE}",
            "pay": f"{mariadb.admin_url}/{DATABASE}",
            "app": f"sqlite:///{folder}/app.db",
            "books": f"duckdb:///{folder}/books.duckdb",
        }


def write_silos(truth: Path, urls: dict[str, str]) -> None:
    """Write every table of the truth into its silo, in place of what was there."""
    _empty(urls)
    with duckdb.connect(truth, read_only=True) as whole:
        for silo, names in PLACES.items():
            kind = make_url(urls[silo]).get_backend_name()
            columns = {name: _columns(whole, name) for name in names}
            rows = {name: whole.execute(f'FROM "{name}"').fetchall() for name in names}
            store(kind, urls[silo], columns, rows)


def _columns(whole: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    return {row[0]: row[1] for row in whole.execute(f'DESCRIBE "{table}"').fetchall()}


def _empty(urls: dict[str, str]) -> None:
    admin = make_url(urls["core"]).set(database="postgres")
    with psycopg.connect(admin.render_as_string(False), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {DATABASE}")
    parts = make_url(urls["pay"])
    with pymysql.connect(
        host=parts.host, port=parts.port, user=parts.username, password=str(parts.password or "")
    ) as server:
        server.cursor().execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        server.cursor().execute(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4")
    for silo in ("app", "books"):
        Path(str(make_url(urls[silo]).database)).unlink(missing_ok=True)
