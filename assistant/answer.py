"""The Answer: what every interface returns, valid against ``assistant/answer.schema.json``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from connectors.query import OutputColumn, Receipt

Status = Literal["answered", "clarify", "refused", "error"]
Direction = Literal["good", "bad", "neutral"]


@dataclass(frozen=True)
class Insight:
    """A finding with its evidence; statement in the question's language.

    Attributes:
        id: Unique within the answer, such as ``i1``; recommendations refer to it.
        interval: 95 % interval of `effect`; None when the method gives none.
        n: Number of observations behind it.
        evidence_sql: Canonical SQL whose rows show it.
    """

    id: str
    type: str
    statement: str
    metric: str
    segment: Mapping[str, Any] | None = None
    value: float | None = None
    baseline: float | None = None
    effect: float | None = None
    interval: tuple[float, float] | None = None
    n: int | None = None
    p_value: float | None = None
    direction: Direction = "neutral"
    evidence_sql: tuple[str, ...] = ()
    silos: tuple[str, ...] = ()
    touchpoint: str | None = None
    unit: str | None = None


@dataclass(frozen=True)
class Recommendation:
    """What to do, tied to insights; `refuted_if` says which observation would prove it wrong.

    Attributes:
        basis: ``idea`` for what a model thought of; it has no evidence.
        id: The same for the same advice on the same group, whenever it is given.
        channel: How people are contacted; None when nobody is.
        audience: People selected, and before and after each guard; None when nobody is contacted.
        measurement: Metric, design, weeks, sample size and of what, power and error in percent.
        expected_value: The effect in `currency` less the cost; None when its worth is not known.
        decision: The last verdict on it; None when there is none.
        parameters: Numbers of the texts.
        details: Owner, effect, audience, cost and test in words, one sentence each.
    """

    action: str
    touchpoint: str
    segment: Mapping[str, Any] | None
    expected_effect: Mapping[str, Any] | None
    evidence: tuple[str, ...]
    refuted_if: str
    cost: float | None = None
    caveats: tuple[str, ...] = ()
    basis: Literal["evidence", "idea"] = "evidence"
    id: str = ""
    owner: str = ""
    channel: str | None = None
    audience: Mapping[str, Any] | None = None
    measurement: Mapping[str, Any] | None = None
    expected_value: float | None = None
    currency: str | None = None
    decision: Mapping[str, Any] | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    details: tuple[str, ...] = ()


@dataclass(frozen=True)
class Clarification:
    """A question back, with choices."""

    question: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class LinkUse:
    """A link the answer stands on, with how well it matches."""

    left: str
    right: str
    normaliser: str
    match_rate: float | None
    fan_out: float | None


@dataclass(frozen=True)
class Confidence:
    """How sure the answer is, 0 to 1, and why."""

    value: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Definition:
    """What a metric in the answer means."""

    metric: str
    formula: str
    source: str


@dataclass(frozen=True)
class ModelUse:
    """Which translator answered and what the chat model cost; cost None when no price is set."""

    translator: str
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None

    def plus(self, other: "ModelUse") -> "ModelUse":
        """Both together, under this one's translator."""
        costs = [cost for cost in (self.cost, other.cost) if cost is not None]
        return ModelUse(
            self.translator,
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            sum(costs) if costs else None,
        )


@dataclass(frozen=True)
class AnswerError:
    """An error as data."""

    code: str
    message: str
    actor: Literal["user", "model", "operator"]
    silo: str | None = None
    hint: str | None = None


@dataclass(frozen=True)
class RuledOut:
    """An explanation that was looked at and does not hold; `statement` says it to the asker."""

    kind: str
    statement: str


@dataclass(frozen=True)
class Investigation:
    """How causes were looked for.

    Attributes:
        verdict: ``real``, ``chance``, ``season``, ``fault`` or ``unknown``.
        tests: All tests made, on both halves of the data.
        confirmed: Causes that held on data not used to find them.
        spent: queries, fragments (queries at a silo), bytes out of the silos, seconds.
        limits: The most of these that was allowed.
    """

    verdict: str
    tests: int
    confirmed: int
    ruled_out: tuple[RuledOut, ...]
    spent: Mapping[str, float]
    limits: Mapping[str, float]


@dataclass(frozen=True)
class Answer:
    """One answer of any status. Empty tuples and None stand for 'none'."""

    status: Status
    question: str
    language: Literal["de", "en"]
    text: str
    trace_id: str
    model: ModelUse
    sql: str | None = None
    columns: tuple[OutputColumn, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    truncated: bool = False
    chart: Mapping[str, Any] | None = None
    insights: tuple[Insight, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    clarification: Clarification | None = None
    receipt: Receipt | None = None
    links: tuple[LinkUse, ...] = ()
    confidence: Confidence | None = None
    definitions: tuple[Definition, ...] = ()
    warnings: tuple[str, ...] = ()
    error: AnswerError | None = None
    plan: Mapping[str, Any] | None = field(default=None)
    conversation_id: str | None = None
    investigation: Investigation | None = None
