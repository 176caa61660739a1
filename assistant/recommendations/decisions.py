"""What people decided of recommendations: appended to a file beside the catalog, shown again."""

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

FILE = "decisions.jsonl"
Verdict = Literal["accepted", "rejected"]


@dataclass(frozen=True)
class Decision:
    """A verdict on a recommendation, by its id; `at` is UTC, ISO 8601."""

    recommendation: str
    verdict: Verdict
    comment: str = ""
    by: str = ""
    action: str = ""
    at: str = ""


class Decisions:
    """Appends decisions and reads them back; thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._lock = threading.Lock()

    def add(self, decision: Decision) -> Decision:
        """Append one line, with the time of day; the decision as it was kept."""
        kept = Decision(**{**asdict(decision), "at": datetime.now(UTC).isoformat()})
        with self._lock:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(kept), ensure_ascii=False) + "\n")
        return kept

    def latest(self) -> dict[str, Decision]:
        """The last decision on each recommendation, in order of their first."""
        found: dict[str, Decision] = {}
        if self._path.exists():
            for line in self._path.read_text(encoding="utf-8").splitlines():
                decision = Decision(**json.loads(line))
                found[decision.recommendation] = decision
        return found


def recommendation_id(rule: str, metric: str, segment: Mapping[str, Any] | None) -> str:
    """The same for the same advice on the same group, whenever it is given."""
    content = json.dumps([rule, metric, segment], sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()[:12]
