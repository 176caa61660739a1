"""What goes wrong is said clearly: silo, policy, words, emptiness."""

from pathlib import Path

import jsonschema
import pytest
import yaml

import app
from assistant.answer_json import to_json
from assistant.failures import exit_code
from assistant.pipeline import AskRequest, SqlRequest, ask, run_sql
from connectors.config import load_settings
from tests.assistant.test_answer_json import SCHEMA

QUESTION = "Kündigungen im letzten Quartal nach Region"


@pytest.fixture
def changed(demo_folder, request):
    """Services over the demo with one silo's settings changed."""
    opened = []

    def make(name: str, **settings: str):
        raw = yaml.safe_load((demo_folder / "silos.yaml").read_text(encoding="utf-8"))
        for silo in raw["silos"]:
            if silo["name"] == name:
                silo.update(settings)
        path = Path(demo_folder) / f"changed_{request.node.name[:20]}.yaml"
        path.write_text(yaml.safe_dump(raw), encoding="utf-8")
        services = app.open_services(load_settings(path))
        opened.append((services, path))
        return services

    yield make
    for services, path in opened:
        services.close()
        path.unlink()


def test_a_silo_that_is_down_fails_the_answer_and_is_named(changed):
    services = changed("crm", url="postgresql://reader@127.0.0.1:9/crm")
    answer = ask(services, AskRequest(QUESTION))
    assert (answer.status, answer.error.code, answer.error.silo) == (
        "error",
        "silo_unavailable",
        "crm",
    )
    assert "crm" in answer.text
    assert exit_code(answer) == 4
    assert answer.rows == ()
    jsonschema.validate(to_json(answer), SCHEMA)


def test_a_partial_answer_says_that_it_is_one(changed):
    services = changed("crm", url="postgresql://reader@127.0.0.1:9/crm")
    answer = ask(services, AskRequest(QUESTION, partial_ok=True))
    assert answer.status == "answered"
    assert any("crm" in warning for warning in answer.warnings)
    assert "Unvollständig" in answer.text
    assert answer.insights == ()


def test_a_wrong_password_is_told_apart_and_never_shown(changed):
    services = changed("campaign", password="ganz-falsch")
    answer = ask(services, AskRequest("Öffnungsrate nach Kampagne"))
    code = answer.error.code if answer.error else None
    if services.settings.silo("campaign").scheme == "mysql":
        assert (code, answer.error.actor) == ("silo_login_failed", "operator")
    assert "ganz-falsch" not in str(to_json(answer))


@pytest.mark.parametrize(
    ("sql", "code", "hint"),
    [
        ("SELECT * FROM kundn", "unknown_table", "kunden"),
        ("SELECT regio FROM kunden", "unknown_column", "region"),
        ("SELECT FROM WHERE", "sql_syntax", ""),
    ],
)
def test_sql_that_does_not_bind_is_the_users_to_mend(demo_services, sql, code, hint):
    answer = run_sql(demo_services, SqlRequest(sql))
    assert (answer.status, answer.error.code, answer.error.actor) == ("error", code, "user")
    assert hint in (answer.error.hint or "")
    assert exit_code(answer) == 2


@pytest.mark.parametrize(
    "sql", ["DELETE FROM kunden", "SELECT 1; SELECT 2", "SELECT * FROM read_csv('/etc/passwd')"]
)
def test_anything_but_a_plain_select_is_refused(demo_services, sql):
    answer = run_sql(demo_services, SqlRequest(sql))
    assert answer.status == "refused"
    assert exit_code(answer) == 3
    assert answer.receipt is None


def test_a_question_out_of_reach_is_refused_with_what_is_in_reach(demo_services):
    answer = ask(demo_services, AskRequest("Wie hoch war gestern der Luftdruck auf dem Mars?"))
    assert answer.status == "refused"
    assert "Mars" in answer.text
    assert "Kündigungen" in answer.text
    assert exit_code(answer) == 3


def test_a_word_it_does_not_know_makes_it_ask_back(demo_services):
    answer = ask(demo_services, AskRequest("How many cancellations last quarter among astronauts?"))
    assert answer.status == "clarify"
    assert "astronauts" in answer.text
    assert "cancellations" in answer.clarification.options


def test_an_empty_result_is_said_to_be_empty(demo_services):
    answer = ask(demo_services, AskRequest("Kündigungen nach Region im Januar 2020"))
    assert answer.status == "answered"
    assert answer.rows == ()
    assert "Keine Zeilen" in answer.text


def test_a_follow_up_goes_on_from_the_question_before(demo_services):
    first = AskRequest("Kündigungen im letzten Quartal nach Region", conversation_id="c1")
    assert ask(demo_services, first).status == "answered"
    second = ask(demo_services, AskRequest("und nach Plan?", conversation_id="c1"))
    assert second.status == "answered", second.text
    assert second.columns[0].name == "plan"
    assert sum(row[1] for row in second.rows) == 402


def test_the_same_question_without_a_conversation_is_not_understood(demo_services):
    assert ask(demo_services, AskRequest("und nach Plan?")).status in ("clarify", "refused")
