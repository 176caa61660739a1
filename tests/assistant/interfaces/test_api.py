"""The HTTP API as another program sees it, over the demo company."""

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jsonschema
import pytest
from starlette.testclient import TestClient

from assistant.answer import Answer
from assistant.interfaces import api
from assistant.interfaces.api import create_api
from assistant.pipeline import AskRequest, OnStep, Step
from assistant.pipeline import ask as ask_pipeline
from assistant.services import Services
from tests.assistant.interfaces.live import listening
from tests.assistant.interfaces.small_shop import change_shop, make_shop, open_shop
from tests.assistant.test_answer_json import SCHEMA

GERMAN = "Wie viele Tickets sind offen?"
ENGLISH = "How many tickets are open?"
BY_REGION = "Kündigungen im letzten Quartal nach Region"
SEGMENTS = "Anzahl Kunden nach Segment"
MARS = "Wie hoch war gestern der Luftdruck auf dem Mars?"
CUSTOMERS = "SELECT kundennummer, region FROM crm.public.kunden ORDER BY 1"


@pytest.fixture(scope="module")
def client(demo_services):
    with TestClient(create_api(demo_services, "1.2.3")) as client:
        yield client


@pytest.fixture(scope="module")
def by_region(client):
    """The Answer to a question with insights, asked once."""
    return ask(client, BY_REGION)


def answered(response, status="answered") -> dict:
    """The Answer of a response; it fits the contract and has this status."""
    assert response.status_code == 200, response.text
    answer = response.json()
    jsonschema.validate(answer, SCHEMA)
    assert answer["status"] == status, answer["text"]
    return answer


def ask(client, question: str, **fields) -> dict:
    return answered(client.post("/v1/ask", json={"question": question, **fields}))


