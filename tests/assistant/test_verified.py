"""Checked questions are found again in other words and for other days, and only then."""

from datetime import date

import pytest

from assistant.verified import find_verified
from catalog.semantic_model import VerifiedQuestion
from connectors.clock import Clock

NOW = Clock(date(2026, 10, 31))
QUARTER = VerifiedQuestion(
    {
        "de": "Wie viele Kundinnen und Kunden haben letztes Quartal gekündigt?",
        "en": "How many customers cancelled last quarter?",
    },
    "SELECT COUNT(*) AS n FROM abos WHERE tag >= DATE '2026-04-01' AND tag < DATE '2026-07-01'",
    "cx-team",
    date(2026, 8, 15),
)
PLAIN = VerifiedQuestion(
    {"de": "Wie viele Tickets sind offen?"}, "SELECT COUNT(*) AS n FROM t", "x"
)


def sql(asked: str, *known: VerifiedQuestion, language="de") -> str | None:
    found = find_verified(asked, language, known or (QUARTER, PLAIN), NOW)
    return found.sql if found else None


@pytest.mark.parametrize(
    "asked",
    [
        "Wie viele Tickets sind offen?",
        "wie viele tickets sind OFFEN",
        "Wie viele offene Tickets gibt es?",
    ],
)
def test_the_same_question_in_other_words_is_found(asked):
    assert sql(asked) == PLAIN.sql


@pytest.mark.parametrize(
    "asked",
    [
        "Wie viele Tickets sind nicht offen?",
        "Welche Tickets sind offen?",
        "Wie viele Tickets sind offen nach Kanal?",
        "Wie viele Tickets sind gelöst?",
        "Wie viele Tickets waren letztes Quartal offen?",
    ],
)
def test_another_question_is_not(asked):
    assert sql(asked) is None


def test_the_days_move_with_the_question():
    moved = sql("Wie viele Kundinnen und Kunden haben letztes Quartal gekündigt?")
    assert "'2026-07-01'" in str(moved)
    assert "'2026-10-01'" in str(moved)
    assert "'2026-04-01'" not in str(moved)


def test_the_same_question_about_another_period_is_answered_too():
    moved = sql("Wie viele Kunden haben im Jahr 2025 gekündigt?")
    assert "'2025-01-01'" in str(moved)
    assert "'2026-01-01'" in str(moved)


def test_each_language_has_its_own_wording():
    assert sql("How many customers cancelled last quarter?", language="en") is not None
    assert sql("How many tickets are open?", language="en") is None


def test_a_day_that_is_no_end_of_the_period_is_not_moved_by_guess():
    odd = VerifiedQuestion(
        QUARTER.question,
        "SELECT COUNT(*) AS n FROM abos WHERE tag BETWEEN DATE '2026-04-01' AND DATE '2026-06-30'",
        "x",
        date(2026, 8, 15),
    )
    assert sql("Wie viele Kundinnen und Kunden haben letztes Quartal gekündigt?", odd) is None


def test_nobody_knows_which_quarter_was_meant_without_the_day_of_the_check():
    undated = VerifiedQuestion(QUARTER.question, QUARTER.sql, "x")
    assert sql("Wie viele Kundinnen und Kunden haben letztes Quartal gekündigt?", undated) is None


def test_a_named_period_needs_no_day_of_the_check():
    fixed = VerifiedQuestion({"de": "Umsatz im Jahr 2025?"}, "SELECT 1 AS one", "x")
    assert sql("Umsatz im Jahr 2025", fixed) == "SELECT 1 AS one"


def test_the_exact_wording_wins():
    alike = VerifiedQuestion({"de": "Wie viele offene Tickets sind es?"}, "SELECT 2 AS two", "x")
    assert sql("Wie viele Tickets sind offen?", alike, PLAIN) == PLAIN.sql
