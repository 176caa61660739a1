"""A figure: a metric a subject can serve, before it has names."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.proposal.subjects import Subject


@dataclass(frozen=True)
class Figure:
    """A metric of `metrics.toml` that a subject can serve.

    Attributes:
        time: Column that places a row in a period; None for a state metric.
        unit: Overrides the unit of `metrics.toml`.
    """

    key: str
    expression: str
    time: str | None
    score: float
    reason: str
    unit: str | None = None


@dataclass(frozen=True)
class Asked:
    """A subject with what is known around it: the currencies its silo names."""

    subject: Subject
    currencies: Sequence[str] = ()

    @property
    def time(self) -> str | None:
        """The subject's time column."""
        return self.subject.time.column.name if self.subject.time else None
