"""The translator that asks a chat model: one structured call, checked, repaired at most once.

The model sees names, types, comments, definitions and category values of the catalog, never a
row. What it writes is bound and secured before anybody runs it; the error's text goes back to it
for the repair.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

import sqlglot
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlglot import exp

from assistant.answer import Clarification, Definition, LinkUse, ModelUse
from assistant.chat_model import ChatModel, Message, Reply, ToolCall
from assistant.draft import Draft, Turn
from assistant.schema_prompt import describe_table, schema_text
from catalog.context import SchemaContext
from connectors.clock import Clock
from connectors.errors import BindError, ModelReplyInvalid, ParseError, PolicyViolation
from connectors.query import OutputColumn
from connectors.schema import Table

MAX_STEPS = 8
MAX_REPAIRS = 1
CERTAINTY = 0.8
CERTAINTY_AFTER_REPAIR = 0.65
PROMPTS = Path(__file__).parent.parent / "prompts"

Search = Callable[[str, SchemaContext], SchemaContext]
Check = Callable[[str, str | None], tuple[OutputColumn, ...]]


class _Label(BaseModel):
    model_config = ConfigDict(extra="forbid")
    column: str
    label: str
    unit: str | None = None


class SubmittedDraft(BaseModel):
    """What the model hands in. `sql` for kind sql, `question` and `options` for clarify."""

    model_config = ConfigDict(extra="ignore")
    kind: Literal["sql", "clarify", "refuse"]
    plan: str = ""
    sql: str | None = None
    metrics: tuple[str, ...] = ()
    labels: tuple[_Label, ...] = ()
    question: str | None = None
    options: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True)
class Tools:
    """What the translator may use while drafting.

    Attributes:
        search: Finds more of the catalog: (words, the question's context) -> context.
        check: Binds and secures SQL for the asker's role; raises BindError or PolicyViolation.
    """

    search: Search
    check: Check


class Translator:
    """Drafts SQL with a chat model. Thread-safe; keeps nothing between questions."""

    name = "llm"
    searches = True

    def __init__(
        self, chat: ChatModel, tools: Tools, clock: Clock, *, show_values: bool = True
    ) -> None:
        self._chat = chat
        self._tools = tools
        self._clock = clock
        self._show_values = show_values

    def translate(self, context: SchemaContext, history: tuple[Turn, ...]) -> Draft:
        """Draft an answer.

        Raises:
            ModelError: The model failed, or its draft is still wrong after the repair.
        """
        session = _Session(self._chat, self._tools, context)
        messages = self._opening(context, history)
        submitted, repairs = session.draft(messages, self._show_values)
        model = self._chat.use(self.name, session.replies)
        return _as_draft(submitted, context, model, repairs)

    def _opening(self, context: SchemaContext, history: tuple[Turn, ...]) -> list[Message]:
        schema = schema_text(context, show_values=self._show_values)
        earlier = "\n".join(
            f"Earlier question: {turn.question}\nIts SQL: {turn.draft.sql}" for turn in history[-2:]
        )
        day = self._clock.day()
        asked = f"Today is {day:%Y-%m-%d} ({day:%A}).\nQuestion ({context.language}):"
        question = f"{earlier}\n{asked} {context.question}".strip()
        return [
            {"role": "system", "content": _prompt("draft")},
            {"role": "user", "content": f"{schema}\n\n{question}"},
        ]


@dataclass
class _Session:
    """One question's conversation with the model."""

    chat: ChatModel
    tools: Tools
    context: SchemaContext

    def __post_init__(self) -> None:
        self.replies: list[Reply] = []
        self._seen: set[tuple[str, str]] = set()

    def draft(self, messages: list[Message], show_values: bool) -> tuple[SubmittedDraft, int]:
        """Converse until a draft holds; returns it with the number of repairs."""
        repairs = 0
        for _ in range(MAX_STEPS):
            reply = self.chat.complete(messages, TOOLS)
            self.replies.append(reply)
            messages.append(reply.as_message())
            try:
                submitted = _submitted(reply)
                if submitted is not None:
                    return self._checked(submitted), repairs
            except (BindError, ParseError, PolicyViolation, ModelReplyInvalid) as error:
                if repairs == MAX_REPAIRS:
                    raise ModelReplyInvalid(
                        f"the model's draft is still wrong after a repair: {error.message}"
                    ) from error
                repairs += 1
                messages.extend(_complaint(reply, error))
                continue
            messages.extend(self._tool_results(reply, show_values))
        raise ModelReplyInvalid(f"the model made no draft in {MAX_STEPS} steps")

    def _checked(self, submitted: SubmittedDraft) -> SubmittedDraft:
        if submitted.kind == "sql":
            if not submitted.sql:
                raise ModelReplyInvalid("kind is 'sql' but 'sql' is empty")
            self.tools.check(submitted.sql, self.context.role)
        if submitted.kind == "clarify" and not (submitted.question and submitted.options):
            raise ModelReplyInvalid("kind is 'clarify' but 'question' or 'options' is empty")
        return submitted

    def _tool_results(self, reply: Reply, show_values: bool) -> list[Message]:
        return [
            {"role": "tool", "tool_call_id": call.id, "content": self._run(call, show_values)}
            for call in reply.tool_calls
        ]

    def _run(self, call: ToolCall, show_values: bool) -> str:
        key = (call.name, str(sorted(call.arguments.items())))
        if key in self._seen:
            return "You have made this call before; its result is above. Submit a draft now."
        self._seen.add(key)
        if call.name == "search_catalog":
            words = str(call.arguments.get("words", ""))
            found = self.tools.search(words, self.context)
            self.context = _merged(self.context, found)
            return schema_text(found, show_values=show_values)
        if call.name == "describe_table":
            name = str(call.arguments.get("table", ""))
            table = self._find(name)
            return describe_table(table, show_values) if table else f"There is no table {name!r}."
        return f"There is no tool {call.name!r}."

    def _find(self, name: str) -> Table | None:
        found = self.tools.search(name, self.context).tables
        wanted = name.lower()
        return next((t for t in (*self.context.tables, *found) if t.full_name == wanted), None)


def _merged(context: SchemaContext, found: SchemaContext) -> SchemaContext:
    """The context with what a later search found added."""
    return replace(
        context,
        tables=tuple({t.full_name: t for t in (*context.tables, *found.tables)}.values()),
        metrics=tuple({m.name: m for m in (*context.metrics, *found.metrics)}.values()),
        links=tuple({link.name: link for link in (*context.links, *found.links)}.values()),
    )


def _submitted(reply: Reply) -> SubmittedDraft | None:
    """The draft in a reply: a call of submit_draft, or bare JSON where a model calls no tools."""
    for call in reply.tool_calls:
        if call.name == "submit_draft":
            return _validated(call.arguments)
    if reply.tool_calls:
        return None
    text = reply.content.strip().removeprefix("```json").removeprefix("```").removesuffix("```")
    try:
        return SubmittedDraft.model_validate_json(text)
    except ValidationError as error:
        raise ModelReplyInvalid(
            f"the draft is not of the agreed form: {_problem(error)}"
        ) from error


def _validated(arguments: Mapping[str, Any]) -> SubmittedDraft:
    try:
        return SubmittedDraft.model_validate(dict(arguments))
    except ValidationError as error:
        raise ModelReplyInvalid(
            f"the draft is not of the agreed form: {_problem(error)}"
        ) from error


def _problem(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


def _complaint(reply: Reply, error: Exception) -> list[Message]:
    """What was wrong, as the answer to each tool call, or as the user's next message."""
    hint = getattr(error, "hint", None)
    text = f"Not accepted: {error}" + (f" {hint}" if hint else "") + " Correct it and submit again."
    if not reply.tool_calls:
        return [{"role": "user", "content": text}]
    return [{"role": "tool", "tool_call_id": call.id, "content": text} for call in reply.tool_calls]


def _as_draft(
    submitted: SubmittedDraft, context: SchemaContext, model: ModelUse, repairs: int
) -> Draft:
    if submitted.kind == "clarify":
        asked = Clarification(submitted.question or "", submitted.options)
        return Draft("clarify", model, clarification=asked)
    if submitted.kind == "refuse":
        return Draft("refuse", model, reason=submitted.reason)
    used = [metric for metric in context.metrics if metric.name in submitted.metrics]
    return Draft(
        "sql",
        model,
        sql=submitted.sql,
        codes=_codes(submitted.sql or "", context),
        labels={label.column: label.label for label in submitted.labels},
        units={label.column: label.unit for label in submitted.labels},
        definitions=tuple(Definition(m.name, m.expression, m.source) for m in used),
        links=_links_used(submitted.sql or "", context),
        certainty=CERTAINTY_AFTER_REPAIR if repairs else CERTAINTY,
        reasons=("drafted by the chat model",) + (("one repair",) if repairs else ()),
    )


def _codes(sql: str, context: SchemaContext) -> dict[str, dict[str, str]]:
    """Meaning of coded values, by the output that shows such a column as it is."""
    known = {
        field.expression.lower(): field.codes
        for dataset in context.datasets
        if dataset.source in sql
        for field in dataset.fields
        if field.codes
    }
    found = {}
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    for projection in tree.selects if isinstance(tree, exp.Query) else ():
        column = projection.unalias()
        codes = known.get(column.name.lower()) if isinstance(column, exp.Column) else None
        if codes:
            found[projection.alias_or_name] = {
                code: meaning.get(context.language) or next(iter(meaning.values()), code)
                for code, meaning in codes.items()
            }
    return found


def _links_used(sql: str, context: SchemaContext) -> tuple[LinkUse, ...]:
    """Links both of whose tables the SQL reads."""
    sources = {dataset.name: dataset.source for dataset in context.datasets}
    used = []
    for link in context.links:
        left, right = sources.get(link.from_dataset), sources.get(link.to_dataset)
        if left and right and left in sql and right in sql:
            columns = (".".join((left, *link.from_columns)), ".".join((right, *link.to_columns)))
            used.append(LinkUse(*columns, link.normaliser, link.match_rate, link.fan_out))
    return tuple(used)


@cache
def _prompt(name: str) -> str:
    return (PROMPTS / f"{name}.md").read_text(encoding="utf-8").strip()


def _function(name: str, description: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    body = {"name": name, "description": description, "parameters": dict(parameters)}
    return {"type": "function", "function": body}


def _one_text(name: str, description: str) -> dict[str, Any]:
    properties = {name: {"type": "string", "description": description}}
    return {"type": "object", "properties": properties, "required": [name]}


TOOLS = (
    _function("submit_draft", "Hand in the draft.", SubmittedDraft.model_json_schema()),
    _function(
        "search_catalog",
        "Find further tables, metrics and links.",
        _one_text("words", "What to look for, a few words"),
    ),
    _function(
        "describe_table", "All columns of one table.", _one_text("table", "silo.schema.table")
    ),
)
