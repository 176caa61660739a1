"""All checks of a statement together."""

import pytest

from assistant.checks import Review, Reviewer
from assistant.probing import Prober
from catalog.context import SchemaContext
from connectors.errors import BindError, SiloUnavailable, UnknownColumn
from connectors.query import FragmentReceipt
from tests.assistant.checks.shop import CLOCK, CUSTOMERS, MODEL, ORDERS, bound

REVIEWER = Reviewer(lambda: MODEL, bound, CLOCK)


def review(sql: str, question: str = "How many?", shape=None) -> Review:
    return REVIEWER.review(sql, SchemaContext(question, "en"), shape, ())


def test_a_statement_is_completed_corrected_and_bound_again():
    found = review(
        "SELECT COUNT(*) AS n FROM customers c WHERE c.segment = 'premium'", shape="figure"
    )
    assert found.bound.sql.endswith("WHERE c.segment = 'Premium' AND c.deleted_at IS NULL")
    assert found.doubts == ()
    assert found.added == ("crm.public.customers: deleted_at IS NULL",)


def test_a_wrong_name_is_an_error_not_a_doubt():
    with pytest.raises(UnknownColumn):
        review("SELECT gebiet FROM customers")


@pytest.mark.parametrize(
    ("question", "sql", "doubted"),
    [
        ("Orders last quarter?", "SELECT COUNT(*) AS n FROM orders", True),
        (
            "Orders last quarter?",
            "SELECT COUNT(*) AS n FROM orders WHERE day >= DATE '2026-07-01'",
            False,
        ),
        (
            "Orders last quarter?",
            "SELECT COUNT(*) AS n FROM orders WHERE day >= current_date - INTERVAL 3 MONTH",
            False,
        ),
        (
            "Orders of the campaign Herbst 2026?",
            "SELECT COUNT(*) AS n FROM orders WHERE channel = 'Herbst 2026'",
            False,
        ),
        ("Orders?", "SELECT COUNT(*) AS n FROM orders", False),
    ],
)
def test_a_period_of_the_question_must_be_in_the_statement(question, sql, doubted):
    assert any("period" in doubt for doubt in review(sql, question).doubts) is doubted


def test_amounts_of_two_currencies_are_not_added():
    doubts = review("SELECT SUM(amount_chf + fee_eur) AS s FROM orders").doubts
    assert "chf and eur" in doubts[0]


def test_probes_are_kept_for_the_receipt():
    def run(sql, role, rows, seconds):
        return answer(("App",), "dwh")

    reviewer = Reviewer(lambda: MODEL, bound, CLOCK, Prober(run))
    found = reviewer.review(
        "SELECT COUNT(*) AS n FROM orders WHERE channel = 'app'", SchemaContext("q", "en"), None, ()
    )
    assert [probe.silo for probe in found.probes] == ["dwh"]
    assert "'App'" in found.bound.sql


def answer(values, silo):
    from datetime import UTC, datetime

    import pyarrow as pa

    from connectors.query import OutputColumn, QueryResult, Receipt

    fragment = FragmentReceipt(
        silo, "duckdb", "SELECT", 1, 9, 0, ("channel",), 1.0, datetime.now(UTC), (), ()
    )
    table = pa.table({"channel": list(values)})
    return QueryResult(
        table, (OutputColumn("channel", "VARCHAR"),), "S", Receipt((fragment,), "e", 0)
    )


@pytest.mark.parametrize(
    ("table", "column"), [(CUSTOMERS, "email"), (ORDERS, "order_id"), (ORDERS, "no")]
)
def test_personal_and_other_than_text_columns_are_never_probed(table, column):
    def run(*arguments):
        raise AssertionError("asked")

    assert Prober(run).values(table, column, None) is None


def test_a_silo_that_fails_a_probe_does_not_fail_the_question():
    def run(*arguments):
        raise SiloUnavailable("down", silo="dwh")

    assert Prober(run).values(ORDERS, "channel", None) is None


def test_too_many_values_are_as_good_as_none():
    values = [str(n) for n in range(2_001)]
    assert Prober(lambda *a: answer(values, "dwh")).values(ORDERS, "channel", None) is None


def test_reviews_raise_only_errors_of_the_tree():
    with pytest.raises(BindError):
        review("SELECT nothing_like_it FROM nowhere")
