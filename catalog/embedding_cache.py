"""Vectors that were computed once, kept by model and text: a new catalog version asks for few."""

import hashlib
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np

from catalog.embeddings import Embedder, Vectors

LOG = logging.getLogger(__name__)
BATCH = 64
# As many vectors per wanted one stay from earlier versions and models, so that going back is cheap.
KEPT_PER_WANTED = 4
WAIT_S = 30


class EmbeddingCache:
    """Vectors in one SQLite file. A cache: without it, or when it breaks, all is computed again.

    Safe to use from several processes; each finished batch stays when the process is killed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def passages(self, embedder: Embedder, texts: Sequence[str]) -> tuple[Vectors, int]:
        """Vectors of the texts, one row each, and how many of them had to be computed.

        Raises:
            ModelError: The embedding model failed.
            OSError: The folder cannot be written.
        """
        keys = [_key(embedder.name, text) for text in texts]
        found = self._read(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        # Texts of about one length share a batch, so that no core waits long for another.
        waiting = sorted(missing.items(), key=lambda item: len(item[1]))
        for start in range(0, len(waiting), BATCH):
            part = waiting[start : start + BATCH]
            vectors = embedder.passages([text for _, text in part])
            new = dict(zip((key for key, _ in part), vectors, strict=True))
            found |= new
            self._write(new)
        self._prune(keys)
        rows = [found[key] for key in keys]
        return (np.stack(rows) if rows else np.zeros((0, 0), dtype=np.float32)), len(missing)

    def _read(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        wanted = set(keys)
        try:
            with self._open() as database:
                rows = database.execute("SELECT key, vector FROM vectors")
                return {k: np.frombuffer(v, dtype=np.float32) for k, v in rows if k in wanted}
        except (sqlite3.Error, ValueError) as error:
            LOG.warning(
                "the vectors kept in %s are broken and computed again: %s", self._path, error
            )
            self._path.unlink(missing_ok=True)
            return {}

    def _write(self, vectors: dict[bytes, Vectors]) -> None:
        rows = [(key, vector.astype(np.float32).tobytes()) for key, vector in vectors.items()]
        try:
            with self._open() as database:
                database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
        except sqlite3.Error as error:
            LOG.warning("vectors are not kept for the next time: %s", error)

    def _prune(self, keys: Sequence[bytes]) -> None:
        """Forget what the documents of today do not use, once it is most of the file."""
        try:
            with self._open() as database:
                (count,) = database.execute("SELECT count(*) FROM vectors").fetchone()
                if count > KEPT_PER_WANTED * max(len(set(keys)), BATCH):
                    database.execute("CREATE TEMP TABLE wanted (key BLOB PRIMARY KEY)")
                    rows = [(key,) for key in set(keys)]
                    database.executemany("INSERT INTO wanted VALUES (?)", rows)
                    database.execute(
                        "DELETE FROM vectors WHERE key NOT IN (SELECT key FROM wanted)"
                    )
        except sqlite3.Error as error:
            LOG.warning("old vectors stay: %s", error)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection whose changes are kept when the block ends well."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._path, timeout=WAIT_S)) as database, database:
            database.execute(
                "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL)"
            )
            yield database


def _key(model: str, text: str) -> bytes:
    return hashlib.sha256(f"{model}\0{text}".encode("utf-8", "replace")).digest()
