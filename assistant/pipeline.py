"""One question from end to end: the steps in order. Read this first."""

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from assistant.answer import Answer, Confidence, ModelUse
from assistant.blank import blank_text, is_blank
from assistant.charts import choose_chart
from assistant.draft import Draft, Translator, Turn
from assistant.failures import failure
from assistant.feedback import Given
from assistant.findings import Findings, find
from assistant.investigation.drafting import with_change
from assistant.language import detect_language, text
from assistant.narration import narrate
from assistant.services import Services
from assistant.understanding.why import read_why
from assistant.views.base import Asked, view_for
from catalog.context import SchemaContext
from catalog.semantic_model import Language
from connectors.clock import Cancellation
from connectors.errors import ModelError, RundblickError
from connectors.query import OutputColumn, QueryResult, Receipt

MAX_ROWS = 1_000
MOST_FOUND = 14
UNMEASURED = 0.9
NO_MODEL = ModelUse("none")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class AskRequest:
    """A question.

    Attributes:
        conversation_id: Earlier questions of the same id may be gone on from.
        role: Narrows the caller's rights.
        language: Of the answer; None takes the question's.
        partial_ok: Leave out silos that are down, and say so.
    """

    question: str
    conversation_id: str | None = None
    role: str | None = None
    language: Language | None = None
    partial_ok: bool = False
    cancellation: Cancellation | None = None


@dataclass(frozen=True)
class SqlRequest:
    """Canonical SQL to run, or with `explain` only to plan."""

    sql: str
    explain: bool = False
    max_rows: int | None = None
    role: str | None = None
    language: Language = "en"


@dataclass(frozen=True)
class Step:
    """A step that begins, named in the asker's language.

    Attributes:
        answer: What can be shown already: the figure, while its causes are looked for.
    """

    name: Literal["search", "translate", "run", "insights", "narrate"]
    label: str
    answer: Answer | None = None


OnStep = Callable[[Step], None]


def ask(services: Services, request: AskRequest, on_step: OnStep = lambda step: None) -> Answer:
    """Answer one question. Every failure becomes an Answer that says so."""
    began = time.monotonic()
    language = request.language or detect_language(request.question)
    try:
        answer = _Asking(services, request, language, on_step).answer()
    except RundblickError as error:
        answer = failure(error, request.question, language, NO_MODEL, uuid.uuid4().hex)
    except Exception:  # noqa: BLE001 - the edge of all interfaces: a waiting page must hear an end
        answer = _defect(request.question, language)
    answer = replace(answer, conversation_id=request.conversation_id)
    services.telemetry.count(answer, time.monotonic() - began)
    return answer


def _defect(question: str, language: Language) -> Answer:
    """The Answer of a question that met a defect of ours: its details are for the log alone."""
    trace = uuid.uuid4().hex
    _log.exception("question %s met a defect", trace)
    error = RundblickError("internal error, see the log")
    return failure(error, question, language, NO_MODEL, trace)


