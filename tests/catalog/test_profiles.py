"""Statistics come out alike from every kind of server."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from catalog import profiles
from catalog.sensitivity import classify
from connectors.clock import Cancellation, Deadline
from connectors.config import SiloSettings
from connectors.schema import ColumnStats, Table
from connectors.silos import connect
from connectors.silos.base import Connector
from tests.catalog.places import duckdb_silo, sqlite_silo

COLUMNS = "id INTEGER PRIMARY KEY, email VARCHAR(80), plan VARCHAR(20), code CHAR(2), price DECIMAL(8, 2), day DATE, changed TIMESTAMP, note VARCHAR(200)"
ROWS = [
    f"({i}, 'p{i}@secret.ch', '{'Gold' if i % 2 else 'Öko'}', 'A', {i}.25, '2026-01-{i:02}', '2026-02-{i:02} 08:30:00', '{'x' * 60}')"
    for i in range(1, 11)
]
FILL = (f"CREATE TABLE abos ({COLUMNS})", f"INSERT INTO abos VALUES {', '.join(ROWS)}")
SERVERS = {"postgresql": "postgres_database", "mysql": "mysql_database"}


def served(url: str) -> SiloSettings:
    driver = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}
    address = make_url(url)
    engine = create_engine(address.set(drivername=driver[address.get_backend_name()]))
    with engine.begin() as connection:
        for statement in FILL:
            connection.execute(text(statement))
    engine.dispose()
    return SiloSettings(name="silo", url=url)


@pytest.fixture(scope="module", params=["sqlite", "duckdb", "postgresql", "mysql"])
def silo(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Connector]:
    folder = tmp_path_factory.mktemp("silo")
    made = {
        "sqlite": lambda: sqlite_silo(folder, "silo", *FILL),
        "duckdb": lambda: duckdb_silo(folder, "silo", *FILL),
    }.get(request.param, lambda: served(request.getfixturevalue(SERVERS[request.param])))()
    with closing(connect(made)) as connector:
        yield connector


def profiled(silo: Connector, **parts: object) -> Table:
    (found,) = (table for table in silo.introspect() if table.name == "abos")
    table = replace(found, sensitivity=classify(found), **parts)  # type: ignore[arg-type]
    return profiles.profile(silo, table, Deadline.after(20), Cancellation())


def test_statistics_of_a_small_table(silo: Connector) -> None:
    table = profiled(silo)
    stats = table.stats
    assert table.row_estimate == 10
    assert stats["plan"] == ColumnStats(0.0, 2, values=("Gold", "Öko"))
    assert stats["code"].values == ("A",)
    assert (stats["price"].minimum, stats["price"].maximum) == ("1.25", "10.25")
    assert stats["day"].maximum == "2026-01-10"
    assert table.newest is not None
    assert table.newest.isoformat() == "2026-02-10T08:30:00+00:00"
    assert table.recent == 10


def test_personal_and_long_values_stay(silo: Connector) -> None:
    table = profiled(silo)
    assert table.stats["email"] == ColumnStats(0.0, 10, shape="e-mail")
    assert table.stats["note"].values == ()
    assert "secret" not in repr(table.stats)


def test_of_a_large_table_a_sample_is_read(
    silo: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiles, "SAMPLE_ROWS", 4)
    table = profiled(silo, row_estimate=5_000_000)
    assert table.row_estimate == 5_000_000
    assert table.newest is None
    assert table.stats["price"] == ColumnStats(0.0)


def test_a_table_without_rows_has_no_shares(tmp_path: Path) -> None:
    settings = sqlite_silo(tmp_path, "silo", FILL[0])
    with closing(connect(settings)) as connector:
        table = profiled(connector)
    assert table.row_estimate == 0
    assert table.stats["plan"] == ColumnStats(None, 0)


def test_columns_no_type_fits_are_left_out(tmp_path: Path) -> None:
    settings = sqlite_silo(tmp_path, "silo", FILL[0])
    with closing(connect(settings)) as connector:
        (table,) = connector.introspect()
        odd = replace(table, columns=tuple(replace(c, type="UNKNOWN") for c in table.columns))
        assert profiles.profile(connector, odd, Deadline.after(5), Cancellation()) is odd


def test_rows_of_the_last_days_tell_the_growth(silo: Connector) -> None:
    table = profiled(silo)
    columns = tuple(c for c in table.columns if c.name in ("id", "day"))
    by_day = profiles.profile(
        silo, replace(table, columns=columns, stats={}), Deadline.after(20), Cancellation()
    )
    assert by_day.newest is not None
    assert (by_day.newest.date().isoformat(), by_day.recent) == ("2026-01-10", 10)


def test_an_index_tells_the_newest_moment_of_a_large_table(
    silo: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiles, "SAMPLE_ROWS", 4)
    table = profiled(silo, row_estimate=5_000_000, indexes=(("changed", "id"), ("plan",)))
    assert table.newest is not None
    assert table.newest.isoformat() == "2026-02-10T08:30:00+00:00"
    assert table.recent is None


def test_values_tell_what_names_do_not(silo: Connector) -> None:
    """The column is called as no rule knows it; people who said it holds nothing are believed."""
    (found,) = (table for table in silo.introspect() if table.name == "abos")
    deadline = Deadline.after(20)
    untold = profiles.profile(silo, found, deadline, Cancellation())
    assert untold.sensitivity == {"email": "contact"}
    assert untold.stats["email"].values == ()
    told = replace(found, sensitivity={"email": "none"})
    assert profiles.profile(silo, told, deadline, Cancellation()).sensitivity == {"email": "none"}
