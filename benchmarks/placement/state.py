"""What of a long run is done: one line of JSON for each chunk of seeds."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Chunk:
    """Neighbouring seeds that were run together.

    Attributes:
        first: The first seed.
        ran: Cases run.
        invalid: Cases DuckDB itself refuses; they are not compared.
        wrong: What differs or fails, by seed.
        small: A minimal failing case; empty when none was made.
    """

    first: int
    ran: int
    invalid: int
    wrong: dict[str, str] = field(default_factory=dict)
    small: str = ""


@dataclass(frozen=True)
class State:
    """A file of chunks."""

    path: Path

    def chunks(self) -> list[Chunk]:
        """All finished chunks."""
        if not self.path.exists():
            return []
        return [Chunk(**json.loads(line)) for line in self.path.read_text().splitlines()]

    def keep(self, chunk: Chunk) -> None:
        """Add one."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(chunk), ensure_ascii=False) + "\n")
