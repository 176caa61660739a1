"""Puts a company into three SQLite silos, reached through the door every question takes."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from assistant.evaluation.companies.model import CUSTOMER_FIELDS, SILOS, TODAY, Base, axes
from assistant.evaluation.companies.rows import CUSTOMERS, Company
from catalog.introspection import Meter, Reading
from connectors.clock import Cancellation, Clock
from connectors.config import Settings, SiloSettings
from connectors.federation import Federation
from connectors.schema import SiloSchema

Rows = list[tuple[Any, ...]]
COLUMNS = {
    "customers": "id INTEGER PRIMARY KEY, region TEXT, plan TEXT",
    "tickets": "id INTEGER, opened DATE, customer INTEGER, channel TEXT, topic TEXT, score REAL",
    "orders": (
        "id INTEGER, placed DATE, customer INTEGER, device TEXT, category TEXT, "
        "amount REAL, returned INTEGER"
    ),
}
_GROUPS = [(r, p) for r in CUSTOMER_FIELDS["region"] for p in CUSTOMER_FIELDS["plan"]]


def rows_of(company: Company, table: str) -> Rows:
    """The rows as they stand in the silo."""
    if table == "customers":
        return [(n, *_GROUPS[n % len(_GROUPS)]) for n in range(CUSTOMERS)]
    base: Base = "tickets" if table == "tickets" else "orders"
    columns = company.tables[base]
    named = axes(base)
    width = len(CUSTOMER_FIELDS["plan"])
    group = columns["customers.region"] * width + columns["customers.plan"]
    customers = columns["nth"] * len(_GROUPS) + group
    own = [_words(columns[name], named[name]) for name in list(named)[2:]]
    values = [columns[name].tolist() for name in company.expected[base].means]
    days = [date.fromordinal(day).isoformat() for day in columns["day"].tolist()]
    return list(zip(columns["id"].tolist(), days, customers.tolist(), *own, *values, strict=True))


def _words(places: Iterable[int], values: tuple[str, ...]) -> list[str]:
    return [values[place] for place in places]


@contextmanager
def silos_of(company: Company, folder: Path) -> Iterator[Federation]:
    """A federation over the company's three files, which are written anew.

    Raises:
        RundblickError: A file could not be read back.
    """
    settings = _settings(folder)
    for table, silo in SILOS.items():
        _write(folder / f"{silo}.sqlite", table, rows_of(company, table))
    reading = Reading(False, {}, Meter(None), Cancellation())
    schema = SiloSchema(t for read in reading.all(settings.silos) for t in read.tables)
    federation = Federation.open(settings, lambda: schema, clock=Clock(TODAY))
    try:
        yield federation
    finally:
        federation.close()


def _settings(folder: Path) -> Settings:
    silos = (
        SiloSettings(name=silo, url=f"sqlite:///{silo}.sqlite", base=folder)
        for silo in SILOS.values()
    )
    return Settings(path=folder / "silos.yaml", silos=tuple(silos))


def _write(path: Path, table: str, rows: Rows) -> None:
    path.unlink(missing_ok=True)
    marks = ", ".join("?" * (COLUMNS[table].count(",") + 1))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"CREATE TABLE {table} ({COLUMNS[table]})")
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
