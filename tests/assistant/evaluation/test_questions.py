"""Question files say what is wrong with them, and where."""

import hashlib
from pathlib import Path

import pytest

from assistant.evaluation.questions import load_questions
from connectors.errors import ConfigurationError

DEMO = Path(__file__).parents[3] / "demo"
MEASURED = load_questions(DEMO / "questions_more.yaml").questions
FRESH = load_questions(DEMO / "questions_fresh.yaml").questions


@pytest.fixture
def written(tmp_path):
    def write(text: str) -> Path:
        path = tmp_path / "asked.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("questions: []", "asked.yaml: questions: expected a list", None),
        ("question: []", "asked.yaml: question: unknown key", "'questions'"),
        ("questions: [{id: a, de: Was, goldd: SELECT 1}]", "questions.a.goldd: unknown", "'gold'"),
        ("questions: [{id: a, gold: SELECT 1}]", "questions.a: asks nothing", "'de'"),
        ("questions: [{id: a, de: Was}]", "questions.a: has no gold", "exactly one of"),
        (
            "questions: [{id: a, de: Was, gold: SELECT 1, gold_rows: [[1]]}]",
            "questions.a: has gold and gold_rows",
            "exactly one of",
        ),
        (
            "questions: [{id: a, de: Was, status: refused, gold: SELECT 1}]",
            "questions.a.gold: a question to be met with 'refused' has no gold",
            None,
        ),
        ("questions: [{id: a, de: Was, status: no}]", "'no' is not one of answered", None),
        ("questions: [{de: Was, gold: SELECT 1}]", "questions.1.id: missing", None),
        (
            "questions: [{id: a, de: Was, gold_rows: [[1], [1, 2]]}]",
            "questions.a.gold_rows: the rows are not equally long",
            None,
        ),
        (
            "questions: [{id: a, de: Was, gold: x}, {id: a, en: What, gold: x}]",
            "two questions have the id 'a'",
            None,
        ),
    ],
)
def test_a_mistake_is_named_with_file_question_and_key(written, text, message, hint):
    with pytest.raises(ConfigurationError) as raised:
        load_questions(written(text))
    assert message in raised.value.message
    assert (hint or "") in (raised.value.hint or "")


def test_all_forms_of_gold_are_read(written):
    file = load_questions(
        written(
            "truth: t.duckdb\nquestions:\n"
            "- {id: a, de: Was, gold: SELECT 1}\n"
            "- {id: b, en: What, gold_sql: SELECT 2, silos: 2, kind: total, split: test}\n"
            "- {id: c, de: Was, en: What, gold_rows: [[Zürich, 1.5, null]], ordered: true}\n"
            "- {id: d, en: Which, status: clarify}\n"
        )
    )
    a, b, c, d = file.questions
    assert (file.truth, a.gold, b.gold_sql) == ("t.duckdb", "SELECT 1", "SELECT 2")
    assert (b.silos, b.kind, b.split) == (2, "total", "test")
    assert (c.gold_rows, c.ordered, set(c.texts)) == ((("Zürich", 1.5, None),), True, {"de", "en"})
    assert (d.expected, d.gold_rows) == ("clarify", None)


def test_questions_are_chosen_by_id_split_and_number():
    file = load_questions(DEMO / "questions_more.yaml")
    assert [q.id for q in file.chosen(["profit", "premium_share"])] == ["premium_share", "profit"]
    assert {q.split for q in file.chosen(split="test")} == {"test"}
    assert file.chosen(limit=3) == file.questions[:3]


def test_an_unknown_id_names_the_nearest():
    file = load_questions(DEMO / "questions.yaml")
    with pytest.raises(ConfigurationError, match="no question 'custmers'") as raised:
        file.chosen(["custmers"])
    assert raised.value.hint == "Did you mean 'customers'?"


def test_the_split_of_a_measured_question_follows_from_its_id():
    for question in MEASURED:
        even = hashlib.sha256(question.id.encode()).digest()[0] % 2 == 0
        assert question.split == ("dev" if even else "test"), question.id


def test_measured_questions_are_asked_in_both_languages_and_of_all_sorts():
    assert len(MEASURED) >= 100
    assert all(set(question.texts) == {"de", "en"} for question in MEASURED)
    assert sum(question.expected == "clarify" for question in MEASURED) >= 8
    assert sum(question.expected == "refused" for question in MEASURED) >= 10


def test_fresh_questions_are_of_the_test_split_in_both_languages_and_of_all_sorts():
    assert len(FRESH) >= 90
    assert {question.split for question in FRESH} == {"test"}
    assert all(set(question.texts) == {"de", "en"} for question in FRESH)
    assert all(question.silos for question in FRESH if question.expected == "answered")
    assert sum(question.expected == "clarify" for question in FRESH) >= 5
    assert sum(question.expected == "refused" for question in FRESH) >= 5
    assert sum(question.silos >= 2 for question in FRESH) >= 25
    assert len({question.kind for question in FRESH}) == 12


def test_no_fresh_question_is_asked_in_another_file():
    known = (*MEASURED, *load_questions(DEMO / "questions.yaml").questions)
    taken = {question.id for question in known}
    asked = {text.casefold() for question in known for text in question.texts.values()}
    assert not [question.id for question in FRESH if question.id in taken]
    assert not [q.id for q in FRESH if asked & {text.casefold() for text in q.texts.values()}]
