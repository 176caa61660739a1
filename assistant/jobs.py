"""Long work in the background, such as a catalog refresh, that callers can look up by id."""

import logging
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from connectors.errors import RundblickError

MAX_JOBS = 100
_log = logging.getLogger(__name__)
Report = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Job:
    """A job's state; `result` is there once done, `error` once failed."""

    id: str
    state: Literal["running", "done", "failed"] = "running"
    done: int = 0
    total: int = 0
    what: str = ""
    result: Mapping[str, Any] | None = None
    error: str | None = None


class Jobs:
    """Runs one job at a time for each kind; a second request gets the running one."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._running: dict[str, str] = {}
        self._lock = threading.Lock()

    def get(self, job_id: str) -> Job | None:
        """The job of this id, or None."""
        with self._lock:
            return self._jobs.get(job_id)

    def all(self) -> tuple[Job, ...]:
        """All jobs that are remembered, newest first."""
        with self._lock:
            return tuple(reversed(self._jobs.values()))

    def start(self, kind: str, work: Callable[[Report], Mapping[str, Any]]) -> Job:
        """Start work in a thread, or return the job of this kind that runs already."""
        with self._lock:
            if kind in self._running:
                return self._jobs[self._running[kind]]
            job = Job(uuid.uuid4().hex)
            self._jobs[job.id] = job
            self._running[kind] = job.id
            self._forget()
        threading.Thread(target=self._run, args=(kind, job, work), daemon=True).start()
        return job

    def _forget(self) -> None:
        """The oldest jobs that ended, when there are too many."""
        ended = [name for name, job in self._jobs.items() if job.state != "running"]
        for name in ended[: max(0, len(self._jobs) - MAX_JOBS)]:
            del self._jobs[name]

    def _run(self, kind: str, job: Job, work: Callable[[Report], Mapping[str, Any]]) -> None:
        def report(done: int, total: int, what: str) -> None:
            self._change(job.id, done=done, total=total, what=what)

        try:
            self._end(kind, job.id, state="done", result=work(report))
        except RundblickError as error:
            self._end(kind, job.id, state="failed", error=error.message)
        except Exception:  # noqa: BLE001 - the edge of a worker: a job must never stay running
            _log.exception("job %s failed", kind)
            self._end(kind, job.id, state="failed", error="internal error, see the log")

    def _end(self, kind: str, job_id: str, **changes: Any) -> None:
        """In one step: who sees the end of a job can start the next one."""
        with self._lock:
            self._running.pop(kind, None)
            self._jobs[job_id] = replace(self._jobs[job_id], **changes)

    def _change(self, job_id: str, **changes: Any) -> None:
        with self._lock:
            self._jobs[job_id] = replace(self._jobs[job_id], **changes)
