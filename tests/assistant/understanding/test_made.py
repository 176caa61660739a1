"""Shares, rows beyond a limit and subjects that do not fit, over the small model."""

from datetime import date

import pytest

from assistant.compiler import compile_query
from assistant.understanding.lexicon import Lexicon
from assistant.understanding.made import part_of, portion
from assistant.understanding.reading import Reader
from connectors.clock import Clock
from tests.assistant.small_model import MODEL, SCHEMA

READER = Reader(MODEL, Lexicon(MODEL, SCHEMA), Clock(date(2026, 10, 31)))


def read(question, language="de"):
    return READER.read(question, language)


@pytest.mark.parametrize(
    "question",
    ["Welcher Anteil der Kunden ist in der Romandie?", "What share of customers is in Romandie?"],
)
def test_a_share_with_a_condition_is_one_percentage(question):
    query = read(question).query
    sql = compile_query(query, MODEL, "de").sql
    assert query.made[0].unit == "percent"
    assert not query.filters
    assert "100.0 *" in sql


def test_a_share_of_nothing_named_is_ambiguous():
    assert read("Welcher Anteil des Umsatzes?").ambiguous


def test_a_rate_has_no_portion():
    assert portion("returns", (), MODEL) is None


def test_orders_are_no_part_of_customers():
    assert part_of("orders", "customers", MODEL) is None


@pytest.mark.parametrize("question", ["Unsere besten Kunden", "Mehr als 5 Bestellungen"])
def test_a_rank_or_limit_without_groups_is_asked_back(question):
    assert read(question).ambiguous


@pytest.mark.parametrize(
    ("question", "limit"),
    [
        ("Welche Region hat am meisten Kunden?", 1),
        ("Which region has the most customers?", 1),
        ("Welche Regionen haben am meisten Kunden?", None),
        ("Umsatz nach Region, höchste zuerst", None),
    ],
)
def test_which_one_is_one_row(question, limit):
    assert read(question).query.limit == limit
