"""A failing query is made as small as its failure allows."""

import duckdb
import pytest

from tests.connectors.planner.shrink import shrink

LONG = (
    "WITH w AS (SELECT count(*) AS n FROM kunden) SELECT DISTINCT a.id, b.betrag FROM kunden AS a"
    " LEFT JOIN bestellungen AS b ON a.id = b.kunde AND b.menge > 1 WHERE (a.zahl = 7 OR a.ja)"
    " AND a.id IN (SELECT kunde FROM tickets WHERE punkte = 3) ORDER BY a.id LIMIT 5"
)


@pytest.mark.parametrize(
    ("word", "left"),
    [
        ("7", "SELECT a.id FROM kunden AS a WHERE a.zahl = 7"),
        ("LEFT JOIN", "SELECT a.id FROM kunden AS a LEFT JOIN bestellungen AS b ON a.id = b.kunde"),
        ("punkte = 3", "SELECT kunde FROM tickets WHERE punkte = 3"),
    ],
)
def test_only_what_the_failure_needs_is_left(word, left):
    assert shrink(LONG, lambda sql: word in sql and valid(sql)) == left


def valid(sql):
    tables = {
        "kunden": "id INT, zahl INT, ja BOOLEAN",
        "bestellungen": "kunde INT, betrag INT, menge INT",
        "tickets": "kunde INT, punkte INT",
    }
    with duckdb.connect() as connection:
        for name, columns in tables.items():
            connection.execute(f"CREATE TABLE {name} ({columns})")
        try:
            connection.execute(sql)
        except duckdb.Error:
            return False
    return True
