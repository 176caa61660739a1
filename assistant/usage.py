"""Which tables questions read, counted by day beside the catalog; no question and no value."""

import logging
import sqlite3
import threading
from collections.abc import Iterable
from contextlib import closing
from datetime import date
from pathlib import Path

_log = logging.getLogger(__name__)
CREATE = """
    CREATE TABLE IF NOT EXISTS usage
    (name TEXT NOT NULL, day TEXT NOT NULL, questions INTEGER NOT NULL, PRIMARY KEY (name, day))
"""
ADD = """
    INSERT INTO usage VALUES (?, ?, 1)
    ON CONFLICT (name, day) DO UPDATE SET questions = questions + 1
"""


class Usage:
    """Counts questions by table and day; thread-safe, and safe for several processes."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "usage.db"
        self._lock = threading.Lock()

    def add(self, tables: Iterable[str], day: date) -> None:
        """Count one question that read these tables."""
        rows = [(name, day.isoformat()) for name in tables]
        try:
            with self._lock, closing(self._open()) as connection, connection:
                connection.executemany(ADD, rows)
        except (sqlite3.Error, OSError) as error:
            _log.warning("usage is not counted: %s", error)  # no reason to fail a question

    def totals(self) -> dict[str, tuple[int, date]]:
        """By full table name: questions, and the day of the last."""
        if not self._path.exists():
            return {}
        query = "SELECT name, sum(questions), max(day) FROM usage GROUP BY name"
        with self._lock, closing(self._open()) as connection:
            rows = connection.execute(query).fetchall()
        return {name: (count, date.fromisoformat(day)) for name, count, day in rows}

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=5)
        connection.execute(CREATE)
        return connection
