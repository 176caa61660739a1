"""Gold rows come from the file, the truth or the federation."""

import pytest

from assistant.evaluation.gold import Truth, read_golds
from assistant.evaluation.questions import Question, load_questions
from tests.assistant.evaluation.test_questions import DEMO


@pytest.mark.parametrize("name", ["questions_more.yaml", "questions_fresh.yaml"])
def test_every_gold_of_a_file_reads_rows_with_figures(demo_services, name):
    file = load_questions(DEMO / name)
    golds = read_golds(demo_services, file, file.questions)
    assert set(golds) == {q.id for q in file.questions if q.expected == "answered"}
    assert all(golds.values())
    assert not [key for key, rows in golds.items() if any(row[-1] is None for row in rows)]


def test_truth_is_read_past_the_planner_with_its_true_keys(demo_services, demo_folder):
    truth = Truth(demo_folder / "truth.duckdb", demo_services)
    rows = truth.rows("SELECT count(*), count(*), max(customer_no) FROM kunden")
    truth.close()
    assert rows == ((12_000, 12_000, 12_000),)


def test_truth_and_federation_count_the_same(demo_services):
    file = load_questions(DEMO / "questions.yaml")
    asked = (
        Question("truth", {"de": "?"}, gold="SELECT count(*) FROM nps_antworten"),
        Question("silo", {"de": "?"}, gold_sql="SELECT count(*) FROM survey.main.nps_antworten"),
        Question("given", {"de": "?"}, gold_rows=((9_000,),)),
        Question("none", {"de": "?"}, expected="refused"),
    )
    golds = read_golds(demo_services, file, asked)
    assert golds == dict.fromkeys(("truth", "silo", "given"), ((9_000,),))
