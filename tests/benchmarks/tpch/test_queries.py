"""The 22 queries, each table named with its silo."""

from benchmarks.tpch.placements import PLACEMENTS
from benchmarks.tpch.queries import canonical, for_trino, order_columns, queries


def test_there_are_22_queries_in_their_order():
    assert list(queries()) == list(range(1, 23))
    assert "p_name LIKE '%green%'" in queries()[9]
    assert "cntrycode" in queries()[22]


def test_every_table_gets_the_silo_it_lives_in():
    sql = canonical("SELECT * FROM orders, lineitem l", PLACEMENTS["D2"])
    assert sql == "SELECT * FROM my.orders AS orders, pg.lineitem AS l"


def test_a_common_table_expression_keeps_its_name():
    sql = canonical("WITH revenue AS (SELECT * FROM part) SELECT * FROM revenue", PLACEMENTS["D1"])
    assert sql == "WITH revenue AS (SELECT * FROM my.part AS part) SELECT * FROM revenue"


def test_the_order_is_found_among_the_output_columns():
    sql = "SELECT a, sum(b) AS total, c FROM part GROUP BY a, c ORDER BY total DESC, c"
    assert order_columns(sql, ["a", "total", "c"]) == [1, 2]
    assert order_columns("SELECT a FROM part", ["a"]) == []


SCHEMAS = {"postgresql": "public", "mysql": "tpch", "duckdb": "main"}


def test_trino_gets_catalog_schema_and_table():
    sql = for_trino("SELECT * FROM orders, lineitem l", PLACEMENTS["D2"], SCHEMAS)
    assert sql == "SELECT * FROM my.tpch.orders, pg.public.lineitem AS l"


def test_trino_gets_the_expression_in_place_of_an_output_name_in_group_by():
    sql = for_trino("SELECT p_size AS s, count(*) FROM part GROUP BY s", PLACEMENTS["D1"], SCHEMAS)
    assert sql == "SELECT p_size AS s, COUNT(*) FROM my.tpch.part GROUP BY p_size"


def test_every_query_can_be_written_for_trino():
    for number, sql in queries().items():
        for placement in (PLACEMENTS["D1"], PLACEMENTS["D2"]):
            assert for_trino(sql, placement, SCHEMAS).startswith(("SELECT", "WITH")), number
