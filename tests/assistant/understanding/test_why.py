"""Questions for a cause are told from all others, and what is left is a plain question."""

import pytest

from assistant.understanding.why import read_why

ASKED = [
    ("Warum ist der NPS im August gesunken?", "ist der NPS im August?", "down"),
    ("Weshalb stiegen die Kündigungen im letzten Quartal?", "die Kündigungen im letzten", "up"),
    ("Woran liegt es, dass die Wartezeit gestiegen ist?", "die Wartezeit ist?", "up"),
    ("Wieso gibt es mehr Tickets?", "gibt es Tickets?", "up"),
    ("Was treibt die Kündigungen?", "die Kündigungen?", None),
    ("Was sind die Gründe für den Rückgang der Abschlussrate?", "den der Abschlussrate?", "down"),
    ("Why did revenue drop in March?", "did revenue in March?", "down"),
    ("Why are there more tickets since August?", "there tickets since", "up"),
    ("What drives cancellations?", "cancellations?", None),
    ("What is behind the fall of the NPS?", "of NPS?", "down"),
    ("What caused the increase in waiting time?", "in waiting time?", "up"),
]


@pytest.mark.parametrize(("question", "plain", "way"), ASKED)
def test_the_why_and_the_movement_are_taken_off(question, plain, way):
    found = read_why(question)
    assert found is not None
    assert found.way == way
    assert set(plain.rstrip("?").split()) <= set(found.plain.replace("?", " ").split())


@pytest.mark.parametrize("question", ["Warum?", "Why?", "Und warum ist das so?", "Why is that?"])
def test_a_lone_why_goes_on_from_the_last_question(question):
    assert read_why(question).plain == ""


@pytest.mark.parametrize(
    "question",
    [
        "Wie hoch ist der NPS?",
        "What is the NPS this year?",
        "What were the reasons for cancellations last quarter?",
        "Was sind die Gründe für Kündigungen?",
        "Warumbad?",
        "",
    ],
)
def test_other_questions_are_left_alone(question):
    assert read_why(question) is None


def test_both_ways_are_no_way():
    assert read_why("Why did calls rise and tickets fall?").way is None
