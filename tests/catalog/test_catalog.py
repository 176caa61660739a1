"""The catalog finds what a question is about, and only what the role may read."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.catalog import Catalog
from catalog.context import SchemaContext
from catalog.documents import documents
from catalog.semantic_files import load_semantic_model
from catalog.semantic_model import Dataset
from catalog.store import Store
from connectors.config import ModelSettings, Settings
from connectors.errors import CatalogError, CatalogMissing, ConfigurationError
from connectors.schema import ColumnStats, SiloSchema, Table
from tests.catalog.places import settings, stored, table

DEMO = Path(__file__).parents[2] / "demo" / "semantic"
SECRET = ColumnStats(0.0, 1, "tell-nobody", "tell-nobody", ("tell-nobody",))


def _table(dataset: Dataset) -> Table:
    return table(dataset.source, *(field.expression for field in dataset.fields))


def demo_tables() -> list[Table]:
    """The tables the demo's semantic files name, and one none of them does."""
    model = load_semantic_model(DEMO)
    made = list({t.full_name: t for t in map(_table, reversed(model.datasets.values()))}.values())
    known = {"kundennummer": SECRET, "region": SECRET}
    made = [replace(t, stats=known) if t.full_name == "crm.public.kunden" else t for t in made]
    return [
        *made,
        table("erp.dbo.lagerbestand", "artikel", "menge INTEGER", comment="Stock per warehouse"),
    ]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("demo")
    shutil.copytree(DEMO, folder / "semantic")
    question = 'verified_questions: [{question: {de: "Wie viele Lagerartikel?", en: "How many items in stock?"}, sql: SELECT COUNT(*) FROM erp.dbo.lagerbestand}]'
    (folder / "semantic" / "erp.yaml").write_text(question, encoding="utf-8")
    stored(folder, demo_tables())
    return settings(folder, semantic=folder / "semantic")


@pytest.fixture(scope="module")
def catalog(place: Settings) -> Iterator[Catalog]:
    opened = Catalog.open(place)
    yield opened
    opened.close()


def names(context: SchemaContext, kind: str) -> list[str]:
    return [hit.name for hit in context.hits if hit.kind == kind]


@pytest.mark.parametrize(
    ("question", "language", "metric"),
    [
        ("Wie viele Kunden haben im letzten Quartal gekündigt?", "de", "cancellations"),
        ("How many customers churned last quarter?", "en", "cancellations"),
        ("Kundenumsatz nach Region", "de", "revenue_per_customer"),
        ("average basket by region", "en", "average_order_value"),
        ("Wie viele offene Tickets gibt es?", "de", "open_tickets"),
        ("What is the return rate by product category?", "en", "return_rate"),
        ("Retourenquoten je Warengruppe", "de", "return_rate"),
    ],
)
def test_a_question_finds_its_metric(
    catalog: Catalog, question: str, language: str, metric: str
) -> None:
    context = catalog.search(question, language)
    assert metric in names(context, "metric")[:2]
    assert metric in [found.name for found in context.metrics]
    assert (context.question, context.language) == (question, language)


def test_meaning_is_found_without_a_common_word(catalog: Catalog) -> None:
    context = catalog.search("telephone conversations", "en")
    assert "service.public.anrufe" in names(context, "table")[:2]


def test_all_a_metric_needs_comes_along(catalog: Catalog) -> None:
    context = catalog.search("revenue per franc of ad spend", "en", limit=3)
    tables = {found.full_name for found in context.tables}
    assert {"campaign.campaign.ad_spend", "dwh.main.bestellungen"} <= tables
    assert {dataset.source for dataset in context.datasets} <= tables
    assert len(context.hits) == 3


def test_a_dataset_between_two_found_ones_comes_along(catalog: Catalog) -> None:
    context = catalog.search("items sold by product category", "en", limit=2)
    assert "positionen_to_produkte" in [link.name for link in context.links]


def test_terms_and_checked_questions_are_found(catalog: Catalog) -> None:
    assert catalog.search("Pendenzen", "de").terms[0].metric == "open_tickets"
    assert "open_tickets" in [metric.name for metric in catalog.search("Pendenzen", "de").metrics]
    stock = catalog.search("how many items are in stock", "en")
    assert stock.verified[0].sql.endswith("lagerbestand")
    assert "erp.dbo.lagerbestand" in [found.full_name for found in stock.tables]


def test_scores_fall_from_one(catalog: Catalog) -> None:
    scores = [hit.score for hit in catalog.search("Umsatz", "de", limit=20).hits]
    assert scores == sorted(scores, reverse=True)
    assert 0 < scores[-1] <= scores[0] <= 1
    assert (
        len({(hit.kind, hit.name) for hit in catalog.search("Umsatz", "de", limit=20).hits}) == 20
    )


