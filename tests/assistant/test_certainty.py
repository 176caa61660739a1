"""A draft is as sure as what it stands on."""

from dataclasses import replace

import pytest

from assistant.certainty import BASE, judge
from assistant.checks import Review
from assistant.drafting import Drafted, SubmittedDraft
from catalog.context import SchemaContext
from catalog.semantic_model import Metric, Proposal
from tests.assistant.checks.shop import MODEL, bound

REVENUE = Metric("revenue", "SUM(orders.amount_chf)")
ORDERS = Metric("orders", "COUNT(DISTINCT orders.order_id)")
VALUE = Metric("value", "revenue / orders")
CONTEXT = SchemaContext(
    "q", "en", datasets=tuple(MODEL.datasets.values()), metrics=(VALUE, REVENUE, ORDERS)
)
LOW = 0.6


def certainty(sql: str, context: SchemaContext = CONTEXT, **parts) -> float:
    review = Review(bound(sql), **{k: v for k, v in parts.items() if k in ("corrected", "added")})
    drafted = Drafted(SubmittedDraft(kind="sql", sql=sql), context, (), review)
    rest = {k: v for k, v in parts.items() if k in ("repairs", "doubts")}
    return judge(replace(drafted, **rest), "en")[0]


GOOD = "SELECT SUM(o.amount_chf) AS s FROM orders o"


def test_a_reviewed_formula_makes_a_draft_sure_under_any_alias():
    assert certainty(GOOD) == BASE
    assert certainty("SELECT COUNT(DISTINCT x.order_id) AS n FROM orders x") == BASE


@pytest.mark.parametrize(
    "sql", ["SELECT COUNT(*) AS n FROM tickets", "SELECT AVG(o.amount_chf) AS a FROM orders o"]
)
def test_a_formula_of_the_models_own_is_unsure(sql):
    assert certainty(sql) < LOW


def test_a_formula_nobody_reviewed_counts_for_nothing():
    proposed = replace(REVENUE, proposed=Proposal(0.7, "a number"))
    assert certainty(GOOD, replace(CONTEXT, metrics=(proposed,))) < LOW


def test_a_metric_of_metrics_needs_all_of_them():
    only = replace(CONTEXT, metrics=(VALUE,))
    both = "SELECT SUM(o.amount_chf) / COUNT(DISTINCT o.order_id) AS v FROM orders o"
    assert certainty(both) == BASE
    assert certainty(GOOD, only) < LOW


@pytest.mark.parametrize(
    "parts",
    [
        {"repairs": 1},
        {"doubts": ("shape",)},
        {"corrected": ("'a' -> 'A'",)},
    ],
)
def test_every_objection_lowers_it(parts):
    assert certainty(GOOD, **parts) < BASE


def test_reasons_say_why():
    review = Review(bound(GOOD), added=("dwh.main.orders: NOT cancelled",))
    drafted = Drafted(SubmittedDraft(kind="sql"), CONTEXT, (), review, repairs=2)
    reasons = judge(drafted, "en")[1]
    assert "sent back and corrected 2 times" in reasons
    assert "2 Mal zurückgegeben und berichtigt" in judge(drafted, "de")[1]
    assert any("NOT cancelled" in reason for reason in reasons)
