"""Where sqlglot alone would change an answer: each trap, shown to be one, and how the planner avoids it.

The rewrites of its optimizer that lose rows are not used; what its generator prints for a silo without
meaning the same there is on no list.
"""

import duckdb
import pytest
import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel
from sqlglot.optimizer import optimize
from sqlglot.optimizer.simplify import simplify

from connectors.errors import UsageError
from tests.connectors.planner.answers import comparable
from tests.connectors.planner.world import build

SPREAD = {"kunden": "pg", "bestellungen": "my", "tickets": "lite"}
OTHER = {"kunden": "my", "bestellungen": "lite", "tickets": "duck"}


@pytest.fixture(scope="module")
def world(postgres_database, mysql_database, tmp_path_factory):
    yield from build(postgres_database, mysql_database, tmp_path_factory.mktemp("traps"))


def agree(world, sql: str, ordered: bool = False) -> list:
    """The central rows, once every placement gives them too: spread, and all in each one silo."""
    expected = world.expected(sql)
    alone = [dict.fromkeys(SPREAD, silo) for silo in ("pg", "my", "lite")]
    for placement in (SPREAD, OTHER, *alone):
        got = world.federation(placement).run(sql).rows()
        assert comparable(got, ordered) == comparable(expected, ordered), placement
    return expected


def test_1_a_constant_of_the_null_side_stays_below_the_outer_join(world):
    """merge_subqueries lifts `1 AS flag` above the join, so that every row has the flag."""
    sql = "SELECT a.id, q.flag FROM kunden AS a LEFT JOIN (SELECT kunde, 1 AS flag FROM tickets) AS q ON q.kunde = a.id"
    rows = agree(world, sql)
    assert {flag for _, flag in rows} == {1, None}


@pytest.mark.parametrize(
    "column",
    ["coalesce(t.kanal, 'x')", "CASE WHEN t.punkte > 1 THEN 'viel' ELSE 'wenig' END", "t.kanal IS NULL"],
)  # fmt: skip
@pytest.mark.parametrize("side", ["LEFT", "RIGHT", "FULL"])
def test_2_a_computed_column_of_the_null_side_stays_null_where_there_is_no_row(world, column, side):
    sql = f"SELECT a.id, q.c FROM kunden AS a {side} JOIN (SELECT t.kunde, {column} AS c FROM tickets AS t) AS q ON q.kunde = a.id"
    rows = agree(world, sql)
    assert side == "RIGHT" or any(c is None for _, c in rows)


def test_3_a_day_and_an_interval_are_a_moment(world):
    """simplify folds DATE + INTERVAL to a DATE, where DuckDB gives a TIMESTAMP."""
    folded = simplify(sqlglot.parse_one("SELECT DATE '2026-01-31' + INTERVAL '1' MONTH", "duckdb"))
    assert "TIMESTAMP" not in folded.sql("duckdb").upper(), "no trap any more"
    sql = "SELECT k.id, DATE '2026-01-31' + INTERVAL 1 MONTH AS m FROM kunden AS k WHERE k.moment > DATE '2026-01-31' + INTERVAL 1 MONTH"
    rows = agree(world, sql)
    assert rows
    assert [column.type for column in world.federation(SPREAD).run(sql).columns] == ["INTEGER", "TIMESTAMP"]  # fmt: skip


def test_4_exists_within_exists_keeps_its_meaning(world):
    """unnest_subqueries rewrites the inner one into what DuckDB refuses or counts otherwise."""
    rows = agree(
        world,
        "SELECT k.id FROM kunden AS k WHERE EXISTS (SELECT 1 FROM bestellungen AS b WHERE b.kunde = k.id"
        " AND NOT EXISTS (SELECT 1 FROM tickets AS t WHERE t.kunde = k.id AND t.punkte = b.menge))",
    )
    assert rows


def test_5_mariadb_counts_only_what_the_filter_lets_pass(world):
    """The generator prints FILTER for MySQL, which has none, and raises nothing."""
    tree = sqlglot.parse_one("SELECT count(*) FILTER (WHERE a > 1) FROM t", "duckdb")
    assert "FILTER" in tree.sql("mysql", unsupported_level=ErrorLevel.RAISE), "no trap any more"
    sql = "SELECT k.region, count(*) FILTER (WHERE k.zahl > 2) AS n FROM kunden AS k GROUP BY k.region"
    agree(world, sql)
    plan = world.federation(dict.fromkeys(SPREAD, "my")).explain(sql)
    assert all("FILTER" not in fragment.sql for fragment in plan.fragments)


