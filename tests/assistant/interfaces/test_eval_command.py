"""``rundblick eval``: exit codes, output, files."""

import json

import pytest
from typer.testing import CliRunner

import app
from tests.assistant.evaluation.test_questions import DEMO

RIGHT = "questions: [{id: count, en: How many customers do we have, gold_rows: [[COUNT]]}]"


@pytest.fixture(scope="module")
def evaluate(demo_folder):
    def run(*words: object):
        given = ["eval", *map(str, words), "--config", str(demo_folder / "silos.yaml")]
        return CliRunner().invoke(app.cli, given)

    return run


@pytest.fixture
def wrong_file(tmp_path):
    path = tmp_path / "wrong.yaml"
    path.write_text(RIGHT.replace("COUNT", "1"), encoding="utf-8")
    return path


def test_all_right_exits_0_and_keeps_the_run(evaluate, tmp_path):
    out, html = tmp_path / "run.json", tmp_path / "report.html"
    made = evaluate(DEMO / "questions.yaml", "--only", "customers", "--out", out, "--html", html)
    assert made.exit_code == 0, made.output
    assert "100.0 %" in made.stdout
    assert [r["id"] for r in json.loads(out.read_text())["results"]] == ["customers", "customers"]
    assert html.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_miss_exits_1_and_is_listed_with_its_rows(evaluate, wrong_file):
    made = evaluate(wrong_file)
    assert made.exit_code == 1
    assert "wrong: count (en)" in made.stdout
    assert "missing: 1" in made.stdout


def test_json_goes_to_stdout_alone(evaluate, wrong_file):
    made = evaluate(wrong_file, "--format", "json")
    value = json.loads(made.stdout)
    assert value["summary"]["total"]["outcomes"]["wrong"] == 1
    assert value["run"]["results"][0]["difference"]["gold_rows"] == 1


def test_a_kept_run_is_compared(evaluate, wrong_file, tmp_path):
    out = tmp_path / "run.json"
    evaluate(wrong_file, "--out", out)
    count = json.loads(out.read_text())["results"][0]["difference"]["extra"][0][0]
    wrong_file.write_text(RIGHT.replace("COUNT", str(count)), encoding="utf-8")
    made = evaluate(wrong_file, "--compare", out)
    assert made.exit_code == 0
    assert "Newly right" in made.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("questions: [{id: a, de: Was, golt: SELECT 1}]", "questions.a.golt: unknown key"),
        ("questions: [", "not valid YAML"),
        ("questions: [{id: a, de: Was, gold: SELECT 1}]", "truth: missing"),
    ],
)
def test_a_bad_file_exits_2_and_says_why(evaluate, tmp_path, text, said):
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    made = evaluate(path)
    assert made.exit_code == 2
    assert said in made.stderr
    assert made.stdout == ""


def test_a_truth_that_is_not_there_exits_2(evaluate):
    made = evaluate(DEMO / "questions.yaml", "--only", "customers", "--truth", "/nowhere/t.duckdb")
    assert made.exit_code == 2
    assert "questions.yaml: questions.customers.gold" in made.stderr
