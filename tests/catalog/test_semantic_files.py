"""Semantic files: what they say is read, and every mistake is named by file and key."""

import shutil
from datetime import date
from pathlib import Path

import pytest
import yaml

from catalog.semantic_files import load_semantic_model
from catalog.semantic_model import SemanticModel
from connectors.errors import ConfigurationError

SMALL = """
version: "0.2.0"
semantic_model:
  - name: shop
    datasets:
      - name: orders
        source: dwh.main.orders
        primary_key: [id]
        fields:
          - {name: amount, expression: amount_chf, datatype: Decimal}
          - {name: paid, expression: paid_at, dimension: {is_time: true}}
          - {name: state, expression: state, dimension: {}, rundblick: {codes: {no: {de: nein, en: "no"}, 1: {de: ja, en: "yes"}}}}
        rundblick: {labels: {de: Bestellungen, en: orders}, always: NOT void}
      - {name: people, source: crm.public.people, primary_key: [id]}
    relationships:
      - {name: r, from: orders, to: people, from_columns: [id], to_columns: [id], rundblick: {normaliser: e164(CH)}}
    metrics:
      - {name: revenue, expression: SUM(orders.amount), rundblick: {time: orders.paid, better: up, unit: CHF}}
      - {name: count, expression: COUNT(DISTINCT orders.id)}
      - {name: average, expression: revenue / count}
"""


def folder(tmp_path: Path, text: str = SMALL, glossary: str = "") -> Path:
    (tmp_path / "shop.yaml").write_text(text, encoding="utf-8")
    if glossary:
        (tmp_path / "glossary.yaml").write_text(glossary, encoding="utf-8")
    return tmp_path


def refused(tmp_path: Path, old: str, new: str) -> ConfigurationError:
    assert old in SMALL
    with pytest.raises(ConfigurationError) as caught:
        load_semantic_model(folder(tmp_path, SMALL.replace(old, new, 1)))
    return caught.value


def test_no_folder_is_an_empty_model() -> None:
    assert load_semantic_model(None) == SemanticModel()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nowhere"):
        load_semantic_model(tmp_path / "nowhere")


def test_the_agreed_examples_are_read(tmp_path: Path, shared: Path) -> None:
    for name in ("semantic", "glossary"):
        shutil.copy(shared / "contracts" / f"{name}.example.yaml", tmp_path / f"{name}.yaml")
    text = (tmp_path / "glossary.yaml").read_text(encoding="utf-8")
    (tmp_path / "glossary.yaml").write_text(
        text.replace("metric: revenue", "metric: open_tickets"), encoding="utf-8"
    )
    model = load_semantic_model(tmp_path)
    tickets = model.datasets["tickets"]
    assert tickets.always == "deleted_at IS NULL"
    assert tickets.fields[0].is_time
    assert tickets.fields[1].codes["0"] == {"de": "offen", "en": "open"}
    assert model.datasets["customers"].latest == (("id",), "changed_at")
    assert model.relationships[0].measured == date(2026, 11, 1)
    assert model.relationships[0].match_rate == 0.962
    assert model.metrics["open_tickets"].synonyms[1] == "Pendenzen"
    assert model.verified_questions[0].question["en"] == "How many tickets are open?"
    assert model.glossary[0].forms == ("Umsatz", "revenue")
    assert model.glossary[2].meaning.startswith("Inbound lines")
    assert set(model.raw) == {"semantic.yaml", "glossary.yaml"}


def test_the_demo_company_is_read() -> None:
    model = load_semantic_model(Path(__file__).parents[2] / "demo" / "semantic")
    assert "revenue" in model.metrics
    assert model.glossary


def test_an_absent_expression_is_the_column_of_that_name_and_no_is_a_code(tmp_path: Path) -> None:
    model = load_semantic_model(folder(tmp_path, SMALL.replace("expression: state, ", "")))
    state = model.datasets["orders"].field("state")
    assert state is not None
    assert state.expression == "state"
    assert list(state.codes) == ["no", "1"]


def test_an_expression_of_another_dialect_becomes_canonical(tmp_path: Path) -> None:
    offers = "{dialects: [{dialect: MDX, expression: x}, {dialect: SNOWFLAKE, expression: 'SUM(NVL(orders.amount, 0))'}]}"
    model = load_semantic_model(folder(tmp_path, SMALL.replace("SUM(orders.amount)", offers)))
    assert model.metrics["revenue"].expression == "SUM(COALESCE(orders.amount, 0))"


