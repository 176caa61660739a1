"""The demo with its semantic model hidden: the proposal stands in for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import app
from assistant.model_check import check_model
from assistant.pipeline import AskRequest, ask
from assistant.services import Services
from catalog.catalog import Catalog
from catalog.proposal import Proposed, propose, write
from catalog.refresh import refresh
from catalog.semantic_files import load_semantic_model
from connectors.clock import Clock
from connectors.config import CatalogSettings, Settings, load_settings
from connectors.schema import PERSONAL


@pytest.fixture(scope="module")
def hidden(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The demo's silos, cataloged without any semantic file."""
    settings = load_settings(demo_folder / "silos.yaml")
    path = tmp_path_factory.mktemp("hidden")
    bare = {"semantic": None, "catalog": CatalogSettings(path=path / "catalog")}
    settings = settings.model_copy(update=bare)
    refresh(settings)
    return settings


@pytest.fixture(scope="module")
def proposal(hidden: Settings) -> Proposed:
    return propose(Catalog.open(hidden).schema, hidden.silos)


@pytest.fixture(scope="module")
def services(
    hidden: Settings, proposal: Proposed, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("proposed")
    write(proposal, folder)
    opened = app.open_services(hidden.model_copy(update={"semantic": folder}))
    yield opened
    opened.close()


def test_the_proposal_fits_the_tables(services, hidden):
    clock = Clock.from_environment(hidden.today)
    assert check_model(services.catalog.model, services.catalog.schema, clock) == ()


@pytest.mark.parametrize(
    "question",
    [
        "Wie viele Kunden haben wir?",
        "How many customers do we have?",
        "Umsatz nach Monat",
        "Revenue by month",
        "Umsatz nach Region",
        "Revenue by region",
        "What was the revenue by region last quarter?",
        "Tickets nach Kanal",
        "Tickets by channel",
        "Wie hoch ist der NPS?",
        "What is our NPS?",
        "NPS by segment",
        "Wie viele Kündigungen hatten wir letztes Quartal?",
        "Anrufe nach Region",
        "Werbeausgaben nach Kanal",
    ],
)
def test_the_proposal_answers_as_the_model_people_made(services, demo_services, question):
    answer = ask(services, AskRequest(question))
    expected = ask(demo_services, AskRequest(question))
    assert answer.status == "answered", (answer.error, answer.sql)
    assert answer.rows == expected.rows


def test_repeat_buyers_are_counted_as_a_plain_query_counts_them(services):
    answer = ask(services, AskRequest("Wiederkaufsrate"))
    result = services.federation.run(
        "SELECT 100.0 * COUNT(*) FILTER (n > 1) / COUNT(*) AS share FROM (SELECT kunde_nr, "
        "COUNT(*) AS n FROM dwh.main.bestellungen WHERE NOT storniert GROUP BY kunde_nr) AS t"
    )
    assert float(answer.rows[0][0]) == pytest.approx(result.table.column(0)[0].as_py())


def test_no_personal_column_is_a_dimension(services):
    schema = services.catalog.schema
    wrong = [
        f"{dataset.name}.{field.name}"
        for dataset in services.catalog.model.datasets.values()
        for field in dataset.fields
        if field.dimension
        and schema.find(dataset.source)[0].sensitivity.get(field.expression) in PERSONAL
    ]
    assert wrong == []


def test_every_metric_carries_a_score_and_a_reason_and_two_names(proposal):
    metrics = proposal.model().metrics.values()
    assert len(metrics) > 40
    assert all(m.proposed and 0 < m.proposed.score <= 1 and m.proposed.reason for m in metrics)
    assert all({"de", "en"} == m.labels.keys() for m in metrics)


def test_the_plain_glossary_of_the_demo_is_linked(hidden, demo_folder):
    known = load_semantic_model(demo_folder / "semantic").glossary
    plain = [type(term)(term.forms, term.meaning) for term in known]
    found = propose(Catalog.open(hidden).schema, hidden.silos, terms=plain).terms
    asked_back = [t for t in found if t.meaning.startswith("ambiguous")]
    assert [t.forms[0] for t in asked_back] == ["Konversion"]
    found = [t for t in found if t not in asked_back]
    right = {t.forms[0]: t.metric or t.sql for t in known if t.forms[0] != "Hotline"}
    linked = {t.forms[0]: t.metric or t.sql for t in found if t.forms[0] != "Hotline"}
    assert linked.keys() == right.keys()
    wrong = {form: (linked[form], sql) for form, sql in right.items() if linked[form] != sql}
    assert len(wrong) <= 0.4 * len(right), wrong
