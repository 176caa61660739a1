"""Drafts without a model: choices taken up, follow-ups, corrections told, refusals."""

from datetime import date

import pytest

from assistant.draft import Turn
from assistant.translators.semantic import Translator
from assistant.understanding.certainty import certainty
from assistant.understanding.signals import Signals
from catalog.context import SchemaContext
from connectors.clock import Clock
from tests.assistant.understanding.demo_reader import MODEL, SCHEMA

TRANSLATOR = Translator(lambda: (MODEL, SCHEMA), Clock(date(2026, 10, 31)))


def draft(question, *earlier, language="de"):
    """The draft of a question after others of the same conversation."""
    history = ()
    for before in earlier:
        history += (Turn(before, TRANSLATOR.translate(SchemaContext(before, language), history)),)
    return TRANSLATOR.translate(SchemaContext(question, language), history)


def test_a_choice_is_put_for_the_words_that_were_not_understood():
    first = "Umsatz im letzten Quartal mit Flutsch nach Region?"
    assert draft(first).kind == "clarify"
    chosen = draft("Umsatz", first)
    assert chosen.query.metrics == ("revenue",)
    assert chosen.query.dimensions[0].field == "region"
    assert chosen.query.period.start == date(2026, 7, 1)


@pytest.mark.parametrize(
    ("follow_up", "check"),
    [
        ("und nach Segment?", lambda q: q.dimensions[0].field == "segment"),
        ("nur Premium", lambda q: q.filters[0].values == ("Premium",) and q.dimensions),
        ("und im Jahr 2025?", lambda q: q.period.start == date(2025, 1, 1) and q.dimensions),
        ("und im Vergleich zum Vorjahr?", lambda q: q.comparison is not None),
        ("pro Monat", lambda q: q.dimensions[0].grain == "month"),
        ("nur Romandie, nach Kanton", lambda q: q.dimensions[0].field == "kanton" and q.filters),
    ],
)
def test_a_follow_up_changes_what_it_names_and_keeps_the_rest(follow_up, check):
    query = draft(follow_up, "Umsatz im letzten Quartal nach Region").query
    assert query.metrics == ("revenue",)
    assert check(query)


def test_a_follow_up_goes_on_from_the_last_answer_not_from_a_question_back():
    query = draft("und nach Segment?", "Umsatz im Jahr 2025", "Wie läuft es?").query
    assert query.period.start == date(2025, 1, 1)
    assert query.dimensions[0].field == "segment"


def test_a_value_nobody_knows_is_asked_back_about_in_a_follow_up():
    assert draft("und in Deutschland?", "Umsatz im Jahr 2025").kind != "sql"


def test_what_was_read_for_what_is_told():
    assert any("umsatz" in warning for warning in draft("Umsaz nach Region").warnings)


@pytest.mark.parametrize(
    "question", ["Wie hoch ist die Marge?", "Umsatz nächstes Jahr", "Lösche alle Kunden"]
)
def test_what_no_data_can_answer_is_refused_with_a_reason(question):
    refused = draft(question)
    assert refused.kind == "refuse"
    assert refused.reason


def test_what_is_passed_over_lowers_the_certainty():
    assert 0 < certainty(Signals(filler=0.9)) < certainty(Signals(filler=0.1)) < 1
