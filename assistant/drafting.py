"""One question's conversation with a chat model: tools, the draft it hands in, repairs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.chat_model import ChatModel, Message
from assistant.checks import Review, Reviewer
from assistant.checks.shape import Shape
from assistant.model_recording import Reply, ToolCall
from assistant.schema_prompt import describe_table, schema_text
from catalog.context import SchemaContext
from connectors.errors import BindError, ModelReplyInvalid, ParseError, PolicyViolation
from connectors.query import FragmentReceipt
from connectors.schema import Table

MAX_STEPS = 8
MAX_REPAIRS = 2
MOST_VALUES = 30

Search = Callable[[str, SchemaContext], SchemaContext]
Check = Callable[[str, str | None], object]


class Label(BaseModel):
    """What a reader calls an output column."""

    model_config = ConfigDict(extra="ignore")
    column: str
    label: str
    unit: str | None = None


class SubmittedDraft(BaseModel):
    """What the model hands in: `sql` with its `shape`, a question with options, or a reason."""

    model_config = ConfigDict(extra="ignore")
    kind: Literal["sql", "clarify", "refuse"]
    plan: str = ""
    shape: Shape | None = None
    sql: str | None = None
    metrics: tuple[str, ...] = ()
    labels: tuple[Label, ...] = ()
    all_rows_of: tuple[str, ...] = ()
    question: str | None = None
    options: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True)
class Tools:
    """What a conversation may use.

    Attributes:
        search: Finds more of the catalog: (words, the question's context) -> context.
        check: Passes SQL through the guard for the asker's role; raises PolicyViolation.
        reviewer: Checks SQL and puts right what can be.
    """

    search: Search
    check: Check
    reviewer: Reviewer


@dataclass(frozen=True)
class Drafted:
    """A draft that holds.

    Attributes:
        review: Of its SQL; None when it has none.
        repairs: How often it was sent back.
        doubts: What the model stood by although it was told.
        probes: Receipts of the values that silos were asked for on its way.
    """

    submitted: SubmittedDraft
    context: SchemaContext
    replies: tuple[Reply, ...]
    review: Review | None = None
    repairs: int = 0
    doubts: tuple[str, ...] = ()
    probes: tuple[FragmentReceipt, ...] = ()


class Session:
    """One conversation; used once."""

    def __init__(
        self, chat: ChatModel, tools: Tools, context: SchemaContext, *, show_values: bool
    ) -> None:
        self._chat = chat
        self._tools = tools
        self._context = context
        self._show_values = show_values
        self._seen: set[tuple[str, str]] = set()
        self._told: set[str] = set()
        self._repairs = 0
        self._replies: list[Reply] = []
        self._probes: list[FragmentReceipt] = []

    def draft(self, messages: list[Message]) -> Drafted:
        """Converse until a draft holds.

        Raises:
            ModelError: The model failed, or its draft is still wrong after the repairs.
        """
        for _ in range(MAX_STEPS):
            reply = self._chat.complete(messages, TOOLS)
            self._replies.append(reply)
            messages.append(reply.as_message())
            try:
                submitted = _submitted(reply)
                drafted = self._accepted(submitted) if submitted is not None else None
            except (BindError, ParseError, PolicyViolation, ModelReplyInvalid) as error:
                self._count_repair(error)
                messages.extend(_complaint(reply, _described(error)))
                continue
            if drafted is not None and self._holds(drafted):
                return drafted
            messages.extend(self._answers(reply, drafted))
        raise ModelReplyInvalid(f"the model made no draft in {MAX_STEPS} steps")

    def _accepted(self, submitted: SubmittedDraft) -> Drafted:
        if submitted.kind == "clarify" and not (submitted.question and submitted.options):
            raise ModelReplyInvalid("kind is 'clarify' but 'question' or 'options' is empty")
        made = Drafted(submitted, self._context, tuple(self._replies), repairs=self._repairs)
        if submitted.kind != "sql":
            return made
        if not submitted.sql:
            raise ModelReplyInvalid("kind is 'sql' but 'sql' is empty")
        review = self._tools.reviewer.review(
            submitted.sql, self._context, submitted.shape, submitted.all_rows_of
        )
        self._tools.check(review.bound.sql, self._context.role)
        self._probes += review.probes
        return replace(made, review=review, doubts=review.doubts, probes=tuple(self._probes))

    def _count_repair(self, error: Exception) -> None:
        if self._repairs == MAX_REPAIRS:
            message = f"the model's draft is still wrong after {MAX_REPAIRS} repairs: {error}"
            raise ModelReplyInvalid(message) from error
        self._repairs += 1

    def _holds(self, drafted: Drafted) -> bool:
        """True when nothing new can be said against it; what the model was told once is its."""
        new = set(drafted.doubts) - self._told
        return not new or self._repairs == MAX_REPAIRS

    def _answers(self, reply: Reply, drafted: Drafted | None) -> list[Message]:
        """What follows a reply that is no end: doubts about a draft, or results of tools."""
        if drafted is None:
            return [
                {"role": "tool", "tool_call_id": call.id, "content": self._run(call)}
                for call in reply.tool_calls
            ]
        self._repairs += 1
        self._told |= set(drafted.doubts)
        return _complaint(reply, " ".join(f"- {doubt}." for doubt in drafted.doubts))

    def _run(self, call: ToolCall) -> str:
        key = (call.name, str(sorted(call.arguments.items())))
        if key in self._seen:
            return "You have made this call before; its result is above. Submit a draft now."
        self._seen.add(key)
        if call.name == "search_catalog":
            found = self._tools.search(str(call.arguments.get("words", "")), self._context)
            self._context = _merged(self._context, found)
            return schema_text(found, show_values=self._show_values)
        if call.name == "describe_table":
            return self._describe(str(call.arguments.get("table", "")))
        if call.name == "column_values":
            return self._values(call.arguments)
        return f"There is no tool {call.name!r}."

    def _describe(self, name: str) -> str:
        table = self._find(name)
        if table is None:
            return f"There is no table {name!r}."
        return describe_table(table, show_values=self._show_values)

    def _values(self, arguments: Mapping[str, Any]) -> str:
        """Distinct values of a column, where they may be shown to a model."""
        name, column = str(arguments.get("table", "")), str(arguments.get("column", ""))
        table = self._find(name)
        if table is None or table.column(column) is None:
            return f"There is no column {column!r} in {name!r}."
        prober = self._tools.reviewer.prober if self._show_values else None
        read = prober.values(table, column, self._context.role) if prober else None
        if read is None:
            return f"The values of {name}.{column} may not be shown, or are too many."
        self._probes += read[1]
        shown, more = read[0][:MOST_VALUES], len(read[0]) - MOST_VALUES
        return ", ".join(map(repr, shown)) + (f" and {more} more" if more > 0 else "")

    def _find(self, name: str) -> Table | None:
        found = self._tools.search(name, self._context).tables
        wanted = name.lower()
        known = (*self._context.tables, *found)
        return next((t for t in known if t.full_name.lower() == wanted), None)


def _merged(context: SchemaContext, found: SchemaContext) -> SchemaContext:
    """The context with what a later search found added."""
    return replace(
        context,
        tables=tuple({t.full_name: t for t in (*context.tables, *found.tables)}.values()),
        datasets=tuple({d.name: d for d in (*context.datasets, *found.datasets)}.values()),
        metrics=tuple({m.name: m for m in (*context.metrics, *found.metrics)}.values()),
        links=tuple({link.name: link for link in (*context.links, *found.links)}.values()),
    )


def _submitted(reply: Reply) -> SubmittedDraft | None:
    """The draft in a reply: a call of submit_draft, or bare JSON where a model calls no tools."""
    call = next((call for call in reply.tool_calls if call.name == "submit_draft"), None)
    if call is not None:
        arguments = dict(call.arguments)
        return _validated(lambda: SubmittedDraft.model_validate(arguments))
    if reply.tool_calls:
        return None
    text = reply.content.strip().removeprefix("```json").removeprefix("```").removesuffix("```")
    return _validated(lambda: SubmittedDraft.model_validate_json(text))


def _validated(make: Callable[[], SubmittedDraft]) -> SubmittedDraft:
    try:
        return make()
    except ValidationError as error:
        first = error.errors()[0]
        problem = f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
        raise ModelReplyInvalid(f"the draft is not of the agreed form: {problem}") from error


def _described(error: Exception) -> str:
    hint = getattr(error, "hint", None)
    return f"{error}" + (f" {hint}" if hint else "")


def _complaint(reply: Reply, problem: str) -> list[Message]:
    """What is wrong, as the answer to each tool call, or as the user's next message."""
    text = f"Not accepted: {problem} Correct it and submit again; submit the same if you are sure."
    if not reply.tool_calls:
        return [{"role": "user", "content": text}]
    return [{"role": "tool", "tool_call_id": call.id, "content": text} for call in reply.tool_calls]


def _function(name: str, description: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    body = {"name": name, "description": description, "parameters": dict(parameters)}
    return {"type": "function", "function": body}


def _texts(**descriptions: str) -> dict[str, Any]:
    properties = {n: {"type": "string", "description": d} for n, d in descriptions.items()}
    return {"type": "object", "properties": properties, "required": list(properties)}


TOOLS = (
    _function("submit_draft", "Hand in the draft.", SubmittedDraft.model_json_schema()),
    _function(
        "search_catalog",
        "Find further tables, metrics and links.",
        _texts(words="What to look for, a few words"),
    ),
    _function("describe_table", "All columns of one table.", _texts(table="silo.schema.table")),
    _function(
        "column_values",
        "Distinct values of one column that is neither personal nor free text.",
        _texts(table="silo.schema.table", column="Its name"),
    ),
)
