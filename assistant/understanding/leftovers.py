"""What of a question has not been used: words nobody knows, and words that change a figure."""

from collections.abc import Iterable

from sqlglot import exp

from assistant.compiler.formulas import all_rows, formula
from assistant.metric_query import MetricQuery
from assistant.understanding.aggregates import is_average
from assistant.understanding.fields import THAN
from assistant.understanding.heard import Heard
from assistant.understanding.markers import (
    AND,
    AVERAGE,
    COMPARE,
    COUNT,
    FILLERS,
    GROUP,
    GROWTH,
    LIST,
    OPERATORS,
    OR,
    SHARE,
    WHICH,
)
from assistant.understanding.words import Token, tokens, word_set
from catalog.semantic_model import SemanticModel

IGNORED = FILLERS | GROUP | WHICH | AND | COUNT | LIST
CURRENCY = frozenset({"chf", "franken", "francs", "schweizer", "swiss"})
RUNS = frozenset({"lief", "liefen", "laufen", "laeuft", "ran", "run", "running"})
LONG = 7
DIFFERENT = word_set(
    "verschiedene verschiedenen unterschiedliche unterschiedlichen different distinct unique"
)
PREFIXES = frozenset({"tages", "monats", "jahres", "wochen", "quartals"})


def used_by_result(heard: Heard, query: MetricQuery, model: SemanticModel) -> None:
    """Mark operator words whose meaning the query has: „durchschnittlich" of an average."""
    metrics = [model.metrics[name] for name in query.metrics if name in model.metrics]
    if query.mean_over or (metrics and all(is_average(m, model) for m in metrics)):
        heard.used.update(heard.marked(AVERAGE))
    if query.comparison is not None:
        heard.used.update(heard.marked(THAN))
        heard.used.update(heard.marked(GROWTH | COMPARE))
    if any(d.grain for d in query.dimensions):
        heard.used.update(heard.marked(GROWTH))
    if query.share or (metrics and metrics[0].unit == "percent"):
        heard.used.update(heard.marked(SHARE))
    if query.comparison is not None and heard.marked(GROWTH):
        heard.used.update(heard.marked(SHARE))
    if any(metric.unit == "CHF" for metric in metrics):
        heard.used.update(heard.marked(CURRENCY))
    if any(_different(m, model) for m in query.metrics):
        heard.used.update(heard.marked(DIFFERENT))
    if any(condition.operator in ("in", "not in") for condition in query.filters):
        heard.used.update(heard.marked(OR))


def _different(name: str, model: SemanticModel) -> bool:
    """The metric counts different things, so that saying so adds nothing."""
    tree = formula(name, model).tree if name in model.metrics else None
    return isinstance(tree, exp.Count) and isinstance(tree.this, exp.Distinct)


def words_left(
    heard: Heard, named: Iterable[str], model: SemanticModel
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Words not understood at all, and operators that belong to nothing, as written."""
    named = [i for n in named if n in model.metrics for i in (n, *formula(n, model).inputs)]
    own = _own(named, model)
    unknown, operators = [], []
    for place, word in enumerate(heard.words):
        if place in heard.used:
            continue
        if word.norm in OPERATORS - AND:
            operators.append(word.text)
        elif not _small(word) and not _repeats(word, own, named, model):
            unknown.append(word.text)
    return tuple(dict.fromkeys(unknown)), tuple(dict.fromkeys(operators))


def head_unknown(heard: Heard, unknown: tuple[str, ...]) -> bool:
    """True when the first word that says something is one nobody knows: „die Marge nach …"."""
    for word in heard.words:
        if word.norm in OPERATORS or _small(word):
            continue
        return word.text in unknown
    return False


def _repeats(word: Token, own: set[str], named: Iterable[str], model: SemanticModel) -> bool:
    """The word is one of the metrics' own; a long one in any inflection: „gewonnenen"."""
    if word.norm in own:
        return True
    if len(word.norm) < LONG:
        return False
    metrics = [model.metrics[n] for n in named if n in model.metrics]
    phrases = [p for m in metrics for p in (*m.labels.values(), *m.synonyms)]
    return any(word.matches(t) for p in phrases for t in tokens(p))


def _own(named: Iterable[str], model: SemanticModel) -> set[str]:
    """Words of the metrics' own phrases: „gewonnen" says „neue Kunden" once more."""
    metrics = [model.metrics[n] for n in named if n in model.metrics]
    bases = {formula(m.name, model).dataset for m in metrics}
    metrics += [m for m in model.metrics.values() if all_rows(m, model) in bases]
    phrases = [p for m in metrics for p in (*m.labels.values(), *m.synonyms)]
    return {word.norm for phrase in phrases for word in tokens(phrase)}


def _small(word: Token) -> bool:
    letter = len(word.norm) == 1 and not word.norm.isdigit()
    return word.norm in IGNORED | RUNS or word.norm in PREFIXES or letter
