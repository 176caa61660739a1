"""One question of each form the reader is developed on, in both languages, against the truth."""

from pathlib import Path

import pytest

from assistant.evaluation.questions import load_questions
from assistant.evaluation.running import run_questions

FILE = load_questions(Path(__file__).parents[2] / "demo" / "questions_forms.yaml")
FIRST = tuple({question.kind: question for question in reversed(FILE.questions)}.values())


@pytest.fixture(scope="module")
def run(demo_services):
    return run_questions(demo_services, FILE, FIRST)


def test_there_are_many_forms_of_questions():
    assert len(FILE.questions) >= 125
    assert len(FIRST) >= 18


def test_no_form_is_answered_wrongly(run):
    assert [r.key for r in run.results if r.outcome in ("wrong", "error")] == []


def test_nearly_all_forms_are_answered(run):
    right = sum(result.outcome == "right" for result in run.results)
    assert right >= 0.9 * len(run.results)
