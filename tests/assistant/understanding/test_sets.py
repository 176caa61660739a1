"""Customers and products by what they did, have or lack, over the demo's model."""

from datetime import date

import pytest

from assistant.compiler import compile_query
from tests.assistant.understanding.demo_reader import MODEL, clear, read


def members(question, language="de"):
    reading = read(question, language)
    assert clear(reading), reading
    query = reading.query
    return [*query.members, *(m for part in query.parts for m in part.members)]


@pytest.mark.parametrize(
    ("question", "language", "expected"),
    [
        ("Wie viele Kunden haben noch nie bestellt?", "de", [("orders", True)]),
        ("How many customers have never ordered?", "en", [("orders", True)]),
        ("Wie viele Kunden haben keine Einwilligung für SMS?", "de", [("consents", True)]),
        (
            "How many customers with an active subscription did not order in 2026?",
            "en",
            [("active_subscriptions", False), ("orders", True)],
        ),
        (
            "Wie viele Kunden haben im letzten Quartal bestellt und ein Ticket eröffnet?",
            "de",
            [("orders", False), ("tickets", False)],
        ),
        ("Welche Produkte wurden 2026 nie verkauft?", "de", [("items_sold", True)]),
        (
            "How much revenue in 2026 came from customers without a subscription?",
            "en",
            [("active_subscriptions", True)],
        ),
    ],
)
def test_events_and_their_denial_become_memberships(question, language, expected):
    assert [(m.metric, m.negated) for m in members(question, language)] == expected


def test_one_plain_event_is_counted_by_its_own_rows():
    query = read("Wie viele Kunden haben 2026 bestellt?").query
    assert (query.metrics, query.members) == (("buyers",), ())


@pytest.mark.parametrize(
    ("question", "operator", "value"),
    [
        ("Wie viele Kunden haben 2026 mehr als einmal bestellt?", ">", 1),
        ("Wie viele Kunden haben 2026 nur einmal bestellt?", "=", 1),
        ("How many customers placed at least three orders in 2026?", ">=", 3),
        ("How many customers called us twice or more this year?", ">=", 2),
    ],
)
def test_how_often_is_a_threshold_on_the_event(question, operator, value):
    (member,) = members(question, "en" if question.startswith("How") else "de")
    assert (member.having.operator, member.having.value) == (operator, value)


def test_money_spent_is_a_sum_but_an_order_above_a_value_is_one_row():
    (spent,) = members("How many customers spent more than 500 francs in 2026?", "en")
    assert (spent.metric, spent.having.value) == ("revenue", 500)
    query = read("Wie viele Kunden hatten 2026 eine Bestellung über 500 Franken?").query
    assert all(m.having is None for m in query.members)
    assert "500" in compile_query(query, MODEL, "de").sql


def test_each_event_has_the_period_said_beside_it():
    won, ordered = date(2026, 1, 1), date(2026, 4, 1)
    query = read("Of the new customers won in Q1 2026, how many ordered in Q2 2026?", "en").query
    assert query.period.start == won
    assert query.members[0].period.start == ordered


def test_the_same_quarter_is_the_one_named_before():
    question = "How many customers who cancelled last quarter had a ticket in that quarter?"
    first, second = members(question, "en")
    assert first.period == second.period


def test_an_event_in_one_period_and_not_in_another():
    first, second = members("How many customers ordered in 2025 but not in 2026?", "en")
    assert (first.period.start.year, first.negated) == (2025, False)
    assert (second.period.start.year, second.negated) == (2026, True)


def test_both_ways_are_two_events_and_neither_is_none_of_both():
    both = members("How many customers ordered both in the web shop and in a store?", "en")
    assert [m.filters[0].values for m in both] == [("Webshop",), ("Filiale",)]
    (neither,) = members("Wie viele Kunden haben weder Newsletter noch SMS zugestimmt?")
    assert neither.negated
    assert neither.filters[0].operator == "in"


def test_a_share_of_customers_is_held_to_the_whole():
    query = read("Welcher Anteil der Premiumkunden hatte 2026 ein Ticket?").query
    assert [f.values for f in query.filters] == [("Premium",)]
    assert query.parts[0].members[0].metric == "tickets"
    assert compile_query(query, MODEL, "de").units[query.metrics[0]] == "percent"


def test_a_share_among_events_is_no_question_of_members():
    query = read("Anteil der Premiumkunden an allen Kündigungen im letzten Quartal").query
    assert not query.parts
    assert query.made[-1].unit == "percent"


def test_a_list_names_the_members():
    query = read("Liste der Premiumkunden im Tessin mit Einwilligung für SMS").query
    assert query.metrics == ()
    assert [d.field for d in query.dimensions] == ["kundennummer"]
    assert query.members[0].filters[0].values == ("sms",)
