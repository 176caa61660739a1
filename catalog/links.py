"""Links: how a row of one table finds its row of another, and how well it does."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from catalog.semantic_model import Dataset, Relationship, SemanticModel

Origin = Literal["declared", "proposed"]


@dataclass(frozen=True)
class Link:
    """A link with its figures. No key value is in it.

    Attributes:
        left: ``silo.schema.table.column``; several columns, or expressions, parted by commas.
        right: The same of the side that is found, at most a few rows per key.
        normaliser: See `catalog.normalisers`.
        origin: ``declared`` in the semantic model, or ``proposed`` by the catalog.
        name: Name of the declared relationship; None for a proposed one.
        match_rate: Share, 0 to 1, of left rows with a key that find a partner; None unmeasured.
        key_match_rate: The same of distinct left keys.
        fan_out: Mean partners per left row that finds one; None unmeasured or when none does.
        measured_at: When; None when never.
        method: ``exact`` or ``sketch``; None unmeasured.
        score: 0 to 1, how sure a proposal is; None for a declared link.
        reason: What a proposal rests on: a foreign key, or the kind of key; None if declared.
    """

    left: str
    right: str
    normaliser: str
    origin: Origin
    name: str | None = None
    match_rate: float | None = None
    key_match_rate: float | None = None
    fan_out: float | None = None
    measured_at: datetime | None = None
    method: Literal["exact", "sketch"] | None = None
    score: float | None = None
    reason: str | None = None

    @property
    def silos(self) -> frozenset[str]:
        """Names of the silos it joins; one when it stays inside a silo."""
        return frozenset((self.left.split(".")[0], self.right.split(".")[0]))

    @property
    def ends(self) -> frozenset[str]:
        """Both sides in lower case, whichever the direction."""
        return frozenset((self.left.lower(), self.right.lower()))

    def same_as(self, other: "Link") -> bool:
        """True when both are the same link, whatever their figures."""
        return (self.left, self.right, self.normaliser, self.origin) == (
            other.left,
            other.right,
            other.normaliser,
            other.origin,
        )


def expressions(dataset: Dataset, names: Iterable[str]) -> tuple[str, ...]:
    """The canonical expressions behind the names a relationship uses; a column is its own."""
    fields = {item.name: item.expression for item in dataset.fields}
    return tuple(fields.get(name, name) for name in names)


def declared_links(model: SemanticModel, figures: Iterable[Link] = ()) -> tuple[Link, ...]:
    """The model's links with the figures measured of them; without, those its files state."""
    known = tuple(figures)
    return tuple(_declared(step, model, known) for step in model.relationships)


def _declared(step: Relationship, model: SemanticModel, figures: tuple[Link, ...]) -> Link:
    left, right = model.datasets[step.from_dataset], model.datasets[step.to_dataset]
    stated = Link(
        f"{left.source}.{', '.join(expressions(left, step.from_columns))}",
        f"{right.source}.{', '.join(expressions(right, step.to_columns))}",
        step.normaliser,
        "declared",
        step.name,
        match_rate=step.match_rate,
        fan_out=step.fan_out,
    )
    measured = next((link for link in figures if link.same_as(stated)), None)
    return stated if measured is None else replace(measured, name=step.name)


def with_figures(model: SemanticModel, figures: Iterable[Link]) -> SemanticModel:
    """The model whose relationships carry what was measured of them."""
    links = declared_links(model, figures)
    steps = zip(model.relationships, links, strict=True)
    return replace(model, relationships=tuple(_measured(*pair) for pair in steps))


def _measured(step: Relationship, link: Link) -> Relationship:
    if link.measured_at is None:
        return step
    day = link.measured_at.date()
    return replace(step, match_rate=link.match_rate, fan_out=link.fan_out, measured=day)
