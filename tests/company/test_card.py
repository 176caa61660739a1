"""The demo's customer card reaches seven silos; recommendations there hold what they promise."""

import jsonschema
import pytest

from assistant.answer_json import to_json
from assistant.pipeline import AskRequest, ask
from assistant.recommendations.saying import untraced
from demo.truth import open_truth
from tests.assistant.test_answer_json import SCHEMA

# A customer whom every silo knows, with an open ticket.
KNOWN = """
SELECT kundennummer FROM kunden WHERE geloescht_am IS NULL AND email IS NOT NULL
AND customer_no IN (SELECT customer_no FROM tickets WHERE status < 2 AND geloescht_am IS NULL)
AND customer_no IN (SELECT customer_no FROM anrufe) AND customer_no IN (FROM (SELECT customer_no FROM sends))
AND customer_no IN (SELECT customer_no FROM nps_antworten) AND customer_no IN (SELECT customer_no FROM web_events)
AND customer_no IN (SELECT customer_no FROM bestellungen) AND customer_no IN (SELECT customer_no FROM einwilligungen)
ORDER BY 1 LIMIT 1
"""


@pytest.fixture(scope="module")
def number(demo_folder):
    with open_truth(demo_folder) as truth:
        return truth.execute(KNOWN).fetchone()[0]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Zeige alles zu Kundin {number}", ("Kundenkarte", "offene Beschwerde", "Stimmung")),
        ("Show everything about customer {number}", ("Customer card", "open complaint", "Mood")),
    ],
)
def test_one_question_shows_a_customer_over_seven_silos(demo_services, number, question, words):
    answer = ask(demo_services, AskRequest(question.format(number=number)))
    jsonschema.validate(to_json(answer), SCHEMA)
    assert all(word in answer.text for word in words), answer.text
    assert {"dwh", "service", "survey", "campaign", "consent", "cdp"} <= {r[1] for r in answer.rows}
    assert answer.chart is not None


@pytest.mark.parametrize(
    "question",
    ["Kündigungen im letzten Quartal nach Region", "Cancellations last quarter by region"],
)
def test_a_recommendation_reaches_people_under_guards_and_every_number_is_traced(
    demo_services, question
):
    answer = ask(demo_services, AskRequest(question))
    (first, *_) = answer.recommendations
    assert first.id
    assert first.channel == "phone"
    before = [guard["before"] for guard in first.audience["guards"]]
    after = [guard["after"] for guard in first.audience["guards"]]
    assert before == [first.audience["selected"], *after[:-1]]
    assert first.audience["reachable"] == after[-1] < first.audience["selected"]
    assert first.cost == round(6.5 * first.audience["reachable"], 2)
    low, high = first.expected_effect["interval"]
    assert low <= first.expected_effect["value"] <= high < 0
    assert first.expected_value > 0
    assert first.measurement["sample_size"] > 0
    found = {insight.id for insight in answer.insights}
    for recommendation in answer.recommendations:
        assert set(recommendation.evidence) <= found
        assert untraced(recommendation, answer.insights) == []
