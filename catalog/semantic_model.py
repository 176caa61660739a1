"""The semantic model: what the data means, read from ``semantic/*.yaml`` (Ossie 0.2 keys)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from catalog.semantic_offers import Offer
from catalog.semantic_roles import Roles

Language = Literal["de", "en"]
Labels = Mapping[str, str]


@dataclass(frozen=True)
class Proposal:
    """The mark of a part that the catalog proposed and nobody has reviewed yet.

    Attributes:
        score: How likely it is right, 0 to 1.
        reason: What it was told from.
    """

    score: float
    reason: str


@dataclass(frozen=True)
class Field:
    """A column or expression of a dataset.

    Attributes:
        expression: Canonical SQL over the dataset's own columns, unqualified.
        datatype: Ossie data type: String, Integer, Decimal, Date, DateTime, DateTimeTz, Boolean...
        dimension: May be grouped and filtered by.
        is_time: Is a time dimension.
        labels: Name per language (``de``, ``en``).
        synonyms: Other words for it, any language.
        codes: Stored value -> label per language, for coded columns.
        sensitivity: Class as in `connectors.schema.Sensitivity`; None when not stated.
    """

    name: str
    expression: str
    datatype: str = "String"
    dimension: bool = False
    is_time: bool = False
    labels: Labels = field(default_factory=dict)
    synonyms: tuple[str, ...] = ()
    codes: Mapping[str, Labels] = field(default_factory=dict)
    sensitivity: str | None = None
    description: str = ""
    proposed: Proposal | None = None


@dataclass(frozen=True)
class Dataset:
    """A table with a meaning.

    Attributes:
        source: Three-part name.
        always: Row condition of every use, canonical SQL over its columns; None when there is none.
        latest: (key columns, order column) when only each key's newest row counts.
        entity: What a row is about: person, order, campaign, ...; None when not stated.
        roles: Where consent, contacts, complaints, purchases and ratings are found in it.
    """

    name: str
    source: str
    primary_key: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    description: str = ""
    labels: Labels = field(default_factory=dict)
    synonyms: tuple[str, ...] = ()
    always: str | None = None
    latest: tuple[tuple[str, ...], str] | None = None
    entity: str | None = None
    roles: Roles = field(default_factory=Roles)
    proposed: Proposal | None = None

    def field(self, name: str) -> Field | None:
        """The field of this name, or None."""
        return next((f for f in self.fields if f.name == name), None)


@dataclass(frozen=True)
class Relationship:
    """How a row of `from_dataset` (many) finds its row of `to_dataset` (one), also across silos.

    Attributes:
        normaliser: How both sides are brought to one form, such as ``lower(trim)``; ``exact``
            when nothing is needed. See `catalog.normalisers`.
        match_rate: Share of rows of `from_dataset` with a key that find a partner; None unmeasured.
        fan_out: Mean partners per row that finds one; None unmeasured.
    """

    name: str
    from_dataset: str
    to_dataset: str
    from_columns: tuple[str, ...]
    to_columns: tuple[str, ...]
    normaliser: str = "exact"
    match_rate: float | None = None
    fan_out: float | None = None
    measured: date | None = None
    reviewed_by: str | None = None
    proposed: Proposal | None = None


@dataclass(frozen=True)
class Metric:
    """A figure with a formula.

    Attributes:
        expression: Either aggregates over ``dataset.field`` names, or arithmetic over the names of
            other metrics (a derived metric such as ``attributed_revenue / ad_spend``).
        time: ``dataset.field`` that places a row in a period; None for a state metric.
        better: Whether more is good: up, down or None.
        unit: count, percent (0 to 100), ratio, points, days, seconds, or an ISO currency code.
        source: Where the definition comes from.
        examples: Questions it answers, in either language, to show to newcomers.
    """

    name: str
    expression: str
    description: str = ""
    datatype: str = "Decimal"
    labels: Labels = field(default_factory=dict, hash=False)
    synonyms: tuple[str, ...] = ()
    time: str | None = None
    better: Literal["up", "down"] | None = None
    unit: str | None = None
    touchpoint: str | None = None
    source: str = "model"
    examples: tuple[str, ...] = ()
    proposed: Proposal | None = None


@dataclass(frozen=True)
class VerifiedQuestion:
    """A question with SQL that a person has checked."""

    question: Labels
    sql: str
    verified_by: str | None = None
    verified_on: date | None = None


@dataclass(frozen=True)
class Term:
    """A word of the company's glossary; `forms` are its spellings.

    `metric`, `dataset` or `sql` may tie it to the model.
    """

    forms: tuple[str, ...]
    meaning: str
    metric: str | None = None
    sql: str | None = None
    dataset: str | None = None
    proposed: Proposal | None = None


@dataclass(frozen=True)
class SemanticModel:
    """All semantic files together. Empty when none is configured."""

    datasets: Mapping[str, Dataset] = field(default_factory=dict)
    relationships: tuple[Relationship, ...] = ()
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    verified_questions: tuple[VerifiedQuestion, ...] = ()
    glossary: tuple[Term, ...] = ()
    offers: tuple[Offer, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)
