"""A question as a MetricQuery, with everything that was not understood named."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from assistant.metric_query import MetricQuery
from assistant.understanding.composing import Composer
from assistant.understanding.heard import Heard, hear
from assistant.understanding.leftovers import head_unknown
from assistant.understanding.lexicon import Lexicon
from assistant.understanding.markers import FUTURE, PERSONAL_WORDS
from assistant.understanding.signals import Signals
from assistant.understanding.spelling import Speller
from catalog.semantic_model import Language, SemanticModel
from connectors.clock import Clock

PERSONAL_PAIRS = frozenset(
    (first, second)
    for first in ("phone", "telephone", "mobile", "email", "mail", "home", "postal")
    for second in ("number", "numbers", "address", "addresses", "adresse", "adressen", "nummer")
)
Refusal = Literal["future", "personal"]


@dataclass
class Reading:
    """What a question was understood as.

    Attributes:
        query: The metric query; None when no metric was found.
        metrics: Candidate metrics; more than the query's when it is not clear which is meant.
        uncovered: Words that were not understood, as written.
        unclear: Words that change a figure, understood by themselves but not to what they belong.
        unreachable: Fields or values that the metric cannot be split or filtered by.
        timeless: True when a period was asked of a metric that has no time.
        reused: True when the question goes on from an earlier one.
        refusal: Why no data can answer it: it asks of the future, or for a person's details.
        choices: What may be meant, in the asker's words, when one word has several meanings.
        head_unknown: What is asked for, the first word that says something, is not known.
        corrected: Misspelt words and what they were read as.
        signals: What tells how sure the reading is.
    """

    query: MetricQuery | None = None
    metrics: tuple[str, ...] = ()
    uncovered: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()
    timeless: bool = False
    ambiguous: bool = False
    reused: bool = False
    refusal: Refusal | None = None
    choices: tuple[str, ...] = ()
    head_unknown: bool = False
    corrected: tuple[tuple[str, str], ...] = ()
    signals: Signals = field(default_factory=Signals)


class Reader:
    """Reads questions against one semantic model and its lexicon."""

    def __init__(self, model: SemanticModel, lexicon: Lexicon, clock: Clock) -> None:
        self.model = model
        self.lexicon = lexicon
        self.clock = clock
        self.speller = Speller(lexicon.spellings, lexicon.known)

    def read(
        self, question: str, language: Language, earlier: MetricQuery | None = None
    ) -> Reading:
        """Read one question; `earlier` is the query it may go on from."""
        heard = hear(question, self.lexicon, self.speller, self.clock, language)
        refusal = _refusal(heard)
        if refusal is not None:
            words = tuple(w.text for w in heard.words if w.norm in FUTURE | PERSONAL_WORDS)
            return Reading(refusal=refusal, uncovered=words)
        composed = Composer(heard, self.model, language, self.clock.day(), earlier).compose()
        return Reading(
            query=composed.query,
            metrics=composed.metrics,
            uncovered=composed.uncovered,
            unclear=composed.unclear,
            unreachable=tuple(composed.unreachable),
            timeless=composed.timeless,
            ambiguous=composed.ambiguous,
            reused=composed.reused,
            choices=composed.choices,
            head_unknown=head_unknown(heard, composed.uncovered),
            corrected=heard.corrected,
            signals=composed.signals(heard),
        )


def _refusal(heard: Heard) -> Refusal | None:
    norms = {word.norm for word in heard.words}
    known = {heard.norm(p) for m in heard.matches for p in range(m.first, m.last + 1)}
    pairs = set(pairwise(w.norm for w in heard.words))
    if pairs & PERSONAL_PAIRS:
        return "personal"
    if norms & FUTURE - known:
        return "future"
    return "personal" if norms & PERSONAL_WORDS - known else None
