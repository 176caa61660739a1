"""Each entry of each allow-list on the real server: pushed, and equal to DuckDB cell by cell."""

import math

import pytest

from connectors.planner.pushdown import ALLOW_LISTS
from connectors.planner.plan import FederatedPlan
from tests.connectors.planner.poison import SILOS, Poison, build
from tests.connectors.planner.pushdown_cases import CASES, Case

LISTS = {"pg": "postgres", "my": "mysql", "lite": "sqlite", "ansi": "ansi"}
PAIRS = [(case, silo) for case in CASES for silo in SILOS if silo in case.silos]


@pytest.fixture(scope="module")
def poison(postgres_database, mysql_database, tmp_path_factory):
    yield from build(postgres_database, mysql_database, tmp_path_factory.mktemp("poison"))


def cell(value):
    if isinstance(value, float):
        return "nan" if math.isnan(value) else float(f"{value:.9g}") + 0.0
    return value


def in_order(rows, ordered):
    made = [tuple(cell(value) for value in row) for row in rows]
    return made if ordered else sorted(made, key=repr)


def is_whole(plan: FederatedPlan) -> bool:
    return plan.remainder is None and not any(f.kept for f in plan.fragments)


@pytest.mark.parametrize(("case", "silo"), PAIRS, ids=lambda value: str(value))
def test_an_entry_gives_what_duckdb_gives(poison: Poison, case: Case, silo: str):
    sql = case.sql.format(t=poison.table(silo))
    plan = poison.federation.explain(sql)
    got, expected = poison.federation.run(sql).rows(), poison.expected(sql)
    ordered = "ORDER BY" in case.sql
    sent = plan.fragments[0].sql if plan.fragments else ""
    assert in_order(got, ordered) == in_order(expected, ordered), sent
    if silo in case.pushed:
        assert is_whole(plan), (plan.notes, [f.kept for f in plan.fragments])
    else:
        assert not is_whole(plan), sent
        assert plan.notes or any(fragment.kept for fragment in plan.fragments)
