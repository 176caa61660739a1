"""The company's words linked to what they most likely mean: a metric, a stored value, a dataset."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from catalog.semantic_model import Field, Proposal, SemanticModel, Term
from catalog.words import STOP_WORDS, stems, words
from connectors.schema import PERSONAL, SiloSchema

LEAST = 0.6
BY_MEANING = 0.85
BY_VALUE = 0.9
ALONE = 0.55


@dataclass(frozen=True)
class _Goal:
    """Something a term may mean, with the phrases it is known by."""

    phrases: tuple[str, ...]
    metric: str | None = None
    dataset: str | None = None


def link_terms(terms: Iterable[Term], model: SemanticModel, schema: SiloSchema) -> tuple[Term, ...]:
    """The terms, each tied to what it most likely means with a score; untied below `LEAST`.

    A tie people made stays when the model still has what it names.
    """
    goals = tuple(_goals(model))
    values = tuple(_values(model, schema))
    return tuple(_linked(term, goals, values, model) for term in terms)


def _linked(
    term: Term, goals: tuple[_Goal, ...], values: tuple["_Value", ...], model: SemanticModel
) -> Term:
    kept_metric = term.metric is not None and term.metric in model.metrics
    if kept_metric or term.sql or (term.dataset and term.dataset in model.datasets):
        return term
    bare = replace(term, metric=None, dataset=None, proposed=None)
    offers = [*_by_value(bare, values), *_by_name(bare, goals)]
    best = max(
        offers, key=lambda offer: offer.proposed.score if offer.proposed else 0, default=bare
    )
    return best if best.proposed and best.proposed.score >= LEAST else bare


def _goals(model: SemanticModel) -> Iterator[_Goal]:
    for metric in model.metrics.values():
        phrases = (*metric.labels.values(), *metric.synonyms, metric.description)
        yield _Goal(phrases, metric=metric.name)
    for item in model.datasets.values():
        yield _Goal((*item.labels.values(), *item.synonyms), dataset=item.name)


def _by_name(term: Term, goals: tuple[_Goal, ...]) -> Iterator[Term]:
    for goal in goals:
        score, reason = _likeness(term, goal)
        if score >= LEAST:
            # Of a metric and a dataset named alike, the metric is what can be answered.
            mark = Proposal(round(score - 0.02 * (goal.dataset is not None), 2), reason)
            yield replace(term, metric=goal.metric, dataset=goal.dataset, proposed=mark)


def _likeness(term: Term, goal: _Goal) -> tuple[float, str]:
    best, reason = 0.0, ""
    for phrase in goal.phrases:
        for form in term.forms:
            score = _same(form, phrase)
            if score > best:
                best, reason = score, f"{form!r} is like {phrase!r}"
        score = BY_MEANING * fuzz.token_set_ratio(_plain(term.meaning), _plain(phrase)) / 100
        whole = len(_plain(phrase).split()) > 1
        if whole and score > best:
            best, reason = score, f"the meaning is like {phrase!r}"
    return best, reason


def _same(form: str, phrase: str) -> float:
    mine, theirs = _plain(form), _plain(phrase)
    if not mine or not theirs:
        return 0.0
    return 0.95 if mine == theirs else 0.9 * fuzz.ratio(mine, theirs) / 100


def _plain(text: str) -> str:
    return " ".join(min(stems(word)) for word in words(text) if word not in STOP_WORDS)


@dataclass(frozen=True)
class _Value:
    """A stored value of a field, the words for it and for the field."""

    column: str
    literal: str
    phrases: tuple[str, ...]
    field_words: frozenset[str]


def _values(model: SemanticModel, schema: SiloSchema) -> Iterator[_Value]:
    for item in model.datasets.values():
        table = next(iter(schema.find(item.source)), None)
        for child in item.fields:
            if not child.dimension or child.is_time or child.sensitivity in PERSONAL:
                continue
            stats = table.stats.get(child.expression.strip('"')) if table is not None else None
            plain = {value: (value,) for value in (stats.values if stats else ())}
            coded = {value: (value, *named.values()) for value, named in child.codes.items()}
            for value, phrases in {**plain, **coded}.items():
                yield _value(item.source, child, value, phrases)


def _value(source: str, child: Field, value: str, phrases: tuple[str, ...]) -> _Value:
    literal = value if child.datatype == "Integer" else "'" + value.replace("'", "''") + "'"
    said = " ".join((*child.labels.values(), *child.synonyms, child.name))
    words_ = frozenset(_plain(said).split())
    return _Value(f"{source}.{child.expression}", literal, phrases, words_)


def _by_value(term: Term, values: tuple[_Value, ...]) -> Iterator[Term]:
    """Values of one field whose words stand in the meaning, surer beside a word of the field."""
    meant = frozenset(_plain(term.meaning).split())
    named = frozenset(word for form in term.forms for word in _plain(form).split())
    fields: dict[str, dict[str, tuple[str, float]]] = {}
    for value in values:
        phrase = next((p for p in value.phrases if _stands(p, meant)), None)
        if phrase is not None:
            beside = bool(value.field_words & (meant | named))
            mine = frozenset(_plain(phrase).split())
            score = BY_VALUE if beside else ALONE + 0.1 * bool(mine & named)
            fields.setdefault(value.column, {})[value.literal] = (phrase, score)
    for column, found in fields.items():
        several = f"IN ({', '.join(found)})" if len(found) > 1 else f"= {next(iter(found))}"
        score = min(score for _, score in found.values()) - 0.1 * (len(found) > 1)
        reason = "the meaning names " + ", ".join(repr(phrase) for phrase, _ in found.values())
        yield replace(term, sql=f"{column} {several}", proposed=Proposal(round(score, 2), reason))


def _stands(phrase: str, meant: frozenset[str]) -> bool:
    mine = frozenset(_plain(phrase).split())
    return mine <= meant and any(len(word) > 2 for word in mine)
