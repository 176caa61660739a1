"""The answer must not depend on where a table lives: random queries, random placements, real servers."""

import os
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pytest

from tests.connectors.planner.answers import judge
from tests.connectors.planner.generate import Generator
from tests.connectors.planner.world import build

CASES = int(os.environ.get("RUNDBLICK_PLACEMENT_CASES", "2000"))
CHUNK = 250
SIDE_BY_SIDE = 3  # while one waits for a server, another is planned


@pytest.fixture(scope="module")
def world(postgres_database, mysql_database, tmp_path_factory):
    yield from build(postgres_database, mysql_database, tmp_path_factory.mktemp("world"))


def difference(world, seed: int) -> str | None:
    """What differs for one seed, or None. Queries that DuckDB itself refuses are left out."""
    verdict = judge(world, Generator(seed).case(), seed)
    return f"seed {seed}: {verdict.kind} {verdict.text}" if verdict.wrong else None


@pytest.mark.parametrize("first", range(0, CASES, CHUNK))
def test_a_federated_answer_is_the_central_answer(world, first):
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        judged = pool.map(lambda seed: difference(world, seed), range(first, first + CHUNK))
        found = [text for text in judged if text]
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
