"""The shape a draft announces is the shape its statement gives."""

import pytest

from assistant.checks.shape import is_one_row, misfits
from tests.assistant.checks.shop import bound

GROUPED = "SELECT segment, COUNT(*) AS n FROM customers GROUP BY segment"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT COUNT(*) AS n FROM customers",
        f"{GROUPED} ORDER BY n DESC LIMIT 1",
        "SELECT 100.0 * COUNT(*) / (SELECT COUNT(*) FROM orders) AS r FROM customers",
        "WITH a AS (SELECT COUNT(*) AS n FROM customers), b AS (SELECT COUNT(*) AS n FROM orders) "
        "SELECT 1.0 * a.n / b.n AS r FROM a CROSS JOIN b",
        "SELECT 1 AS one",
    ],
)
def test_statements_of_one_row_are_known(sql):
    assert is_one_row(bound(sql).tree)


@pytest.mark.parametrize(
    "sql",
    [
        GROUPED,
        f"{GROUPED} LIMIT 3",
        "SELECT id FROM customers",
        "SELECT SUM(id) OVER () AS s FROM customers",
        "SELECT 1 AS one FROM customers",
    ],
)
def test_statements_of_several_rows_are_known(sql):
    assert not is_one_row(bound(sql).tree)


@pytest.mark.parametrize(
    ("sql", "shape", "word"),
    [
        (GROUPED, "row", "LIMIT 1"),
        (f"{GROUPED} LIMIT 1", "figure", "one column"),
        (GROUPED, "series", "ORDER BY"),
        ("SELECT COUNT(*) AS n FROM customers", "comparison", "figure before"),
    ],
)
def test_a_misfit_says_what_to_do(sql, shape, word):
    assert any(word in said for said in misfits(bound(sql), shape))


@pytest.mark.parametrize(
    ("sql", "shape"),
    [
        ("SELECT COUNT(*) AS n FROM customers", "figure"),
        (f"{GROUPED} LIMIT 1", "row"),
        (GROUPED, "groups"),
        ("SELECT day, COUNT(*) AS n FROM orders GROUP BY day ORDER BY day", "series"),
        ("SELECT COUNT(*) AS n, COUNT(*) AS m FROM customers", "comparison"),
        ("SELECT DISTINCT segment FROM customers", "list"),
    ],
)
def test_what_fits_is_not_complained_about(sql, shape):
    assert list(misfits(bound(sql), shape)) == []
