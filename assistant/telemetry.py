"""Counters of the service in Prometheus' text format; one registry per service."""

from dataclasses import dataclass, field
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from assistant.answer import Answer

REFRESH_BUCKETS = (1, 5, 15, 60, 120, 300, 900, 3_600)


@dataclass(frozen=True)
class Telemetry:
    """What is counted. Labels hold names of silos and statuses, never a question or a value."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    answers: Counter = field(init=False)
    seconds: Histogram = field(init=False)
    rows: Counter = field(init=False)
    sent: Counter = field(init=False)
    tokens: Counter = field(init=False)
    refreshes: Counter = field(init=False)
    refresh_seconds: Histogram = field(init=False)
    catalog: Gauge = field(init=False)

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

        name = "rundblick_refreshes"
        make(self, "refreshes", Counter(name, "Catalog refreshes", ["state"], registry=registry))
        name, text = "rundblick_refresh_seconds", "Seconds per catalog refresh"
        seconds = Histogram(name, text, buckets=REFRESH_BUCKETS, registry=registry)
        make(self, "refresh_seconds", seconds)
        name, text = "rundblick_catalog", "Tables, moment of reading, broken parts of the catalog"
        make(self, "catalog", Gauge(name, text, ["figure"], registry=registry))

    def count_refresh(self, state: str, seconds: float) -> None:
        """Count one refresh: done, partial (a silo could not be read) or failed."""
        self.refreshes.labels(state).inc()
        self.refresh_seconds.observe(seconds)

    def show_catalog(self, tables: int, read_at: datetime) -> None:
        """The catalog that is in use now; `read_at` in seconds since 1970."""
        self.catalog.labels("tables").set(tables)
        self.catalog.labels("read_at").set(read_at.timestamp())

    def show_broken(self, parts: int) -> None:
        """Parts of the semantic model that do not fit the catalog since its last refresh."""
        self.catalog.labels("broken_parts").set(parts)

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
