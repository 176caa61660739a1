"""A refresh measures declared links and proposes others; what cannot be read keeps its figures."""

import json
import logging
from pathlib import Path

import duckdb
import pytest

from catalog.catalog import Catalog
from catalog.links import Link
from catalog.refresh import RefreshReport, refresh
from catalog.store import Store
from connectors.clock import Cancellation
from connectors.config import Limits, Settings, SiloSettings
from connectors.errors import SiloCancelled
from tests.catalog.places import duckdb_silo, settings, sqlite_silo

MARKER = "marker7f3a"
KUNDEN = (
    "CREATE TABLE kunden (kunde_nr INTEGER PRIMARY KEY, email TEXT, telefon TEXT, tag DATE)",
    *(
        f"INSERT INTO kunden VALUES ({n}, '{MARKER}{n}@X.ch ', '079 000 00 {n}', '2026-01-{n}')"
        for n in range(10, 20)
    ),
    "CREATE TABLE notizen (nr INTEGER, kunde INTEGER REFERENCES kunden (kunde_nr))",
    "INSERT INTO notizen VALUES (1, 10), (2, 10), (3, 99), (4, NULL)",
)
ORDERS = (
    "CREATE TABLE bestellungen (kunde VARCHAR, mail VARCHAR, tel VARCHAR, tag DATE)",
    # Customers 10 to 14 twice each, 15 once, and one nobody knows.
    f"INSERT INTO bestellungen SELECT '#' || n, '{MARKER}' || n || '@x.CH', '+417900000' || n,"
    " DATE '2026-01-10' FROM (SELECT 10 + i % 6 AS n FROM range(11) t(i))",
    "INSERT INTO bestellungen VALUES ('#77', 'nobody@x.ch', NULL, NULL), (NULL, NULL, NULL, NULL)",
)


def semantic(folder: Path, *steps: tuple[str, str, str, str]) -> Path:
    """Relationships orders → kunden by (name, left expression, right expression, normaliser)."""
    sources = {"orders": "dwh.main.bestellungen", "kunden": "crm.main.kunden"}
    datasets = [
        {
            "name": name,
            "source": source,
            "fields": [
                {"name": f"k_{step[0]}", "expression": step[1 if name == "orders" else 2]}
                for step in steps
            ],
        }
        for name, source in sources.items()
    ]
    relationships = [
        {
            "name": name,
            "from": "orders",
            "to": "kunden",
            "from_columns": [f"k_{name}"],
            "to_columns": [f"k_{name}"],
            "rundblick": {"normaliser": normaliser},
        }
        for name, _, _, normaliser in steps
    ]
    model = {"name": "m", "datasets": datasets, "relationships": relationships}
    made = folder / "semantic"
    made.mkdir(exist_ok=True)
    (made / "m.yaml").write_text(json.dumps({"semantic_model": [model]}), encoding="utf-8")
    return made


def company(folder: Path, *steps: tuple[str, str, str, str]) -> Settings:
    silos = sqlite_silo(folder, "crm", *KUNDEN), duckdb_silo(folder, "dwh", *ORDERS)
    return settings(folder, *silos, semantic=semantic(folder, *steps))


BY_MAIL = ("by_mail", "mail", "email", "lower(trim)")
BY_NUMBER = ("by_number", "kunde", "kunde_nr", "strip_hash")


def links(company: Settings) -> dict[str, Link]:
    return {str(link.name or link.left): link for link in Catalog.open(company).links}


def test_declared_links_are_measured(tmp_path: Path) -> None:
    made = company(tmp_path, BY_MAIL, BY_NUMBER, ("exactly", "mail", "email", "exact"))
    report = refresh(made)
    found = links(made)
    for name in ("by_mail", "by_number"):
        assert found[name].match_rate == pytest.approx(11 / 12)
        assert found[name].key_match_rate == pytest.approx(6 / 7)
        assert (found[name].fan_out, found[name].method) == (1, "exact")
        assert found[name].measured_at is not None
    assert (found["exactly"].match_rate, found["exactly"].fan_out) == (0, None)
    assert report.unmeasured == {}
    steps = {step.name: step for step in Catalog.open(made).model.relationships}
    assert steps["by_mail"].match_rate == pytest.approx(11 / 12)
    assert steps["by_mail"].measured is not None


def test_fan_out_is_the_partners_of_a_row(tmp_path: Path) -> None:
    silos = (
        sqlite_silo(tmp_path, "crm", *KUNDEN, "INSERT INTO kunden VALUES (20, NULL, NULL, NULL)"),
        duckdb_silo(tmp_path, "dwh", *ORDERS),
    )
    same_day = ("same", "tag", "CASE WHEN kunde_nr < 13 THEN DATE '2026-01-10' END", "exact")
    made = settings(tmp_path, *silos, semantic=semantic(tmp_path, same_day))
    refresh(made)
    assert (links(made)["same"].match_rate, links(made)["same"].fan_out) == (1, 3)


def test_a_number_with_a_fraction_of_nought_is_the_same_key(tmp_path: Path) -> None:
    ltrim = "CAST(ltrim(kunde, '#') AS DOUBLE)"
    made = company(tmp_path, ("n", ltrim, "CAST(kunde_nr AS DOUBLE)", "exact"))
    refresh(made)
    assert links(made)["n"].match_rate == pytest.approx(11 / 12)


