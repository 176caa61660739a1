"""The demo's questions, in both languages, against the generator's own truth."""

from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
import yaml

from assistant.answer_json import to_json
from assistant.pipeline import AskRequest, ask
from demo.truth import open_truth
from tests.assistant.test_answer_json import SCHEMA

FILE = Path(__file__).parents[2] / "demo" / "questions.yaml"
QUESTIONS = yaml.safe_load(FILE.read_text(encoding="utf-8"))["questions"]


def comparable(rows) -> list[tuple]:
    """Rows as sorted tuples; numbers to six places, whatever their type."""

    def cell(value):
        number = isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)
        return round(float(value), 6) if number else str(value)

    return sorted((tuple(cell(value) for value in row) for row in rows), key=str)


@pytest.fixture(scope="module")
def truth(demo_folder):
    connection = open_truth(demo_folder)
    yield connection
    connection.close()


def test_there_are_enough_questions_over_enough_silos():
    assert len(QUESTIONS) >= 30
    assert sum(question["silos"] >= 2 for question in QUESTIONS) >= 15


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q["id"])
def test_the_answer_is_the_truth(demo_services, truth, question, language):
    answer = ask(demo_services, AskRequest(question[language]))
    assert answer.status == "answered", answer.text
    assert answer.language == language
    assert comparable(answer.rows) == comparable(truth.execute(question["gold"]).fetchall())
    assert answer.receipt is not None
    assert len({f.silo for f in answer.receipt.fragments}) >= question["silos"]
    assert answer.receipt.rows_persisted == 0
    jsonschema.validate(to_json(answer), SCHEMA)
