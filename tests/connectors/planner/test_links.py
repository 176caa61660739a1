"""Joins by what a link compares, over poisonous texts on real servers: keys go up, none is lost."""

from dataclasses import replace
from itertools import permutations

import pytest

from catalog.normalisers import normalise
from connectors.schema import ColumnStats, SiloSchema, Table
from tests.connectors.planner.answers import comparable
from tests.connectors.planner.test_pushdown import poison  # noqa: F401 (fixture)

PAIRS = list(permutations(("pg", "my", "lite"), 2))
NAMES = ("exact", "lower(trim)", "strip_hash", "digits", "e164(CH)", "sha256")
ONLY_SERVERS = ("digits", "e164(CH)", "sha256")


def as_if_large(table: Table, rows: int) -> Table:
    stats = {column.name: ColumnStats(distinct=rows) for column in table.columns}
    return replace(table, row_estimate=rows, stats=stats)


def between(poison, small: str, large: str):  # noqa: F811 (the fixture)
    """The federation, with statistics by which keys of the small side pay."""
    rows = {small: 200, large: 1_000_000}
    tables = [as_if_large(t, rows.get(t.silo, 1)) for t in poison.federation.schema()]
    schema = SiloSchema(tables)
    return replace(poison.federation, schema=lambda: schema)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("small", "large"), PAIRS)
def test_a_link_finds_the_rows_one_database_would(poison, small, large, name):  # noqa: F811
    federation = between(poison, small, large)
    on = f"{normalise(name, 'a.t')} = {normalise(name, 'b.t')}"
    sql = (
        f"SELECT a.id AS a, b.id AS b FROM {poison.table(small)} AS a"
        f" JOIN {poison.table(large)} AS b ON {on}"
    )
    plan = federation.explain(sql)
    taken = next(f for f in plan.fragments if f.silo == large)
    sent = name not in ONLY_SERVERS or large != "lite"
    assert bool(taken.keys) == sent, taken.kept
    assert comparable(federation.run(sql).rows()) == comparable(poison.expected(sql))


@pytest.mark.parametrize("column", ["u", "c", "l", "e"])
@pytest.mark.parametrize(("small", "large"), PAIRS)
def test_keys_reach_columns_of_any_collation_and_character_set(poison, small, large, column):  # noqa: F811
    federation = between(poison, small, large)
    for key in ("{}", "lower(trim({}))"):
        sql = (
            f"SELECT a.id AS a, b.id AS b FROM {poison.table(small)} AS a JOIN {poison.table(large)}"
            f" AS b ON {key.format('a.t')} = {key.format(f'b.{column}')}"
        )
        plan = federation.explain(sql)
        assert next(f for f in plan.fragments if f.silo == large).keys
        assert comparable(federation.run(sql).rows()) == comparable(poison.expected(sql))


@pytest.mark.parametrize(
    "condition",
    [
        "lower(t) = 'a'",
        "t ILIKE 'a%'",
        "upper(trim(t)) LIKE 'A%' AND i > 0",
        "(lower(t) = 'a' AND i = 1) OR (md5(t) = 'x' AND i = 7)",
    ],
)
@pytest.mark.parametrize("silo", ["pg", "my", "lite"])
def test_a_condition_on_letters_sends_no_row_of_plain_letters_too_many(poison, silo, condition):  # noqa: F811
    sql = f"SELECT id FROM {poison.table(silo)} WHERE {condition}"
    result = poison.federation.run(sql)
    expected = poison.expected(sql)
    assert comparable(result.rows()) == comparable(expected)
    others = f"SELECT count(*) FROM {poison.table(silo)} WHERE regexp_matches(t, '[^ -~]')"
    most = len(expected) + poison.expected(others)[0][0]
    most += 8 * ("md5" in condition)  # of which the silo knows `i = 7` only
    assert len(expected) <= result.receipt.fragments[0].rows <= most < 70


@pytest.mark.parametrize("condition", ["t ILIKE 'ä%'", "t ILIKE u", "lower(t) IS NULL"])
@pytest.mark.parametrize("silo", ["pg", "my", "lite"])
def test_letters_that_are_not_plain_are_left_to_the_engine(poison, silo, condition):  # noqa: F811
    sql = f"SELECT id FROM {poison.table(silo)} WHERE {condition}"
    assert comparable(poison.federation.run(sql).rows()) == comparable(poison.expected(sql))
