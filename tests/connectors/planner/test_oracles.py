"""Oracles that need no central database: a query against its partitions, its count, its plain plan."""

from dataclasses import dataclass, replace

import duckdb
import pytest

from connectors.planner.pushdown import ALLOW_LISTS, AllowList
from connectors.silos.base import Capabilities
from tests.connectors.planner.answers import comparable
from tests.connectors.planner.generate import Generator
from tests.connectors.planner.world import build

CASES = 100
CHUNK = 25
FIRST = 1_000_000  # seeds no other test uses


@pytest.fixture(scope="module")
def world(postgres_database, mysql_database, tmp_path_factory):
    yield from build(postgres_database, mysql_database, tmp_path_factory.mktemp("oracles"))


class Filtered(Generator):
    """A FROM with joins, a condition p that may hold a subquery, and what to read."""

    def parts(self) -> tuple[dict[str, str], str, str, str]:
        placement = self.case().placement
        source, columns = self._source()
        condition = self._predicate(columns)
        if self.random.random() < 0.4:
            condition = f"({condition} {self._pick('AND', 'OR')} {self._subquery(columns)})"
        chosen = self.random.sample(list(columns), min(3, len(columns)))
        outputs = ", ".join(f"{c} AS c{i}" for i, c in enumerate(chosen))
        return placement, outputs, source, condition


def valid(world, sql: str) -> bool:
    try:
        world.expected(sql)
    except duckdb.Error:
        return False
    return True


def seeds(first: int):
    return range(FIRST + first, FIRST + first + CHUNK)


def partitions_differ(world, seed: int) -> str | None:
    """TLP: all rows are those where p, where NOT p and where p is null, each once."""
    placement, outputs, source, p = Filtered(seed).parts()
    whole = f"SELECT {outputs} FROM {source}"
    parts = [f"{whole} WHERE {form}" for form in (p, f"NOT ({p})", f"({p}) IS NULL")]
    if not all(valid(world, sql) for sql in parts):
        return None
    federation = world.federation(placement, seed)
    # One statement or three: both ways of planning, in turns.
    asked = [" UNION ALL ".join(parts)] if seed % 2 else parts
    together = [row for sql in asked for row in federation.run(sql).rows()]
    rows = federation.run(whole).rows()
    if comparable(rows) == comparable(together):
        return None
    return f"seed {seed} {placement}\n{whole}\np: {p}\n{len(rows)} rows, partitions {len(together)}"


@pytest.mark.parametrize("first", range(0, CASES, CHUNK))
def test_the_partitions_of_a_query_make_the_whole(world, first):
    found = [d for d in (partitions_differ(world, seed) for seed in seeds(first)) if d]
    assert not found, f"{len(found)} of {CHUNK} differ, the first:\n{found[0]}"


def counts_differ(world, seed: int) -> str | None:
    """NoREC: WHERE p counts what p IS TRUE sums up over all rows, where nothing can filter."""
    placement, _, source, p = Filtered(seed).parts()
    counted = f"SELECT count(*) AS n FROM {source} WHERE {p}"
    summed = f"SELECT count(CASE WHEN q IS TRUE THEN 1 END) AS n FROM (SELECT ({p}) AS q FROM {source}) AS s"
    if not valid(world, counted) or not valid(world, summed):
        return None
    federation = world.federation(placement, seed)
    counts = [federation.run(sql).rows()[0][0] for sql in (counted, summed)]
    return None if counts[0] == counts[1] else f"seed {seed} {placement}\n{counted}\n{counts}"


@pytest.mark.parametrize("first", range(0, CASES, CHUNK))
def test_where_counts_what_its_condition_says_of_each_row(world, first):
    found = [d for d in (counts_differ(world, seed) for seed in seeds(first)) if d]
    assert not found, f"{len(found)} of {CHUNK} differ, the first:\n{found[0]}"


@dataclass(frozen=True)
class Plain:
    """A silo that can do nothing but give the columns of its tables."""

    connector: object
    capabilities: Capabilities

    def read(self, *arguments):
        return self.connector.read(*arguments)

    def snapshot(self, *arguments):
        return self.connector.snapshot(*arguments)

    def close(self):
        """The world closes its connectors."""


def plain_silo(connector):
    able = replace(
        connector.capabilities, pushdown="none", joins=False, aggregates=False, max_keys=0
    )
    return Plain(connector, able)


@pytest.fixture(scope="module")
def plain_silos(world):
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ALLOW_LISTS, "none", AllowList())
        yield {name: plain_silo(connector) for name, connector in world.connectors.items()}


def pushdown_differs(world, silos, seed: int) -> str | None:
    case = Generator(seed).case()
    if not valid(world, case.sql):
        return None
    federation = world.federation(case.placement, seed)
    off = replace(federation, connectors=silos)
    pushed, kept = federation.run(case.sql).rows(), off.run(case.sql).rows()
    if comparable(pushed, case.ordered) == comparable(kept, case.ordered):
        return None
    return f"seed {seed} {case.placement}\n{case.sql}\n{pushed[:5]} != {kept[:5]}"


@pytest.mark.parametrize("first", range(0, CASES, CHUNK))
def test_rows_are_the_same_without_any_pushdown(world, plain_silos, first):
    found = [d for d in (pushdown_differs(world, plain_silos, seed) for seed in seeds(first)) if d]
    assert not found, f"{len(found)} of {CHUNK} differ, the first:\n{found[0]}"


def test_a_silo_that_can_do_nothing_gives_whole_tables_only(world, plain_silos):
    placement = {"kunden": "pg", "bestellungen": "my", "tickets": "lite"}
    federation = replace(world.federation(placement), connectors=plain_silos)
    plan = federation.explain(
        "SELECT k.region, count(*) AS n FROM kunden AS k JOIN tickets AS t ON t.kunde = k.id"
        " WHERE k.zahl = 3 AND t.punkte IN (SELECT menge FROM bestellungen) GROUP BY k.region"
    )
    assert len(plan.fragments) == 3
    for fragment in plan.fragments:
        assert not fragment.keys
        assert not any(word in fragment.sql for word in ("WHERE", "JOIN", "GROUP", "LIMIT"))
