"""What a translator returns for a question."""

from dataclasses import dataclass
from typing import Literal, Protocol

from assistant.answer import Clarification, Definition, LinkUse, ModelUse
from assistant.metric_query import MetricQuery
from catalog.context import SchemaContext
from connectors.query import FragmentReceipt


@dataclass(frozen=True)
class Draft:
    """A translation: SQL to run, a question back, or a refusal.

    Attributes:
        sql: Canonical SQL when kind is ``sql``.
        query: The metric query behind the SQL, when there is one; detectors vary it.
        reason: Why it is refused, or what was left out, in the question's language.
        not_covered: Words of the question that were not understood.
        units: Unit per output column.
        labels: Label per output column, in the question's language.
        codes: Meaning of coded values per output column, by value as text.
        certainty: 0 to 1, the translator's own part of the confidence, with reasons.
        probes: Receipts of values that silos were asked for to understand the question.
    """

    kind: Literal["sql", "clarify", "refuse"]
    model: ModelUse
    sql: str | None = None
    query: MetricQuery | None = None
    clarification: Clarification | None = None
    reason: str | None = None
    not_covered: tuple[str, ...] = ()
    units: dict[str, str | None] | None = None
    labels: dict[str, str] | None = None
    codes: dict[str, dict[str, str]] | None = None
    definitions: tuple[Definition, ...] = ()
    links: tuple[LinkUse, ...] = ()
    certainty: float = 1.0
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    probes: tuple[FragmentReceipt, ...] = ()


@dataclass(frozen=True)
class Turn:
    """An earlier question of the same conversation and what it became."""

    question: str
    draft: Draft


class Translator(Protocol):
    """Turns a question and what the catalog found for it into a Draft.

    Attributes:
        searches: Whether it reads what the catalog found; else the search is spared.
        instant: It answers or passes at once: nobody is told that it begins.
    """

    name: str
    searches: bool
    instant: bool

    def translate(self, context: SchemaContext, history: tuple[Turn, ...]) -> Draft | None:
        """Draft an answer; None leaves the question to the next translator.

        Raises:
            ModelError: A chat model fails for good; the next translator is tried then too.
        """
