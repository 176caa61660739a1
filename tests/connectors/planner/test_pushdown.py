"""Each entry of each allow-list on the real server: pushed, and equal to DuckDB cell by cell."""

import math
import re
from contextlib import closing
from pathlib import Path

import psycopg
import pymysql
import pytest
import sqlglot
from sqlalchemy import make_url

from connectors.planner.plan import FederatedPlan
from connectors.planner.pushdown import ALLOW_LISTS
from tests.connectors.planner.poison import SILOS, Poison, build
from tests.connectors.planner.pushdown_cases import CASES, Case

PAGE = Path(__file__).parents[3] / "docs" / "pushdown.md"
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
    ordered = sqlglot.parse_one(sql, dialect="duckdb").args.get("order") is not None
    sent = plan.fragments[0].sql if plan.fragments else ""
    assert in_order(got, ordered) == in_order(expected, ordered), sent
    if silo in case.pushed:
        assert is_whole(plan), (plan.notes, [f.kept for f in plan.fragments])
    else:
        assert not is_whole(plan), sent
        assert plan.notes or any(fragment.kept for fragment in plan.fragments)


def entries_used(poison: Poison, silo: str) -> set[str]:
    """Names of the list that a pushed case holds."""
    found: set[str] = set()
    for case in CASES:
        if silo in case.pushed and silo in case.silos:
            plan = poison.federation.explain(case.sql.format(t=poison.table(silo)))
            found |= {type(node).__name__ for node in plan.fragments[0].canonical.walk()}
    return found


@pytest.mark.parametrize("silo", LISTS)
def test_every_entry_of_a_list_has_a_case(poison: Poison, silo: str):
    assert set(ALLOW_LISTS[LISTS[silo]].nodes) - entries_used(poison, silo) == set()


def documented() -> dict[str, dict[str, str]]:
    """The page's table: entry name -> list name -> cell."""
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    lists = ("postgres", "mysql", "sqlite", "ansi")
    return {
        name: dict(zip(lists, row[1:5], strict=True))
        for row in cells
        for name in re.findall(r"`(\w+)`", row[0])
    }


def test_the_page_says_of_every_entry_where_it_runs():
    page = documented()
    names = {name for allowed in ALLOW_LISTS.values() for name in allowed.nodes}
    assert names - set(page) == set(), "missing on the page"
    for name, cells in page.items():
        for silo, cell in cells.items():
            entry = ALLOW_LISTS[silo].nodes.get(name, "absent")
            said = "–" if entry == "absent" else "yes" if entry is None else "some"
            assert cell == said, (name, silo)


@pytest.mark.parametrize(
    "condition",
    ["t = 'a'", "t IN ('a', 'b')", "l = 'a'", "'a' = t", "t = 'a' AND n > 0"],
)
def test_text_equality_finds_its_rows_by_the_index_on_mariadb(poison: Poison, condition: str):
    sql = f"SELECT id FROM {poison.table('my')} WHERE {condition}"
    sent = poison.federation.explain(sql).fragments[0].sql
    parts = make_url(poison.urls["my"])
    connection = pymysql.connect(
        host=parts.host, port=parts.port, user=parts.username, password=str(parts.password or ""),
        database=parts.database, charset="utf8mb4",
    )  # fmt: skip
    with closing(connection), connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + sent)
        row = cursor.fetchone()
    assert row is not None
    assert row[3] in ("ref", "range"), row
    assert row[5] in ("t", "l")


@pytest.mark.parametrize("condition", ["t = 'a'", "t IN ('a', 'b')", "l = 'a'", "'a' = t"])
def test_text_equality_finds_its_rows_by_the_index_on_postgresql(poison: Poison, condition: str):
    sql = f"SELECT id FROM {poison.table('pg')} WHERE {condition}"
    sent = poison.federation.explain(sql).fragments[0].sql
    with psycopg.connect(poison.urls["pg"]) as connection:
        connection.execute("SET enable_seqscan = off")
        plan = "\n".join(row[0] for row in connection.execute("EXPLAIN " + sent))
    assert re.search(r"Index Cond: .*\b[tl]\b", plan), plan