class _Asking:
    """One question on its way."""

    def __init__(
        self, services: Services, request: AskRequest, language: Language, on_step: OnStep
    ) -> None:
        self.services = services
        self.request = request
        self.language = language
        self.on_step = on_step
        self.trace_id = uuid.uuid4().hex
        self.why = read_why(request.question)

    def answer(self) -> Answer:
        view = view_for(self.request.question)
        if view is not None:
            return view.answer(self._asked())
        draft, warnings = self._draft()
        warnings += draft.warnings
        if self.why is not None:
            model, clock = self.services.catalog.model, self.services.clock
            draft = with_change(draft, model, clock, self.language)
        if draft.kind != "sql" or draft.sql is None:
            return self._unanswered(draft, warnings)
        try:
            result = self._run(draft.sql)
        except RundblickError as error:
            question, trace = self.request.question, self.trace_id
            failed = failure(error, question, self.language, draft.model, trace)
            return replace(failed, sql=draft.sql, warnings=warnings)
        self.services.usage.add(result.tables, self.services.clock.day())
        if is_blank(result):
            return self._blank(draft, result, warnings)
        self._step("insights", self._answered(draft, result, Findings(), warnings))
        role = self.request.role
        findings = find(self.services, draft, result, self.language, role, self.why)
        turn = Turn(self.request.question, draft)
        self._remember(turn)
        given = Given(self.request.question, self.language, draft.sql)
        self.services.recent.add(self.trace_id, given)
        return self._told(draft, result, self._answered(draft, result, findings, warnings))

    def _told(self, draft: Draft, result: QueryResult, answer: Answer) -> Answer:
        """The answer with its first paragraph said by the narrator, where there is one."""
        if self.services.narrator is None:
            return answer
        rest = "".join(answer.text.partition("\n\n")[1:])

        def show(said: str) -> None:
            self._step("narrate", replace(answer, text=said + rest))

        described = replace(result, columns=_described(draft, result))
        told = self.services.narrator.say(self.request.question, described, self.language, show)
        if told is None:
            return answer
        return replace(answer, text=told[0] + rest, model=answer.model.plus(told[1]))

    def _remember(self, turn: Turn) -> None:
        request = self.request
        self.services.conversations.add(request.conversation_id, turn, request.role)

    def _asked(self) -> Asked:
        question, role = self.request.question, self.request.role
        return Asked(self.services, question, self.language, role, self.trace_id)

    def _step(
        self,
        name: Literal["search", "translate", "run", "insights", "narrate"],
        answer: Answer | None = None,
    ) -> None:
        self.on_step(Step(name, text(f"step.{name}", self.language), answer))

    def _draft(self) -> tuple[Draft, tuple[str, ...]]:
        """The first draft a translator makes; after a chat model's fault only one with SQL.

        Raises:
            ModelError: A chat model failed, and no other translator answers the question.
        """
        history = self.services.conversations.history(
            self.request.conversation_id, self.request.role
        )
        early = self._early(history)
        if early is not None:
            return early, ()
        fault: ModelError | None = None
        for translator in self.services.translators:
            try:
                draft = self._translated(translator, history)
            except ModelError as error:
                fault = fault or error
                continue
            if draft is not None and (fault is None or draft.kind == "sql"):
                return draft, self._fallen_back(fault)
        raise fault or RundblickError("no translator took the question")

    def _early(self, history: tuple[Turn, ...]) -> Draft | None:
        """A why-question needs a figure to vary, so the translator without a model comes first.

        „Warum?" alone goes on from the last question.
        """
        if self.why is None:
            return None
        answered = [turn.draft for turn in history if turn.draft.sql]
        if not self.why.plain and answered:
            return answered[-1]
        draft = self._translated(self.services.translators[-1], history)
        return draft if draft is not None and draft.kind == "sql" else None

    def _fallen_back(self, fault: ModelError | None) -> tuple[str, ...]:
        if fault is None:
            return ()
        return (text("warning.model_failed", self.language, reason=fault.message),)

    def _translated(self, translator: Translator, history: tuple[Turn, ...]) -> Draft | None:
        question, role = self.request.question, self.request.role
        question = self.why.plain if self.why and self.why.plain else question
        context = SchemaContext(question, self.language)
        if translator.searches:
            self._step("search")
            readable = self.services.federation.readable(role)
            found = self.services.catalog.search(
                question, self.language, role_tables=readable, limit=MOST_FOUND
            )
            context = replace(found, role=role)
        if not translator.instant:
            self._step("translate")
        return translator.translate(context, history)

    def _run(self, sql: str) -> QueryResult:
        self._step("run")
        return self.services.federation.run(
            sql,
            role=self.request.role,
            max_rows=MAX_ROWS,
            partial_ok=self.request.partial_ok,
            cancellation=self.request.cancellation,
        )

    def _unanswered(self, draft: Draft, warnings: tuple[str, ...]) -> Answer:
        asked = draft.clarification
        if asked is not None:
            self._remember(Turn(self.request.question, draft))
        said = asked.question if asked else draft.reason or text("refused.default", self.language)
        return Answer(
            status="clarify" if draft.kind == "clarify" else "refused",
            question=self.request.question,
            language=self.language,
            text=said,
            trace_id=self.trace_id,
            model=draft.model,
            clarification=asked,
            warnings=warnings,
        )

    def _blank(self, draft: Draft, result: QueryResult, warnings: tuple[str, ...]) -> Answer:
        catalog = self.services.catalog
        said = blank_text(result.tables, catalog.model, catalog.schema, self.language)
        refused = self._unanswered(replace(draft, kind="refuse", reason=said), warnings)
        return replace(refused, sql=result.sql, receipt=result.receipt)

    def _answered(
        self, draft: Draft, result: QueryResult, findings: Findings, warnings: tuple[str, ...]
    ) -> Answer:
        rows = result.rows()
        columns = _described(draft, result)
        if result.missing_silos:
            silos = ", ".join(result.missing_silos)
            warnings += (text("warning.partial", self.language, silos=silos),)
        described = replace(result, columns=columns)
        said = narrate(described, draft, findings.insights, self.language)
        return Answer(
            status="answered",
            question=self.request.question,
            language=self.language,
            text="\n\n".join([said, *warnings]) if warnings else said,
            trace_id=self.trace_id,
            model=draft.model,
            sql=result.sql,
            columns=columns,
            rows=tuple(tuple(row) for row in rows),
            truncated=result.truncated,
            chart=choose_chart(columns, rows, self.language),
            insights=findings.insights,
            recommendations=findings.recommendations,
            investigation=findings.investigation,
            receipt=_with_probes(result.receipt, draft),
            links=draft.links,
            confidence=_confidence(draft, result, self.language),
            definitions=draft.definitions,
            warnings=warnings,
        )


