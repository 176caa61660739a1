"""What the generator planted is found, and what it only pretends is not."""

import pytest

from assistant.pipeline import AskRequest, ask

PLANTED = [
    ("Kündigungen im letzten Quartal nach Region", "kunden.region", "Romandie", "bad"),
    ("Tickets im letzten Quartal nach Kategorie", "tickets.kategorie", 1, "bad"),
]


@pytest.mark.parametrize(("question", "field", "value", "direction"), PLANTED)
def test_a_planted_effect_is_found(demo_services, question, field, value, direction):
    answer = ask(demo_services, AskRequest(question))
    found = [i for i in answer.insights if i.segment == {field: value}]
    assert found, answer.text
    assert {i.direction for i in found} == {direction}
    assert all(i.evidence_sql and i.silos for i in found)
    assert all(i.interval is None or i.interval[0] <= i.interval[1] for i in found)


def test_a_finding_leads_to_an_action_with_its_evidence(demo_services):
    answer = ask(demo_services, AskRequest("Kündigungen im letzten Quartal nach Region"))
    (action, *_) = answer.recommendations
    assert "Romandie" in action.action
    assert set(action.evidence) <= {insight.id for insight in answer.insights}
    assert action.expected_effect is not None
    assert action.expected_effect["value"] < 0
    assert action.refuted_if


def test_december_is_season_and_no_finding(demo_services):
    answer = ask(demo_services, AskRequest("Bestellungen im Dezember 2025"))
    assert answer.status == "answered"
    assert [i for i in answer.insights if i.type == "trend"] == []


def test_a_tiny_group_is_no_finding(demo_services):
    answer = ask(demo_services, AskRequest("NPS im Oktober 2026 nach Region"))
    assert [i for i in answer.insights if i.segment == {"kunden.region": "Tessin"}] == []


def test_every_number_of_the_text_is_in_the_answer(demo_services):
    from assistant.narration import check_numbers

    answer = ask(demo_services, AskRequest("Kündigungen im letzten Quartal nach Region"))
    cells = [float(v) for row in answer.rows for v in row if isinstance(v, (int, float))]
    parts = [x for i in answer.insights for x in (i.value, i.baseline, i.effect) if x is not None]
    said = answer.text.split("\n\n")[0]
    assert check_numbers(said, [*cells, sum(cells), *parts]) == []
