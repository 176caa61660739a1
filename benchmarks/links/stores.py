"""The systems as databases without any foreign key, filled with rows: nothing there to peek at."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pymysql
from psycopg import sql

from benchmarks.catalog.systems import shared
from benchmarks.environment import FOLDER
from benchmarks.links.rows import Rows
from benchmarks.links.truth import System
from connectors.config import SiloSettings
from demo.servers import Server, start_mariadb, start_postgres

HOME = FOLDER / "links"


@contextmanager
def silos(systems: Sequence[System], seed: int) -> Iterator[tuple[SiloSettings, ...]]:
    """Servers with all systems, built and filled on first use of a seed."""
    home = HOME / f"seed-{seed}"
    with ExitStack() as started:
        postgres = start_postgres(home / "postgres")
        started.callback(postgres.stop)
        mariadb = start_mariadb(home / "mariadb")
        if mariadb is None:
            raise SystemExit("the benchmark needs mariadbd on the machine")
        started.callback(mariadb.stop)
        _build(systems, postgres, mariadb, home, seed)
        yield tuple(_silo(system, postgres, mariadb) for system in systems)


def _silo(system: System, postgres: Server, mariadb: Server) -> SiloSettings:
    if system.dialect == "mysql":
        url = f"mysql+pymysql://{urlsplit(mariadb.admin_url).netloc}/rs_{system.name}"
    else:
        url = f"postgresql://{urlsplit(postgres.admin_url).netloc}/rs_{system.name}"
    return SiloSettings(name=system.name, url=url)


def _build(
    systems: Sequence[System], postgres: Server, mariadb: Server, home: Path, seed: int
) -> None:
    done = home / "filled.json"
    if done.exists():
        return
    tool = shared() / "tools" / "real_schemas.py"
    names = ",".join(system.name for system in systems)
    urls = ["--pg", f"{postgres.admin_url}/postgres", "--my", mariadb.admin_url]
    arguments = [*urls, "--only", names, "--no-keys", "--drop"]
    subprocess.run([sys.executable, str(tool), *arguments], check=True, stdout=sys.stderr)
    counts = {
        system.name: _filled(Rows(system, seed), system, _silo(system, postgres, mariadb))
        for system in systems
    }
    _write(done, json.dumps(counts))


def _write(path: Path, text: str) -> None:
    path.with_suffix(".part").write_text(text, encoding="utf-8")
    path.with_suffix(".part").replace(path)


def _filled(rows: Rows, system: System, silo: SiloSettings) -> int:
    """Fill all tables; how many rows went in."""
    tables = list(dict.fromkeys(column.table for column in system.columns))
    made = [(name, *rows.table(name)) for name in tables]
    return _into_mariadb(silo, made) if system.dialect == "mysql" else _into_postgres(silo, made)


Made = Sequence[tuple[str, list[str], list[tuple[object, ...]]]]


def _into_postgres(silo: SiloSettings, made: Made) -> int:
    with psycopg.connect(silo.url, autocommit=True) as connection:
        for table, columns, rows in made:
            statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
                sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
            )
            with connection.cursor().copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
        connection.execute("ANALYZE")
    return sum(len(rows) for _, _, rows in made)


def _into_mariadb(silo: SiloSettings, made: Made) -> int:
    url = silo.resolved_url()
    # Long words are cut to short columns.
    lenient = {"init_command": "SET sql_mode = ''"}
    connection = pymysql.connect(
        host=url.host, port=url.port or 3306, user=url.username, database=url.database, **lenient
    )
    with closing(connection), connection.cursor() as cursor:
        for table, columns, rows in made:
            names = ", ".join(f"`{name}`" for name in columns)
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO `{table}` ({names}) VALUES ({places})", rows)
            cursor.execute(f"ANALYZE TABLE `{table}`")
        connection.commit()
    return sum(len(rows) for _, _, rows in made)
