"""The catalog as the rest of the program sees it: schema, meaning, search, changes."""

import logging
import threading
from dataclasses import dataclass
from datetime import datetime

from catalog.changes import Change, diff
from catalog.context import SchemaContext
from catalog.documents import Document, documents
from catalog.embeddings import open_embedder
from catalog.links import Link, declared_links, with_figures
from catalog.search import Search
from catalog.semantic_files import load_semantic_model
from catalog.semantic_model import SemanticModel
from catalog.sensitivity import declared, protect
from catalog.store import Snapshot, Store
from catalog.vector_index import VectorIndex
from connectors.config import Settings
from connectors.errors import CatalogError, ModelError
from connectors.schema import SiloSchema

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class _State:
    """One version with its search; swapped as a whole by `reload`."""

    snapshot: Snapshot
    schema: SiloSchema
    model: SemanticModel
    documents: tuple[Document, ...]


class Catalog:
    """The newest version of the catalog. Thread-safe.

    A version once read does not change under a question: `reload` puts another one in its place.
    """

    def __init__(self, settings: Settings, store: Store, state: _State) -> None:
        self._settings = settings
        self._store = store
        self._state = state
        self._lock = threading.Lock()
        self._search: Search | None = None
        self._vectors: VectorIndex | None = None

    @classmethod
    def open(cls, settings: Settings) -> "Catalog":
        """Read the newest version; the search index is opened by the first search.

        Raises:
            CatalogMissing: The catalog was never refreshed.
            CatalogError: It is broken.
            ConfigurationError: A semantic file is wrong.
        """
        store = Store(settings.catalog.path)
        return cls(settings, store, _read(settings, store))

    @property
    def schema(self) -> SiloSchema:
        """All tables of all silos."""
        return self._state.schema

    @property
    def model(self) -> SemanticModel:
        """What the data means; its relationships carry the figures last measured."""
        return self._state.model

    @property
    def links(self) -> tuple[Link, ...]:
        """Declared links with their last figures, then proposed ones, best first."""
        figures = self._state.snapshot.links
        proposed = (link for link in figures if link.origin == "proposed")
        declared = declared_links(self._state.model, figures)
        known = {link.ends for link in declared}
        return (*declared, *(link for link in proposed if link.ends not in known))

    @property
    def version(self) -> int:
        """Number of the version, from 1."""
        return self._state.snapshot.version

    @property
    def read_at(self) -> datetime:
        """When this version was read from the silos, in UTC."""
        return self._state.snapshot.read_at

    def search(
        self,
        question: str,
        language: str,
        *,
        role_tables: frozenset[str] | None = None,
        limit: int = 10,
    ) -> SchemaContext:
        """The part of the catalog that fits a question, best first.

        Args:
            question: In German or English.
            language: Passed on in the context.
            role_tables: Full names of the tables the role may read; None means all. Metrics,
                terms and checked questions that touch another table are left out too.
            limit: Most hits; tables that hits or their links need come on top.
        """
        return self._ready().find(question, language, role_tables, limit)

    def warm(self) -> None:
        """Build or open the search index now instead of at the first search."""
        self._ready()

    def build_index(self) -> int:
        """Build the part of the search index that lies on disk, when it is not there yet.

        Returns:
            Number of documents that had to be embedded for it.
        """
        index = self._opened(self._state)
        if index is None:
            return 0
        index.close()
        return index.computed

    def changes(self) -> tuple[Change, ...]:
        """What differs between the last two stored versions; empty when there is one only.

        Raises:
            CatalogError: One of them is broken.
        """
        before = self.before()
        return diff(before.schema, self._store.latest().schema) if before else ()

    def before(self) -> Snapshot | None:
        """The stored version before the newest one; None when there is none.

        Raises:
            CatalogError: It is broken.
        """
        versions = self._store.versions()[-2:]
        return self._store.read(versions[0]) if len(versions) == 2 else None

    @property
    def outdated(self) -> bool:
        """Whether another process has stored a newer version: `reload` takes it over."""
        return self._store.versions()[-1:] != (self.version,)

    def reload(self) -> None:
        """Read the newest version and the semantic files again; on an error all stays as it is.

        Raises:
            CatalogError: The newest version is broken.
            ConfigurationError: A semantic file is wrong.
        """
        state = _read(self._settings, self._store)
        with self._lock:
            self._state, self._search = state, None

    def close(self) -> None:
        """Let go of the search index; the next search opens it again."""
        with self._lock:
            self._search = None
            if self._vectors is not None:
                self._vectors.close()
                self._vectors = None

    def _ready(self) -> Search:
        with self._lock:
            if self._search is None:
                state, before = self._state, self._vectors
                self._vectors = self._opened(state)
                self._search = Search(state.schema, state.model, state.documents, self._vectors)
                if before is not None:
                    before.close()
            return self._search

    def _opened(self, state: _State) -> VectorIndex | None:
        """The vector index; None when it cannot be built, as words alone still find much."""
        embedder = open_embedder(self._settings.model)
        index = VectorIndex(self._settings.catalog.path, embedder, state.documents)
        try:
            index.open()
        except (CatalogError, ModelError) as error:
            LOG.warning("search by words only: %s", error.message)
            return None
        return index


def _read(settings: Settings, store: Store) -> _State:
    snapshot = store.latest()
    model = load_semantic_model(settings.semantic)
    stated = declared(model)
    # Semantic files may have changed since the refresh: what they call personal is so at once.
    schema = SiloSchema(protect(table, stated) for table in snapshot.schema)
    measured = with_figures(model, snapshot.links)
    return _State(snapshot, schema, measured, documents(schema, measured))
