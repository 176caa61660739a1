"""``rundblick eval`` with a chat model: replies are kept, and had again without the model."""

import json

import pytest
from typer.testing import CliRunner

import app
from tests.assistant.model_shop import make_shop
from tests.scripted_model import draft, scripted_endpoint

QUESTIONS = """
questions:
  - {id: people, de: "Wie viele Leute gibt es?", en: "How many people are there?", gold_rows: [[6]]}
  - {id: gold, en: Number of Goldkundschaft people, gold_rows: [[3]]}
"""
COUNT = "SELECT COUNT(DISTINCT people.id) AS n FROM shop.main.people AS people"
DRAFTS = [
    draft(kind="sql", sql=COUNT),
    draft(kind="sql", sql=COUNT),
    draft(kind="sql", sql=f"{COUNT} WHERE people.segment = 'goldkundschaft'"),
]


@pytest.fixture
def evaluate(tmp_path):
    config = make_shop(tmp_path)
    questions = tmp_path / "questions.yaml"
    questions.write_text(QUESTIONS, encoding="utf-8")

    def run(*words: object) -> dict:
        given = ["eval", str(questions), "--config", str(config), "--format", "json"]
        made = CliRunner().invoke(app.cli, [*given, *map(str, words)])
        assert made.stdout, made.stderr
        return json.loads(made.stdout)

    return run


def outcomes(value: dict) -> list[tuple[str, str, int, int]]:
    keys = ("id", "outcome", "calls", "prompt_tokens")
    return [tuple(result[key] for key in keys) for result in value["run"]["results"]]


def test_a_recorded_run_is_had_again_without_the_model(evaluate, tmp_path):
    replies = tmp_path / "replies.jsonl"
    with scripted_endpoint(*DRAFTS) as endpoint:
        first = evaluate("--model", endpoint.url, "--record", replies)
    again = evaluate("--replay", replies, "--jobs", 3)
    assert outcomes(again) == outcomes(first)
    assert [outcome for _, outcome, _, _ in outcomes(first)] == ["right"] * 3
    assert {calls for _, _, calls, _ in outcomes(first)} == {1}


def test_a_run_goes_on_where_its_recording_ends(evaluate, tmp_path):
    replies = tmp_path / "replies.jsonl"
    with scripted_endpoint(*DRAFTS) as endpoint:
        evaluate("--model", endpoint.url, "--record", replies, "--only", "people")
        evaluate("--model", endpoint.url, "--record", replies)
        assert len(endpoint.requests) == 3


def test_a_recording_without_a_model_is_a_usage_error(tmp_path):
    config = make_shop(tmp_path)
    (tmp_path / "q.yaml").write_text(QUESTIONS, encoding="utf-8")
    words = ["eval", str(tmp_path / "q.yaml"), "--config", str(config), "--record", "r.jsonl"]
    made = CliRunner().invoke(app.cli, words)
    assert made.exit_code == 2
    assert "no chat model to record" in made.stderr
