"""Questions in both languages as metric queries, over the small model."""

from datetime import date

import pytest

from assistant.metric_query import Dimension, Filter
from assistant.understanding.lexicon import Lexicon
from assistant.understanding.reading import Reader
from connectors.clock import Clock
from tests.assistant.small_model import MODEL, SCHEMA

READER = Reader(MODEL, Lexicon(MODEL, SCHEMA), Clock(date(2026, 10, 31)))
REGION = Dimension("kunden", "region")
ROMANDIE = Filter("kunden", "region", "=", ("Romandie",))


def read(question, language="de", earlier=None):
    return READER.read(question, language, earlier)


@pytest.mark.parametrize(
    ("question", "metrics"),
    [
        ("Wie hoch ist der Umsatz?", ("revenue",)),
        ("Erlöse nach Region", ("revenue",)),
        ("What are our sales?", ("revenue",)),
        ("How many customers do we have?", ("customers",)),
        ("Umsatz und Bestellungen pro Monat", ("revenue", "orders")),
        ("revenue per franc by month", ("roas",)),
        ("Turnover", ("revenue",)),
        ("Umsatz der Bestellungen", ("revenue",)),
    ],
)
def test_metrics_are_found_by_label_synonym_and_term(question, metrics):
    assert read(question).metrics == metrics


@pytest.mark.parametrize(
    "question",
    [
        "Umsatz nach Region",
        "Umsatz pro Region",
        "revenue by region",
        "Welche Regionen brachten am meisten Umsatz?",
    ],
)
def test_a_dimension_is_found_by_its_label(question):
    assert read(question).query.dimensions == (REGION,)


@pytest.mark.parametrize(
    ("question", "filters"),
    [
        ("Umsatz in der Romandie", (ROMANDIE,)),
        ("Umsatz in der Region Romandie", (ROMANDIE,)),
        ("Umsatz ohne Romandie", (Filter("kunden", "region", "!=", ("Romandie",)),)),
        (
            "Umsatz in Romandie und Tessin",
            (Filter("kunden", "region", "in", ("Romandie", "Tessin")),),
        ),
        ("Umsatz mit Premiumkunden", (Filter("kunden", "segment", "=", ("Premium",)),)),
        ("revenue of German-speaking customers", (Filter("kunden", "sprache", "=", (1,)),)),
    ],
)
def test_values_become_filters(question, filters):
    reading = read(question)
    assert reading.query.filters == filters
    assert reading.query.dimensions == ()
    assert reading.uncovered == ()


def test_top_and_bottom_order_and_cut():
    top = read("Top 3 Regionen nach Umsatz").query
    assert (top.limit, top.descending, top.order) == (3, True, "revenue")
    bottom = read("Die 2 Regionen mit dem tiefsten Umsatz").query
    assert (bottom.limit, bottom.descending) == (2, False)


def test_best_means_lowest_where_less_is_better():
    assert read("Welche Region hat die beste Retourenquote?").query.descending is False
    assert read("Welche Region hat die schlechteste Retourenquote?").query.descending is True


def test_thresholds_and_shares():
    query = read("Regionen mit Umsatz über 1'000").query
    assert [(h.metric, h.operator, h.value) for h in query.having] == [("revenue", ">", 1000)]
    assert read("Anteil der Regionen am Umsatz").query.share


def test_periods_grains_and_comparisons_are_taken_over():
    query = read("Umsatz pro Monat im 3. Quartal 2026").query
    assert query.dimensions == (Dimension("bestellungen", "tag", "month"),)
    assert query.period.start == date(2026, 7, 1)
    assert read(
        "Umsatz im letzten Quartal im Vergleich zum Vorjahr"
    ).query.comparison.start == date(2025, 7, 1)


def test_a_word_it_does_not_know_is_named():
    assert read("Umsatz auf dem Mars").uncovered == ("Mars",)
    assert read("Luftdruck gestern").query is None


def test_a_field_out_of_reach_is_named_not_dropped():
    assert read("Kosten nach Region").unreachable == ("Region",)


def test_a_period_of_a_state_is_named():
    assert read("Wie viele Kunden hatten wir im letzten Jahr?").timeless


def test_a_follow_up_keeps_what_it_does_not_change():
    first = read("Umsatz im letzten Quartal nach Region").query
    second = read("und nach Segment?", earlier=first)
    assert second.reused
    assert second.query.dimensions == (Dimension("kunden", "segment"),)
    assert second.query.period == first.period
    third = read("nur Romandie", earlier=first)
    assert third.query.filters == (ROMANDIE,)
    assert third.query.dimensions == (REGION,)
