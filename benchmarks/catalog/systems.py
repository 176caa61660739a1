"""The 30 real systems as databases of PostgreSQL and MariaDB, made once."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

from benchmarks.environment import FOLDER
from connectors.config import CatalogSettings, Settings, SiloSettings
from demo.servers import Server, start_mariadb, start_postgres

VARIABLE = "RUNDBLICK_SHARED"


def shared() -> Path:
    """The folder with the lists of tables, and with the tool that builds them."""
    folder = Path(os.environ.get(VARIABLE, "../shared"))
    if not (folder / "real_schemas").is_dir():
        raise SystemExit(f"set {VARIABLE} to the folder that holds real_schemas/ and tools/")
    return folder


@contextmanager
def systems(catalog: Path) -> Iterator[Settings]:
    """Start the servers with all systems in them, and settings that name each as a silo."""
    with ExitStack() as started:
        postgres = start_postgres(FOLDER / "postgres")
        started.callback(postgres.stop)
        mariadb = start_mariadb(FOLDER / "mariadb")
        if mariadb is None:
            raise SystemExit("the benchmark needs mariadbd on the machine")
        started.callback(mariadb.stop)
        yield Settings(
            path=catalog.parent / "silos.yaml",
            silos=_silos(postgres, mariadb),
            catalog=CatalogSettings(path=catalog),
        )


def _silos(postgres: Server, mariadb: Server) -> tuple[SiloSettings, ...]:
    known = FOLDER / "real_systems.json"
    if not known.exists():
        made = known.with_suffix(".part")
        tool = shared() / "tools" / "real_schemas.py"
        urls = ["--pg", f"{postgres.admin_url}/postgres", "--my", mariadb.admin_url]
        arguments = [*urls, "--rows", "--drop", "--silos", str(made)]
        subprocess.run([sys.executable, str(tool), *arguments], check=True, stdout=sys.stderr)
        made.replace(known)
    ports = {"postgresql": postgres.port, "mysql": mariadb.port}
    return tuple(_silo(item, ports) for item in json.loads(known.read_text())["silos"])


def _silo(item: dict[str, str], ports: dict[str, int]) -> SiloSettings:
    """The silo at the port its server has today."""
    scheme, _, rest = item["url"].partition("://")
    dialect = scheme.partition("+")[0]
    user, database = rest.partition("@")[0], rest.rpartition("/")[2]
    url = f"{scheme}://{user}@127.0.0.1:{ports[dialect]}/{database}"
    return SiloSettings(name=item["name"], kind=item["kind"], url=url)


def change_one_table(settings: Settings) -> None:
    """Add a column to a table of one silo, or take it away again: either is one change."""
    silo = next(silo for silo in settings.silos if silo.name == "listmonk")
    with psycopg.connect(silo.url, autocommit=True) as connection:
        there = connection.execute(
            "SELECT count(*) FROM information_schema.columns WHERE column_name = 'benchmark_note'"
        ).fetchone()
        change = "ADD COLUMN benchmark_note text" if there == (0,) else "DROP COLUMN benchmark_note"
        connection.execute(f"ALTER TABLE settings {change}")  # type: ignore[arg-type]
