"""The demo's plain questions about people are answered in both languages, with what was planted."""

import jsonschema
import pytest

from assistant.answer_json import to_json
from assistant.pipeline import AskRequest, ask
from assistant.recommendations.saying import untraced
from demo.truth import open_truth
from tests.assistant.test_answer_json import SCHEMA

QUESTIONS = [
    ("journey_gap", "Wo weichen geplante und tatsächliche Journeys am stärksten ab?", "Where do planned and actual journeys deviate most?"),
    ("attribution", "Wie rentiert sich jeder Werbefranken je Kanal, nach Retouren?", "Return of each ad franc by channel after returns"),
    ("journeys", "Zeige die zehn häufigsten Wege vom ersten Kontakt bis zum Kauf.", "What are the most frequent paths to a purchase?"),
    ("concentration", "Wie konzentriert ist der Umsatz, als Gini?", "Show the Lorenz concentration of revenue"),
    ("rfm", "Beschreibe die typischen Käufergruppen", "Describe the typical customer groups"),
    ("topic", "Welche Themen haben die Kommentare?", "What topics do comments have?"),
    ("contact_pressure", "Wie hoch ist der Kontaktdruck?", "How high is the contact pressure?"),
    ("concurrent_measures", "Welche Massnahmen liefen im Oktober 2026 gleichzeitig auf dieselben Kunden?", "Which measures ran at the same time on the same customers in October 2026?"),
    ("consent_conflict", "Welche Kunden haben widersprüchliche Einwilligungen?", "Which customers have conflicting consents?"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "german", "english"), QUESTIONS, ids=[q[0] for q in QUESTIONS])
def test_a_plain_question_is_answered_in_both_languages(demo_services, kind, german, english):
    answers = [ask(demo_services, AskRequest(question)) for question in (german, english)]
    for answer in answers:
        assert answer.status == "answered", answer.text
        assert answer.model.translator == kind
        assert answer.rows
        jsonschema.validate(to_json(answer), SCHEMA)
        for recommendation in answer.recommendations:
            assert untraced(recommendation, answer.insights) == []
    german_one, english_one = answers
    assert [row[-1] for row in german_one.rows] == pytest.approx(
        [row[-1] for row in english_one.rows]
    )
    assert german_one.text != english_one.text


def test_the_step_that_fails_is_found_and_only_that(demo_services):
    answer = ask(demo_services, AskRequest(QUESTIONS[0][1]))
    assert [i.segment for i in answer.insights] == [{"step": "Rückgewinnung 2"}]
    assert answer.insights[0].value == pytest.approx(55, abs=3)
    assert answer.recommendations[0].id


def test_the_consents_that_contradict_are_counted_as_they_are(demo_services, demo_folder):
    answer = ask(demo_services, AskRequest(QUESTIONS[-1][1]))
    with open_truth(demo_folder) as truth:
        (count,) = truth.execute(
            "SELECT count(DISTINCT customer_no) FROM unsubscribes JOIN einwilligungen AS e USING (customer_no)"
            " JOIN kunden USING (customer_no) WHERE zweck = 'newsletter' AND erteilt AND geloescht_am IS NULL"
        ).fetchone()
    assert answer.rows[0][3] == count


def test_no_comment_leaves_its_silo_for_an_answer(demo_services):
    answer = ask(demo_services, AskRequest("Welche Themen haben die Kommentare?"))
    assert "Paket" not in answer.text + str(answer.rows)
