"""Counters of the service in Prometheus' text format; one registry per service."""

from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from assistant.answer import Answer


@dataclass(frozen=True)
class Telemetry:
    """What is counted. Labels hold names of silos and statuses, never a question or a value."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    answers: Counter = field(init=False)
    seconds: Histogram = field(init=False)
    rows: Counter = field(init=False)
    sent: Counter = field(init=False)
    tokens: Counter = field(init=False)

    def __post_init__(self) -> None:
        """Register the metrics."""
        make = object.__setattr__
        registry = self.registry
        name = "rundblick_answers"
        make(self, "answers", Counter(name, "Answers", ["status", "code"], registry=registry))
        name = "rundblick_answer_seconds"
        make(self, "seconds", Histogram(name, "Seconds per answer", registry=registry))
        name = "rundblick_silo_rows"
        make(self, "rows", Counter(name, "Rows that left a silo", ["silo"], registry=registry))
        name = "rundblick_silo_bytes"
        make(self, "sent", Counter(name, "Bytes that left a silo", ["silo"], registry=registry))
        name = "rundblick_model_tokens"
        make(self, "tokens", Counter(name, "Tokens of the chat model", ["kind"], registry=registry))

    def count(self, answer: Answer, seconds: float) -> None:
        """Count one answer."""
        code = answer.error.code if answer.error else ""
        self.answers.labels(answer.status, code).inc()
        self.seconds.observe(seconds)
        self.tokens.labels("prompt").inc(answer.model.prompt_tokens)
        self.tokens.labels("completion").inc(answer.model.completion_tokens)
        for fragment in answer.receipt.fragments if answer.receipt else ():
            self.rows.labels(fragment.silo).inc(fragment.rows)
            self.sent.labels(fragment.silo).inc(fragment.bytes)

    def text(self) -> bytes:
        """All metrics in the exposition format."""
        return generate_latest(self.registry)
