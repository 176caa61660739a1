"""The translator that answers questions a person has checked: no model, no reading."""

from collections.abc import Callable

from assistant.answer import ModelUse
from assistant.draft import Draft, Turn
from assistant.language import text
from assistant.verified import find_verified
from catalog.context import SchemaContext
from catalog.semantic_model import Language, SemanticModel
from connectors.clock import Clock

EXACT, ALIKE = 0.98, 0.92


class Translator:
    """Answers from verified questions alone; passes on every other question."""

    name = "verified"
    searches = False
    instant = True

    def __init__(self, model: Callable[[], SemanticModel], clock: Clock) -> None:
        self._model = model
        self._clock = clock

    def translate(self, context: SchemaContext, history: tuple[Turn, ...]) -> Draft | None:
        """The checked SQL of the same question, or None."""
        language: Language = "de" if context.language == "de" else "en"
        known = self._model().verified_questions
        found = find_verified(context.question, language, known, self._clock)
        if found is None:
            return None
        who = found.question.verified_by or "?"
        return Draft(
            "sql",
            ModelUse(self.name),
            sql=found.sql,
            certainty=EXACT if found.exact else ALIKE,
            reasons=(text("confidence.verified", language, who=who),),
        )
