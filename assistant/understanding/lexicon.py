"""Every phrase the semantic model knows: metrics, fields, values, datasets, terms."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from assistant.metric_query import Filter
from assistant.understanding.markers import AND, AUXILIARY, NOT
from assistant.understanding.words import Token, tokens
from catalog.semantic_model import Dataset, Field, SemanticModel, Term
from connectors.schema import PERSONAL, SiloSchema

Kind = Literal["metric", "field", "value", "dataset", "term"]
MAX_VALUES = 50
GROUPS_OF_PEOPLE = frozenset({"kunden", "customers"})


@dataclass(frozen=True)
class Meaning:
    """What a phrase may mean: `name` is a metric, a dataset or ``dataset.field``."""

    kind: Kind
    name: str
    condition: Filter | None = None


@dataclass(frozen=True)
class Match:
    """A phrase found in a question: words `first` to `last` and all it may mean.

    Attributes:
        also: Places of words that stand apart from these, such as the verb's subject.
        subject: What such a subject means by itself.
    """

    first: int
    last: int
    meanings: tuple[Meaning, ...]
    also: tuple[int, ...] = ()
    subject: tuple[Meaning, ...] = ()

    def of(self, kind: Kind) -> tuple[Meaning, ...]:
        """Meanings of one kind."""
        return tuple(meaning for meaning in self.meanings if meaning.kind == kind)


class Lexicon:
    """Phrases by their length; built once per version of model and catalog."""

    def __init__(self, model: SemanticModel, schema: SiloSchema) -> None:
        self._phrases: dict[tuple[Token, ...], dict[Meaning, None]] = {}
        for phrase, meaning in _all(model, schema):
            words = meaningful(tokens(phrase))
            if words:
                self._phrases.setdefault(words, {})[meaning] = None
        self._by_length = sorted(self._phrases, key=len, reverse=True)
        self._spread = tuple(phrase for phrase in self._by_length if self._subject_first(phrase))

    def find(self, words: tuple[Token, ...]) -> list[Match]:
        """Phrases in the words, longest first, no word in two; in order of place."""
        taken: set[int] = set()
        found: dict[tuple[int, int], dict[Meaning, None]] = {}
        for phrase in self._by_length:
            for first in range(len(words) - len(phrase) + 1):
                last = first + len(phrase)
                same = (first, last) in found
                if not same and not taken.isdisjoint(range(first, last)):
                    continue
                if all(a.matches(b) for a, b in zip(words[first:last], phrase, strict=True)):
                    found.setdefault((first, last), {}).update(self._phrases[phrase])
                    taken.update(range(first, last))
        return self._apart(words, [Match(a, b - 1, tuple(found[a, b])) for a, b in sorted(found)])

    def _subject_first(self, phrase: tuple[Token, ...]) -> bool:
        """A metric's phrase of a subject and its verb: „Bestellungen storniert"."""
        if len(phrase) != 2 or not any(m.kind == "metric" for m in self._phrases[phrase]):
            return False
        subject = self._phrases.get(phrase[:1], {})
        return any(m.kind == "dataset" for m in subject) or phrase[0].norm in GROUPS_OF_PEOPLE

    def _apart(self, words: tuple[Token, ...], found: list[Match]) -> list[Match]:
        """The matches, where subject and verb stand apart as one, at the verb's place."""
        for phrase in self._spread:
            for match in found:
                if match.first != match.last or not words[match.first].matches(phrase[0]):
                    continue
                verb = self._verb(words, match.first, phrase[1], found)
                if verb is None:
                    continue
                made = Match(
                    verb, verb, tuple(self._phrases[phrase]), (match.first,), match.meanings
                )
                kept = [m for m in found if m is not match and m.first != verb]
                return sorted([*kept, made], key=lambda m: m.first)
        return found

    def _verb(
        self, words: tuple[Token, ...], subject: int, verb: Token, found: list[Match]
    ) -> int | None:
        """Where the verb stands behind its subject in the same clause; None when it does not."""
        long = {p for m in found if m.last > m.first for p in range(m.first, m.last + 1)}
        for place in range(subject + 1, len(words)):
            if words[place].norm in AND | NOT:
                return None
            if words[place].matches(verb) and place not in long:
                return place
        return None


def meaningful(words: tuple[Token, ...]) -> tuple[Token, ...]:
    """The words without auxiliary verbs: „Tickets sind offen" is „Tickets offen"."""
    return tuple(word for word in words if word.norm not in AUXILIARY)


def _all(model: SemanticModel, schema: SiloSchema) -> Iterator[tuple[str, Meaning]]:
    for metric in model.metrics.values():
        for phrase in (*metric.labels.values(), *metric.synonyms, metric.name):
            yield phrase, Meaning("metric", metric.name)
    for dataset in model.datasets.values():
        for phrase in (*dataset.labels.values(), *dataset.synonyms):
            yield phrase, Meaning("dataset", dataset.name)
        for field in dataset.fields:
            if field.dimension:
                yield from _field(dataset, field, schema)
    for term in model.glossary:
        yield from _term(term, model)


def _field(dataset: Dataset, field: Field, schema: SiloSchema) -> Iterator[tuple[str, Meaning]]:
    name = f"{dataset.name}.{field.name}"
    for phrase in (*field.labels.values(), *field.synonyms):
        yield phrase, Meaning("field", name)
    for stored, labels in field.codes.items():
        value = int(stored) if field.datatype == "Integer" else stored
        condition = Filter(dataset.name, field.name, "=", (value,))
        for phrase in {*labels.values(), *([stored] if isinstance(value, str) else [])}:
            yield phrase, Meaning("value", name, condition)
    for text in _values(dataset, field, schema):
        condition = Filter(dataset.name, field.name, "=", (text,))
        yield text, Meaning("value", name, condition)


def _values(dataset: Dataset, field: Field, schema: SiloSchema) -> Iterable[str]:
    """Category values the catalog keeps of a plain text column."""
    if field.codes or field.is_time or field.sensitivity in PERSONAL or field.datatype != "String":
        return ()
    table = next(iter(schema.find(dataset.source)), None)
    stats = table.stats.get(field.expression.strip('"')) if table is not None else None
    return stats.values[:MAX_VALUES] if stats is not None else ()


def _term(term: Term, model: SemanticModel) -> Iterator[tuple[str, Meaning]]:
    condition = _condition(term.sql, model) if term.sql else None
    for form in term.forms:
        if term.metric in model.metrics:
            yield form, Meaning("metric", str(term.metric))
        elif condition is not None:
            yield form, Meaning("value", f"{condition.dataset}.{condition.field}", condition)
        elif term.dataset in model.datasets:
            yield form, Meaning("dataset", str(term.dataset))
        else:
            yield form, Meaning("term", form)


def _condition(sql: str, model: SemanticModel) -> Filter | None:
    """``silo.schema.table.column = value`` as a filter on the field over that column."""
    try:
        tree = sqlglot.parse_one(sql, dialect="duckdb")
    except SqlglotError:
        return None
    column, value = tree.this, tree.expression
    if not (isinstance(tree, exp.EQ) and isinstance(column, (exp.Column, exp.Dot))):
        return None
    if not isinstance(value, exp.Literal):
        return None
    source, _, name = column.sql("duckdb").rpartition(".")
    for dataset in model.datasets.values():
        field = next((f for f in dataset.fields if f.expression == name), None)
        if dataset.source == source and field is not None:
            stored = value.this if value.is_string else float(value.this)
            return Filter(dataset.name, field.name, "=", (stored,))
    return None
