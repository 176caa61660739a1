"""The random queries hold all they should, and the same seed makes the same one."""

import pytest

from tests.connectors.planner.generate import Generator
from tests.connectors.planner.world import SILOS, TABLES

CASES = [Generator(seed).case() for seed in range(2_000)]
SHAPES = (
    " JOIN ", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "lower(trim(", "ILIKE", "NOT IN (SELECT",
    " IN (SELECT", "NOT EXISTS", "EXISTS (SELECT", "(SELECT min(", "(SELECT avg(", "count(DISTINCT",
    "sum(DISTINCT", "stddev(", "rank() OVER", "sum(", "UNION ALL", "EXCEPT", "INTERSECT", "HAVING",
    "LIMIT", "OFFSET", "WITH w AS", "IS NOT NULL", "COALESCE", "BETWEEN", "DISTINCT x",
)  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_is_there_now_and_then(shape):
    assert sum(shape in case.sql for case in CASES) >= 5


def test_every_table_lives_in_every_silo_now_and_then():
    placed = {(table, silo) for case in CASES for table, silo in case.placement.items()}
    assert placed == {(table, silo) for table in TABLES for silo in SILOS}


def test_a_seed_makes_one_case_and_another_seed_another():
    assert Generator(7).case() == CASES[7]
    assert len({case.sql for case in CASES}) > 1_900