def test_own_keys_travel_in_custom_extensions(tmp_path: Path) -> None:
    document = yaml.safe_load(SMALL)
    metric = document["semantic_model"][0]["metrics"][0]
    own = '{"time": "orders.paid", "better": "up", "unit": "EUR"}'
    metric["custom_extensions"] = [
        {"vendor_name": "RUNDBLICK", "data": own},
        {"vendor_name": "OTHER", "data": "?"},
    ]
    del metric["rundblick"]
    model = load_semantic_model(folder(tmp_path, yaml.safe_dump(document)))
    assert (model.metrics["revenue"].unit, model.metrics["revenue"].better) == ("EUR", "up")


def test_a_glossary_may_be_plain_pairs_and_tie_terms(tmp_path: Path) -> None:
    glossary = 'Umsatz / revenue: {meaning: money, metric: revenue}\nHotline: the phone\n"Premium": {meaning: best, sql: "crm.public.people.tier = 1"}\n'
    terms = load_semantic_model(folder(tmp_path, glossary=glossary)).glossary
    assert [term.forms for term in terms] == [("Umsatz", "revenue"), ("Hotline",), ("Premium",)]
    assert terms[2].sql == "crm.public.people.tier = 1"


@pytest.mark.parametrize(
    ("old", "new", "place", "hint"),
    [
        (
            "labels:",
            "labls:",
            "shop.yaml: semantic_model.shop.datasets.orders.rundblick.labls",
            "labels",
        ),
        ("datatype:", "data_type:", "orders.fields.amount.data_type", "datatype"),
        ("source: dwh.main.orders", "source: orders", "datasets.orders.source", ""),
        ("amount_chf", "amount_chf +", "fields.amount.expression", ""),
        ("NOT void", "1; DROP TABLE x", "rundblick.always", ""),
        ("NOT void", "a FROM b", "rundblick.always", ""),
        ("SUM(orders.amount)", "SUM(orders.amout)", "metrics.revenue.expression", "amount"),
        ("SUM(orders.amount)", "SUM(order.amount)", "metrics.revenue.expression", "orders"),
        ("revenue / count", "revenu / count", "metrics.average.expression", "revenue"),
        ("revenue / count", "1.0 * average / count", "metrics.average.expression", ""),
        ("time: orders.paid", "time: orders.payed", "metrics.revenue.rundblick.time", "paid"),
        ("to: people", "to: peopel", "relationships.r.to", "people"),
        ("to_columns: [id]", "to_columns: [key]", "relationships.r.to_columns", ""),
        ("to_columns: [id]", "to_columns: [id, x]", "relationships.r.to_columns", ""),
        ("e164(CH)", "e164(XX)", "relationships.r.rundblick.normaliser", "e164"),
        ("better: up", "better: more", "metrics.revenue.rundblick.better", ""),
        ("name: count", "name: revenue", "metrics.revenue.name", ""),
        ("name: paid", "name: amount", "orders.fields.amount", ""),
        ("codes: {no:", "codes: {1: {de: a, en: b}, no:", "stands twice", ""),
        ("is_time: true", "is_time: sure", "fields.paid.dimension.is_time", ""),
    ],
)
def test_a_mistake_is_named_by_file_and_key(
    tmp_path: Path, old: str, new: str, place: str, hint: str
) -> None:
    error = refused(tmp_path, old, new)
    assert "shop.yaml" in error.message
    assert place in error.message
    assert hint in str(error.hint)


@pytest.mark.parametrize(
    ("glossary", "place"),
    [
        ("terms: {a: {metric: revenue}}", "terms.a.meaning"),
        ("terms: {a: {meaning: b, metric: revenu}}", "terms.a.metric"),
        ("terms: {a: {meaning: b, sql: 'x ='}}", "terms.a.sql"),
        ("terms: [a, b]", "expected a mapping"),
    ],
)
def test_a_mistake_in_the_glossary_is_named(tmp_path: Path, glossary: str, place: str) -> None:
    with pytest.raises(ConfigurationError, match=place):
        load_semantic_model(folder(tmp_path, glossary=glossary))


@pytest.mark.parametrize(
    "text",
    [
        "a: [",
        "- a",
        "a: 1",
        "semantic_model: {}",
        "verified_questions: [{question: {fr: x}, sql: SELECT 1}]",
        "verified_questions: [{question: x, sql: DELETE FROM a}]",
        "verified_questions: [{sql: SELECT 1}]",
    ],
)
def test_a_malformed_file_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"shop\.yaml"):
        load_semantic_model(folder(tmp_path, text))
