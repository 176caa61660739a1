"""The translator that asks a chat model: one structured call, checked, repaired at most twice.

The model sees names, types, comments, definitions and category values of the catalog, never a
row. What it writes is bound, completed with row conditions, checked and secured before anybody
runs it; what is wrong goes back to it in words.
"""

from functools import cache
from pathlib import Path

import sqlglot
from sqlglot import exp

from assistant.answer import Clarification, Definition, LinkUse
from assistant.certainty import judge
from assistant.chat_model import ChatModel, Message
from assistant.draft import Draft, Turn
from assistant.drafting import Drafted, Session, Tools
from assistant.period_hints import period_hints
from assistant.schema_prompt import schema_text
from assistant.voting import Voter
from catalog.context import SchemaContext
from catalog.semantic_model import Language
from connectors.clock import Clock

MAX_TURNS = 3
PROMPTS = Path(__file__).parent.parent / "prompts"


class Translator:
    """Drafts SQL with a chat model. Thread-safe; keeps nothing between questions."""

    name = "llm"
    searches = True
    instant = False

    def __init__(
        self,
        chat: ChatModel,
        tools: Tools,
        clock: Clock,
        *,
        show_values: bool = True,
        voter: Voter | None = None,
    ) -> None:
        self._chat = chat
        self._tools = tools
        self._clock = clock
        self._show_values = show_values
        self._voter = voter

    def translate(self, context: SchemaContext, history: tuple[Turn, ...]) -> Draft:
        """Draft an answer.

        Raises:
            ModelError: The model failed, or its draft is still wrong after the repairs.
        """

        def draw(number: int) -> Drafted:
            chat = self._chat.sampled(number)
            session = Session(chat, self._tools, context, show_values=self._show_values)
            return session.draft(self._opening(context, history))

        if self._voter is None:
            return self._as_draft(draw(0), None)
        vote = self._voter.choose(draw, context.role)
        return self._as_draft(vote.drafted, vote.agreement)

    def _opening(self, context: SchemaContext, history: tuple[Turn, ...]) -> list[Message]:
        """The rules first, then the catalog, then what changes: the beginning can be cached."""
        schema = schema_text(context, show_values=self._show_values)
        earlier = "\n".join(
            f"Earlier question: {turn.question}\nIts SQL: {turn.draft.sql}"
            for turn in history[-MAX_TURNS:]
            if turn.draft.sql
        )
        language = _language(context)
        hints = period_hints(context.question, self._clock, language)
        parts = (schema, hints, earlier, f"Question ({language}): {context.question}")
        return [
            {"role": "system", "content": prompt("draft")},
            {"role": "user", "content": "\n\n".join(part for part in parts if part)},
        ]

    def _as_draft(self, drafted: Drafted, agreement: float | None) -> Draft:
        submitted, context = drafted.submitted, drafted.context
        model = self._chat.use(self.name, drafted.replies)
        if submitted.kind == "clarify":
            asked = Clarification(submitted.question or "", submitted.options)
            return Draft("clarify", model, clarification=asked)
        if submitted.kind == "refuse" or drafted.review is None:
            return Draft("refuse", model, reason=submitted.reason)
        sql = drafted.review.bound.sql
        used = [metric for metric in context.metrics if metric.name in submitted.metrics]
        certainty, reasons = judge(drafted, _language(context), agreement)
        return Draft(
            "sql",
            model,
            sql=sql,
            codes=_codes(sql, context),
            labels={label.column: label.label for label in submitted.labels},
            units={label.column: label.unit for label in submitted.labels},
            definitions=tuple(Definition(m.name, m.expression, m.source) for m in used),
            links=_links_used(sql, context),
            certainty=certainty,
            reasons=reasons,
            probes=drafted.probes,
        )


def _language(context: SchemaContext) -> Language:
    return "de" if context.language == "de" else "en"


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
    used: dict[tuple[str, str], LinkUse] = {}
    for link in context.links:
        left, right = sources.get(link.from_dataset), sources.get(link.to_dataset)
        if left and right and left in sql and right in sql:
            columns = (".".join((left, *link.from_columns)), ".".join((right, *link.to_columns)))
            use = LinkUse(*columns, link.normaliser, link.match_rate, link.fan_out)
            used.setdefault(columns, use)
    return tuple(used.values())


@cache
def prompt(name: str) -> str:
    """A prompt's text."""
    return (PROMPTS / f"{name}.md").read_text(encoding="utf-8").strip()
