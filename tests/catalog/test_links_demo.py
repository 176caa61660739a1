"""The demo's links: measured as the generator made them, and found again when nobody declares them."""

import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

import app
from assistant import catalog_views
from assistant.interfaces.api import create_api
from assistant.pipeline import AskRequest, ask
from assistant.services import Services
from catalog.introspection import Meter
from catalog.links_refresh import LinkStep
from catalog.semantic_model import SemanticModel
from connectors.clock import Cancellation
from demo.truth import open_truth

POINTS = 0.02
# Left table in the truth, its key there, and the link as it should be found.
PERSON_LINKS = {
    "dwh.main.abos.kunde_nr": ("abos", "crm.public.kunden.kundennummer", "strip_hash"),
    "dwh.main.bestellungen.kunde_nr": (
        "bestellungen",
        "crm.public.kunden.kundennummer",
        "strip_hash",
    ),
    "survey.main.nps_antworten.kundennummer": (
        "nps_antworten",
        "crm.public.kunden.kundennummer",
        "exact",
    ),
    "service.public.tickets.kunden_email": ("tickets", "crm.public.kunden.email", "lower(trim)"),
    "campaign.campaign.sends.email": ("sends", "crm.public.kunden.email", "lower(trim)"),
    "campaign.campaign.journey_contacts.email": (
        "journey_contacts",
        "crm.public.kunden.email",
        "lower(trim)",
    ),
    "campaign.campaign.unsubscribes.email": (
        "unsubscribes",
        "crm.public.kunden.email",
        "lower(trim)",
    ),
    "consent.main.einwilligungen.email": (
        "einwilligungen",
        "crm.public.kunden.email",
        "lower(trim)",
    ),
    "service.public.anrufe.anrufer_nummer": ("anrufe", "crm.public.kunden.telefon", "e164(CH)"),
    "cdp.main.identities.email_sha256": ("identities", "crm.public.kunden.email", "sha256"),
}


@pytest.fixture(scope="module")
def truth(demo_folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = open_truth(demo_folder)
    yield connection
    connection.close()


def true_rates(truth: duckdb.DuckDBPyConnection, left: str) -> tuple[float, float]:
    """Share of rows, and of distinct keys, of known people; by their true number."""
    table, column = PERSON_LINKS[left][0], left.rsplit(".", 1)[1]
    key = f"CASE WHEN customer_no IS NULL THEN lower(trim({column})) ELSE customer_no::VARCHAR END"
    row = truth.execute(
        f"SELECT count(customer_no) / count(*), count(DISTINCT customer_no) / count(DISTINCT {key})"
        f" FROM {table} WHERE {column} IS NOT NULL"
    ).fetchone()
    assert row is not None
    return row[0], row[1]


@pytest.mark.parametrize("left", PERSON_LINKS)
def test_a_declared_link_is_measured_as_it_is(
    demo_services: Services, truth: duckdb.DuckDBPyConnection, left: str
) -> None:
    link = next(found for found in demo_services.catalog.links if found.left == left)
    rows, keys = true_rates(truth, left)
    assert (link.origin, link.right, link.normaliser) == ("declared", *PERSON_LINKS[left][1:])
    assert link.match_rate == pytest.approx(rows, abs=POINTS)
    assert link.key_match_rate == pytest.approx(keys, abs=POINTS)
    assert link.fan_out == pytest.approx(1)


@pytest.fixture(scope="module")
def undeclared(demo_services: Services) -> dict[str, tuple[str, str, float, float]]:
    """(right, normaliser, match rate, fan-out) by left of what is proposed without any model."""
    settings, schema = demo_services.settings, demo_services.catalog.schema
    silos = [silo.name for silo in settings.silos]
    step = LinkStep(settings, schema, SemanticModel(), silos, (), Meter(None), Cancellation())
    return {
        link.left: (link.right, link.normaliser, link.match_rate or 0, link.fan_out or 0)
        for link in step.run().links
    }


@pytest.mark.parametrize("left", PERSON_LINKS)
def test_a_person_link_is_found_when_nobody_declares_it(
    undeclared: dict[str, tuple[str, str, float, float]],
    truth: duckdb.DuckDBPyConnection,
    left: str,
) -> None:
    right, normaliser, match_rate, fan_out = undeclared[left]
    assert (right, normaliser) == PERSON_LINKS[left][1:]
    assert match_rate == pytest.approx(true_rates(truth, left)[0], abs=POINTS)
    assert fan_out == pytest.approx(1)


def test_no_person_link_is_made_up(undeclared: dict[str, tuple[str, str, float, float]]) -> None:
    to_people = {left for left, found in undeclared.items() if found[0].startswith("crm.")}
    assert to_people == set(PERSON_LINKS)


def test_an_answer_over_silos_says_how_well_they_match(demo_services: Services) -> None:
    answer = ask(demo_services, AskRequest("Wie viele Tickets gab es 2026 nach Region?"))
    assert answer.status == "answered"
    (use,) = answer.links
    assert use.match_rate == pytest.approx(0.96, abs=POINTS)
    assert use.fan_out == pytest.approx(1)
    assert answer.confidence is not None
    assert any("96" in reason for reason in answer.confidence.reasons)


def test_the_view_shows_figures_of_every_declared_link(demo_services: Services) -> None:
    rows = catalog_views.links(demo_services)
    declared = [row for row in rows if row["origin"] == "declared"]
    assert len(declared) == len(demo_services.catalog.model.relationships)
    for row in declared:
        assert 0.5 < row["match_rate"] <= 1
        assert row["method"] in ("exact", "sketch")
        assert row["measured_at"].startswith("20")


def test_the_command_shows_links_in_text_and_json(
    demo_folder: Path, demo_services: Services
) -> None:
    words = ["catalog", "links", "--config", str(demo_folder / "silos.yaml")]
    shown = CliRunner().invoke(app.cli, words, env={"COLUMNS": "120"}).stdout
    assert "crm.public.kunden.telefon" in shown
    assert "e164(CH)" in shown
    listed = CliRunner().invoke(app.cli, [*words, "--format", "json"]).stdout
    assert json.loads(listed) == catalog_views.links(demo_services)


def test_the_api_shows_the_same_links(demo_services: Services) -> None:
    found = TestClient(create_api(demo_services, "0")).get("/v1/catalog/links")
    assert found.json() == catalog_views.links(demo_services)
