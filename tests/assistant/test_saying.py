"""Charts and sentences by the shape of a result."""

from dataclasses import replace
from datetime import UTC, date, datetime

import altair
import pyarrow as pa
import pytest

from assistant.answer import Definition, ModelUse
from assistant.charts import choose_chart
from assistant.draft import Draft
from assistant.metric_query import Dimension, MetricQuery, Period
from assistant.narration import check_numbers, narrate
from assistant.receipt_picture import picture
from connectors.query import FragmentReceipt, OutputColumn, QueryResult, Receipt

REGION = OutputColumn("region", "VARCHAR", None, "Region")
COUNT = OutputColumn("n", "BIGINT", "count", "Kündigungen")
DAY = OutputColumn("tag", "DATE", None, "Monat")
CODE = OutputColumn("kanal", "SMALLINT", None, "Kanal", {"1": "E-Mail", "2": "Telefon"})
ROWS = [["Romandie", 145], ["Bern", 52], [None, 17]]
Q3 = Period(date(2026, 7, 1), date(2026, 10, 1), "3. Quartal 2026")


def result(columns, rows, truncated=False):
    values = list(zip(*rows, strict=True)) if rows else [[] for _ in columns]
    table = pa.table({c.name: list(v) for c, v in zip(columns, values, strict=True)})
    return QueryResult(table, tuple(columns), "SELECT", Receipt((), "duckdb", 0.0), truncated)


def draft(*dimensions, comparison=None):
    query = MetricQuery(("n",), dimensions, period=Q3, comparison=comparison)
    return Draft("sql", ModelUse("semantic"), sql="SELECT", query=query)


def test_categories_make_bars_in_the_rows_order():
    chart = choose_chart([REGION, COUNT], ROWS, "de")
    assert chart["mark"]["type"] == "bar"
    assert [d["group"] for d in chart["data"]["values"]] == ["Romandie", "Bern", "unbekannt"]
    assert chart["encoding"]["x"]["title"] == "Kündigungen"
    altair.Chart.from_dict(dict(chart))


def test_time_makes_a_line():
    rows = [[date(2026, 7, 1), 3], [date(2026, 8, 1), 5]]
    chart = choose_chart([DAY, COUNT], rows, "de")
    assert chart["mark"]["type"] == "line"
    assert chart["encoding"]["x"]["type"] == "temporal"
    altair.Chart.from_dict(dict(chart))


def test_codes_are_categories_by_their_meaning():
    chart = choose_chart([CODE, COUNT], [[1, 3], [2, 5]], "de")
    assert [d["group"] for d in chart["data"]["values"]] == ["E-Mail", "Telefon"]


def test_two_numbers_of_one_unit_stand_side_by_side_and_change_is_left_out():
    before = OutputColumn("n_previous", "BIGINT", "count", "vorher")
    change = OutputColumn("n_change", "DOUBLE", "percent", "Veränderung")
    chart = choose_chart(
        [REGION, COUNT, before, change], [["a", 1, 2, -50.0], ["b", 2, 2, 0.0]], "de"
    )
    assert {d["series"] for d in chart["data"]["values"]} == {"Kündigungen", "vorher"}


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        ([COUNT], [[1]]),
        ([REGION], [["a"], ["b"]]),
        ([REGION, COUNT], [["a", 1]]),
        ([REGION, COUNT], []),
    ],
)
def test_some_results_need_no_picture(columns, rows):
    assert choose_chart(columns, rows, "de") is None


def test_a_single_figure_is_one_sentence():
    assert (
        narrate(result([COUNT], [[1234]]), draft(), (), "de")
        == "Kündigungen (3. Quartal 2026): **1’234**."
    )


def test_groups_are_summed_and_their_extremes_named():
    said = narrate(result([REGION, COUNT], ROWS), draft(Dimension("kunden", "region")), (), "de")
    assert "Zusammen **214**" in said
    assert "Romandie mit **145**" in said
    assert "unbekannt mit 17" in said


def test_rates_are_never_summed():
    rate = OutputColumn("n", "DOUBLE", "percent", "Quote")
    said = narrate(
        result([REGION, rate], [["a", 10.0], ["b", 20.0]]), draft(Dimension("k", "r")), (), "de"
    )
    assert "Zusammen" not in said


def test_an_empty_result_is_not_nought():
    said = narrate(result([REGION, COUNT], []), draft(Dimension("k", "r")), (), "en")
    assert said.startswith("No rows")
    assert "0" not in said.replace("2026", "")


def test_a_course_of_time_names_last_first_and_peak():
    rows = [[date(2026, 7, 1), 3], [date(2026, 8, 1), 9], [date(2026, 9, 1), 5]]
    said = narrate(result([DAY, COUNT], rows), draft(Dimension("a", "tag", "month")), (), "en")
    assert "latest **5** (1 Sept 2026)" in said
    assert "peak 9 (1 Aug 2026)" in said


@pytest.mark.parametrize(("change", "word"), [(25.0, "mehr"), (-25.0, "weniger"), (0.0, "gleich")])
def test_a_comparison_is_said_with_its_direction(change, word):
    columns = [
        COUNT,
        OutputColumn("n_previous", "BIGINT", "count"),
        OutputColumn("n_change", "DOUBLE", "percent"),
    ]
    said = narrate(result(columns, [[5, 4, change]]), draft(comparison=Q3), (), "de")
    assert word in said


def test_a_list_of_names_says_how_many_there_are():
    query = MetricQuery((), (Dimension("kunden", "region"),))
    listed = Draft("sql", ModelUse("semantic"), sql="SELECT", query=query)
    assert "2" in narrate(result([REGION], [["a"], ["b"]]), listed, (), "de")


def test_a_cut_result_says_so():
    assert "es gibt mehr" in narrate(
        result([REGION, COUNT], ROWS, True), draft(Dimension("k", "r")), (), "de"
    )


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("145 von 402, also 36,1 %", []),
        ("145 of 403", ["403"]),
        ("im 3. Quartal 2026 waren es 145", []),
        ("1’234.50 Franken", ["1’234.50"]),
    ],
)
def test_numbers_that_are_no_cell_are_found(said, wrong):
    assert check_numbers(said, [145, 402, 36.07]) == wrong


def test_the_receipt_is_drawn_with_escaped_names():
    fragment = FragmentReceipt(
        "<crm>", "postgres", "SELECT", 3, 2_000_000, 5, ("a",), 1.0, datetime.now(UTC), (), ()
    )
    drawn = picture(Receipt((fragment,), "duckdb", 2.0), 1, "de")
    assert "&lt;crm&gt;" in drawn
    assert "2000 kB" in drawn
    assert "5 Schlüssel gesandt" in drawn


@pytest.mark.parametrize(
    ("formula", "summed"),
    [("SUM(o.amount)", True), ("SUM(o.amount) / COUNT(o.id)", False), ("AVG(o.amount)", False)],
)
def test_averages_of_groups_are_not_added_up(formula, summed):
    money = OutputColumn("n", "DOUBLE", "CHF", "Bestellwert")
    asked = replace(draft(Dimension("k", "region")), definitions=(Definition("n", formula, "m"),))
    said = narrate(result([REGION, money], [["Bern", 100.0], ["Genf", 50.0]]), asked, (), "de")
    assert ("Zusammen" in said) is summed
