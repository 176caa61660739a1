"""Compiled queries are run in one DuckDB that holds all silos: the rows must be right."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from assistant.compiler import additive, compile_query, path, reachable
from assistant.metric_query import (
    Dimension,
    Filter,
    Membership,
    MetricFilter,
    MetricQuery,
    Part,
    Period,
)
from catalog.semantic_model import Metric
from connectors.errors import BindError
from tests.assistant.small_model import MODEL, database

Q2 = Period(date(2026, 4, 1), date(2026, 7, 1), "Q2")
Q3 = Period(date(2026, 7, 1), date(2026, 10, 1), "Q3")
REGION = Dimension("kunden", "region")
MONTH = Dimension("bestellungen", "tag", "month")


@pytest.fixture(scope="module")
def rows():
    connection = database()

    def run(query: MetricQuery) -> list[tuple]:
        return connection.execute(compile_query(query, MODEL, "de").sql).fetchall()

    yield run
    connection.close()


def test_a_period_includes_its_first_day_and_excludes_its_end(rows):
    assert rows(MetricQuery(("orders",), period=Q3)) == [(4,)]


def test_rows_without_a_living_partner_keep_a_group_of_their_own(rows):
    got = rows(MetricQuery(("revenue",), (REGION,), period=Q3))
    assert got == [("Romandie", 150), ("Tessin", 30), (None, 7)]


def test_keys_are_joined_in_their_normal_form(rows):
    premium = Filter("kunden", "segment", "=", ("Premium",))
    assert rows(MetricQuery(("orders",), (), (premium,))) == [(2,)]


def test_a_month_is_its_first_day_in_order_of_time(rows):
    got = rows(MetricQuery(("orders",), (MONTH,), period=Q3))
    assert got == [(date(2026, 7, 1), 1), (date(2026, 8, 1), 1), (date(2026, 9, 1), 2)]


def test_a_derived_metric_divides_sums_of_two_silos(rows):
    assert rows(MetricQuery(("roas",), period=Q3)) == [(pytest.approx(187 / 20),)]


def test_dividing_by_nothing_gives_null_not_an_error(rows):
    empty = Period(date(2020, 1, 1), date(2020, 2, 1))
    assert rows(MetricQuery(("roas",), period=empty)) == [(None,)]


def test_a_time_dimension_is_each_metrics_own_time(rows):
    got = rows(MetricQuery(("roas",), (MONTH,), period=Q3))
    assert got == [(date(2026, 7, 1), pytest.approx(5.0))]


def test_groups_in_which_nothing_can_be_divided_are_left_out(rows):
    got = rows(MetricQuery(("roas",), (Dimension("bestellungen", "tag", "quarter"),)))
    assert [row[0] for row in got] == [date(2026, 4, 1), date(2026, 7, 1)]


def test_a_comparison_gives_previous_and_change_in_percent(rows):
    got = rows(MetricQuery(("revenue",), (REGION,), period=Q3, comparison=Q2))
    assert got[:2] == [("Romandie", 150, 0, None), ("Tessin", 30, 60, pytest.approx(-50))]


def test_rates_change_in_points(rows):
    made = compile_query(MetricQuery(("returns",), period=Q3, comparison=Q2), MODEL, "en")
    assert made.units == {
        "returns": "percent",
        "returns_previous": "percent",
        "returns_change": "percent",
    }
    assert rows(MetricQuery(("returns",), period=Q3, comparison=Q2)) == [(0, 0, 0)]


def test_shares_add_up_to_a_hundred(rows):
    got = rows(MetricQuery(("revenue",), (REGION,), period=Q3, share=True))
    assert sum(row[2] for row in got) == pytest.approx(100)


def test_the_share_is_of_all_rows_even_when_the_list_is_cut(rows):
    got = rows(MetricQuery(("revenue",), (REGION,), period=Q3, share=True, limit=1))
    assert got == [("Romandie", 150, pytest.approx(100 * 150 / 187))]


def test_a_threshold_cuts_groups_of_the_result(rows):
    having = (MetricFilter("revenue", ">", 20),)
    assert len(rows(MetricQuery(("revenue",), (REGION,), having=having, period=Q3))) == 2


def test_ascending_order_and_limit(rows):
    query = MetricQuery(
        ("revenue",), (REGION,), period=Q3, order="revenue", descending=False, limit=1
    )
    assert rows(query) == [(None, 7)]


@pytest.mark.parametrize(
    ("condition", "orders"),
    [
        (Filter("kunden", "region", "in", ("Romandie", "Tessin")), 5),
        (Filter("kunden", "region", "!=", ("Tessin",)), 2),
        (Filter("kunden", "region", "is null"), 1),
        (Filter("kunden", "region", "not null"), 5),
        (Filter("bestellungen", "betrag", ">=", (60,)), 3),
        (Filter("bestellungen", "kanal", "like", ("App%",)), 4),
        (Filter("kunden", "region", "=", ("O'Brien",)), 0),
    ],
)
def test_filters(rows, condition, orders):
    assert rows(MetricQuery(("orders",), (), (condition,))) == [(orders,)]


def test_only_the_newest_state_of_each_key_counts(rows):
    got = rows(MetricQuery(("states",), (Dimension("zustand", "wert"),)))
    assert got == [("aktiv", 1), ("neu", 1)]


def test_sums_stay_exact_decimals(rows):
    assert rows(MetricQuery(("revenue",), period=Q3)) == [(Decimal("187.00"),)]


def test_two_dimensions_of_one_name_carry_their_dataset():
    query = MetricQuery(
        ("revenue",), (Dimension("kunden", "region"), Dimension("bestellungen", "kanal"))
    )
    assert 'AS "region"' in compile_query(query, MODEL, "de").sql
    twice = MetricQuery(
        ("cost",), (Dimension("kosten", "kanal"), Dimension("kosten", "tag", "month"))
    )
    assert 'AS "kanal"' in compile_query(twice, MODEL, "de").sql


def test_labels_and_definitions_speak_the_askers_language():
    made = compile_query(MetricQuery(("roas",), (MONTH,), period=Q3), MODEL, "en")
    assert made.labels["roas"] == "revenue per franc"
    assert [d.metric for d in made.definitions] == ["revenue per franc", "revenue", "cost"]


def test_links_between_silos_are_named_with_their_match_rate():
    made = compile_query(MetricQuery(("revenue",), (REGION,)), MODEL, "de")
    (link,) = made.links
    assert link.left == "dwh.main.bestellungen.kunde"
    assert (link.normaliser, link.match_rate) == ("strip_hash", 0.9)


def test_an_unknown_metric_names_the_nearest():
    with pytest.raises(BindError) as caught:
        compile_query(MetricQuery(("revenues",)), MODEL, "de")
    assert "revenue" in (caught.value.hint or "")


def test_a_field_out_of_reach_is_refused():
    with pytest.raises(BindError, match="cannot be reached"):
        compile_query(MetricQuery(("cost",), (REGION,)), MODEL, "de")


def test_paths_lead_from_many_to_one_only():
    assert [step.name for step in path(MODEL, "bestellungen", "kunden") or ()] == ["o2c"]
    assert path(MODEL, "kunden", "bestellungen") is None
    assert reachable(MODEL, "bestellungen") == {"bestellungen": 0, "kunden": 1}


def test_counts_and_sums_add_up_but_rates_do_not():
    assert additive(MODEL.metrics["revenue"], MODEL)
    assert not additive(MODEL.metrics["returns"], MODEL)
    assert not additive(MODEL.metrics["roas"], MODEL)


def member(**changes) -> Membership:
    return Membership("kunden", "id", "orders", **changes)


@pytest.mark.parametrize(
    ("members", "count"),
    [
        ((member(),), 2),
        ((member(negated=True),), 0),
        ((member(having=MetricFilter("orders", ">", 2)),), 1),
        ((member(period=Q3, filters=(Filter("bestellungen", "kanal", "=", ("Webshop",)),)),), 1),
        ((member(), member(having=MetricFilter("orders", ">=", 3), negated=True)), 1),
    ],
)
def test_members_are_counted_by_what_they_did(rows, members, count):
    assert rows(MetricQuery(("customers",), members=members)) == [(count,)]


def test_a_part_is_held_to_fewer_rows_than_the_whole(rows):
    part = replace(MODEL.metrics["customers"], name="part")
    share = Metric("share", "100.0 * part / customers", unit="percent")
    frequent = Part("part", (), (member(having=MetricFilter("orders", ">", 2)),))
    query = MetricQuery(("share",), made=(part, share), parts=(frequent,))
    assert rows(query) == [(50.0,)]


def test_a_mean_over_months_is_the_mean_of_those_with_rows(rows):
    assert rows(MetricQuery(("orders",), period=Q3, mean_over="month")) == [(4 / 3,)]


def test_without_metrics_the_values_are_listed_once(rows):
    assert rows(MetricQuery((), (REGION,))) == [("Romandie",), ("Tessin",)]


def test_metrics_of_one_dataset_with_and_without_a_time_are_read_apart(rows):
    state = Metric("all_orders", "COUNT(DISTINCT bestellungen.id)", unit="count")
    share = Metric("share", "100.0 * orders / all_orders", unit="percent")
    query = MetricQuery(("share",), made=(state, share), period=Q3)
    assert rows(query) == [(pytest.approx(100 * 4 / 6),)]
