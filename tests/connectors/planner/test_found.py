"""Queries that random queries once found to be answered wrongly or not at all."""

from dataclasses import dataclass

import pytest

from tests.connectors.planner.answers import comparable
from tests.connectors.planner.test_placement import world  # noqa: F401 (fixture)


@dataclass(frozen=True)
class Found:
    """A query, where its tables lived, and the seed of the statistics made up for them."""

    why: str
    sql: str
    placement: dict[str, str]
    seed: int


FOUND = [
    Found(
        "a condition over three tables of one silo joined before the third was named",
        """SELECT x1.moment AS k FROM tickets AS x1, bestellungen AS x2, bestellungen AS x3
        WHERE x1.id = x2.kunde AND x2.kunde = x3.kunde AND (x3.betrag IS NULL OR x1.kunde > 1
        AND x2.status IN ('A') AND NOT x3.kunde <> 3) AND x2.kunde IN (SELECT x4.id FROM kunden AS x4)""",
        {"kunden": "duck", "bestellungen": "pg", "tickets": "pg"},
        1000074,
    ),
    Found(
        "a filter that null may pass, pushed below an outer join",
        """SELECT k.id AS a, b.id AS b FROM kunden AS k LEFT JOIN bestellungen AS b ON b.kunde = k.id
        WHERE COALESCE(b.menge, 0) = 0""",
        {"kunden": "pg", "bestellungen": "my", "tickets": "pg"},
        1,
    ),
]


@pytest.mark.parametrize("found", FOUND, ids=lambda found: found.why)
def test_it_is_answered_as_one_database_would(world, found):  # noqa: F811 (the fixture)
    got = world.federation(found.placement, found.seed).run(found.sql).rows()
    assert comparable(got, False) == comparable(world.expected(found.sql), False)
