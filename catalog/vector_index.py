"""The only home of chromadb: nearest documents to a question. A cache, rebuilt when in doubt."""

import hashlib
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import cast

import chromadb
from chromadb.api.client import Client
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import ChromaError

from catalog.documents import LONGEST_PASSAGE, Document
from catalog.embedding_cache import EmbeddingCache
from catalog.embeddings import Embedder, Vectors
from connectors.errors import CatalogError

COLLECTION = "documents"
BATCH = 256
QUESTIONS_KEPT = 512
ABANDONED_S = 3600


class VectorIndex:
    """The documents of a catalog as one model sees them. Thread-safe once opened.

    Each model and set of documents has a folder of its own, built aside and moved into place, so
    that a reader never meets half an index; versions with the same documents share it.

    Attributes:
        computed: Number of documents embedded by opening it; all others had their vector already.
    """

    def __init__(self, folder: Path, embedder: Embedder, documents: Sequence[Document]) -> None:
        self.computed = 0
        self._embedder = embedder
        self._question = lru_cache(QUESTIONS_KEPT)(embedder.query)
        self._documents = documents
        self._embedded = [i for i, document in enumerate(documents) if document.meaning]
        self._root = folder / "vectors"
        self._path = self._root / f"v-{_digest(embedder.name, documents)}"
        self._client: Client | None = None
        self._lock = threading.Lock()

    def open(self) -> None:
        """Open the index; build it when it is missing or broken.

        Raises:
            CatalogError: It can neither be opened nor built.
            ModelError: The embedding model failed.
        """
        if self._client is not None or not self._embedded:
            return
        try:
            if not self._opened():
                shutil.rmtree(self._path, ignore_errors=True)
                self._build()
                if not self._opened():
                    raise CatalogError(f"the search index {str(self._path)!r} cannot be opened")
        except (OSError, ChromaError) as error:
            message = f"the search index {str(self._path)!r} cannot be built: {error}"
            raise CatalogError(message, hint="Check 'catalog.path' in silos.yaml") from error

    def ranked(self, question: str, tables: frozenset[str] | None, limit: int) -> list[int]:
        """Positions of the nearest documents, nearest first; of readable ones only.

        Args:
            question: Any text.
            tables: Lower-case full names of readable tables; None means all.
            limit: Most positions wanted.

        Raises:
            CatalogError: The index is broken.
            ModelError: The embedding model failed.
        """
        readable = [
            position
            for position in self._embedded
            if tables is None or self._documents[position].tables <= tables
        ]
        if not readable:
            return []
        vector = self._question(question).tolist()
        ids = None if tables is None else [_id(position) for position in readable]
        with self._lock:
            return self._nearest(vector, ids, min(limit, len(readable)))

    def _nearest(self, vector: list[float], ids: list[str] | None, limit: int) -> list[int]:
        if self._client is None:
            return []
        try:
            collection = self._client.get_collection(COLLECTION, embedding_function=None)
            found = collection.query(
                query_embeddings=vector, n_results=limit, ids=ids, include=["distances"]
            )
        except ChromaError as error:
            self._client = None
            shutil.rmtree(self._path, ignore_errors=True)  # the next opening builds it again
            raise CatalogError(f"the search index is broken: {error}") from error
        return [int(name) for name in found["ids"][0]]

    def close(self) -> None:
        """Let go of the files; a search still running ends first, a later one finds nothing."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def _opened(self) -> bool:
        """True when the index is there and whole; it is open then."""
        if not _sound(self._path / "chroma.sqlite3"):
            return False
        client = _client(self._path)
        try:
            collection = client.get_collection(COLLECTION, embedding_function=None)
            whole = collection.count() == len(self._embedded)
        except ChromaError:
            whole = False
        if whole:
            self._client = client
        else:
            client.close()
        return whole

    def _build(self) -> None:
        self._root.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix="building-", dir=self._root))
        try:
            self._fill(aside)
            self._drop_older()
            if not self._path.exists():
                aside.rename(self._path)
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    def _fill(self, folder: Path) -> None:
        client = _client(folder)
        try:
            collection = client.create_collection(
                COLLECTION, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
            )
            vectors = self._vectors()
            for start in range(0, len(self._embedded), BATCH):
                part = self._embedded[start : start + BATCH]
                collection.add(
                    ids=[_id(position) for position in part],
                    embeddings=vectors[start : start + BATCH],
                    metadatas=[_metadata(self._documents[position]) for position in part],
                )
        finally:
            client.close()

    def _vectors(self) -> Vectors:
        texts = [_embedded(self._documents[position]) for position in self._embedded]
        cache = EmbeddingCache(self._root / "embeddings.sqlite3")
        vectors, self.computed = cache.passages(self._embedder, texts)
        return vectors

    def _drop_older(self) -> None:
        """Only the one before this one stays: another process may still read it."""
        built = [path for path in self._root.glob("v*-*") if path != self._path]
        for path in sorted(built, key=lambda path: path.stat().st_mtime)[:-1]:
            shutil.rmtree(path, ignore_errors=True)
        self._drop_abandoned()

    def _drop_abandoned(self) -> None:
        """What a killed process left half built; a living one needs far less time."""
        for path in self._root.glob("building-*"):
            if time.time() - path.stat().st_mtime > ABANDONED_S:
                shutil.rmtree(path, ignore_errors=True)


def _embedded(document: Document) -> str:
    return document.passage or document.text[:LONGEST_PASSAGE]


def _sound(file: Path) -> bool:
    """Whether the index's file is a whole database: chromadb stays broken once it met another."""
    if not file.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as database:
            return bool(database.execute("PRAGMA quick_check").fetchone() == ("ok",))
    except sqlite3.Error:
        return False


def _client(folder: Path) -> Client:
    settings = ChromaSettings(anonymized_telemetry=False)
    return cast("Client", chromadb.PersistentClient(path=str(folder), settings=settings))


def _metadata(document: Document) -> dict[str, str]:
    table = document.name if document.kind in ("table", "columns") else ""
    return {"kind": document.kind, "name": document.name, "table": table}


def _id(position: int) -> str:
    return f"{position:06d}"


def _digest(model: str, documents: Sequence[Document]) -> str:
    """Names model and documents: semantic files may change without a new catalog version."""
    texts = "\0".join(
        (
            model,
            *(f"{item.kind}\0{item.name}\0{_embedded(item)}\0{item.meaning}" for item in documents),
        )
    )
    return hashlib.sha256(texts.encode()).hexdigest()[:16]
