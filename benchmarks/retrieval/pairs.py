"""Questions in German and English with the tables of the real systems they need."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

FILE = Path(__file__).parents[2] / "tests" / "catalog" / "data" / "retrieval.yaml"


@dataclass(frozen=True)
class Pair:
    """One need.

    Attributes:
        tables: `system.table`; any one of them serves, most have one.
        questions: Text by language, de and en.
    """

    tables: tuple[str, ...]
    questions: Mapping[str, str]

    @property
    def split(self) -> str:
        """Dev or test, half each, by a hash of the tables: both languages fall on one side."""
        digest = hashlib.sha256(" ".join(self.tables).encode()).digest()
        return "dev" if digest[0] % 2 == 0 else "test"


def read_pairs() -> tuple[Pair, ...]:
    """All pairs, in the order of the file."""
    items = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return tuple(
        Pair(tuple(str(item["table"]).split(" | ")), {"de": item["de"], "en": item["en"]})
        for item in items
    )
