"""An error of the tree as an Answer: what, where, what next, in the asker's language."""

from assistant.answer import Answer, AnswerError, ModelUse
from assistant.language import text
from catalog.semantic_model import Language
from connectors.errors import BudgetExceeded, PolicyViolation, RundblickError

EXIT_ANSWERED = 0
EXIT_USAGE = 2
EXIT_REFUSED = 3
EXIT_FAILED = 4


def failure(
    error: RundblickError, question: str, language: Language, model: ModelUse, trace_id: str
) -> Answer:
    """The Answer of a question that failed: refused by policy or budget, an error otherwise."""
    refused = isinstance(error, (PolicyViolation, BudgetExceeded))
    return Answer(
        status="refused" if refused else "error",
        question=question,
        language=language,
        text=_text(error, language),
        trace_id=trace_id,
        model=model,
        error=AnswerError(error.code, error.message, error.actor, error.silo, error.hint),
    )


def _text(error: RundblickError, language: Language) -> str:
    said = text(f"errors.{error.code}", language, silo=error.silo or "?")
    detail = f"{said}\n\n{error.message}"
    return f"{detail}\n\n{error.hint}" if error.hint else detail


def exit_code(answer: Answer) -> int:
    """Exit code of the command line for an Answer."""
    if answer.status == "answered":
        return EXIT_ANSWERED
    if answer.status in ("refused", "clarify") or answer.error is None:
        return EXIT_REFUSED
    return EXIT_USAGE if answer.error.actor == "user" else EXIT_FAILED
