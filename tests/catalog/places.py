"""Small silos on disk and the settings that name them."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from catalog.store import Snapshot, Store
from connectors.config import CatalogSettings, Settings, SiloSettings
from connectors.schema import Column, SiloSchema, Table

MOMENT = datetime(2026, 10, 31, 12, tzinfo=UTC)


def settings(folder: Path, *silos: SiloSettings, semantic: Path | None = None) -> Settings:
    return Settings(
        path=folder / "silos.yaml",
        silos=silos or (SiloSettings(name="crm", url="sqlite:///crm.db", base=folder),),
        catalog=CatalogSettings(path=folder / "catalog"),
        semantic=semantic,
    )


def sqlite_silo(folder: Path, name: str, *statements: str) -> SiloSettings:
    with closing(sqlite3.connect(folder / f"{name}.db")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return SiloSettings(name=name, url=f"sqlite:///{name}.db", base=folder)


def duckdb_silo(folder: Path, name: str, *statements: str) -> SiloSettings:
    with duckdb.connect(str(folder / f"{name}.duckdb")) as connection:
        for statement in statements:
            connection.execute(statement)
    return SiloSettings(name=name, url=f"duckdb:///{name}.duckdb", base=folder)


def table(name: str, *columns: str, **parts: object) -> Table:
    """``crm.main.t`` with columns written as ``name TYPE``."""
    silo, schema, short = name.split(".")
    made = (column.partition(" ") for column in columns)
    return Table(silo, schema, short, tuple(Column(n, t or "VARCHAR") for n, _, t in made), **parts)  # type: ignore[arg-type]


def stored(folder: Path, tables: Iterable[Table]) -> Snapshot:
    snapshot = Snapshot(0, MOMENT, SiloSchema(tables), {"crm": MOMENT})
    return Store(folder / "catalog").write(snapshot)
