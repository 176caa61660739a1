"""TPC-H's 22 queries over three placements in four real databases equal one DuckDB with it all."""

import pytest

from benchmarks.tpch.answers import difference, same
from benchmarks.tpch.placements import PLACEMENTS
from benchmarks.tpch.queries import canonical, order_columns, queries
from tests.connectors.planner.tpch_world import build


@pytest.fixture(scope="module")
def world(postgres_database, mysql_database, tmp_path_factory):
    yield from build(postgres_database, mysql_database, tmp_path_factory.mktemp("tpch"))


def as_text(rows):
    return [[str(value) for value in row] for row in rows]


@pytest.mark.parametrize("number", range(1, 23))
@pytest.mark.parametrize("placement", PLACEMENTS)
def test_a_tpch_answer_is_the_central_answer(world, placement, number):
    sql = queries()[number]
    columns, rows = world.expected(sql)
    result = world.federations[placement].run(canonical(sql, PLACEMENTS[placement]))
    got, expected = as_text(result.rows()), as_text(rows)
    assert [column.name for column in result.columns] == columns
    assert same(got, expected, order_columns(sql, columns)), difference(got, expected)


@pytest.mark.parametrize("number", range(1, 23))
def test_every_tpch_query_finds_rows(world, number):
    _, rows = world.expected(queries()[number])
    assert any(value is not None for row in rows for value in row)
