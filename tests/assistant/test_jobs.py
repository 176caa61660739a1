"""Jobs: progress and result by id, one at a time of a kind, never running for ever."""

import sys
import threading
import time

import pytest

from assistant.jobs import MAX_JOBS, Job, Jobs
from connectors.errors import SiloUnavailable


def finished(jobs: Jobs, job: Job) -> Job:
    for _ in range(1_000):
        found = jobs.get(job.id)
        assert found is not None
        if found.state != "running":
            return found
        time.sleep(0.005)
    raise AssertionError("the job never ended")


def test_a_job_reports_progress_and_its_result():
    jobs = Jobs()

    def work(report):
        report(1, 2, "crm")
        return {"tables": 3}

    job = finished(jobs, jobs.start("refresh", work))
    assert (job.state, job.done, job.total, job.what) == ("done", 1, 2, "crm")
    assert (job.result, job.error) == ({"tables": 3}, None)


def test_progress_is_seen_while_the_job_runs():
    jobs, reported, release = Jobs(), threading.Event(), threading.Event()

    def work(report):
        report(3, 7, "cdp")
        reported.set()
        return {"released": release.wait(10)}

    job = jobs.start("refresh", work)
    assert reported.wait(10)
    assert jobs.get(job.id) == Job(job.id, "running", 3, 7, "cdp")
    release.set()
    assert finished(jobs, job).result == {"released": True}


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (SiloUnavailable("crm is down"), "crm is down"),
        (ValueError("a secret"), "internal error, see the log"),
    ],
)
def test_a_failed_job_says_why(error, message):
    jobs = Jobs()

    def work(report):
        raise error

    job = finished(jobs, jobs.start("refresh", work))
    assert (job.state, job.error, job.result) == ("failed", message, None)


def test_a_second_job_of_a_kind_is_the_running_one_and_another_kind_is_not():
    jobs, release = Jobs(), threading.Event()
    first = jobs.start("refresh", lambda report: {"waited": release.wait(10)})
    assert jobs.start("refresh", lambda report: {}).id == first.id
    assert finished(jobs, jobs.start("other", lambda report: {"n": 1})).result == {"n": 1}
    release.set()
    assert finished(jobs, first).result == {"waited": True}


@pytest.fixture
def _threads_change_often():
    """So that a gap between two steps is met."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("_threads_change_often")
@pytest.mark.parametrize("error", [None, SiloUnavailable("crm is down")])
def test_who_sees_the_end_of_a_job_can_start_the_next(error):
    jobs = Jobs()

    def work(report):
        if error:
            raise error
        return {}

    seen = set()
    for _ in range(200):
        job = jobs.start("refresh", work)
        seen.add(job.id)
        while jobs.get(job.id).state == "running":
            pass
    assert len(seen) == 200


def test_old_jobs_are_forgotten_but_none_that_runs():
    jobs, release = Jobs(), threading.Event()
    running = jobs.start("slow", lambda report: {"waited": release.wait(10)})
    done = [finished(jobs, jobs.start("quick", lambda report: {})) for _ in range(MAX_JOBS + 5)]
    assert jobs.get(done[0].id) is None
    assert jobs.get(done[-1].id) == done[-1]
    release.set()
    assert finished(jobs, running).state == "done"


def test_an_unknown_job_is_none():
    assert Jobs().get("none") is None
