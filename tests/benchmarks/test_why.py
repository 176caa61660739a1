"""The cost of why-questions: every planted effect is asked for, and a limit that is passed is told."""

import pytest

from assistant.language import detect_language
from assistant.understanding.why import read_why
from benchmarks.why.command import Cost, questions, report

CHEAP = Cost(1.0, 20, 2_000_000)


def test_every_question_asks_for_a_cause_in_german_or_english():
    asked = questions()
    assert len(asked) == 20
    assert all(read_why(question) for question in asked)
    assert {detect_language(question) for question in asked} == {"de", "en"}


def test_the_figures_are_printed(capsys):
    assert report({"Why?": [CHEAP, CHEAP]}) == 0
    said = capsys.readouterr().out
    assert "| Why? | 1.0 | 20 | 2.00 |" in said
    assert "p95 1.0 s of 2 questions; at most 20 queries and 2.00 MB" in said


@pytest.mark.parametrize("dear", [Cost(16.0, 20, 0), Cost(1.0, 61, 0), Cost(1.0, 20, 10_000_001)])
def test_a_limit_that_is_passed_fails(dear):
    assert report({"Why?": [dear]}) == 1
