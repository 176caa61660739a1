"""The whole way with a chat model, played by a scripted endpoint over the real wire."""

import json
from contextlib import contextmanager

import duckdb
import jsonschema
import pytest
import yaml

import app
from assistant.answer_json import to_json
from assistant.pipeline import AskRequest, ask
from connectors.config import load_settings
from tests.assistant.test_answer_json import SCHEMA
from tests.scripted_model import Scripted, draft, scripted_endpoint

QUESTION = "Wie viele Kunden haben wir je Region?"
SQL = """SELECT region, COUNT(*) AS kunden FROM crm.public.kunden
    WHERE geloescht_am IS NULL GROUP BY region"""
LABELS = [{"column": "kunden", "label": "Kunden", "unit": "count"}]


@pytest.fixture
def with_model(demo_folder):
    """Services over the demo whose chat model plays a script."""

    @contextmanager
    def opened(*script: Scripted):
        path = demo_folder / "with_model.yaml"
        with scripted_endpoint(*script) as endpoint:
            raw = yaml.safe_load((demo_folder / "silos.yaml").read_text(encoding="utf-8"))
            raw["model"] = {"base_url": endpoint.url, "api_key": "k", "chat": "scripted"}
            path.write_text(yaml.safe_dump(raw), encoding="utf-8")
            services = app.open_services(load_settings(path))
            try:
                yield services, endpoint
            finally:
                services.close()
                path.unlink()

    return opened


def test_a_draft_of_the_model_is_run_and_answered(with_model):
    script = draft(kind="sql", sql=SQL, labels=LABELS, metrics=["customers"])
    with with_model(script) as (services, endpoint):
        answer = ask(services, AskRequest(QUESTION))
    assert answer.status == "answered", answer.text
    assert (answer.model.translator, answer.model.calls) == ("llm", 1)
    assert answer.model.prompt_tokens == 120
    assert len(answer.rows) == 7
    assert [d.metric for d in answer.definitions] == ["customers"]
    assert "Today is 2026-10-31" in json.dumps(endpoint.requests[0])
    jsonschema.validate(to_json(answer), SCHEMA)


def test_no_person_is_in_any_request_to_the_model(with_model, demo_folder):
    wrong = draft(kind="sql", sql="SELECT gebiet FROM crm.public.kunden")
    right = draft(kind="sql", sql=SQL)
    look = Scripted(tool_calls=(("describe_table", {"table": "crm.public.kunden"}),))
    with with_model(look, wrong, right) as (services, endpoint):
        assert ask(services, AskRequest(QUESTION)).status == "answered"
    sent = json.dumps(endpoint.requests, ensure_ascii=False).lower()
    with duckdb.connect(str(demo_folder / "truth.duckdb"), read_only=True) as truth:
        people = truth.execute("SELECT email, nachname, telefon FROM kunden LIMIT 2000").fetchall()
    found = {cell for row in people for cell in row if cell and f'"{cell.lower()}"' in sent}
    assert len(people) == 2000
    assert found == set()
    assert "@" not in sent


@pytest.mark.parametrize(
    "fault",
    [Scripted(status=500), Scripted(garbage=b"<html>proxy</html>"), Scripted(content="I cannot.")],
    ids=["server error", "garbage", "chatter"],
)
def test_a_model_that_fails_leaves_the_answer_to_the_other_translator(with_model, fault):
    with with_model(*[fault] * 8) as (services, _):
        answer = ask(services, AskRequest(QUESTION))
    assert answer.status == "answered", answer.text
    assert answer.model.translator == "semantic"
    assert len(answer.warnings) == 1
    assert answer.warnings[0] in answer.text
    assert len(answer.rows) == 7


@pytest.mark.parametrize(
    "hostile",
    [
        "DELETE FROM crm.public.kunden",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT 1; DROP TABLE crm.public.kunden",
    ],
)
def test_hostile_sql_of_the_model_never_reaches_a_silo(with_model, hostile):
    bad = draft(kind="sql", sql=hostile)
    with with_model(bad, bad) as (services, _):
        answer = ask(services, AskRequest(QUESTION))
    assert answer.model.translator == "semantic"
    assert hostile not in (answer.sql or "")


def test_a_question_back_of_the_model_is_asked(with_model):
    back = draft(kind="clarify", question="Aktive oder alle?", options=["aktive", "alle"])
    with with_model(back) as (services, _):
        answer = ask(services, AskRequest(QUESTION))
    assert answer.status == "clarify"
    assert answer.clarification.options == ("aktive", "alle")
