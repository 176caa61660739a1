"""Runs questions and measures each answer."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from assistant.answer import Answer
from assistant.evaluation.gold import Golds, read_golds
from assistant.evaluation.questions import Expected, Question, QuestionFile, Split
from assistant.evaluation.scoring import Difference, Outcome, difference, outcome, same
from assistant.pipeline import AskRequest, Step, ask
from assistant.services import Services
from catalog.semantic_model import Language

Done = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Result:
    """What one question in one language came to.

    Attributes:
        ms: Milliseconds from the question to the answer.
        steps: Milliseconds by step (translate, run and others), those that were reached.
        bytes: Bytes that left the silos, as the receipt counts them.
        used: Names of silos read, sorted.
        cost: Of the chat model; None when no price is set.
        confidence: 0 to 1; None when the answer has none.
        message: First line of the answer's text.
    """

    id: str
    language: Language
    question: str
    kind: str
    split: Split | None
    silos: int
    expected: Expected
    status: str
    outcome: Outcome
    ms: float
    steps: dict[str, float]
    bytes: int
    used: tuple[str, ...]
    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost: float | None
    confidence: float | None
    message: str
    sql: str | None = None
    error: str | None = None
    difference: Difference | None = None

    @property
    def key(self) -> str:
        """Name of this result in a run: id and language."""
        return f"{self.id} ({self.language})"

    @property
    def answered(self) -> bool:
        """True when rows were given, right or wrong."""
        return self.status == "answered"


@dataclass(frozen=True)
class Run:
    """All results of one run.

    Attributes:
        agrees: By id of a question asked in both languages: both answers hold the same rows, or
            neither has rows and their status is the same.
    """

    file: str
    began: datetime
    translators: tuple[str, ...]
    results: tuple[Result, ...]
    agrees: dict[str, bool]

    @property
    def as_expected(self) -> bool:
        """True when every question came out right."""
        return all(result.outcome == "right" for result in self.results)


@dataclass(frozen=True)
class Options:
    """How to run.

    Attributes:
        languages: Languages to ask in, where a question has them.
        role: Narrows the rights.
        insights: Look for drivers as the product does; without, runs are faster and figures equal.
        jobs: Questions asked at a time.
    """

    languages: tuple[Language, ...] = ("de", "en")
    role: str | None = None
    insights: bool = False
    jobs: int = 1


def run_questions(
    services: Services,
    file: QuestionFile,
    questions: Sequence[Question],
    options: Options = Options(),
    done: Done = lambda count, total, key: None,
) -> Run:
    """Ask every question in every language and score the answers.

    `done` is called after each answer with how many are done, of how many, and which it was.

    Raises:
        ConfigurationError: A gold cannot be read; found before anything is asked.
    """
    began = datetime.now(UTC)
    golds = read_golds(services, file, questions)
    used = services if options.insights else replace(services, detectors=())
    asked = [(q, lang) for q in questions for lang in options.languages if lang in q.texts]
    results: list[Result] = []
    answers: dict[str, list[Answer]] = {}
    with ThreadPoolExecutor(options.jobs) as pool:
        measured = pool.map(lambda a: _measure(used, a[0], a[1], golds, options.role), asked)
        for (question, _), (answer, result) in zip(asked, measured, strict=True):
            answers.setdefault(question.id, []).append(answer)
            results.append(result)
            done(len(results), len(asked), result.key)
    agrees = {name: _agree(*pair) for name, pair in answers.items() if len(pair) == 2}
    names = tuple(translator.name for translator in services.translators)
    return Run(file.path.name, began, names, tuple(results), agrees)


def _agree(one: Answer, other: Answer) -> bool:
    return one.status == other.status and same(one.rows, other.rows)


class _Stopwatch:
    """When each step of a question began."""

    def __init__(self) -> None:
        self._marks: list[tuple[str, float]] = [("", time.monotonic())]

    def step(self, step: Step) -> None:
        self._marks.append((step.name, time.monotonic()))

    def stop(self) -> tuple[float, dict[str, float]]:
        """Milliseconds in all and by step."""
        ends = [at for _, at in self._marks[1:]] + [time.monotonic()]
        spans = zip(self._marks, ends, strict=True)
        steps = {name: 1_000 * (end - at) for (name, at), end in spans if name}
        return 1_000 * (ends[-1] - self._marks[0][1]), steps


def _measure(
    services: Services, question: Question, language: Language, golds: Golds, role: str | None
) -> tuple[Answer, Result]:
    watch = _Stopwatch()
    request = AskRequest(question.texts[language], None, role, language)
    answer = ask(services, request, watch.step)
    ms, steps = watch.stop()
    return answer, score(answer, question, language, golds, ms, steps)


def score(
    answer: Answer,
    question: Question,
    language: Language,
    golds: Golds,
    ms: float,
    steps: dict[str, float],
) -> Result:
    """The result of an answer that was given in `ms` milliseconds."""
    differs = None
    if answer.status == "answered" and question.id in golds:
        differs = difference(answer.rows, golds[question.id], ordered=question.ordered)
    fragments = answer.receipt.fragments if answer.receipt else ()
    return Result(
        id=question.id,
        language=language,
        question=question.texts[language],
        kind=question.kind,
        split=question.split,
        silos=question.silos,
        expected=question.expected,
        status=answer.status,
        outcome=outcome(answer, question.expected, differs),
        ms=ms,
        steps=steps,
        bytes=sum(fragment.bytes for fragment in fragments),
        used=tuple(sorted({fragment.silo for fragment in fragments})),
        calls=answer.model.calls,
        prompt_tokens=answer.model.prompt_tokens,
        completion_tokens=answer.model.completion_tokens,
        cost=answer.model.cost,
        confidence=answer.confidence.value if answer.confidence else None,
        message=(answer.text.strip().splitlines() or [""])[0],
        sql=answer.sql,
        error=answer.error.code if answer.error else None,
        difference=differs,
    )
