"""Run by `test_kills.py` in a process without threads: kills refreshes of a small silo."""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from benchmarks.catalog.kills import kill_refreshes
from tests.catalog.places import settings, sqlite_silo

TABLES = 12


def main(folder: Path, points: int) -> None:
    """Print one line per kill."""
    statements = [f"CREATE TABLE kampagnen_{n} (id INTEGER, name TEXT)" for n in range(TABLES)]
    made = settings(folder, sqlite_silo(folder, "crm", *statements))

    def change(number: int) -> None:
        with closing(sqlite3.connect(folder / "crm.db")) as connection:
            for table in range(TABLES):
                connection.execute(
                    f"ALTER TABLE kampagnen_{table} ADD COLUMN spalte{number + 1} TEXT"
                )

    for outcome in kill_refreshes(made, change, points):
        sys.stdout.write(outcome.line() + "\n")


main(Path(sys.argv[1]), int(sys.argv[2]))
