"""Offers: what may be put to whom, as semantic files declare it. See docs/actions.md."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.expressions import read_expression
from catalog.yaml_nodes import Node


@dataclass(frozen=True)
class Condition:
    """People that have, or lack, a row of a dataset.

    Attributes:
        where: Canonical SQL over the columns of the dataset's table.
        time: Moment of a row, for `days`.
        days: Only rows of the last so many days; None for all.
        until: Only rows at least so many days old.
        absent: True for people without such a row.
    """

    dataset: str
    where: str = "TRUE"
    time: str | None = None
    days: int | None = None
    until: int = 0
    absent: bool = False


@dataclass(frozen=True)
class Offer:
    """What is offered to people who meet all conditions.

    Attributes:
        labels: What is offered, per language.
        because: Why a person gets it, per language; ends a sentence about the person.
        channels: Share of the people asked that accepts, 0 to 1, by channel.
        value: Worth of one acceptance, in the currency of `activation`.
        synonyms: Other words for it, any language.
    """

    name: str
    labels: Mapping[str, str]
    because: Mapping[str, str]
    touchpoint: str
    channels: Mapping[str, float]
    select: tuple[Condition, ...]
    value: float
    synonyms: tuple[str, ...] = ()


def read_offer(node: Node) -> Offer:
    """One entry of a model's `offers`.

    Raises:
        ConfigurationError: A key is unknown or missing, or an expression does not parse.
    """
    node.only(
        "name", "labels", "because", "touchpoint", "channels", "select", "value", "synonyms"
    )  # fmt: skip
    labels, because = node.labels("labels"), node.labels("because")
    shares = node.child("channels")
    channels = {str(key): shares.number(key, most=1) or 0.0 for key in shares.data}
    for key, found in (("labels", labels), ("because", because), ("channels", channels)):
        if not found:
            raise node.error(key, "missing")
    select = tuple(_condition(child) for child in node.children("select"))
    if not select:
        raise node.error("select", "missing: an offer to everybody is none")
    return Offer(
        node.needed("name"), labels, because, node.needed("touchpoint"), channels, select,
        node.number("value") or 0.0, node.texts("synonyms"),
    )  # fmt: skip


def _condition(node: Node) -> Condition:
    node.only("dataset", "where", "time", "days", "until", "absent")
    time, days = read_expression(node, "time"), node.value("days", int)
    if (time is None) != (days is None):
        raise node.error("days", "time and days go together")
    return Condition(
        node.needed("dataset"),
        read_expression(node, "where") or "TRUE",
        time,
        days,
        node.value("until", int) or 0,
        bool(node.value("absent", bool)),
    )
