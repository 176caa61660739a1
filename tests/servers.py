"""Real servers for the tests: running ones named by the environment, else started for the session."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pymysql
from sqlalchemy import make_url

from demo.servers import Server, forget_postgres, start_mariadb, start_postgres

POSTGRES_VARIABLE = "RUNDBLICK_TEST_POSTGRES"
MYSQL_VARIABLE = "RUNDBLICK_TEST_MYSQL"


class MissingServer(Exception):
    """A server the tests need is not on this machine."""


def start_missing(folder: Path) -> list[tuple[Server, Path]]:
    """Start what the environment does not name, and name it there for all test workers."""
    started = []
    if POSTGRES_VARIABLE not in os.environ:
        server = start_postgres(folder / "postgres", _installed_postgres())
        os.environ[POSTGRES_VARIABLE] = f"{server.admin_url}/postgres"
        started.append((server, folder / "postgres"))
    if MYSQL_VARIABLE not in os.environ:
        mariadb = start_mariadb(folder / "mariadb")
        if mariadb is not None:
            os.environ[MYSQL_VARIABLE] = f"{mariadb.admin_url}/"
            started.append((mariadb, folder / "mariadb"))
    return started


def _installed_postgres() -> Path | None:
    """The programs of a PostgreSQL on this machine, newest first: it knows ICU, the wheel does not."""
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = sorted(found, key=lambda path: int(path.parts[-3]), reverse=True)
    return newest[0].parent if newest else None


def stop(started: list[tuple[Server, Path]]) -> None:
    """Stop the servers and remove their data."""
    for server, folder in started:
        server.stop()
        if server.name == "PostgreSQL":
            forget_postgres(folder)
            os.environ.pop(POSTGRES_VARIABLE, None)
        else:
            os.environ.pop(MYSQL_VARIABLE, None)


@contextmanager
def fresh_postgres() -> Iterator[str]:
    """The URL of an empty PostgreSQL database, dropped afterwards."""
    admin = os.environ[POSTGRES_VARIABLE]
    name = f"t_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield make_url(admin).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def fresh_mysql() -> Iterator[str]:
    """The URL of an empty MariaDB database, dropped afterwards."""
    if MYSQL_VARIABLE not in os.environ:
        raise MissingServer(
            "MariaDB tests need mariadbd on the machine (package mariadb-server) "
            f"or a running server named by {MYSQL_VARIABLE}"
        )
    admin = make_url(os.environ[MYSQL_VARIABLE])
    name = f"t_{uuid.uuid4().hex[:12]}"
    server = {"host": admin.host, "port": admin.port, "user": admin.username}
    with pymysql.connect(**server, password=admin.password or "") as connection:
        connection.cursor().execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
    yield admin.set(database=name).render_as_string(hide_password=False)
    with pymysql.connect(**server, password=admin.password or "") as connection:
        connection.cursor().execute(f"DROP DATABASE IF EXISTS `{name}`")
