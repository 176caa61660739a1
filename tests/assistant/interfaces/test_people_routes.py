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
