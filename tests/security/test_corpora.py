"""Hostile and benign SQL against binder and guard: nothing hostile passes, nothing useful is lost."""

import json

import duckdb
import pytest

from connectors.binder import bind
from connectors.errors import RundblickError
from connectors.guard import secure
from connectors.policy import Policy
from tests.connectors.company import CLOCK, database, schema

SCHEMA = schema()
HOSTILE_AT_LEAST, BENIGN_AT_LEAST = 257, 100


def lines(shared, name):
    text = (shared / "security" / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


def accepted(sql):
    """The text that would run, or None when it is refused with a proper error."""
    try:
        return secure(bind(sql, SCHEMA, CLOCK), Policy.open()).sql
    except RundblickError:
        return None


@pytest.fixture(scope="module")
def company():
    connection = database()
    yield connection
    connection.close()


def test_no_hostile_line_passes(shared):
    hostile = [line for line in lines(shared, "hostile_sql") if line["expect"] == "reject"]
    assert len(hostile) >= HOSTILE_AT_LEAST
    passed = [line["id"] for line in hostile if accepted(line["sql"]) is not None]
    assert passed == []


def test_every_hostile_line_ends_in_an_answer_and_never_in_a_crash(shared):
    for line in lines(shared, "hostile_sql"):
        accepted(line["sql"])


def test_every_benign_line_of_canonical_sql_passes(shared, company):
    benign = lines(shared, "benign_sql")
    valid = [line for line in benign if _runs(company, line["sql"])]
    refused = [line["id"] for line in valid if accepted(line["sql"]) is None]
    assert refused == []
    assert sum(accepted(line["sql"]) is not None for line in benign) >= BENIGN_AT_LEAST


def test_what_would_run_gives_the_rows_that_were_asked_for(shared, company):
    for line in lines(shared, "benign_sql"):
        text = accepted(line["sql"])
        if text is None or not _runs(company, line["sql"]) or "now" in line["sql"].lower():
            continue
        if "current_" in line["sql"].lower() or "limit" in line["sql"].lower():
            continue
        expected = company.execute(line["sql"]).fetchall()
        assert sorted(map(repr, company.execute(text).fetchall())) == sorted(map(repr, expected)), (
            line["id"]
        )


def _runs(connection, sql):
    try:
        connection.execute(sql).fetchall()
    except duckdb.Error:
        return False
    return True