def test_a_role_finds_only_what_it_may_read(catalog: Catalog) -> None:
    readable = frozenset({"service.public.tickets", "erp.dbo.lagerbestand"})
    for question in ("Umsatz je Kundin", "Pendenzen", "Westschweiz", "how many customers churned"):
        context = catalog.search(question, "de", role_tables=readable, limit=50)
        assert {found.full_name for found in context.tables} <= readable
        assert {dataset.name for dataset in context.datasets} <= {"tickets"}
        assert not context.links
        assert not {"revenue", "cancellations"} & {metric.name for metric in context.metrics}
        assert "Umsatz / revenue" not in names(context, "term")
        assert not any("kunden" in hit.text and "crm." in hit.text for hit in context.hits)


def test_a_role_without_tables_finds_no_table(catalog: Catalog) -> None:
    context = catalog.search("Umsatz", "de", role_tables=frozenset(), limit=50)
    assert not context.tables
    assert not context.metrics
    assert {hit.kind for hit in context.hits} <= {"term"}


def test_no_value_of_a_row_is_in_a_document(catalog: Catalog) -> None:
    assert "tell-nobody" not in repr(documents(catalog.schema, catalog.model))


def test_values_of_a_column_declared_personal_are_dropped_on_opening(catalog: Catalog) -> None:
    (kunden,) = catalog.schema.find("crm.public.kunden")
    assert kunden.stats["kundennummer"].values == ()
    assert kunden.stats["region"].values == ("tell-nobody",)


@pytest.mark.parametrize(
    "question", ["", "   ", "?", "\0", "'; DROP TABLE x --", "ä" * 5_000, "\ud800"]
)
def test_any_text_may_be_asked(catalog: Catalog, question: str) -> None:
    assert catalog.search(question, "de").language == "de"


def test_without_its_endpoint_the_search_goes_on_by_words(
    place: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    model = ModelSettings(base_url="http://127.0.0.1:9/v1", embedding="absent")
    catalog = Catalog.open(place.model_copy(update={"model": model}))
    assert names(catalog.search("Umsatz", "de"), "metric")[0] == "revenue"
    assert "by words only" in caplog.text


def test_a_reload_brings_the_new_version_and_its_changes(tmp_path: Path) -> None:
    stored(tmp_path, [table("crm.main.a", "x")])
    catalog = Catalog.open(settings(tmp_path))
    assert catalog.changes() == ()
    stored(tmp_path, [table("crm.main.a", "x"), table("crm.main.kunden", "y")])
    assert catalog.version == 1
    catalog.reload()
    assert (catalog.version, len(catalog.schema)) == (2, 2)
    assert [change.table for change in catalog.changes()] == ["crm.main.kunden"]
    assert catalog.search("Kunde", "de", limit=1).tables[0].name == "kunden"
    catalog.close()


def test_a_failed_reload_leaves_all_as_it_is(tmp_path: Path) -> None:
    semantic = tmp_path / "semantic"
    semantic.mkdir()
    stored(tmp_path, [table("crm.main.a", "x")])
    catalog = Catalog.open(settings(tmp_path, semantic=semantic))
    (semantic / "broken.yaml").write_text("a: 1", encoding="utf-8")
    with pytest.raises(ConfigurationError):
        catalog.reload()
    (semantic / "broken.yaml").unlink()
    Store(tmp_path / "catalog").write(Store(tmp_path / "catalog").latest())
    (tmp_path / "catalog" / "catalog-000002.json").write_text("{", encoding="utf-8")
    with pytest.raises(CatalogError):
        catalog.reload()
    assert (catalog.version, catalog.read_at.year) == (1, 2026)


def test_an_empty_catalog_is_searched_in_vain(tmp_path: Path) -> None:
    stored(tmp_path, [])
    assert not Catalog.open(settings(tmp_path)).search("Umsatz", "de").hits


def test_a_catalog_never_refreshed_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(CatalogMissing) as caught:
        Catalog.open(settings(tmp_path))
    assert caught.value.hint == "Run `rundblick catalog refresh`"


def test_documents_of_wide_tables_are_split(tmp_path: Path) -> None:
    wide = table("crm.main.wide", *(f"c{i}" for i in range(60)))
    made = documents(SiloSchema([wide]), load_semantic_model(None))
    assert [item.kind for item in made] == ["table", "columns", "columns", "columns"]
    assert "c59" in made[-1].text
