"""The embedded engine: DuckDB in a child process, one query at a time, with a limit on its memory.

A remainder that runs wild, or a value that breaks a library, ends the child, not the service.
Nothing is pickled; the child has no network and no files but its spill folder. After a query that
went well it drops its relations and waits for the next query; after any other it ends. One spare
child is kept ready so that a query need not wait for one to start.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import pyarrow as pa

from connectors.arrow_types import canonical_type
from connectors.clock import Cancellation, Deadline
from connectors.config import EngineSettings
from connectors.engines._duckdb_child import read_frame, write_frame
from connectors.engines.base import EngineResult
from connectors.errors import BudgetExceeded, EngineError, EngineOutOfMemory

IDLE = 4
LONGEST_LIFE = 200
CHILD = Path(__file__).with_name("_duckdb_child.py")
Header = dict[str, Any]


class Engine:
    """Starts children; thread-safe."""

    name = "duckdb"

    def __init__(self, settings: EngineSettings, silos: Mapping[str, str]) -> None:
        self._settings = settings
        self._idle: list[_Child] = []
        self._closed = False
        self._lock = threading.Lock()

    def session(self, deadline: Deadline, cancellation: Cancellation) -> "Session":
        """A session over an idle child; when that was the last one, the next starts at once."""
        with self._lock:
            child = self._idle.pop(0) if self._idle else None  # the last one may still reset
        session = Session(child or _Child(self._settings), deadline, cancellation, self._back)
        with self._lock:
            if not self._idle and not self._closed:
                self._idle.append(_Child(self._settings))
        return session

    def _back(self, child: "_Child") -> None:
        """Take a child whose query went well; end it when there are enough or it is old."""
        kept = child.uses < LONGEST_LIFE and child.reset()
        with self._lock:
            kept = kept and not self._closed and len(self._idle) < IDLE
            if kept:
                self._idle.append(child)
        if not kept:
            child.kill()

    def close(self) -> None:
        """End the idle children; the engine may be used again, without a spare."""
        with self._lock:
            idle, self._idle, self._closed = self._idle, [], True
        for child in idle:
            child.kill()


class _Child:
    """A child process and its pipes."""

    def __init__(self, settings: EngineSettings) -> None:
        self._folder = tempfile.mkdtemp(prefix="rundblick-")
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        options = {
            "memory_mb": settings.memory_mb,
            "threads": settings.threads,
            "spill": self._folder,
        }
        write_frame(self.requests, options)
        self.uses = 0

    def reset(self) -> bool:
        """Have it forget its query; it does so while nobody waits. False when it is gone."""
        self.uses += 1
        try:
            write_frame(self.requests, {"kind": "reset"})
        except (OSError, ValueError):
            return False
        return True

    @property
    def requests(self) -> BinaryIO:
        """Where requests go."""
        return _pipe(self._process.stdin)

    @property
    def answers(self) -> BinaryIO:
        """Where answers come from."""
        return _pipe(self._process.stdout)

    def kill(self) -> None:
        """End the process and remove what it spilled."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                _pipe(pipe).close()
            except BrokenPipeError:
                continue
        shutil.rmtree(self._folder, ignore_errors=True)


def _pipe(stream: Any) -> BinaryIO:
    pipe: BinaryIO = stream
    return pipe


class Session:
    """One query's relations in a child. `load` may be called from several threads at once."""

    def __init__(
        self,
        child: _Child,
        deadline: Deadline,
        cancellation: Cancellation,
        give_back: Callable[[_Child], None],
    ) -> None:
        self._child = child
        self._give_back = give_back
        self._deadline = deadline
        self._cancellation = cancellation
        self._finished = False
        self._stopped: EngineError | BudgetExceeded | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(deadline.left(), self._time_over)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        """Watch the deadline and the cancellation."""
        self._timer.start()
        self._cancellation.on_cancel(self._cancelled)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the child back after a query that went well; else end it."""
        self._timer.cancel()
        self._cancellation.forget(self._cancelled)
        if self._finished and self._stopped is None and error is None:
            self._give_back(self._child)
        else:
            self._child.kill()

    def load(self, name: str, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> None:
        """Stream rows into the relation `name`; batches of several relations may interleave."""
        types = [_engine_type(field) for field in schema]
        plain = schema.remove_metadata()
        self._tell({"kind": "open", "name": name, "types": types}, plain.serialize())
        for batch in batches:
            if batch.num_rows:
                payload = batch.replace_schema_metadata(None).serialize()
                self._tell({"kind": "rows", "name": name}, payload)
        self._ask({"kind": "close", "name": name})

    def keys(self, name: str, column: str, limit: int) -> pa.Array | None:
        """Distinct non-null values of an expression over a relation; None when too many."""
        request = {"kind": "keys", "name": name, "key": column, "limit": limit}
        header, payload = self._ask(request)
        if header["many"]:
            return None
        return pa.ipc.open_stream(payload).read_all().column(0).combine_chunks()

    def finish(self, remainder: str, max_rows: int | None) -> EngineResult:
        """Run the remainder; at most `max_rows` rows come back."""
        header, payload = self._ask({"kind": "finish", "sql": remainder, "max_rows": max_rows})
        table = pa.ipc.open_stream(payload).read_all()
        self._finished = True
        return EngineResult(table, bool(header["truncated"]), float(header["ms"]))

    def _tell(self, request: Header, payload: pa.Buffer) -> None:
        """Send one request that has no answer; if it fails, the next answer says so."""
        with self._lock:
            self._write({**request, "id": 0}, memoryview(payload))

    def _ask(self, request: Header, payload: bytes = b"") -> tuple[Header, bytes]:
        """Send one request and wait for its answer; one at a time."""
        with self._lock:
            self._write({**request, "id": 1}, payload)
            answer = self._read()
        kind = answer[0].get("error")
        if kind == "memory":
            raise EngineOutOfMemory(
                f"the engine ran out of memory: {answer[0]['message']}",
                hint="Ask for fewer groups or a shorter period, or raise engine.memory_mb.",
            )
        if kind:
            raise EngineError(f"the engine refused the remainder: {answer[0]['message']}")
        return answer

    def _write(self, header: Header, payload: bytes | memoryview) -> None:
        try:
            write_frame(self._child.requests, header, payload)
        except (OSError, ValueError) as error:
            raise self._reason() from error

    def _read(self) -> tuple[Header, bytes]:
        try:
            answer = read_frame(self._child.answers)
        except (OSError, ValueError, json.JSONDecodeError) as error:
            raise self._reason() from error
        if answer is None:
            raise self._reason()
        return answer

    def _reason(self) -> EngineError | BudgetExceeded:
        """Why the child is gone."""
        return self._stopped or EngineOutOfMemory(
            "the engine's process ended without an answer",
            hint="It was probably out of memory; raise engine.memory_mb.",
        )

    def _time_over(self) -> None:
        self._stopped = BudgetExceeded(
            "the question took longer than it may", hint="Ask for less, or raise engine.timeout_s."
        )
        self._child.kill()

    def _cancelled(self) -> None:
        self._stopped = EngineError("the question was cancelled")
        self._child.kill()


def _engine_type(field: pa.Field) -> str:
    """The relation's column type; texts that are UUID or JSON in their silo become so again."""
    named = (field.metadata or {}).get(b"canonical")
    return named.decode() if named else canonical_type(field.type)
