"""Giving out the list of next contacts: only on approval, and every time with a line in the log.

Nothing is written to a silo: the list goes to who approved it, and from there to the silo's owner.
The log keeps who, when, how many and which guards, but nobody's id.
"""

import json
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assistant.csv_export import to_csv
from assistant.people.next_actions import Plan, plan_next
from assistant.views import next_actions
from assistant.views.base import Asked
from connectors.errors import UsageError

LOG = "activations.jsonl"


@dataclass(frozen=True)
class Activation:
    """One export: who approved it, when, how many people, by offer and channel, which guards.

    Attributes:
        guards: People before and after each guard, by offer and channel.
        at: UTC, ISO 8601.
    """

    approved_by: str
    at: str
    role: str | None
    day: str
    people: int
    planned: Mapping[str, int]
    guards: Mapping[str, list[dict[str, Any]]]


class ActivationLog:
    """Appends exports to a file beside the catalog, one JSON object a line; thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOG
        self._lock = threading.Lock()

    def add(self, activation: Activation) -> None:
        """Append one line."""
        line = json.dumps(asdict(activation), ensure_ascii=False)
        with self._lock:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")

    def all(self) -> list[dict[str, Any]]:
        """Every export, oldest first."""
        if not self._path.exists():
            return []
        return [json.loads(line) for line in self._path.read_text("utf-8").splitlines()]


def export(asked: Asked, approved_by: str) -> str:
    """The whole plan for tomorrow as CSV, approved by a person; logged before it is given out.

    Raises:
        UsageError: Nobody approved it.
        RundblickError: A query was refused or failed.
    """
    if not approved_by.strip():
        raise UsageError("nobody approved the export", hint="Name who does.")
    services = asked.services
    plan = plan_next(asked.audiences(), services.clock.day())
    log = ActivationLog(services.settings.catalog.path)
    log.add(_activation(plan, approved_by.strip(), asked.role))
    columns = next_actions.columns(asked, services.settings.activation.currency)
    rows = tuple(next_actions.rows(asked, plan))
    return to_csv(replace(asked.answer(LOG, "", columns, ()), rows=rows))


def _activation(plan: Plan, approved_by: str, role: str | None) -> Activation:
    planned = Counter(f"{action.offer.name} {action.channel}" for action in plan.actions)
    guards = {
        f"{offer} {channel}": [asdict(guard) for guard in audience.guards]
        for (offer, channel), audience in plan.audiences.items()
    }
    now = datetime.now(UTC).isoformat()
    day = plan.day.isoformat()
    return Activation(approved_by, now, role, day, len(plan.actions), dict(planned), guards)
