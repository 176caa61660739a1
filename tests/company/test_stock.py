"""Questions about the data itself, in the chat."""

import jsonschema
import pytest

from assistant.answer_json import to_json
from assistant.pipeline import AskRequest, ask
from assistant.views.base import view_for
from tests.assistant.test_answer_json import SCHEMA


@pytest.mark.parametrize(
    "question",
    [
        "Welche Systeme sind angebunden und was liegt dort?",
        "Welche Daten haben wir?",
        "Wo liegen unsere Einwilligungsdaten?",
        "Which systems are connected and what do they hold?",
        "What data do we have?",
        "Which databases are available?",
    ],
)
def test_a_question_about_the_data_is_recognised(question):
    view = view_for(question)
    assert view is not None
    assert view.name == "catalog"


@pytest.mark.parametrize(
    "question",
    [
        "Wie viele Kundinnen und Kunden haben wir?",
        "Which sources brought the most revenue?",
        "Umsatz pro Monat",
        "Wie viele Systemfehler wurden im Kundendienst gemeldet?",
    ],
)
def test_a_question_about_customers_is_not(question):
    assert view_for(question) is None


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("Welche Systeme sind angebunden und was liegt dort?", "Kundendienst"),
        ("Which systems are connected and what do they hold?", "service desk"),
    ],
)
def test_the_answer_names_every_system_and_what_lies_there(demo_services, question, word):
    answer = ask(demo_services, AskRequest(question))
    assert answer.status == "answered"
    systems = [row[0] for row in answer.rows]
    assert systems == [silo.name for silo in demo_services.settings.silos]
    assert word in answer.text
    assert "kunden" in answer.text
    jsonschema.validate(to_json(answer), SCHEMA)


def test_questions_are_counted_where_they_read(demo_services):
    before = demo_services.usage.totals().get("survey.main.nps_antworten", (0, None))[0]
    ask(demo_services, AskRequest("Wie hoch ist der NPS?"))
    after, day = demo_services.usage.totals()["survey.main.nps_antworten"]
    assert after == before + 1
    assert day == demo_services.clock.day()
