"""What a refresh has read so far, so that one that was killed goes on where it stopped.

A file beside the catalog, with what the catalog stores anyway and nothing else; each table is kept
as soon as its statistics are read. It is forgotten once a version is stored.
"""

import hashlib
import json
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from catalog.table_json import table_from_json, table_to_json
from connectors.config import SiloSettings
from connectors.schema import Sensitivity, Table

LOG = logging.getLogger(__name__)
# A silo read longer ago is asked again; its statistics serve longer where its tables are the same.
WHOLE_S, TABLE_S = 900, 21_600
WAIT_S = 10
CREATE = (
    "CREATE TABLE IF NOT EXISTS tables (silo TEXT, run TEXT, name TEXT, at REAL, content TEXT,"
    " PRIMARY KEY (silo, run, name))",
    "CREATE TABLE IF NOT EXISTS silos (silo TEXT, run TEXT, at REAL, PRIMARY KEY (silo, run))",
)
RECENT = "WHERE silo = ? AND run = ? AND at > ?"
T = TypeVar("T")
Declared = Mapping[tuple[str, str], Sensitivity]


class Journal:
    """The tables read so far, by silo and by how they were read. Safe for threads and processes.

    A journal that breaks is no reason to fail: all is read again then.
    """

    def __init__(self, folder: Path, declared: Declared, *, profile: bool) -> None:
        """Take what decides what a table looks like, beside the silo's own settings."""
        self._path = folder / "reading.sqlite3"
        classes = sorted((*key, value) for key, value in declared.items())
        self._how = json.dumps([profile, classes])
        self._lock = threading.Lock()

    def tables(self, silo: SiloSettings) -> dict[str, Table]:
        """Tables of a silo that were read a short while ago, by full name."""
        return self._safely(lambda database: self._read(database, silo), {})

    def whole(self, silo: SiloSettings) -> tuple[Table, ...] | None:
        """All tables of a silo that was read to its end a short while ago, in order; else None."""

        def read(database: sqlite3.Connection) -> tuple[Table, ...] | None:
            ended = database.execute(
                f"SELECT 1 FROM silos {RECENT}", self._key(silo, WHOLE_S)
            ).fetchone()
            found = self._read(database, silo) if ended else {}
            return tuple(found[name] for name in sorted(found)) if ended else None

        return self._safely(read, None)

    def _read(self, database: sqlite3.Connection, silo: SiloSettings) -> dict[str, Table]:
        rows = database.execute(f"SELECT content FROM tables {RECENT}", self._key(silo, TABLE_S))
        found = [table_from_json(json.loads(content)) for (content,) in rows]
        return {table.full_name: table for table in found}

    def _key(self, silo: SiloSettings, seconds: float) -> tuple[str, str, float]:
        return silo.name, self._run(silo), time.time() - seconds

    def add(self, silo: SiloSettings, tables: Collection[Table]) -> None:
        """Keep tables of a silo that is still being read."""
        run, now = self._run(silo), time.time()
        rows = [(silo.name, run, t.full_name, now, json.dumps(table_to_json(t))) for t in tables]
        insert = "INSERT OR REPLACE INTO tables VALUES (?, ?, ?, ?, ?)"
        self._safely(lambda database: database.executemany(insert, rows), None)

    def end(self, silo: SiloSettings) -> None:
        """The silo has been read to its end."""
        row = (silo.name, self._run(silo), time.time())
        insert = "INSERT OR REPLACE INTO silos VALUES (?, ?, ?)"
        self._safely(lambda database: database.execute(insert, row), None)

    def forget(self) -> None:
        """A version holds it all now."""
        delete = "DELETE FROM silos; DELETE FROM tables"
        self._safely(lambda database: database.executescript(delete), None)

    def _run(self, silo: SiloSettings) -> str:
        """How a silo is read: other settings give other tables."""
        settings = silo.model_dump_json(exclude={"password", "limits", "owner", "purpose"})
        return hashlib.sha256(f"{settings}{self._how}".encode()).hexdigest()[:16]

    def _safely(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """Work whose changes stay when it ends well; a broken file is dropped."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._path, timeout=WAIT_S)
            with self._lock, closing(connection) as database, database:
                # A killed process loses nothing so; a machine without power reads all again.
                database.execute("PRAGMA synchronous = OFF")
                for statement in CREATE:
                    database.execute(statement)
                return work(database)
        except (sqlite3.Error, OSError, ValueError, KeyError, TypeError) as error:
            LOG.warning("what was read before is read again: %s", error)
            self._path.unlink(missing_ok=True)
            return otherwise


def bare(table: Table) -> Table:
    """The table without what a profile adds: what it looks like now, or did then."""
    return replace(table, stats={}, newest=None, recent=None, row_estimate=None, sensitivity={})
