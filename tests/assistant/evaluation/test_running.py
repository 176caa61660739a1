"""Questions of the demo, asked and scored."""

from dataclasses import replace

import pytest

from assistant.evaluation.questions import Question, QuestionFile, load_questions
from assistant.evaluation.running import Options, run_questions
from connectors.errors import ConfigurationError
from tests.assistant.evaluation.test_questions import DEMO

FILE = load_questions(DEMO / "questions.yaml")
WRONG = Question(
    "wrong_gold", {"de": "Anzahl Kunden nach Segment"}, gold_rows=(("Premium", 1), ("Business", 2))
)
REFUSED = Question(
    "weather", {"de": "Wie wird das Wetter?", "en": "How will the weather be?"}, expected="refused"
)
CANONICAL = Question(
    "canonical",
    {"en": "Number of customers by segment"},
    gold_sql="SELECT segment, count(*) FROM crm.public.kunden WHERE geloescht_am IS NULL GROUP BY 1",
    kind="breakdown",
)


@pytest.fixture(scope="module")
def made(demo_services):
    asked = (*FILE.chosen(["customers", "cancellations_by_region"]), WRONG, REFUSED, CANONICAL)
    return run_questions(demo_services, FILE, asked)


def found(run, key):
    return next(result for result in run.results if result.key == key)


def test_each_question_is_asked_in_each_of_its_languages(made):
    assert [result.key for result in made.results] == [
        "cancellations_by_region (de)",
        "cancellations_by_region (en)",
        "customers (de)",
        "customers (en)",
        "wrong_gold (de)",
        "weather (de)",
        "weather (en)",
        "canonical (en)",
    ]


def test_right_answers_are_right_by_each_form_of_gold(made):
    assert found(made, "customers (de)").outcome == "right"
    assert found(made, "cancellations_by_region (en)").outcome == "right"
    assert found(made, "canonical (en)").outcome == "right"


def test_an_answer_that_is_not_gold_is_wrong_and_says_how(made):
    wrong = found(made, "wrong_gold (de)")
    assert wrong.outcome == "wrong"
    assert wrong.difference.gold_rows == 2
    assert ("Premium", 1.0) in wrong.difference.missing
    assert not made.as_expected


def test_a_question_that_must_be_refused_is_right_when_it_is(made):
    refused = found(made, "weather (de)")
    assert (refused.status, refused.outcome, refused.bytes, refused.used) == (
        "refused",
        "right",
        0,
        (),
    )
    assert refused.message


def test_what_an_answer_took_is_measured(made):
    result = found(made, "cancellations_by_region (de)")
    assert result.used == ("crm", "dwh")
    assert result.bytes > 0
    assert {"translate", "run"} <= set(result.steps)
    assert 0 < sum(result.steps.values()) <= result.ms
    assert 0 < result.confidence <= 1
    assert "dwh.main.abos" in result.sql


def test_languages_are_compared_where_both_were_asked(made):
    assert made.agrees == {"customers": True, "cancellations_by_region": True, "weather": True}


def test_one_language_may_be_asked_alone(demo_services):
    run = run_questions(demo_services, FILE, FILE.chosen(["customers"]), Options(("en",)))
    assert [result.language for result in run.results] == ["en"]
    assert run.agrees == {}
    assert run.as_expected


@pytest.mark.parametrize("key", ["gold", "gold_sql"])
def test_gold_that_cannot_be_read_is_named_before_anything_is_asked(demo_services, key):
    broken = replace(Question("broken", {"de": "Was?"}), **{key: "SELECT a FROM nowhere"})
    asked = []
    with pytest.raises(ConfigurationError, match=rf"questions\.broken\.{key}: .*nowhere"):
        run_questions(
            demo_services, FILE, [broken], Options(), lambda done, total, name: asked.append(name)
        )
    assert asked == []


def test_gold_over_a_truth_that_is_not_named_is_an_error(demo_services):
    file = QuestionFile(FILE.path, FILE.questions)
    with pytest.raises(ConfigurationError, match=r"questions\.yaml: truth: missing"):
        run_questions(demo_services, file, file.chosen(["customers"]))
