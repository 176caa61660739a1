"""The answer must not depend on where a table lives: random queries, random placements, real servers."""

import math
import os
from decimal import Decimal

import duckdb
import pytest

from connectors.errors import UsageError
from tests.connectors.planner.generate import Generator
from tests.connectors.planner.world import build

CASES = int(os.environ.get("RUNDBLICK_PLACEMENT_CASES", "400"))
CHUNK = 50


@pytest.fixture(scope="module")
def world(postgres_database, mysql_database, tmp_path_factory):
    yield from build(postgres_database, mysql_database, tmp_path_factory.mktemp("world"))


def plain(value):
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        number = float(value)
        return f"{number:.9g}" if math.isfinite(number) else str(number)
    return repr(value)


def comparable(rows, ordered):
    made = [tuple(plain(value) for value in row) for row in rows]
    return made if ordered else sorted(made)


def difference(world, seed: int) -> str | None:
    """What differs for one seed, or None. Queries that DuckDB itself refuses are left out."""
    case = Generator(seed).case()
    try:
        expected = world.expected(case.sql)
    except duckdb.Error:
        return None
    federation = world.federation(case.placement, seed)
    try:
        got = federation.run(case.sql).rows()
    except UsageError as error:
        return f"seed {seed}: refused {case.sql}: {error}"
    if comparable(got, case.ordered) == comparable(expected, case.ordered):
        return None
    plan = federation.explain(case.sql)
    fragments = "\n".join(f"{f.silo}: {f.sql}" for f in plan.fragments)
    return f"seed {seed} {case.placement}\n{case.sql}\n{fragments}\n{plan.remainder}\n{got[:5]} != {expected[:5]}"


@pytest.mark.parametrize("first", range(0, CASES, CHUNK))
def test_a_federated_answer_is_the_central_answer(world, first):
    found = [d for d in (difference(world, seed) for seed in range(first, first + CHUNK)) if d]
    assert not found, f"{len(found)} of {CHUNK} differ, the first:\n{found[0]}"


def test_most_generated_queries_are_valid(world):
    valid = 0
    for seed in range(100):
        try:
            world.expected(Generator(seed).case().sql)
        except duckdb.Error:
            continue
        valid += 1
    assert valid >= 90
