"""Every phrase the semantic model knows: metrics, fields, values, datasets, terms."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
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
NAMES = ("name", "title", "titel", "bezeichnung")
SHORT_CODE = 2
NEW = ("neu", "new")
GROUPS_OF_PEOPLE = frozenset({"kunden", "customers"})


@dataclass(frozen=True)
class Meaning:
    """What a phrase may mean: `name` is a metric, a dataset or ``dataset.field``.

    Attributes:
        condition: Of a value.
        time: The field is a day or a moment.
    """

    kind: Kind
    name: str
    condition: Filter | None = None
    time: bool = False


@dataclass(frozen=True)
class Match:
    """A phrase found in a question: words `first` to `last` and all it may mean.

    Attributes:
        also: Places of words that stand apart from these, such as the verb's subject.
        exact: Written like the phrase, not only in another inflection.
        subject: What such a subject means by itself.
    """

    first: int
    last: int
    meanings: tuple[Meaning, ...]
    also: tuple[int, ...] = ()
    exact: bool = True
    subject: tuple[Meaning, ...] = ()

    def of(self, kind: Kind) -> tuple[Meaning, ...]:
        """Meanings of one kind."""
        return tuple(meaning for meaning in self.meanings if meaning.kind == kind)


Places = dict[tuple[int, int], dict[Meaning, None]]


class Lexicon:
    """Phrases by their length; built once per version of model and catalog."""

    def __init__(self, model: SemanticModel, schema: SiloSchema) -> None:
        self._names = frozenset(
            f"{dataset.name}.{field.name}"
            for dataset in model.datasets.values()
            for field in dataset.fields
            if field.dimension and field.name in NAMES
        )
        self._phrases: dict[tuple[Token, ...], dict[Meaning, None]] = {}
        for text, meaning in _all(model, schema):
            words = meaningful(tokens(text))
            if words:
                self._phrases.setdefault(words, {})[meaning] = None
        self._by_length = sorted(self._phrases, key=len, reverse=True)
        self._starts: dict[str, list[int]] = {}
        for place, phrase in enumerate(self._by_length):
            for form in phrase[0].forms:
                self._starts.setdefault(form, []).append(place)
        self.known = frozenset(form for phrase in self._phrases for t in phrase for form in t.forms)
        single = [phrase[0].norm for phrase in self._phrases if len(phrase) == 1]
        self._single = frozenset(norm for norm in single if len(norm) > 4)
        self.spellings = tuple(sorted({t.norm for phrase in self._phrases for t in phrase}))
        self._by_word: dict[str, tuple[Meaning, ...]] = {}
        self._stored: dict[str, dict[Meaning, None]] = {}
        for phrase, meanings in self._phrases.items():
            if len(phrase) == 1:
                word = phrase[0].norm
                self._by_word[word] = (*self._by_word.get(word, ()), *meanings)
                self._capitals(meanings)
        spread = [phrase for phrase in self._by_length if self._subject_first(phrase)]
        turned = [p for p in self._by_length if len(p) == 2 and p[0].norm.startswith(NEW)]
        self._spread = (
            *((phrase, phrase) for phrase in spread),
            *(((p[1], p[0]), p) for p in turned if self._subject(p[1])),
        )

    def _capitals(self, meanings: Iterable[Meaning]) -> None:
        """Values stored in capitals, such as ORDER: so written they are nothing else."""
        for meaning in meanings:
            stored = str(meaning.condition.values[0]) if meaning.condition else ""
            if stored.isupper() and len(stored) > SHORT_CODE:
                self._stored.setdefault(stored, {})[meaning] = None

    def naming(self, word: Token) -> str | None:
        """The field of names that a word is the label of: „Kampagne" of campaigns' names."""
        for meaning in self._by_word.get(word.norm, ()):
            if meaning.kind == "field" and meaning.name in self._names:
                return meaning.name
        return None

    def joined(self, words: tuple[Token, ...]) -> tuple[Token, ...]:
        """The words, two that are one known word as one: "web shop" as "webshop"."""
        made: list[Token] = []
        for word in words:
            last = made[-1] if made else None
            both = tokens(last.norm + word.norm)[0] if last is not None else None
            if last is not None and both is not None and both.norm in self._single:
                text = f"{last.text}{word.text}"
                made[-1] = replace(both, text=text, start=last.start, end=word.end)
            else:
                made.append(word)
        return tuple(made)

    def find(self, words: tuple[Token, ...]) -> list[Match]:
        """Phrases in the words, longest first, no word in two; in order of place."""
        taken: set[int] = set()
        found: Places = {}
        exact: Places = {}
        best: dict[tuple[int, int], int] = {}
        for place, word in enumerate(words):
            if word.text in self._stored:
                found[place, place + 1] = exact[place, place + 1] = self._stored[word.text]
                taken.add(place)
        for phrase in self._candidates(words):
            for first in range(len(words) - len(phrase) + 1):
                last = first + len(phrase)
                same = (first, last) in found and words[first].text not in self._stored
                if not same and not taken.isdisjoint(range(first, last)):
                    continue
                if all(a.matches(b) for a, b in zip(words[first:last], phrase, strict=True)):
                    same_words = sum(
                        a.norm == b.norm for a, b in zip(words[first:last], phrase, strict=True)
                    )
                    self._keep(found, best, (first, last), phrase, same_words)
                    taken.update(range(first, last))
                    if same_words == len(phrase):
                        exact.setdefault((first, last), {}).update(self._phrases[phrase])
        return self._apart(words, self._made(found, exact))

    def _candidates(self, words: tuple[Token, ...]) -> list[tuple[Token, ...]]:
        """Phrases whose first word is among the words, longest first."""
        places = {p for word in words for form in word.forms for p in self._starts.get(form, ())}
        return [self._by_length[place] for place in sorted(places)]

    def _keep(
        self,
        found: Places,
        best: dict[tuple[int, int], int],
        span: tuple[int, int],
        phrase: tuple[Token, ...],
        same_words: int,
    ) -> None:
        """Add a phrase's meanings; of metrics only those written most alike.

        „Käufer" is no „kaufen" and an open ticket none that was opened, though their stems agree.
        """
        meanings = self._phrases[phrase]
        kept = found.setdefault(span, {})
        if any(m.kind == "metric" for m in meanings):
            if same_words < best.get(span, 0):
                return
            if same_words > best.get(span, 0):
                for meaning in [m for m in kept if m.kind == "metric"]:
                    del kept[meaning]
            best[span] = same_words
        kept.update(meanings)

    def _made(self, found: Places, exact: Places) -> list[Match]:
        return [
            Match(a, b - 1, tuple(found[a, b]), exact=(a, b) in exact) for a, b in sorted(found)
        ]

    def _subject_first(self, phrase: tuple[Token, ...]) -> bool:
        """A metric's phrase of a subject and its verb: „Bestellungen storniert"."""
        if len(phrase) != 2 or not any(m.kind == "metric" for m in self._phrases[phrase]):
            return False
        return self._subject(phrase[0])

    def _subject(self, word: Token) -> bool:
        meanings = self._by_word.get(word.norm, ())
        return any(m.kind == "dataset" for m in meanings) or word.norm in GROUPS_OF_PEOPLE

    def _apart(self, words: tuple[Token, ...], found: list[Match]) -> list[Match]:
        """The matches, where subject and verb stand apart as one, at the verb's place."""
        pairs = [(p, stored, exact) for exact in (True, False) for p, stored in self._spread]
        for phrase, stored, exact in pairs:
            for match in found:
                if match.first != match.last or not words[match.first].matches(phrase[0]):
                    continue
                verb = self._verb(words, match.first, phrase[1], found)
                if verb is None or (exact and words[verb].norm != phrase[1].norm):
                    continue
                made = Match(
                    verb,
                    verb,
                    tuple(self._phrases[stored]),
                    (match.first,),
                    subject=match.meanings,
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
        yield phrase, Meaning("field", name, None, field.is_time)
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
