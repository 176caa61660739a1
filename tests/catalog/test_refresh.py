"""A refresh reads real silos, keeps what it cannot read and leaves personal values where they are."""

import json
import threading
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from catalog.catalog import Catalog
from catalog.changes import Change
from catalog.refresh import Progress, refresh
from catalog.store import Store
from connectors.clock import Cancellation
from connectors.config import Settings, SiloSettings
from connectors.errors import CatalogMissing, SiloCancelled, SiloError, UsageError
from connectors.schema import ColumnStats, Table
from tests.catalog.places import duckdb_silo, settings, sqlite_silo

KUNDEN = (
    "CREATE TABLE kunden (id INTEGER PRIMARY KEY, email TEXT, region TEXT, umsatz REAL, notiz TEXT)",
    "INSERT INTO kunden VALUES (1, 'anna@secret.ch', 'Ost', 1.5, 'secret'), (2, 'b@secret.ch', 'West', 2.5, NULL),"
    " (3, NULL, 'Ost', NULL, NULL), (4, 'd@secret.ch', NULL, 9.5, 'secret')",
)
ORDERS = (
    "CREATE TABLE bestellungen (bestell_id BIGINT, kunde_nr VARCHAR, betrag DECIMAL(10, 2), am TIMESTAMP, kanal VARCHAR,"
    " schuld VARCHAR, tags VARCHAR[], extra JSON)",
    "INSERT INTO bestellungen SELECT i, 'K' || i, i / 4, TIMESTAMP '2026-01-01' + to_days(CAST(i AS INTEGER)), ['shop', 'web'][1 + i % 2],"
    " 'x' || (i % 2) || '@secret.ch', ['a'], '{}' FROM range(100) t(i)",
    "CREATE VIEW teure AS SELECT bestell_id, betrag FROM bestellungen WHERE betrag > 10",
)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("company")
    made = settings(
        folder, sqlite_silo(folder, "crm", *KUNDEN), duckdb_silo(folder, "dwh", *ORDERS)
    )
    refresh(made)
    return made


def found(company: Settings, name: str) -> Table:
    (table,) = Store(company.catalog.path).latest().schema.find(name)
    return table


def test_numbers_moments_and_categories_are_profiled(company: Settings) -> None:
    kunden, orders = found(company, "kunden"), found(company, "bestellungen")
    assert kunden.stats["region"] == ColumnStats(0.25, 2, values=("Ost", "West"))
    assert kunden.stats["umsatz"] == ColumnStats(0.25, 3, "1.5", "9.5")
    assert (kunden.row_estimate, orders.row_estimate) == (4, 100)
    assert orders.stats["kanal"].values == ("shop", "web")
    assert orders.stats["betrag"].maximum == "24.75"
    assert orders.stats["am"].minimum == "2026-01-01T00:00:00"
    assert orders.newest == datetime(2026, 4, 10, tzinfo=UTC)
    assert orders.recent == 31
    assert orders.stats["tags"] == ColumnStats(0.0)


def test_a_view_of_unknown_size_is_profiled(company: Settings) -> None:
    view = found(company, "teure")
    assert view.kind == "view"
    assert view.stats["betrag"].minimum == "10.25"


def test_no_personal_value_is_stored(company: Settings) -> None:
    text = (company.catalog.path / "catalog-000001.json").read_text(encoding="utf-8")
    assert "secret" not in text
    kunden, orders = found(company, "kunden"), found(company, "bestellungen")
    assert kunden.sensitivity == {"id": "identifier", "email": "contact", "notiz": "free_text"}
    assert kunden.stats["email"] == ColumnStats(0.25, 3, shape="e-mail")
    assert kunden.stats["id"].maximum is None
    assert orders.sensitivity["schuld"] == "contact"
    assert orders.stats["schuld"].distinct == 2
    assert orders.stats["schuld"].values == ()


def test_the_search_index_is_built_too(company: Settings) -> None:
    assert list((company.catalog.path / "vectors").glob("v-*"))
    assert not list((company.catalog.path / "vectors").glob("building-*"))


def test_progress_counts_up_to_its_total(tmp_path: Path) -> None:
    seen: list[Progress] = []
    refresh(settings(tmp_path, sqlite_silo(tmp_path, "crm", *KUNDEN)), progress=seen.append)
    assert [step.done for step in seen] == [1, 2, 3]
    assert seen[-1].done == seen[-1].total
    assert {"crm", "crm.main.kunden", "search index"} == {step.what for step in seen}


