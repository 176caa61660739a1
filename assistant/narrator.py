"""A result said by the chat model, from a profile without text cells; each sentence is checked.

The model sees computed figures, a placeholder for every text cell, and facts computed here. A
sentence with a number that is neither is dropped, as is one with an unknown placeholder.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, build_scope

from assistant.answer import ModelUse
from assistant.chat_model import ChatModel, Message
from assistant.language import format_value
from assistant.model_recording import Reply
from assistant.narration import check_numbers
from catalog.semantic_model import Language
from connectors.binder.text import parse
from connectors.errors import ModelError
from connectors.query import OutputColumn, QueryResult

PROMPT = Path(__file__).parent / "prompts" / "narrate.md"
MAX_ROWS = 20
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-ZÄÖÜ\[„\"*])")
PLACEHOLDER = re.compile(r"\[r(\d+)c(\d+)\]")
COMPUTING = (exp.Sum, exp.Avg, exp.Count, exp.CountIf, exp.Median, exp.Stddev, exp.StddevSamp)
"""Aggregates whose value is nobody's own; a maximum may be one person's."""
LANGUAGES = {"de": "German", "en": "English"}
Cell = object


@dataclass(frozen=True)
class Profile:
    """What a model may know of a result.

    Attributes:
        text: For the model.
        labels: Text cells by their place (row, column), from 1.
        numbers: All that a sentence may state.
    """

    text: str
    labels: dict[tuple[int, int], str]
    numbers: tuple[float, ...]


@dataclass(frozen=True)
class Told:
    """A narration: its sentences that hold, what was dropped, and the model's reply."""

    text: str
    dropped: tuple[str, ...]
    reply: Reply


class Narrator:
    """Says results with a chat model; thread-safe, keeps nothing."""

    def __init__(self, chat: ChatModel) -> None:
        self._chat = chat

    def say(
        self,
        question: str,
        result: QueryResult,
        language: Language,
        on_text: Callable[[str], None],
    ) -> tuple[str, ModelUse] | None:
        """The text and what it cost; None where a template must do.

        That is: a result that is not for a model, a model that fails, or no sentence that holds.
        """
        known = profile(result, language)
        if known is None:
            return None
        try:
            told = tell(self._chat, question, known, language, on_text)
        except ModelError:
            return None
        use = self._chat.use("narrator", [told.reply])
        return (told.text, use) if told.text else None


def profile(result: QueryResult, language: Language) -> Profile | None:
    """The profile of a result of figures; None when it is rows of things, or empty.

    A cell is a figure when its column is computed (an aggregate, or arithmetic over such); every
    other cell is a label, numbers too, since they may be somebody's.
    """
    rows = result.rows()
    figures = _figures(result)
    if not rows or not any(figures) or result.truncated:
        return None
    shown = rows[:MAX_ROWS]
    labels = {
        (r, c): format_value(column.shown(row[c - 1]), None, language)
        for r, row in enumerate(shown, 1)
        for c, column in enumerate(result.columns, 1)
        if not figures[c - 1]
    }
    lines = [
        " | ".join(_said(row, r, result.columns, figures, language))
        for r, row in enumerate(shown, 1)
    ]
    facts, computed = _facts(rows, result.columns, figures, language)
    header = " | ".join(f"{c.label or c.name}" for c in result.columns)
    text = "\n".join([f"Columns: {header}", f"Rows ({len(rows)}):", *lines, *facts])
    cells = (row[c] for row in rows for c in range(len(figures)) if figures[c])
    numbers = [float(str(cell)) for cell in cells if _is_number(cell)]
    return Profile(text, labels, (*numbers, *computed, float(len(rows))))


def tell(
    chat: ChatModel,
    question: str,
    known: Profile,
    language: Language,
    on_text: Callable[[str], None] = lambda text: None,
) -> Told:
    """Let the model say a profile; `on_text` gets what holds so far, sentence by sentence.

    Raises:
        ModelError: The model failed.
    """
    checked = _Checked(known, on_text)
    messages: list[Message] = [
        {"role": "system", "content": PROMPT.read_text(encoding="utf-8").strip()},
        {
            "role": "user",
            "content": f"{known.text}\n\nQuestion, answer in {LANGUAGES[language]}: {question}",
        },
    ]
    reply = chat.complete(messages, on_text=checked.add)
    checked.end(reply.content)
    return Told(" ".join(checked.kept), tuple(checked.dropped), reply)


