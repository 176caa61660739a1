"""The library of actions, ``library.yaml``: read once, checked, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml

from assistant.answer import Insight
from catalog.semantic_model import Labels
from catalog.yaml_nodes import Node

FILE = Path(__file__).with_name("library.yaml")


@dataclass(frozen=True)
class Rule:
    """One action and when it fits.

    Attributes:
        kinds: Types of insight; empty for any.
        touchpoint: Of the insight; None for any. So with `direction`, `better` and `units`.
        channel: How people are contacted; None when nobody is.
        weeks: How long to measure at least.
        values: Numbers of the texts, by name.
    """

    id: str
    action: Labels
    owner: Labels
    refuted: Labels
    weeks: int
    kinds: tuple[str, ...] = ()
    touchpoint: str | None = None
    direction: str | None = None
    better: str | None = None
    units: tuple[str, ...] = ()
    channel: str | None = None
    values: Mapping[str, int] = field(default_factory=dict)

    def fits(self, insight: Insight, better: str | None, unit: str | None) -> bool:
        """True when every condition holds."""
        pairs = (
            (self.touchpoint, insight.touchpoint),
            (self.direction, insight.direction),
            (self.better, better),
        )
        plain = all(wanted in (None, found) for wanted, found in pairs)
        return plain and _in(self.kinds, insight.type) and _in(self.units, unit)


def _in(wanted: tuple[str, ...], found: str | None) -> bool:
    return not wanted or found in wanted


@cache
def library() -> tuple[Rule, ...]:
    """All rules, in the file's order.

    Raises:
        ConfigurationError: A key is unknown or missing.
    """
    raw = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return tuple(_rule(node) for node in Node(FILE.name, "", {"rules": raw}).children("rules"))


def _rule(node: Node) -> Rule:
    node.only("id", "when", "action", "owner", "channel", "weeks", "values", "refuted")
    when, values = node.child("when"), node.child("values")
    when.only("kinds", "touchpoint", "direction", "better", "units")
    return Rule(
        node.needed("id"),
        node.labels("action"),
        node.labels("owner"),
        node.labels("refuted"),
        node.value("weeks", int) or 0,
        when.texts("kinds"),
        when.text("touchpoint"),
        when.choice("direction", ("good", "bad", "neutral")),
        when.choice("better", ("up", "down")),
        when.texts("units"),
        node.text("channel"),
        {str(key): values.value(key, int) or 0 for key in values.data},
    )