def test_undeclared_links_are_proposed_with_their_normaliser(tmp_path: Path) -> None:
    made = company(tmp_path)
    refresh(made)
    found = [
        (link.left, link.right, link.normaliser, link.reason)
        for link in Catalog.open(made).links
        if link.origin == "proposed"
    ]
    assert sorted(found) == [
        ("crm.main.notizen.kunde", "crm.main.kunden.kunde_nr", "exact", "foreign key"),
        ("dwh.main.bestellungen.mail", "crm.main.kunden.email", "lower(trim)", "e-mail"),
        ("dwh.main.bestellungen.tel", "crm.main.kunden.telefon", "e164(CH)", "phone"),
    ]
    notes = links(made)["crm.main.notizen.kunde"]
    assert (notes.match_rate, notes.fan_out) == (pytest.approx(2 / 3), 1)
    assert all(0.5 < (link.score or 0) <= 1 for link in Catalog.open(made).links)


def test_a_declared_link_is_not_proposed_again(tmp_path: Path) -> None:
    made = company(tmp_path, BY_MAIL)
    refresh(made)
    ends = [(link.left, link.right) for link in Catalog.open(made).links]
    assert ends.count(("dwh.main.bestellungen.mail", "crm.main.kunden.email")) == 1
    semantic(tmp_path, BY_MAIL, ("phone", "tel", "telefon", "e164(CH)"))
    origins = {link.left: link.origin for link in Catalog.open(made).links}
    assert origins["dwh.main.bestellungen.tel"] == "declared"


def test_no_key_leaves_to_the_store_the_index_or_a_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = company(tmp_path, BY_MAIL)
    report = refresh(made)
    assert links(made)["by_mail"].match_rate
    files = [path for path in made.catalog.path.rglob("*") if path.is_file()]
    assert len(files) > 1
    for path in files:
        assert MARKER.encode() not in path.read_bytes(), path
    assert MARKER not in caplog.text
    assert MARKER not in repr(report)


def test_a_problem_names_no_value(tmp_path: Path) -> None:
    made = company(tmp_path, ("wrong", "mail", "CAST(email AS INTEGER)", "exact"), BY_NUMBER)
    report = refresh(made)
    assert set(report.unmeasured) == {"wrong"}
    assert MARKER not in repr(report.unmeasured)
    assert links(made)["wrong"].match_rate is None
    assert links(made)["by_number"].match_rate is not None


def down(company: Settings) -> RefreshReport:
    (company.path.parent / "crm.db").rename(company.path.parent / "away.db")
    return refresh(company)


def test_a_silo_that_is_down_keeps_the_old_figures(tmp_path: Path) -> None:
    made = company(tmp_path, BY_MAIL)
    refresh(made)
    before = links(made)
    report = down(made)
    assert report.unmeasured == {"by_mail": "not read this time: crm"}
    assert links(made) == before
    assert before["by_mail"].match_rate


def test_a_link_never_measured_stays_so_while_its_silo_is_down(tmp_path: Path) -> None:
    made = company(tmp_path, BY_MAIL)
    refresh(made, profile=False)
    assert down(made).unmeasured.keys() == {"by_mail"}
    assert (links(made)["by_mail"].match_rate, links(made)["by_mail"].method) == (None, None)


def test_without_statistics_the_last_figures_stay(tmp_path: Path) -> None:
    made = company(tmp_path, BY_MAIL)
    refresh(made)
    before = links(made)
    refresh(made, profile=False)
    assert links(made) == before


def test_another_normaliser_drops_the_old_figures(tmp_path: Path) -> None:
    made = company(tmp_path, BY_MAIL)
    refresh(made)
    semantic(tmp_path, ("by_mail", "mail", "email", "trim"))
    assert links(made)["by_mail"].match_rate is None


def test_a_new_figure_replaces_the_old_one(tmp_path: Path) -> None:
    made = company(tmp_path, BY_MAIL)
    refresh(made)
    with duckdb.connect(str(tmp_path / "dwh.duckdb")) as connection:
        connection.execute("DELETE FROM bestellungen WHERE kunde = '#77'")
    refresh(made)
    assert links(made)["by_mail"].match_rate == 1


def test_a_right_side_beyond_the_limit_is_not_measured_wrongly(tmp_path: Path) -> None:
    made = company(tmp_path, BY_MAIL, BY_NUMBER)
    small = made.silos[0].model_copy(update={"limits": Limits(max_rows=5)})
    report = refresh(made.model_copy(update={"silos": (small, *made.silos[1:])}))
    assert report.unmeasured["by_mail"] == "'crm.main.kunden.email' has more than 5 rows"
    assert links(made)["by_mail"].match_rate is None


def test_a_column_that_is_gone_is_named(tmp_path: Path) -> None:
    made = company(tmp_path, ("gone", "mail", "no_such", "exact"))
    assert "no_such" in refresh(made).unmeasured["gone"]


def test_a_forgotten_silo_takes_its_proposals_along(tmp_path: Path) -> None:
    made = company(tmp_path)
    refresh(made)
    alone = made.model_copy(update={"silos": made.silos[:1], "semantic": None})
    refresh(alone)
    assert {silo for link in Catalog.open(alone).links for silo in link.silos} == {"crm"}


def test_cancelling_while_links_are_read_stores_nothing(tmp_path: Path) -> None:
    made = company(tmp_path, BY_MAIL)
    cancellation = Cancellation()

    def stop(step: object) -> None:
        if "email" in str(step) or "mail" in str(step):
            cancellation.cancel()

    with pytest.raises(SiloCancelled):
        refresh(made, progress=stop, cancellation=cancellation)
    assert Store(made.catalog.path).versions() == ()


def test_a_catalog_of_before_links_is_read(tmp_path: Path) -> None:
    made = settings(tmp_path, SiloSettings(name="crm", url="sqlite:///crm.db", base=tmp_path))
    made.catalog.path.mkdir()
    old = {"format": 1, "read_at": "2026-01-01T00:00:00+00:00", "silos": {}, "tables": []}
    (made.catalog.path / "catalog-000001.json").write_text(json.dumps(old), encoding="utf-8")
    assert Catalog.open(made).links == ()