class _Checked:
    """Sentences of a reply as they arrive."""

    def __init__(self, known: Profile, on_text: Callable[[str], None]) -> None:
        self._known = known
        self._on_text = on_text
        self._open = ""
        self._any = False
        self.kept: list[str] = []
        self.dropped: list[str] = []

    def add(self, piece: str) -> None:
        """Take a piece of text; whole sentences in it are checked at once."""
        self._any = True
        *whole, self._open = SENTENCE.split(self._open + piece)
        for sentence in whole:
            self._take(sentence)

    def end(self, content: str) -> None:
        """Take what is left; a reply that came from a recording arrives here as a whole."""
        if not self._any:
            self.add(content)
        self._take(self._open)
        self._open = ""

    def _take(self, sentence: str) -> None:
        sentence = sentence.strip()
        if not sentence:
            return
        filled = self._filled(sentence)
        if filled is None:
            self.dropped.append(sentence)
            return
        self.kept.append(filled)
        self._on_text(" ".join(self.kept))

    def _filled(self, sentence: str) -> str | None:
        """The sentence with its labels; None when a number or a placeholder is not known."""
        places = [(int(r), int(c)) for r, c in PLACEHOLDER.findall(sentence)]
        if any(place not in self._known.labels for place in places):
            return None
        if check_numbers(PLACEHOLDER.sub("", sentence), self._known.numbers):
            return None
        return PLACEHOLDER.sub(lambda m: self._known.labels[int(m[1]), int(m[2])], sentence)


def _said(
    row: Sequence[Cell],
    number: int,
    columns: Sequence[OutputColumn],
    figures: Sequence[bool],
    language: Language,
) -> Iterator[str]:
    for place, (cell, column, is_figure) in enumerate(zip(row, columns, figures, strict=True), 1):
        yield format_value(cell, column.unit, language) if is_figure else f"[r{number}c{place}]"


def _facts(
    rows: Sequence[Sequence[Cell]],
    columns: Sequence[OutputColumn],
    figures: Sequence[bool],
    language: Language,
) -> tuple[list[str], list[float]]:
    """Totals of additive figures, as lines and as numbers."""
    lines, numbers = [], []
    for place, column in enumerate(columns):
        additive = column.unit == "count" or (column.unit or "").isupper()
        if not figures[place] or not additive or len(rows) < 2:
            continue
        values = [Decimal(str(row[place])) for row in rows if _is_number(row[place])]
        total = sum(values, Decimal(0))
        said = format_value(total, column.unit, language)
        lines.append(f"Fact: total of {column.label or column.name}: {said}")
        numbers.append(float(total))
    return lines, numbers


def _figures(result: QueryResult) -> list[bool]:
    """For each output whether it is computed from many rows."""
    scope = build_scope(parse(result.sql))
    if scope is None or not isinstance(scope.expression, exp.Select):
        return [False] * len(result.columns)
    return [_is_computed(p.unalias(), scope) for p in scope.expression.selects]


def _is_computed(expression: exp.Expr, scope: Scope) -> bool:
    aggregates = list(expression.find_all(exp.AggFunc))
    if aggregates:
        return all(isinstance(aggregate, COMPUTING) for aggregate in aggregates)
    columns = list(expression.find_all(exp.Column))
    return bool(columns) and all(_is_computed_column(column, scope) for column in columns)


def _is_computed_column(column: exp.Column, scope: Scope) -> bool:
    source = scope.sources.get(column.table)
    if not isinstance(source, Scope) or not isinstance(source.expression, exp.Select):
        return False
    inner = next((p for p in source.expression.selects if p.alias_or_name == column.name), None)
    return inner is not None and _is_computed(inner.unalias(), source)


def _is_number(cell: object) -> bool:
    return isinstance(cell, (int, float, Decimal)) and not isinstance(cell, bool)
