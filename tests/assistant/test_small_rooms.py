"""Conversations, jobs, feedback, CSV: each small, each with its promise."""

import csv
import io
import json
import threading
import time
from urllib.parse import unquote

import pytest

from assistant.answer import Answer, ModelUse
from assistant.conversation import MAX_TURNS, Conversations
from assistant.csv_export import to_csv, to_data_uri
from assistant.draft import Draft, Turn
from assistant.feedback import Feedback, FeedbackFile
from assistant.jobs import Job, Jobs
from assistant.telemetry import Telemetry
from connectors.errors import SiloUnavailable
from connectors.query import OutputColumn

TURN = Turn("?", Draft("refuse", ModelUse("semantic")))


def answer(**changes) -> Answer:
    return Answer("answered", "?", "de", "!", "t", ModelUse("semantic"), **changes)


def test_a_conversation_keeps_its_last_turns():
    conversations = Conversations()
    for _ in range(MAX_TURNS + 3):
        conversations.add("a", TURN)
    assert len(conversations.history("a")) == MAX_TURNS


def test_conversations_do_not_see_each_other_and_the_oldest_goes():
    conversations = Conversations(limit=2)
    for name in ("a", "b", "c"):
        conversations.add(name, TURN)
    assert [len(conversations.history(name)) for name in ("a", "b", "c")] == [0, 1, 1]


def test_without_an_id_nothing_is_remembered():
    conversations = Conversations()
    conversations.add(None, TURN)
    assert conversations.history(None) == ()


def finished(jobs: Jobs, job: Job) -> Job:
    for _ in range(200):
        found = jobs.get(job.id)
        assert found is not None
        if found.state != "running":
            return found
        time.sleep(0.01)
    raise AssertionError("the job never ended")


def test_a_job_reports_progress_and_its_result():
    jobs = Jobs()

    def work(report):
        report(1, 2, "crm")
        return {"tables": 3}

    job = finished(jobs, jobs.start("refresh", work))
    assert (job.state, job.done, job.total, job.result) == ("done", 1, 2, {"tables": 3})


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (SiloUnavailable("crm is down"), "crm is down"),
        (ValueError("x"), "internal error, see the log"),
    ],
)
def test_a_failed_job_says_why(error, message):
    jobs = Jobs()

    def work(report):
        raise error

    job = finished(jobs, jobs.start("refresh", work))
    assert (job.state, job.error) == ("failed", message)


def test_a_second_job_of_a_kind_is_the_running_one():
    jobs, release = Jobs(), threading.Event()
    first = jobs.start("refresh", lambda report: {"waited": release.wait(5)})
    assert jobs.start("refresh", lambda report: {}).id == first.id
    release.set()
    assert finished(jobs, first).state == "done"


def test_an_unknown_job_is_none():
    assert Jobs().get("none") is None


def test_feedback_is_one_json_object_a_line(tmp_path):
    file = FeedbackFile(tmp_path / "new")
    file.add(Feedback("t1", "good"))
    file.add(Feedback("t2", "bad", "Zahl stimmt nicht\nwirklich"))
    lines = (tmp_path / "new" / "feedback.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["verdict"] for line in lines] == ["good", "bad"]


def test_csv_neutralises_formulas_and_keeps_umlauts():
    made = answer(
        columns=(OutputColumn("name", "VARCHAR"), OutputColumn("n", "INT")),
        rows=(("=1+1", -3), ("Zürich", 1)),
    )
    rows = list(csv.reader(io.StringIO(to_csv(made))))
    assert rows == [["name", "n"], ["'=1+1", "-3"], ["Zürich", "1"]]
    assert unquote(to_data_uri(made)).endswith(to_csv(made))


def test_answers_are_counted_without_their_words():
    telemetry = Telemetry()
    telemetry.count(answer(), 0.5)
    text = telemetry.text().decode()
    assert 'rundblick_answers_total{code="",status="answered"} 1.0' in text
    assert "?" not in text
