"""Aggregates over rows that a join has multiplied are found, others are not."""

import pytest

from assistant.checks.grain import double_counts
from tests.assistant.checks.shop import BY_SOURCE, bound

ORDERS = "JOIN orders o ON o.customer_id = c.id"
TICKETS = "JOIN tickets t ON t.customer_id = c.id"


def found(sql: str) -> list[str]:
    return list(double_counts(bound(sql), BY_SOURCE))


@pytest.mark.parametrize(
    ("sql", "aggregate"),
    [
        (f"SELECT COUNT(c.id) AS n FROM customers c {ORDERS}", "COUNT(c.id)"),
        (
            f"SELECT SUM(o.amount_chf) AS s FROM customers c {ORDERS} {TICKETS}",
            "SUM(o.amount_chf)",
        ),
        (f"SELECT COUNT(*) AS n FROM customers c {ORDERS} {TICKETS}", "COUNT(*)"),
        (
            "SELECT AVG(o.amount_chf) AS a FROM orders o, tickets t "
            "WHERE o.customer_id = t.customer_id",
            "AVG(o.amount_chf)",
        ),
        (
            "WITH x AS (SELECT customer_id, COUNT(*) AS n FROM tickets GROUP BY 1) "
            "SELECT SUM(x.n) AS s FROM orders o JOIN x ON x.customer_id = o.customer_id",
            "SUM(x.n)",
        ),
    ],
)
def test_a_double_count_is_named_with_its_cause_and_a_way_out(sql, aggregate):
    sentences = found(sql)
    assert len(sentences) == 1
    assert sentences[0].startswith(f"{aggregate} counts rows more than once")
    assert "in a CTE first" in sentences[0]


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT SUM(o.amount_chf) AS s FROM customers c {ORDERS}",
        f"SELECT COUNT(*) AS n FROM customers c {ORDERS}",
        f"SELECT COUNT(DISTINCT c.id) AS n FROM customers c {ORDERS} {TICKETS}",
        f"SELECT MAX(c.id) AS n FROM customers c {ORDERS}",
        "SELECT SUM(CASE WHEN c.segment = 'Premium' THEN o.amount_chf END) AS s "
        f"FROM customers c {ORDERS}",
        "SELECT SUM(o.amount_chf) AS s FROM orders o WHERE EXISTS "
        "(SELECT 1 FROM tickets t WHERE t.customer_id = o.customer_id)",
        "WITH x AS (SELECT customer_id, COUNT(*) AS n FROM tickets GROUP BY 1) "
        "SELECT SUM(o.amount_chf) AS s FROM orders o JOIN x ON x.customer_id = o.customer_id",
        "SELECT SUM(o.amount_chf) AS s FROM orders o JOIN "
        "(SELECT DISTINCT customer_id FROM tickets) x ON x.customer_id = o.customer_id",
        "SELECT SUM(b.balance) AS s FROM balances b JOIN customers c ON c.id = b.customer_id",
        "SELECT SUM(o.amount_chf) AS s FROM orders o CROSS JOIN (SELECT COUNT(*) AS n FROM tickets)",
    ],
)
def test_what_counts_each_row_once_is_left_alone(sql):
    assert found(sql) == []


def test_nothing_is_claimed_where_nothing_is_known():
    assert (
        found("SELECT COUNT(c.id) AS n FROM customers c JOIN balances b ON b.customer_id = c.id")
        == []
    )