@pytest.mark.parametrize(
    "expression",
    [
        "split_part(k.name, ' ', 1)",
        "arg_max(k.name, k.id)",
        "EXTRACT(DOW FROM k.tag)",
        "date_trunc('month', k.moment)",
        "k.tag + INTERVAL 1 MONTH",
        "TRY_CAST(k.name AS INTEGER)",
        "greatest(k.zahl, NULL, 3)",
        "k.name ILIKE 'A%'",
        "round(k.betrag / 3.0, 0)",
        "k.name || k.region",
        "concat(k.name, k.region)",
        "substr(k.name, 0, 2)",
        "length(k.name)",
        "upper(k.name)",
        "k.tag - DATE '2026-02-27'",
    ],
)
def test_6_what_only_prints_well_for_a_silo_means_the_same_everywhere(world, expression):
    """Functions sqlglot writes for MySQL or SQLite without complaint, and which differ there."""
    group = "" if expression.startswith("arg_max") else "k.id, "
    agree(world, f"SELECT {group}{expression} AS x FROM kunden AS k")


@pytest.mark.parametrize("direction", ["", "DESC", "ASC NULLS FIRST", "DESC NULLS FIRST"])
@pytest.mark.parametrize("column", ["zahl", "name", "tag", "ja"])
def test_7_nulls_stand_where_duckdb_puts_them(world, column, direction):
    """Only the printed order says where nulls go; each silo has its own default."""
    sql = f"SELECT k.id, k.{column} AS c FROM kunden AS k ORDER BY k.{column} {direction}, k.id LIMIT 15"
    agree(world, sql, ordered=True)


def test_8_division_and_averages_are_not_whole(world):
    """7 / 2 is 3 in PostgreSQL and SQLite, 3.5000 in MariaDB; AVG of whole numbers has 4 digits there."""
    rows = agree(
        world,
        "SELECT k.zahl / NULLIF(k.id, 0) AS d, 7 / 2 AS h, (SELECT avg(b.menge) FROM bestellungen AS b) AS a FROM kunden AS k",
    )
    assert all(half == 3.5 for _, half, _ in rows)


def test_9_names_of_two_queries_do_not_meet(world):
    """Rules that move parts about mix up aliases that different blocks use for different tables."""
    rows = agree(
        world,
        "WITH x AS (SELECT x.kunde AS id, count(*) AS n FROM bestellungen AS x GROUP BY x.kunde)"
        " SELECT x.id, x.n FROM x JOIN kunden AS k ON k.id = x.id WHERE x.id IN"
        " (SELECT x.kunde FROM tickets AS x WHERE x.punkte > 1 AND EXISTS (SELECT 1 FROM kunden AS x WHERE x.id = k.id))",
    )
    assert rows


def test_10_two_outputs_of_one_name_are_both_there(world):
    """A join of two derived tables with equal output names; a silo or DuckDB would refuse or merge them."""
    sql = "SELECT a.n AS x, b.n AS y FROM (SELECT id, zahl AS n FROM kunden) AS a JOIN (SELECT kunde, menge AS n FROM bestellungen) AS b ON b.kunde = a.id"
    assert agree(world, sql)
    with pytest.raises(UsageError):
        world.federation(SPREAD).run("SELECT n FROM kunden AS a, bestellungen AS b WHERE n = 1")


def test_the_optimizer_s_default_rules_are_a_trap():
    """What the first two tests guard against: the rule that must never be used."""
    sql = "SELECT a.id, q.flag FROM a LEFT JOIN (SELECT id, 1 AS flag FROM b) AS q ON q.id = a.id"
    schema = {"a": {"id": "INT"}, "b": {"id": "INT"}}
    merged = optimize(sql, schema=schema, dialect="duckdb").sql("duckdb")
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE a AS SELECT 1 AS id UNION ALL SELECT 2")
        connection.execute("CREATE TABLE b AS SELECT 1 AS id")
        right = connection.execute(f"{sql} ORDER BY 1").fetchall()
        wrong = connection.execute(f"{merged} ORDER BY 1").fetchall()
    assert right == [(1, 1), (2, None)]
    assert wrong != right, "sqlglot has mended merge_subqueries; the tests above still hold"
    assert isinstance(sqlglot.parse_one(merged, "duckdb"), exp.Select)