def test_a_silo_that_is_down_keeps_its_tables_and_is_named(tmp_path: Path) -> None:
    made = settings(
        tmp_path, sqlite_silo(tmp_path, "crm", *KUNDEN), duckdb_silo(tmp_path, "dwh", *ORDERS)
    )
    refresh(made)
    (tmp_path / "crm.db").unlink()
    with duckdb.connect(str(tmp_path / "dwh.duckdb")) as connection:
        connection.execute("ALTER TABLE bestellungen ADD COLUMN neu DATE")
    report = refresh(made)
    assert (report.version, report.tables, report.silos) == (2, 3, ("dwh",))
    assert set(report.failed) == {"crm"}
    assert report.changes == (Change("added", "dwh.main.bestellungen", "neu", "DATE"),)
    catalog = Catalog.open(made)
    assert catalog.changes() == report.changes
    snapshot = Store(made.catalog.path).latest()
    assert snapshot.silos["crm"] < snapshot.silos["dwh"]
    assert found(made, "kunden").stats["region"].values == ("Ost", "West")


def test_no_silo_at_all_raises_and_stores_nothing(tmp_path: Path) -> None:
    made = settings(tmp_path, SiloSettings(name="crm", url="sqlite:///gone.db", base=tmp_path))
    with pytest.raises(SiloError) as caught:
        refresh(made)
    assert caught.value.silo == "crm"
    with pytest.raises(CatalogMissing):
        Catalog.open(made)


def test_one_silo_alone_may_be_read_and_statistics_left_out(tmp_path: Path) -> None:
    made = settings(
        tmp_path, sqlite_silo(tmp_path, "crm", *KUNDEN), duckdb_silo(tmp_path, "dwh", *ORDERS)
    )
    first = refresh(made, profile=False, silos=["crm"])
    assert (first.tables, first.silos) == (1, ("crm",))
    assert not found(made, "kunden").stats
    assert refresh(made, silos=["crm"]).tables == 1
    refresh(made)
    last = refresh(made, profile=False)
    assert last.tables == 3
    assert found(made, "bestellungen").sensitivity["schuld"] == "contact"
    assert found(made, "kunden").stats["region"].values == ("Ost", "West")


def test_a_forgotten_silo_leaves_the_catalog(tmp_path: Path) -> None:
    both = settings(
        tmp_path, sqlite_silo(tmp_path, "crm", *KUNDEN), duckdb_silo(tmp_path, "dwh", *ORDERS)
    )
    refresh(both, profile=False)
    report = refresh(both.model_copy(update={"silos": both.silos[:1]}), profile=False)
    assert {change.kind for change in report.changes} == {"removed"}
    assert report.tables == 1


def test_an_unknown_silo_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        refresh(settings(tmp_path), silos=["crn"])
    assert "crm" in str(caught.value.hint)


def test_a_cancelled_refresh_stores_nothing(tmp_path: Path) -> None:
    made = settings(tmp_path, sqlite_silo(tmp_path, "crm", *KUNDEN))
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(SiloCancelled):
        refresh(made, cancellation=cancellation)
    assert Store(made.catalog.path).versions() == ()


def test_a_declared_class_keeps_values_in_the_silo(tmp_path: Path) -> None:
    semantic = tmp_path / "semantic"
    semantic.mkdir()
    field = {"name": "r", "expression": "region", "rundblick": {"sensitivity": "health"}}
    document = {
        "semantic_model": [
            {
                "name": "m",
                "datasets": [{"name": "k", "source": "crm.main.kunden", "fields": [field]}],
            }
        ]
    }
    (semantic / "m.yaml").write_text(json.dumps(document), encoding="utf-8")
    made = settings(tmp_path, sqlite_silo(tmp_path, "crm", *KUNDEN), semantic=semantic)
    refresh(made)
    assert "West" not in (made.catalog.path / "catalog-000001.json").read_text(encoding="utf-8")


def test_a_server_keeps_answering_while_it_is_refreshed(company: Settings) -> None:
    catalog = Catalog.open(company)
    first: list[str] = []

    def ask() -> None:
        first.extend(catalog.search("Umsatz nach Region", "de").tables[0].silo for _ in range(20))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        refresh(company, profile=False)
        catalog.reload()
    for thread in threads:
        thread.join()
    assert first == ["crm"] * 60
    assert catalog.version == Store(company.catalog.path).versions()[-1]
    catalog.close()
