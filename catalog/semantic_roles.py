"""What a dataset is in the life of a customer: where consent, contacts and purchases are found.

All expressions are canonical SQL over the columns of the dataset's own table. See docs/actions.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlglot
from sqlglot import exp

from catalog.expressions import CANONICAL, read_expression
from catalog.yaml_nodes import Node

KEYS = ("addresses", "consent", "contact", "complaint", "purchase", "step", "rating", "spend")


@dataclass(frozen=True)
class Consent:
    """Rows that say whether a person may be contacted on one channel.

    Attributes:
        rows: Which rows are about the channel.
        given: True in a row that permits; anything else, null too, forbids.
    """

    rows: str
    given: str

    @property
    def permits(self) -> bool:
        """False for a list of objections, whose rows can only forbid."""
        tree = sqlglot.parse_one(self.given, dialect=CANONICAL)
        return not (isinstance(tree, exp.Boolean) and not tree.this)


@dataclass(frozen=True)
class Contact:
    """Rows that are contacts the company made.

    Attributes:
        time: When; null for a contact that was not made.
        channels: Which rows belong to a channel, by its name.
        measure: The campaign or journey a contact belongs to.
        response: True where the person responded; None when that is not recorded.
        planned: When it should have been made; None when there is no plan.
        place: The step's number within its journey; None when there is no plan.
    """

    time: str
    channels: Mapping[str, str]
    measure: str | None = None
    response: str | None = None
    planned: str | None = None
    place: str | None = None


@dataclass(frozen=True)
class Purchase:
    """Rows that are purchases: when, how much in one currency, and whether they came back."""

    time: str
    value: str
    returned: str | None = None


@dataclass(frozen=True)
class Step:
    """Rows that are steps of a customer's journey.

    Attributes:
        name: The step as people say it, a text.
        rows: Which rows count; None for all.
        marketing: The company brings it about, so revenue may be attributed to it.
    """

    time: str
    name: str
    rows: str | None = None
    marketing: bool = False


@dataclass(frozen=True)
class Rating:
    """Rows in which people judge: a score between `worst` and `best`, perhaps with words."""

    time: str
    score: str
    worst: float
    best: float
    comment: str | None = None


@dataclass(frozen=True)
class Spend:
    """Rows that are money spent on advertising.

    Attributes:
        channel: Of the money; a ``dataset.field`` of the model may be named too.
        steps: The name of the journey's step each channel's money is spent on.
    """

    time: str
    value: str
    channel: str
    steps: Mapping[str, str]


@dataclass(frozen=True)
class Roles:
    """All roles of one dataset; empty ones are None or without entries.

    Attributes:
        addresses: How a person is reached, by channel; of the dataset of persons alone.
        complaint: True in a row that is an open complaint.
    """

    addresses: Mapping[str, str] = field(default_factory=dict)
    consent: Mapping[str, Consent] = field(default_factory=dict)
    contact: Contact | None = None
    complaint: str | None = None
    purchase: Purchase | None = None
    step: Step | None = None
    rating: Rating | None = None
    spend: Spend | None = None


def read_roles(own: Node) -> Roles:
    """The roles under a dataset's `rundblick` key.

    Raises:
        ConfigurationError: A key is unknown or missing, or an expression does not parse.
    """
    consent = own.child("consent")
    return Roles(
        addresses=_expressions(own.child("addresses")),
        consent={channel: _consent(consent.child(channel)) for channel in consent.data},
        contact=_contact(own.child("contact")) if own.data.get("contact") else None,
        complaint=read_expression(own, "complaint"),
        purchase=_purchase(own.child("purchase")) if own.data.get("purchase") else None,
        step=_step(own.child("step")) if own.data.get("step") else None,
        rating=_rating(own.child("rating")) if own.data.get("rating") else None,
        spend=_spend(own.child("spend")) if own.data.get("spend") else None,
    )


def write_roles(roles: Roles) -> dict[str, Any]:
    """The roles as the content of a semantic file; what is not set is left out."""
    return {key: value for key in KEYS if (value := _plain(getattr(roles, key)))}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if hasattr(value, "__dataclass_fields__"):
        parts = {key: _plain(getattr(value, key)) for key in value.__dataclass_fields__}
        return {key: part for key, part in parts.items() if part not in (None, False)}
    return value


def _consent(node: Node) -> Consent:
    node.only("rows", "given")
    return Consent(_needed(node, "rows"), _needed(node, "given"))


def _contact(node: Node) -> Contact:
    node.only("time", "channels", "measure", "response", "planned", "place")
    channels = _expressions(node.child("channels"))
    if not channels:
        raise node.error("channels", "missing")
    optional = {
        key: read_expression(node, key) for key in ("measure", "response", "planned", "place")
    }
    return Contact(_needed(node, "time"), channels, **optional)


def _purchase(node: Node) -> Purchase:
    node.only("time", "value", "returned")
    returned = read_expression(node, "returned")
    return Purchase(_needed(node, "time"), _needed(node, "value"), returned)


def _step(node: Node) -> Step:
    node.only("time", "name", "rows", "marketing")
    return Step(
        _needed(node, "time"),
        _needed(node, "name"),
        read_expression(node, "rows"),
        bool(node.value("marketing", bool)),
    )


def _spend(node: Node) -> Spend:
    node.only("time", "value", "channel", "steps")
    steps = node.child("steps")
    return Spend(
        _needed(node, "time"),
        _needed(node, "value"),
        _needed(node, "channel"),
        {str(key): steps.needed(key) for key in steps.data},
    )


def _rating(node: Node) -> Rating:
    node.only("time", "score", "worst", "best", "comment")
    ends = (node.number("worst"), node.number("best"))
    if ends[0] is None or ends[1] is None or ends[0] >= ends[1]:
        raise node.error("best", "worst and best are needed, worst below best")
    comment = read_expression(node, "comment")
    return Rating(_needed(node, "time"), _needed(node, "score"), ends[0], ends[1], comment)


def _expressions(node: Node) -> dict[str, str]:
    return {str(key): _needed(node, key) for key in node.data}


def _needed(node: Node, key: str) -> str:
    found = read_expression(node, key)
    if found is None:
        raise node.error(key, "missing")
    return found
