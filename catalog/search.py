"""Finds what a question is about: by its words and by its meaning, then what belongs to it."""

import logging
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from catalog.context import Hit, SchemaContext
from catalog.documents import Document, metric_inputs, metric_tables
from catalog.semantic_model import Dataset, Metric, SemanticModel, Term
from catalog.synonyms import synonyms, ways
from catalog.vector_index import VectorIndex
from catalog.words import WordIndex, spelled, words
from connectors.errors import CatalogError, ModelError
from connectors.schema import SiloSchema, Table

LOG = logging.getLogger(__name__)
DEPTH = 100
WORDS_SHARE, MEANING_SHARE, SILO_SHARE = 0.5, 0.15, 0.35
RANK_OFFSET = 10
LONGEST_QUESTION = 1_000
SHORTEST_SILO_WORD = 3
FEW_TERMS = 20
FEWEST_RANKED, RANKED_PER_HIT = 200, 10
KINDS = {"columns": "table"}
WORD = re.compile(r"[^\W_]+")


class SiloNames:
    """Which silos a question names: all of ``shop_ch``, or a word no other silo's name has."""

    def __init__(self, silos: Iterable[str]) -> None:
        self._parts = {silo.lower(): frozenset(words(silo)) for silo in silos}
        self._count = Counter(part for parts in self._parts.values() for part in parts)

    def named(self, question: str) -> dict[str, float]:
        """How far (0 to 1) a question names each silo, by lower-case name."""
        asked = frozenset(spelled(question))
        found: dict[str, float] = {}
        for silo, parts in self._parts.items():
            rare = {part for part in parts if len(part) >= SHORTEST_SILO_WORD}
            weights = {part: len(part) / self._count[part] for part in rare}
            said = sum(weight for part, weight in weights.items() if part in asked)
            if said:
                found[silo] = said / sum(weights.values())
        return found

    def parts_of(self, silos: Iterable[str]) -> frozenset[str]:
        """All words of the names of these silos."""
        return frozenset().union(*(self._parts[silo] for silo in silos))


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
        self._silos = SiloNames({table.silo for table in schema})
        self._silo_of = [_silo(item) for item in documents]
        self._vectors = vectors

    def find(
        self, question: str, language: str, role_tables: frozenset[str] | None, limit: int
    ) -> SchemaContext:
        """The part of the catalog that fits a question; see `catalog.catalog.Catalog.search`."""
        readable = None if role_tables is None else frozenset(t.lower() for t in role_tables)
        ranked = self._ranked(question, readable)
        hits = _hits(ranked[: max(FEWEST_RANKED, RANKED_PER_HIT * limit)], self._documents)
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
            terms=tuple(t for t in self._terms(question, found) if self._may_use(t, readable)),
            verified=tuple(
                q
                for q in self._model.verified_questions
                if ("question", next(iter(q.question.values()))) in found
            ),
            hits=tuple(best),
        )

    def _ranked(self, question: str, readable: frozenset[str] | None) -> list[tuple[int, float]]:
        """Positions with scores 0 to 1, best first.

        The score by words (against the best), the rank by meaning, and whether the question names
        the silo, weighted and added.
        """
        asked = question[:LONGEST_QUESTION]
        named = self._silos.named(asked)
        told = self._silos.parts_of(named)
        scores = self._words.scores(ways(asked, synonyms(), told))
        scores = {p: s for p, s in scores.items() if self._may_read(p, readable)}
        most = max(scores.values(), default=1.0)
        fused = {position: WORDS_SHARE * score / most for position, score in scores.items()}
        allowed = (p for p in self._by_meaning(asked, readable) if self._may_read(p, readable))
        for rank, position in enumerate(allowed):
            gained = MEANING_SHARE * RANK_OFFSET / (RANK_OFFSET + rank)
            fused[position] = fused.get(position, 0.0) + gained
        for position in fused:
            silo = self._silo_of[position]
            fused[position] += SILO_SHARE * named.get(silo, 0.0)
        ranked = sorted(fused, key=lambda position: (-fused[position], position))
        return [(position, fused[position]) for position in ranked]

    def _may_read(self, position: int, readable: frozenset[str] | None) -> bool:
        return _may_read(self._documents[position].tables, readable)

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
        """Found metrics, those found terms stand for, and those that either are made of."""
        names: dict[str, None] = {}
        tied = {" / ".join(t.forms): t.metric for t in self._model.glossary if t.metric}
        for hit in hits:
            name = hit.name if hit.kind == "metric" else tied.get(hit.name)
            if name is not None:
                names[name] = None
        inputs = (part for name in names for part in metric_inputs(name, self._model))
        metrics = (self._model.metrics[name] for name in dict.fromkeys([*names, *inputs]))
        return [m for m in metrics if _may_read(metric_tables(m, self._model), readable)]

    def _terms(self, question: str, found: Collection[tuple[str, str]]) -> list[Term]:
        """Terms found first, then those that are words of the question; all when they are few."""
        asked = _padded(question)
        few = len(self._model.glossary) <= FEW_TERMS

        def rank(term: Term) -> int:
            if ("term", " / ".join(term.forms)) in found:
                return 0
            return 1 if any(_padded(form) in asked for form in term.forms) else 2

        ranked = sorted(self._model.glossary, key=rank)
        return [term for term in ranked if few or rank(term) < 2]

    def _may_use(self, term: Term, readable: frozenset[str] | None) -> bool:
        name = " / ".join(term.forms)
        known = (d for d in self._documents if (d.kind, d.name) == ("term", name))
        return all(_may_read(document.tables, readable) for document in known)

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
        by_source: dict[str, list[Dataset]] = {}
        for dataset in self._model.datasets.values():
            by_source.setdefault(dataset.source.lower(), []).append(dataset)
        chosen = [dataset for name in order for dataset in by_source.get(name, ())]
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


def _padded(text: str) -> str:
    """The words of a text in lower case, a blank before and behind each."""
    return f" {' '.join(WORD.findall(text.casefold()))} "


def _silo(document: Document) -> str:
    """The silo all tables of a document are in; empty when there is no such one."""
    silos = {name.partition(".")[0] for name in document.tables}
    return silos.pop() if len(silos) == 1 else ""


def _hits(ranked: Iterable[tuple[int, float]], documents: Sequence[Document]) -> list[Hit]:
    """Each table, metric, term and question once, by its best document."""
    found: dict[tuple[str, str], Hit] = {}
    for position, score in ranked:
        item = documents[position]
        kind = KINDS.get(item.kind, item.kind)
        found.setdefault((kind, item.name), Hit(kind, item.name, score, item.text))
    return list(found.values())
