"""Planning times: what is planned, and how the times are told."""

import pytest

from benchmarks.planning.command import TABLES, report, table_count, wide_queries


@pytest.mark.parametrize("word", ["joins", "subqueries", "branches"])
def test_each_wide_statement_names_at_least_twelve_tables(word):
    assert table_count(wide_queries()[word]) >= TABLES


def test_a_name_of_a_common_table_expression_is_no_table():
    assert table_count("WITH a AS (SELECT * FROM part) SELECT * FROM a, orders") == 2


def test_the_report_is_over_all_plans_and_names_the_slowest_statement():
    text = report({"TPC-H": {"D1 Q1": [1.0, 2.0, 3.0], "D1 Q2": [10.0, 20.0, 30.0]}})
    line = [word.strip() for word in text.splitlines()[2].split("|")[1:-1]]
    assert line == ["TPC-H", "6", "6", "30", "D1 Q2", "20"]