def _with_probes(receipt: Receipt, draft: Draft) -> Receipt:
    """The receipt with what left the silos already while the question was being understood."""
    return replace(receipt, fragments=(*draft.probes, *receipt.fragments))


def _described(draft: Draft, result: QueryResult) -> tuple[OutputColumn, ...]:
    """The result's columns with the draft's units, labels and meanings of codes."""
    units, labels, codes = draft.units or {}, draft.labels or {}, draft.codes or {}
    return tuple(
        OutputColumn(c.name, c.type, units.get(c.name), labels.get(c.name), codes.get(c.name))
        for c in result.columns
    )


def _confidence(draft: Draft, result: QueryResult, language: Language) -> Confidence:
    """The translator's certainty, lowered by unmatched links, emptiness and missing silos."""
    value, reasons = draft.certainty, list(draft.reasons)
    for link in draft.links:
        if link.match_rate is None:
            value *= UNMEASURED
            reasons.append(text("confidence.unmeasured", language, link=link.left))
        elif link.match_rate < 1:
            value *= link.match_rate
            rate = round(100 * link.match_rate)
            reasons.append(text("confidence.link", language, link=link.left, rate=rate))
    if result.table.num_rows == 0:
        value *= 0.5
        reasons.append(text("confidence.empty", language))
    if result.missing_silos:
        value *= 0.5
        reasons.append(text("confidence.partial", language))
    return Confidence(round(max(0.0, min(1.0, value)), 3), tuple(reasons))


def run_sql(services: Services, request: SqlRequest) -> Answer:
    """Run or explain one canonical SELECT; failures become an Answer too."""
    began = time.monotonic()
    trace = uuid.uuid4().hex
    try:
        answer = _explained(services, request, trace) if request.explain else None
        answer = answer or _ran(services, request, trace)
    except RundblickError as error:
        answer = failure(error, request.sql, request.language, NO_MODEL, trace)
    except Exception:  # noqa: BLE001 - as in `ask`
        answer = _defect(request.sql, request.language)
    services.telemetry.count(answer, time.monotonic() - began)
    return answer


def _explained(services: Services, request: SqlRequest, trace: str) -> Answer:
    plan = services.federation.explain(request.sql, role=request.role)
    said = text("sql.explained", request.language, fragments=len(plan.fragments))
    return _sql_answer(request, trace, said, plan.sql, plan.columns, plan=plan.to_json())


def _ran(services: Services, request: SqlRequest, trace: str) -> Answer:
    result = services.federation.run(
        request.sql, role=request.role, max_rows=request.max_rows or MAX_ROWS
    )
    said = text("sql.rows", request.language, rows=result.table.num_rows)
    made = _sql_answer(request, trace, said, result.sql, result.columns)
    rows = tuple(tuple(row) for row in result.rows())
    return replace(made, rows=rows, truncated=result.truncated, receipt=result.receipt)


def _sql_answer(
    request: SqlRequest,
    trace: str,
    said: str,
    sql: str,
    columns: tuple[OutputColumn, ...],
    plan: dict[str, object] | None = None,
) -> Answer:
    return Answer(
        "answered", request.sql, request.language, said, trace, NO_MODEL, sql, columns, plan=plan
    )
