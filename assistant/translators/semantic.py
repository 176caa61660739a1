"""The translator without a model: what the semantic model covers, in German and English.

It never guesses: a word it does not know makes it ask back, and it says what it does cover.
"""

import threading
from collections.abc import Callable

from rapidfuzz import process

from assistant.answer import Clarification, ModelUse
from assistant.compiler import compile_query
from assistant.draft import Draft, Turn
from assistant.language import text
from assistant.metric_query import MetricQuery
from assistant.understanding.certainty import certainty
from assistant.understanding.lexicon import Lexicon
from assistant.understanding.markers import CHANGES, VAGUE
from assistant.understanding.reading import Reader, Reading
from assistant.understanding.words import canonical, fold, tokens
from catalog.context import SchemaContext
from catalog.semantic_model import Language, SemanticModel
from connectors.clock import Clock
from connectors.errors import BindError
from connectors.schema import SiloSchema

Knowledge = tuple[SemanticModel, SiloSchema]
OPTIONS = 6
USE = ModelUse("semantic")


class Translator:
    """Reads questions by the words of the semantic model.

    Args:
        knowledge: Gives the model and the catalog's tables as they are now.
        clock: The reference day of „last quarter".
    """

    name = "semantic"
    searches = False
    instant = False

    def __init__(self, knowledge: Callable[[], Knowledge], clock: Clock) -> None:
        self._knowledge = knowledge
        self._clock = clock
        self._last: tuple[Knowledge, Reader] | None = None
        self._lock = threading.Lock()

    def _reader(self, model: SemanticModel, schema: SiloSchema) -> Reader:
        """The reader of this model; made anew when model or catalog were read anew."""
        with self._lock:
            last = self._last
            if last is not None and last[0][0] is model and last[0][1] is schema:
                return last[1]
            reader = Reader(model, Lexicon(model, schema), self._clock)
            self._last = ((model, schema), reader)
            return reader

    def translate(self, context: SchemaContext, history: tuple[Turn, ...]) -> Draft:
        """A draft: SQL, a question back, or a refusal that says what is covered."""
        model, schema = self._knowledge()
        language: Language = "de" if context.language == "de" else "en"
        verified = _verified(context.question, model)
        if verified is not None:
            return verified
        earlier = next((t.draft.query for t in reversed(history) if t.draft.query), None)
        reader = self._reader(model, schema)
        for question in (*_chosen(context.question, history), context.question):
            reading = reader.read(question, language, earlier)
            draft = _Drafting(reading, model, language, question).draft()
            if draft.kind == "sql":
                break
        return draft


def _chosen(answer: str, history: tuple[Turn, ...]) -> tuple[str, ...]:
    """The question asked back about, with the choice made: its unknown words replaced by it."""
    asked = history[-1].draft if history else None
    if asked is None or asked.clarification is None:
        return ()
    chosen = next(
        (o for o in asked.clarification.options if canonical(o) == canonical(answer)), None
    )
    if chosen is None:
        return ()
    unknown = set(asked.not_covered)
    kept = [word.text for word in tokens(history[-1].question) if word.text not in unknown]
    return (f"{chosen} {' '.join(kept)}", chosen)


def _verified(question: str, model: SemanticModel) -> Draft | None:
    asked = canonical(question)
    for known in model.verified_questions:
        if asked in {canonical(form) for form in known.question.values()}:
            return Draft("sql", USE, sql=known.sql, reasons=("verified question",))
    return None


