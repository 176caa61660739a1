"""Routes about people and actions, over the small company."""

import csv
import io

import jsonschema
import pytest
from starlette.testclient import TestClient

from assistant.interfaces.api import create_api
from tests.assistant.people.company import make_company, open_company
from tests.assistant.test_answer_json import SCHEMA


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    config = make_company(tmp_path_factory.mktemp("people"))
    with open_company(config) as company, TestClient(create_api(company, "1.2.3")) as client:
        yield client


def test_the_next_actions_are_an_answer(client):
    answer = client.get("/v1/next-actions", params={"lang": "en"}).json()
    jsonschema.validate(answer, SCHEMA)
    assert [row[1] for row in answer["rows"]] == ["1", "2"]


def test_the_list_is_given_out_on_approval_and_logged(client):
    assert client.get("/v1/activations").json() == []
    assert client.post("/v1/next-actions/export", json={}).status_code == 422
    made = client.post("/v1/next-actions/export", json={"approved_by": "Mara Muster"})
    assert made.headers["content-type"].startswith("text/csv")
    assert [row[1] for row in csv.reader(io.StringIO(made.text))] == ["person", "1", "2"]
    (line,) = client.get("/v1/activations").json()
    assert (line["approved_by"], line["people"]) == ("Mara Muster", 2)


def test_a_role_whose_guards_are_blind_gets_no_list(client):
    body = {"approved_by": "Mara Muster", "role": "blind"}
    response = client.post("/v1/next-actions/export", json=body)
    assert response.status_code == 403
    assert "guards cannot be checked" in response.json()["error"]["message"]


def test_a_card_is_an_answer_under_the_askers_role(client):
    card = client.post("/v1/customer-card", json={"key": "anna@x.example", "lang": "en"}).json()
    jsonschema.validate(card, SCHEMA)
    assert "id 1" in card["text"]
    assert {row[1] for row in card["rows"]} == {"crm", "mail", "desk"}
    blind = {"key": "anna@x.example", "lang": "en", "role": "blind"}
    hidden = client.post("/v1/customer-card", json=blind).json()
    assert "mail.main.consents" in hidden["warnings"][0]


def test_a_verdict_on_a_recommendation_is_kept(client):
    assert client.get("/v1/decisions").json() == []
    body = {"recommendation": "abc", "verdict": "rejected", "comment": "too dear", "by": "Mara"}
    kept = client.post("/v1/decisions", json=body)
    assert (kept.status_code, kept.json()["verdict"]) == (202, "rejected")
    assert client.get("/v1/decisions").json() == [kept.json()]
    wrong = client.post("/v1/decisions", json={"recommendation": "abc", "verdict": "maybe"})
    assert wrong.status_code == 422
