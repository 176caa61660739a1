"""Text literals are compared with the values their columns hold."""

import pytest

from assistant.checks.literals import Literals, folded, link_literals, nearest_value
from tests.assistant.checks.shop import BY_SOURCE, bound

ASKED: list[str] = []


def probe(table, column):
    ASKED.append(f"{table.full_name}.{column.name}")
    return ("App", "Filiale", "Webshop")


def linked(condition: str, table: str = "customers", **options) -> Literals:
    ASKED.clear()
    sql = f"SELECT 1 AS one FROM {table} AS x WHERE {condition}"
    return link_literals(bound(sql), BY_SOURCE, probe, **options)


def test_a_stored_value_counts_as_a_hit():
    found = linked("x.segment = 'Premium'")
    assert (found.found, found.corrected, found.doubts) == (1, (), ())


@pytest.mark.parametrize("written", ["premium", " PREMIUM ", "Premum"])
def test_a_near_miss_is_corrected(written):
    found = linked(f"x.segment = '{written}'")
    assert "x.segment = 'Premium'" in found.sql
    assert found.corrected == (f"{written!r} -> 'Premium'",)


def test_umlauts_may_be_written_out():
    assert "'Geschäft'" in linked("x.segment IN ('geschaeft')").sql


def test_the_label_of_a_code_becomes_the_code():
    assert "x.status = '0'" in linked("x.status = 'offen'", "tickets").sql


def test_a_value_unlike_any_other_is_doubted_with_the_nearest():
    found = linked("x.segment = 'Gold'")
    assert found.doubts[0].startswith("crm.public.customers.segment holds no value 'Gold'")
    assert "'Premium'" in found.doubts[0]


def test_no_stored_value_is_named_when_values_may_not_be_shown():
    assert "Premium" not in linked("x.segment = 'Gold'", show_values=False).doubts[0]


def test_one_known_value_of_a_list_is_enough():
    assert linked("x.segment IN ('Premium', 'Gold')").doubts == ()


def test_a_column_without_listed_values_is_read_once_from_its_silo():
    found = linked("x.channel = 'app' OR x.channel = 'Webshop'", "orders")
    assert ASKED == ["dwh.main.orders.channel"]
    assert "x.channel = 'App'" in found.sql
    assert found.found == 1


@pytest.mark.parametrize("condition", ["x.email = 'anna@example.org'", "LOWER(x.segment) = 'gold'"])
def test_personal_columns_and_expressions_are_not_looked_up(condition):
    found = linked(condition)
    assert (found.found, found.corrected, found.doubts, ASKED) == (0, (), (), [])


def test_two_equally_near_values_are_not_guessed_between():
    assert nearest_value("Zone C", ("Zone A", "Zone B"), {}) is None


def test_folding_takes_case_accents_and_umlauts_away():
    assert folded(" Zürich ") == folded("ZUERICH")
    assert folded("Genève") == "geneve"
