"""What people think of answers: appended to a file beside the catalog, one JSON object a line."""

import json
import threading
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Feedback:
    """A verdict on the answer of a trace id; the comment is free text.

    Attributes:
        question: As asked, where the verdict comes from the chat; a person may verify it later.
    """

    trace_id: str
    verdict: Literal["good", "bad"]
    comment: str = ""
    question: str = ""


class FeedbackFile:
    """Appends feedback; thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "feedback.jsonl"
        self._lock = threading.Lock()

    def add(self, feedback: Feedback) -> None:
        """Append one line with the time of day in UTC."""
        line = json.dumps({**asdict(feedback), "at": datetime.now(UTC).isoformat()})
        with self._lock:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
