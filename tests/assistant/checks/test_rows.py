"""Row conditions of the semantic model are added where a statement does not speak of them."""

import pytest

from assistant.checks.rows import with_row_conditions
from tests.assistant.checks.shop import MODEL, bound


def added(sql: str, all_rows_of: tuple[str, ...] = ()) -> tuple[str, tuple[str, ...]]:
    text, notes = with_row_conditions(bound(sql), MODEL.datasets.values(), all_rows_of)
    bound(text)
    return text, notes


def test_a_table_gets_its_condition_in_where():
    text, notes = added("SELECT COUNT(*) AS n FROM customers AS c")
    assert text.endswith("FROM crm.public.customers AS c WHERE c.deleted_at IS NULL")
    assert notes == ("crm.public.customers: deleted_at IS NULL",)


def test_an_outer_joined_table_gets_it_in_on_so_that_rows_without_a_partner_stay():
    text, _ = added(
        "SELECT c.segment, SUM(o.amount_chf) AS s FROM orders o "
        "LEFT JOIN customers c ON c.id = o.customer_id GROUP BY 1"
    )
    assert "ON c.id = o.customer_id AND c.deleted_at IS NULL" in text
    assert "WHERE NOT o.cancelled" in text


@pytest.mark.parametrize("side", ["RIGHT", "FULL"])
def test_where_both_sides_may_be_missing_the_table_is_filtered_before_the_join(side):
    text, _ = added(f"SELECT c.id FROM orders o {side} JOIN customers c ON c.id = o.customer_id")
    assert "(SELECT * FROM crm.public.customers WHERE deleted_at IS NULL) AS c" in text
    assert "(SELECT * FROM dwh.main.orders WHERE NOT cancelled) AS o" in text


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT COUNT(*) AS n FROM orders WHERE cancelled",
        "SELECT COUNT(*) FILTER (WHERE cancelled) AS n FROM orders",
        "SELECT cancelled, COUNT(*) AS n FROM orders GROUP BY cancelled",
        "SELECT COUNT(*) AS n FROM customers WHERE deleted_at >= DATE '2026-01-01'",
    ],
)
def test_a_statement_that_speaks_of_the_column_is_left_alone(sql):
    assert added(sql) == (bound(sql).sql, ())


def test_all_rows_can_be_asked_for_by_name():
    sql = "SELECT COUNT(*) AS n FROM orders"
    assert added(sql, ("dwh.main.orders",)) == (bound(sql).sql, ())


def test_of_two_datasets_over_one_table_the_alias_chooses_else_the_first_counts():
    assert "WHERE cancelled.cancelled" in added("SELECT 1 AS one FROM orders AS cancelled")[0]
    assert "WHERE NOT o.cancelled" in added("SELECT 1 AS one FROM orders AS o")[0]


def test_inner_statements_are_completed_too():
    text, notes = added(
        "WITH x AS (SELECT customer_id FROM orders) SELECT COUNT(*) AS n FROM customers c "
        "WHERE NOT EXISTS (SELECT 1 FROM x WHERE x.customer_id = c.id)"
    )
    assert "FROM dwh.main.orders AS orders WHERE NOT orders.cancelled)" in text
    assert len(notes) == 2


def test_only_the_newest_rows_of_a_history_count():
    text, notes = added("SELECT SUM(b.balance) AS s FROM balances b")
    assert 'PARTITION BY "customer_id" ORDER BY "read_on" DESC) = 1' in text
    assert notes == ("dwh.main.balances: newest row per customer_id",)


def test_a_statement_that_reads_the_order_of_a_history_is_left_alone():
    sql = "SELECT MAX(b.read_on) AS d FROM balances b"
    assert added(sql) == (bound(sql).sql, ())
