"""What people think of answers: appended to a file beside the catalog, one JSON object a line.

Nothing is learned from it by itself: `assistant.candidates` lists what a person may accept as a
verified question.
"""

import json
import threading
from collections import OrderedDict
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

FILE = "feedback.jsonl"
MOST_REMEMBERED = 2_000


@dataclass(frozen=True)
class Feedback:
    """A verdict on the answer of a trace id; the comment is free text.

    Attributes:
        question: As asked; empty when the answer is no longer known.
        language: Of the question.
        sql: That the answer came from.
        correction: SQL that would have been right, in the person's words.
    """

    trace_id: str
    verdict: Literal["good", "bad"]
    comment: str = ""
    question: str = ""
    language: str = ""
    sql: str = ""
    correction: str = ""


@dataclass(frozen=True)
class Given:
    """An answer as it was given: what a later verdict is about."""

    question: str
    language: str
    sql: str


class Recent:
    """The last answers by trace id, without their rows, so that a verdict finds its question."""

    def __init__(self, limit: int = MOST_REMEMBERED) -> None:
        self._limit = limit
        self._given: OrderedDict[str, Given] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, trace_id: str, given: Given) -> None:
        """Remember an answer; the oldest is forgotten beyond the limit."""
        with self._lock:
            self._given[trace_id] = given
            while len(self._given) > self._limit:
                self._given.popitem(last=False)

    def completed(self, feedback: Feedback) -> Feedback:
        """The feedback with the question and SQL of its answer, while they are known."""
        with self._lock:
            given = self._given.get(feedback.trace_id)
        if given is None:
            return feedback
        return replace(feedback, question=given.question, language=given.language, sql=given.sql)


class FeedbackFile:
    """Appends feedback; thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._lock = threading.Lock()

    def add(self, feedback: Feedback) -> None:
        """Append one line with the time of day in UTC."""
        line = json.dumps({**asdict(feedback), "at": datetime.now(UTC).isoformat()})
        with self._lock:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