def events(text: str) -> list[tuple[str, dict]]:
    """Name and data of each event of a stream."""
    found = []
    for block in text.strip().split("\n\n"):
        event, data = block.split("\n")
        found.append((event.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def problem(response, status: int) -> dict:
    assert response.status_code == status, response.text
    assert set(response.json()) == {"error"}
    return response.json()["error"]


# Questions


def test_a_question_is_answered_with_figure_sql_and_receipt(by_region):
    assert by_region["language"] == "de"
    assert len(by_region["rows"]) > 3
    assert sum(row[1] for row in by_region["rows"]) == 402
    assert "crm.public.kunden" in by_region["sql"]
    assert {f["silo"] for f in by_region["receipt"]["fragments"]} >= {"crm"}
    assert by_region["receipt"]["rows_persisted"] == 0


def test_german_and_english_give_the_same_rows(client):
    german, english = ask(client, GERMAN), ask(client, ENGLISH)
    assert (german["language"], english["language"]) == ("de", "en")
    assert german["rows"] == english["rows"] != []


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_requested_language_wins_over_the_questions(client, lang):
    assert ask(client, ENGLISH, lang=lang)["language"] == lang


def test_automatic_language_is_the_questions(client):
    assert ask(client, GERMAN, lang="auto")["language"] == "de"


def test_an_event_stream_names_the_steps_and_ends_with_the_answer(client, by_region):
    response = client.post(
        "/v1/ask", json={"question": BY_REGION}, headers={"accept": "text/event-stream"}
    )
    assert response.headers["content-type"].startswith("text/event-stream")
    found = events(response.text)
    assert [name for name, _ in found] == ["step"] * (len(found) - 1) + ["answer"]
    assert [data["name"] for _, data in found[:-1]] == ["translate", "run", "insights"]
    assert all(data["label"] for _, data in found[:-1])
    jsonschema.validate(found[-1][1], SCHEMA)
    assert found[-1][1]["rows"] == by_region["rows"]


def test_a_refused_question_streams_its_refusal(client):
    response = client.post(
        "/v1/ask", json={"question": MARS}, headers={"accept": "text/event-stream"}
    )
    name, answer = events(response.text)[-1]
    assert (name, answer["status"]) == ("answer", "refused")


def test_a_question_out_of_reach_is_refused_with_200(client):
    answer = answered(client.post("/v1/ask", json={"question": MARS}), "refused")
    assert (answer["rows"], answer["sql"], answer["receipt"]) == ([], None, None)


def test_a_role_that_does_not_exist_is_refused(client):
    body = {"question": GERMAN, "role": "nobody"}
    answer = answered(client.post("/v1/ask", json=body), "refused")
    assert answer["error"]["code"] == "policy"
    assert "nobody" in answer["error"]["message"]
    assert answer["receipt"] is None


def test_a_conversation_goes_on_under_the_callers_id(client):
    first = ask(client, SEGMENTS, conversation_id="api-1")
    second = ask(client, "und nach Region?", conversation_id="api-1")
    assert first["conversation_id"] == second["conversation_id"] == "api-1"
    assert second["columns"][0]["name"] == "region"
    assert sum(row[1] for row in second["rows"]) == sum(row[1] for row in first["rows"])


def test_a_follow_up_under_another_id_does_not_see_the_first_question(client):
    ask(client, SEGMENTS, conversation_id="api-2")
    response = client.post("/v1/ask", json={"question": "und nach Region?", "conversation_id": "z"})
    assert response.json()["status"] in ("clarify", "refused")


def test_questions_at_the_same_time_get_their_own_answers(client):
    asked = [GERMAN, SEGMENTS, "Wie viele Kundinnen und Kunden haben wir?", ENGLISH] * 3
    alone = {question: ask(client, question)["rows"] for question in set(asked)}
    with ThreadPoolExecutor(len(asked)) as pool:
        found = list(pool.map(lambda question: ask(client, question), asked))
    assert [(a["question"], a["rows"]) for a in found] == [(q, alone[q]) for q in asked]
    assert len({a["trace_id"] for a in found}) == len(asked)


# SQL


def test_sql_returns_its_rows(client):
    answer = answered(client.post("/v1/sql", json={"sql": "SELECT 1 AS x, 'ä' AS y"}))
    assert answer["rows"] == [[1, "ä"]]
    assert [column["name"] for column in answer["columns"]] == ["x", "y"]
    assert answer["truncated"] is False


def test_the_answers_sql_gives_the_answers_rows(client, by_region):
    again = answered(client.post("/v1/sql", json={"sql": by_region["sql"]}))
    assert sorted(again["rows"], key=str) == sorted(by_region["rows"], key=str)


def test_max_rows_cuts_and_says_so(client):
    cut = answered(client.post("/v1/sql", json={"sql": CUSTOMERS, "max_rows": 3}))
    assert len(cut["rows"]) == 3
    assert cut["truncated"] is True


def test_explain_plans_and_runs_nothing(client):
    answer = answered(client.post("/v1/sql", json={"sql": CUSTOMERS, "explain": True}))
    assert [f["silo"] for f in answer["plan"]["fragments"]] == ["crm"]
    assert (answer["rows"], answer["receipt"]) == ([], None)


def test_a_run_statement_has_no_plan(client):
    assert "plan" not in client.post("/v1/sql", json={"sql": "SELECT 1"}).json()


@pytest.mark.parametrize(
    ("sql", "status", "code"),
    [
        ("DELETE FROM crm.public.kunden", "refused", "not_a_select"),
        ("SELECT * FROM kundn", "error", "unknown_table"),
        ("SELECT (", "error", "sql_syntax"),
    ],
)
def test_sql_that_cannot_run_is_an_answer_too(client, sql, status, code):
    answer = answered(client.post("/v1/sql", json={"sql": sql}), status)
    assert (answer["error"]["code"], answer["error"]["actor"]) == (code, "user")
    assert answer["rows"] == []


def test_sql_under_an_unknown_role_is_refused(client):
    body = {"sql": "SELECT 1", "role": "nobody"}
    answer = answered(client.post("/v1/sql", json=body), "refused")
    assert answer["error"]["code"] == "policy"


# Malformed requests and unknown ids


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/ask", b"{"),
        ("/v1/ask", b"[]"),
        ("/v1/ask", b"{}"),
        ("/v1/ask", b'{"question": ""}'),
        ("/v1/ask", b'{"question": " \\n "}'),
        ("/v1/ask", b'{"question": 5}'),
        ("/v1/ask", b'{"question": "\\ud800"}'),
        ("/v1/ask", b'{"question": "x", "lang": "fr"}'),
        ("/v1/ask", b'{"question": "x", "quetsion": "y"}'),
        ("/v1/ask", b'{"question": "x", "partial_ok": "yes"}'),
        ("/v1/ask", json.dumps({"question": "x" * 2_001}).encode()),
        ("/v1/ask", json.dumps({"question": "x", "conversation_id": "c" * 201}).encode()),
        ("/v1/sql", b'{"sql": ""}'),
        ("/v1/sql", b'{"sql": "SELECT 1", "max_rows": 0}'),
        ("/v1/sql", b'{"sql": "SELECT 1", "max_rows": true}'),
        ("/v1/feedback", b'{"trace_id": "t", "verdict": "perhaps"}'),
        ("/v1/catalog/refresh", b'{"silos": "crm"}'),
    ],
)
def test_a_malformed_request_says_what_is_wrong(client, path, body):
    response = client.post(path, content=body, headers={"content-type": "application/json"})
    error = problem(response, 422)
    assert error["code"] == "malformed_request"
    assert error["message"]


def test_a_malformed_request_names_the_field(client):
    response = client.post("/v1/ask", json={"question": "x", "lang": "fr"})
    assert problem(response, 422)["message"].startswith("lang: ")


def test_a_search_without_words_is_malformed(client):
    assert problem(client.get("/v1/catalog/search"), 422)["message"].startswith("q: ")


@pytest.mark.parametrize("path", ["/v1/jobs/none", "/v1/nothing"])
def test_what_is_not_there_is_404(client, path):
    assert problem(client.get(path), 404)["code"] == "not_found"


def test_a_wrong_method_is_told_apart_from_a_missing_page(client):
    assert problem(client.get("/v1/ask"), 405)["code"] == "method_not_allowed"


def test_a_refresh_of_an_unknown_silo_is_404(client):
    error = problem(client.post("/v1/catalog/refresh", json={"silos": ["crmm"]}), 404)
    assert "crmm" in error["message"]


# Catalog


def test_the_catalog_lists_every_silo_with_its_tables(client, demo_services):
    silos = {silo["name"]: silo for silo in client.get("/v1/catalog/silos").json()}
    assert set(silos) == {silo.name for silo in demo_services.settings.silos}
    assert silos["crm"]["owner"] == "sales-ops"
    assert all(silo["tables"] > 0 for silo in silos.values())


def test_the_catalog_lists_tables_with_columns_and_sensitivity(client):
    tables = {table["name"]: table for table in client.get("/v1/catalog/tables").json()}
    columns = {c["name"]: c for c in tables["crm.public.kunden"]["columns"]}
    assert columns["region"]["type"] == "VARCHAR"
    assert columns["email"]["sensitivity"] != "none"


@pytest.mark.parametrize("words", ["Kündigungen", "cancellations"])
def test_the_catalog_is_searched_in_both_languages(client, words):
    hits = client.get("/v1/catalog/search", params={"q": words, "limit": 3}).json()
    assert 0 < len(hits) <= 3
    assert "cancellations" in json.dumps(hits)


def test_links_join_different_silos(client):
    links = client.get("/v1/catalog/links").json()
    joined = {(link["left"].split(".")[0], link["right"].split(".")[0]) for link in links}
    assert ("dwh", "crm") in joined


# Jobs, feedback, service


REVENUE = """
semantic_model:
  - name: shop
    datasets:
      - name: orders
        source: shop.main.orders
        primary_key: [id]
        fields:
          - {name: id, expression: id}
          - {name: amount, expression: amount}
    metrics:
      - {name: revenue, expression: SUM(orders.amount)}
"""


def done(client, job: dict) -> dict:
    while job["state"] == "running":
        time.sleep(0.05)
        job = client.get(f"/v1/jobs/{job['id']}").json()
    return job


@pytest.fixture
def shop(tmp_path):
    """A client of a shop of its own, whose database may change."""
    config = make_shop(tmp_path)
    with open_shop(config) as services, TestClient(create_api(services, "1.2.3")) as client:
        yield client


def test_a_refresh_runs_as_a_job_and_the_catalog_moves_on(shop, tmp_path):
    change_shop(tmp_path, "CREATE TABLE gifts (id INTEGER PRIMARY KEY)")
    response = shop.post("/v1/catalog/refresh")
    assert response.status_code == 202
    job = done(shop, response.json())
    assert (job["state"], job["error"]) == ("done", None)
    assert job["done"] == job["total"] > 0
    assert job["result"]["silos"] == ["shop"]
    assert shop.get("/healthz").json()["catalog"] == job["result"]["version"] == 2
    assert [change["table"] for change in shop.get("/v1/catalog/changes").json()] == [
        "shop.main.gifts"
    ]
    assert answered(shop.post("/v1/sql", json={"sql": "SELECT count(*) FROM gifts"}))
    assert [entry["id"] for entry in shop.get("/v1/jobs").json()] == [job["id"]]
    metrics = shop.get("/metrics").text
    assert 'rundblick_refreshes_total{state="done"} 1.0' in metrics
    assert 'rundblick_catalog{figure="tables"} 3.0' in metrics
    assert 'rundblick_catalog{figure="broken_parts"} 0.0' in metrics


def test_what_a_change_broke_is_told(tmp_path):
    config = make_shop(tmp_path)
    (tmp_path / "semantic").mkdir()
    (tmp_path / "semantic" / "shop.yaml").write_text(REVENUE, encoding="utf-8")
    config.write_text(f"{config.read_text(encoding='utf-8')}semantic: semantic\n", encoding="utf-8")
    change_shop(tmp_path, "ALTER TABLE orders RENAME COLUMN amount TO total_amount")
    with open_shop(config) as services, TestClient(create_api(services, "1.2.3")) as client:
        job = done(client, client.post("/v1/catalog/refresh").json())
        found = client.get("/v1/catalog/changes").json()
    cause = "renamed: shop.main.orders.total_amount (was: amount)"
    assert [(b["part"], b["name"], b["causes"]) for b in job["result"]["broken"]] == [
        ("field", "orders.amount", [cause]),
        ("metric", "revenue", [cause]),
    ]
    assert [(c["kind"], c["column"]) for c in found] == [
        ("renamed", "total_amount"),
        ("broken", None),
        ("broken", None),
    ]
    assert found[2]["detail"].startswith("metric revenue: ")


def test_a_refresh_that_fails_says_why_and_keeps_the_catalog(shop, tmp_path):
    (tmp_path / "shop.db").write_text("this is no database")
    body = {"silos": ["shop"], "profile": False}
    job = done(shop, shop.post("/v1/catalog/refresh", json=body).json())
    assert job["state"] == "failed"
    assert "shop" in job["error"]
    assert len(shop.get("/v1/catalog/tables").json()) == 2


def test_feedback_is_kept_beside_the_catalog(client, demo_services):
    body = {"trace_id": "t-1", "verdict": "bad", "comment": "Zahl zu hoch"}
    response = client.post("/v1/feedback", json=body)
    assert (response.status_code, response.json()) == (202, {"state": "kept"})
    file = Path(demo_services.settings.catalog.path) / "feedback.jsonl"
    kept = json.loads(file.read_text(encoding="utf-8").splitlines()[-1])
    assert {name: kept[name] for name in body} == body


def test_health_tells_the_catalogs_version_and_age(client, demo_services):
    health = client.get("/healthz").json()
    assert health["status"] == "ok"
    assert health["catalog"] == demo_services.catalog.version
    assert health["read_at"] == demo_services.catalog.read_at.isoformat()


def counted(client, status: str, code: str = "") -> float:
    sample = f'rundblick_answers_total{{code="{code}",status="{status}"}} '
    lines = client.get("/metrics").text.splitlines()
    return sum(float(line.removeprefix(sample)) for line in lines if line.startswith(sample))


def test_metrics_count_each_question_by_its_outcome(client):
    before = counted(client, "answered"), counted(client, "refused", "not_a_select")
    ask(client, GERMAN)
    client.post("/v1/sql", json={"sql": "DELETE FROM crm.public.kunden"})
    after = counted(client, "answered"), counted(client, "refused", "not_a_select")
    assert after == (before[0] + 1, before[1] + 1)


def test_metrics_are_prometheus_text_without_a_word_of_the_questions(client):
    ask(client, SEGMENTS)
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "# TYPE rundblick_answers_total counter" in response.text
    assert 'rundblick_silo_rows_total{silo="crm"}' in response.text
    assert "Segment" not in response.text


def test_openapi_describes_every_route_of_the_contract(client):
    paths = client.get("/openapi.json").json()["paths"]
    views = {f"/v1/catalog/{v}" for v in ("silos", "tables", "search", "links", "changes")}
    assert set(paths) >= views | {
        "/v1/ask",
        "/v1/sql",
        "/v1/catalog/refresh",
        "/v1/jobs/{job_id}",
        "/v1/feedback",
        "/healthz",
        "/metrics",
    }


# What nobody foresaw


@pytest.fixture
def broken(demo_services, monkeypatch):
    """A client of a service with a defect behind its door and in its search."""

    def defect(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError("a secret inside")

    monkeypatch.setattr(type(demo_services.federation), "run", defect)
    monkeypatch.setattr(type(demo_services.catalog), "search", defect)
    app = create_api(demo_services, "1.2.3")
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def test_a_defect_becomes_an_answer_without_its_inside(broken):
    response = broken.post("/v1/ask", json={"question": GERMAN})
    error = answered(response, "error")["error"]
    assert (error["code"], error["actor"]) == ("error", "operator")
    assert "secret" not in response.text


def test_a_defect_ends_the_event_stream_too(broken):
    response = broken.post(
        "/v1/ask", json={"question": GERMAN}, headers={"accept": "text/event-stream"}
    )
    name, data = events(response.text)[-1]
    assert (name, data["error"]["code"]) == ("answer", "error")
    assert "secret" not in response.text


def test_a_defect_of_another_route_is_500_with_an_error(broken):
    error = problem(broken.get("/v1/catalog/search", params={"q": "x"}), 500)
    assert error == {"code": "error", "message": "internal error, see the log"}


def test_many_streams_do_not_hold_up_a_plain_question(shop, monkeypatch):
    release, waiting, released = threading.Event(), threading.Semaphore(0), []

    def slow(services: Services, asked: AskRequest, on_step: OnStep = lambda step: None) -> Answer:
        if asked.question == GERMAN:
            waiting.release()
            released.append(release.wait(20))
        return ask_pipeline(services, asked, on_step)

    monkeypatch.setattr(api, "ask", slow)
    body, stream = {"question": GERMAN}, {"accept": "text/event-stream"}
    with ThreadPoolExecutor(45) as pool:
        held = [pool.submit(shop.post, "/v1/ask", json=body, headers=stream) for _ in range(45)]
        try:
            assert all(waiting.acquire(timeout=20) for _ in held)
            assert shop.post("/v1/ask", json={"question": MARS}).json()["status"] == "refused"
        finally:
            release.set()
        assert {events(future.result().text)[-1][0] for future in held} == {"answer"}
    assert released == [True] * 45


def test_a_caller_who_goes_away_cancels_the_question(demo_services, monkeypatch):
    cancelled = threading.Event()

    def patient(services: Services, asked: AskRequest, on_step: OnStep) -> Answer:
        on_step(Step("run", "…"))
        asked.cancellation.on_cancel(cancelled.set)
        assert cancelled.wait(20)
        return ask_pipeline(services, asked)

    monkeypatch.setattr(api, "ask", patient)
    with listening(demo_services) as port, socket.create_connection(("127.0.0.1", port)) as caller:
        body = json.dumps({"question": GERMAN}).encode()
        caller.sendall(
            b"POST /v1/ask HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n"
            b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)
        )
        seen = b""
        while b"event: step" not in seen:
            seen += caller.recv(4096)
        caller.close()
        assert cancelled.wait(10)