class _Drafting:
    """A reading becoming a draft."""

    def __init__(
        self, reading: Reading, model: SemanticModel, language: Language, question: str
    ) -> None:
        self.reading = reading
        words = tokens(question)
        first = next(iter(words), None)
        how = len(words) > 1 and words[0].norm in ("wie", "how")
        self.attribute = words[1].text if how else None  # „wie alt": a measure of its own
        self.changes = first is not None and first.norm in CHANGES
        self.model = model
        self.language = language

    def draft(self) -> Draft:
        """The draft; asks back rather than leave anything out."""
        reading = self.reading
        if reading.refusal is not None:
            words = self._quoted(reading.uncovered)
            reason = self._text(f"semantic.{reading.refusal}", words=words)
            return Draft("refuse", USE, reason=reason, not_covered=reading.uncovered)
        if reading.query is None:
            vague = self._text("semantic.ambiguous")
            return self._clarify(vague, ()) if self._vague() else self._refuse()
        asked = self.attribute in reading.uncovered or reading.head_unknown
        if self.changes or (asked and not self._vague()):
            return self._refuse()
        unclear = self._unclear()
        if unclear is not None:
            return self._clarify(unclear, reading.metrics)
        return self._sql(reading.query)

    def _unclear(self) -> str | None:
        """The question back; None when everything is understood."""
        reading = self.reading
        if reading.uncovered:
            return self._text("semantic.uncovered", words=self._quoted(reading.uncovered))
        if reading.choices:
            return self._text("semantic.choice", choices=", ".join(reading.choices))
        if reading.unclear:
            return self._text("semantic.unclear", words=self._quoted(reading.unclear))
        if reading.ambiguous:
            return self._text("semantic.ambiguous")
        if reading.unreachable:
            words = self._quoted(reading.unreachable)
            return self._text("semantic.unreachable", words=words, metric=self._asked())
        if reading.timeless:
            return self._text("semantic.timeless", metric=self._asked())
        return None

    def _vague(self) -> bool:
        """Words of data as such, or of things good and bad: there is nothing to refuse yet."""
        return all(fold(word) in VAGUE for word in self.reading.uncovered)

    def _sql(self, query: MetricQuery) -> Draft:
        try:
            made = compile_query(query, self.model, self.language)
        except BindError as error:
            return self._clarify(error.message, query.metrics)
        return Draft(
            "sql",
            USE,
            sql=made.sql,
            query=query,
            units=dict(made.units),
            labels=dict(made.labels),
            codes={name: dict(meaning) for name, meaning in made.codes.items()},
            definitions=made.definitions,
            links=made.links,
            certainty=certainty(self.reading.signals),
            reasons=(self._text("semantic.defined"), *self._corrections()),
            warnings=self._corrections(),
        )

    def _corrections(self) -> tuple[str, ...]:
        """What was read for what, of misspelt words."""
        changes = ", ".join(f"{a} → {b}" for a, b in self.reading.corrected)
        return (self._text("semantic.corrected", changes=changes),) if changes else ()

    def _refuse(self) -> Draft:
        words = self._quoted(self.reading.uncovered)
        labels = ", ".join(self._label(name) for name in list(self.model.metrics)[:12])
        reason = self._text("semantic.refused", words=words, metrics=labels)
        return Draft("refuse", USE, reason=reason, not_covered=self.reading.uncovered)

    def _clarify(self, question: str, metrics: tuple[str, ...]) -> Draft:
        near = (*metrics, *self._near()) or tuple(self.model.metrics)
        options = tuple(dict.fromkeys(self._label(m) for m in near if m in self.model.metrics))
        return Draft(
            "clarify",
            USE,
            clarification=Clarification(question, (*self.reading.choices, *options)[:OPTIONS]),
            not_covered=self.reading.uncovered,
        )

    def _near(self) -> list[str]:
        """Metrics whose label resembles a word that was not understood."""
        labels = {name: self._label(name).lower() for name in self.model.metrics}
        found = []
        for word in self.reading.uncovered:
            near = process.extract(word.lower(), labels, limit=2, score_cutoff=60)
            found += [name for _, _, name in near]
        return found

    def _asked(self) -> str:
        """What the question is about: its first metric, else the list it asks for."""
        names = self.reading.metrics
        return self._label(names[0]) if names else self._text("semantic.list")

    def _label(self, name: str) -> str:
        metric = self.model.metrics.get(name)
        made = self.reading.query.made if self.reading.query else ()
        if metric is None:
            metric = next(m for m in made if m.name == name)
        return metric.labels.get(self.language, name.replace("_", " "))

    def _quoted(self, words: tuple[str, ...]) -> str:
        left, right = ("„", "“") if self.language == "de" else ("“", "”")
        return ", ".join(f"{left}{word}{right}" for word in words)

    def _text(self, key: str, **values: str) -> str:
        return text(key, self.language, **values)
