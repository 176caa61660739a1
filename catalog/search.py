"""Finds what a question is about: by its words and by its meaning, then what belongs to it."""

import logging
from collections.abc import Iterable, Sequence

from catalog.context import Hit, SchemaContext
from catalog.documents import Document, metric_tables
from catalog.semantic_model import Dataset, Metric, SemanticModel
from catalog.vector_index import VectorIndex
from catalog.words import WordIndex
from connectors.errors import CatalogError, ModelError
from connectors.schema import SiloSchema, Table

LOG = logging.getLogger(__name__)
DEPTH = 100
RANK_OFFSET = 60
LONGEST_QUESTION = 1_000
KINDS = {"columns": "table"}


class Search:
    """Search over one version of the catalog. Thread-safe."""

    def __init__(
        self,
        schema: SiloSchema,
        model: SemanticModel,
        documents: Sequence[Document],
        vectors: VectorIndex | None,
    ) -> None:
        self._schema = schema
        self._model = model
        self._documents = documents
        self._words = WordIndex([(item.names, item.text) for item in documents])
        self._vectors = vectors

    def find(
        self, question: str, language: str, role_tables: frozenset[str] | None, limit: int
    ) -> SchemaContext:
        """The part of the catalog that fits a question; see `catalog.catalog.Catalog.search`."""
        readable = None if role_tables is None else frozenset(t.lower() for t in role_tables)
        ranked = self._ranked(question, readable)
        hits = _hits(ranked, self._documents)
        best = hits[:limit]
        metrics = self._metrics(best, readable)
        tables = self._tables(hits, best, metrics, readable, limit)
        datasets = self._datasets(tables, readable)
        names = {dataset.name for dataset in datasets}
        tables += [t for t in self._sources(datasets) if t not in tables]
        found = {(hit.kind, hit.name) for hit in best}
        return SchemaContext(
            question=question,
            language=language,
            tables=tuple(tables),
            datasets=tuple(datasets),
            metrics=tuple(metrics),
            links=tuple(
                link
                for link in self._model.relationships
                if link.from_dataset in names and link.to_dataset in names
            ),
            terms=tuple(t for t in self._model.glossary if ("term", " / ".join(t.forms)) in found),
            verified=tuple(
                q
                for q in self._model.verified_questions
                if ("question", next(iter(q.question.values()))) in found
            ),
            hits=tuple(best),
        )

    def _ranked(self, question: str, readable: frozenset[str] | None) -> list[tuple[int, float]]:
        """Positions with scores 0 to 1, best first: reciprocal ranks of both searches, added."""
        asked = question[:LONGEST_QUESTION]
        scores = self._words.scores(asked)
        by_words = sorted(scores, key=lambda position: (-scores[position], position))[:DEPTH]
        fused: dict[int, float] = {}
        for ranking in (by_words, self._by_meaning(asked, readable)):
            allowed = (p for p in ranking if _may_read(self._documents[p].tables, readable))
            for rank, position in enumerate(allowed, start=1):
                fused[position] = fused.get(position, 0.0) + 1 / (RANK_OFFSET + rank)
        most = 2 / (RANK_OFFSET + 1)
        ranked = sorted(fused, key=lambda position: (-fused[position], position))
        return [(position, fused[position] / most) for position in ranked]

    def _by_meaning(self, question: str, readable: frozenset[str] | None) -> list[int]:
        """Without its index or its model the search still finds by words."""
        if self._vectors is None:
            return []
        try:
            return self._vectors.ranked(question, readable, DEPTH)
        except (CatalogError, ModelError) as error:
            LOG.warning("search by words only: %s", error.message)
            return []

    def _metrics(self, hits: Iterable[Hit], readable: frozenset[str] | None) -> list[Metric]:
        """Found metrics, and those found terms stand for."""
        names: dict[str, None] = {}
        tied = {" / ".join(t.forms): t.metric for t in self._model.glossary if t.metric}
        for hit in hits:
            name = hit.name if hit.kind == "metric" else tied.get(hit.name)
            if name is not None:
                names[name] = None
        metrics = (self._model.metrics[name] for name in names)
        return [m for m in metrics if _may_read(metric_tables(m, self._model), readable)]

    def _tables(
        self,
        hits: Iterable[Hit],
        best: Iterable[Hit],
        metrics: Iterable[Metric],
        readable: frozenset[str] | None,
        limit: int,
    ) -> list[Table]:
        """Tables of the best hits and of their metrics; then the next best up to the limit."""
        wanted: dict[str, None] = {}
        for hit in best:
            wanted.update(dict.fromkeys(self._tables_of(hit)))
        for metric in metrics:
            wanted.update(dict.fromkeys(sorted(metric_tables(metric, self._model))))
        for hit in hits:
            if len(wanted) >= limit:
                break
            if hit.kind == "table":
                wanted[hit.name.lower()] = None
        known = self._schema.tables
        return [known[n] for n in wanted if n in known and _may_read(frozenset({n}), readable)]

    def _tables_of(self, hit: Hit) -> list[str]:
        if hit.kind == "table":
            return [hit.name.lower()]
        same = (d for d in self._documents if (d.kind, d.name) == (hit.kind, hit.name))
        return sorted(name for document in same for name in document.tables)

    def _datasets(self, tables: Iterable[Table], readable: frozenset[str] | None) -> list[Dataset]:
        """Datasets of the tables, and those that link two of them."""
        order = [table.full_name.lower() for table in tables]
        by_source = {d.source.lower(): d for d in self._model.datasets.values()}
        chosen = [by_source[name] for name in order if name in by_source]
        names = {dataset.name for dataset in chosen}
        for dataset in self._model.datasets.values():
            source = dataset.source.lower()
            usable = source in self._schema.tables and _may_read(frozenset({source}), readable)
            links_two = len(self._neighbours(dataset.name) & names) > 1
            if usable and links_two and dataset.name not in names:
                chosen.append(dataset)
        return chosen

    def _neighbours(self, dataset: str) -> set[str]:
        ends = ((r.from_dataset, r.to_dataset) for r in self._model.relationships)
        return {b if a == dataset else a for a, b in ends if dataset in (a, b)}

    def _sources(self, datasets: Iterable[Dataset]) -> list[Table]:
        return [self._schema.tables[dataset.source.lower()] for dataset in datasets]


def _may_read(tables: frozenset[str], readable: frozenset[str] | None) -> bool:
    return readable is None or tables <= readable


def _hits(ranked: Iterable[tuple[int, float]], documents: Sequence[Document]) -> list[Hit]:
    """Each table, metric, term and question once, by its best document."""
    found: dict[tuple[str, str], Hit] = {}
    for position, score in ranked:
        item = documents[position]
        kind = KINDS.get(item.kind, item.kind)
        found.setdefault((kind, item.name), Hit(kind, item.name, score, item.text))
    return list(found.values())
