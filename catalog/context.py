"""What the catalog hands to a translator for one question."""

from dataclasses import dataclass

from catalog.semantic_model import Dataset, Metric, Relationship, Term, VerifiedQuestion
from connectors.schema import Table


@dataclass(frozen=True)
class Hit:
    """A found document. `score` 0 to 1, best first; `kind`: table, metric, term, question."""

    kind: str
    name: str
    score: float
    text: str


@dataclass(frozen=True)
class SchemaContext:
    """The part of the catalog that fits a question, filtered by role first, best first.

    Attributes:
        role: Whose rights it was filtered by.
    """

    question: str
    language: str
    tables: tuple[Table, ...] = ()
    datasets: tuple[Dataset, ...] = ()
    metrics: tuple[Metric, ...] = ()
    links: tuple[Relationship, ...] = ()
    terms: tuple[Term, ...] = ()
    verified: tuple[VerifiedQuestion, ...] = ()
    hits: tuple[Hit, ...] = ()
    role: str | None = None
