"""A recommendation in words, and whether every number of the words can be traced."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from assistant.answer import Insight, Recommendation
from assistant.language import text
from assistant.narration import check_numbers
from assistant.recommendations.situation import Situation

WEEK = 7


def lines(one: Recommendation, situation: Situation) -> Iterator[str]:
    """What to know beside the action: owner, effect, audience, cost, test, what would refute it."""
    yield situation.say("owner", owner=one.owner)
    if one.expected_effect:
        yield _effect(one.expected_effect, situation)
    if one.audience:
        yield _audience(one.audience, situation)
    if one.cost is not None:
        yield situation.say("cost", cost=situation.number(one.cost, one.currency))
    if one.expected_value is not None:
        yield situation.say("worth", value=situation.number(one.expected_value, one.currency))
    if one.measurement:
        yield from _measurement(one, situation)
    if one.decision:
        yield situation.say(str(one.decision["verdict"]), day=str(one.decision["at"])[:10])


def _effect(effect: Mapping[str, Any], situation: Situation) -> str:
    label = situation.metric_label(effect["metric"])
    words = {"metric": label, "value": _signed(effect["value"], effect["unit"], situation)}
    if effect["interval"] is None:
        return situation.say("effect", basis=effect["basis"], **words)
    low, high = (_signed(bound, effect["unit"], situation) for bound in effect["interval"])
    return situation.say("effect_interval", basis=effect["basis"], low=low, high=high, **words)


def _signed(value: float, unit: str | None, situation: Situation) -> str:
    """A change with its sign; percentages are told in points."""
    said = situation.number(value, "points" if unit == "percent" else unit)
    if unit in ("percent", "points"):
        said = situation.unit(unit, said)
    return f"+{said}" if value > 0 else said


def _audience(audience: Mapping[str, Any], situation: Situation) -> str:
    steps = [
        situation.say(
            "step",
            people=situation.number(guard["after"], "count"),
            guard=text(f"guard.{guard['guard']}", situation.language),
        )
        for guard in audience["guards"]
    ]
    return situation.say(
        "audience",
        selected=situation.number(audience["selected"], "count"),
        reachable=situation.number(audience["reachable"], "count"),
        channel=text(f"channel.{audience['channel']}", situation.language),
        steps=", ".join(steps),
    )


def _measurement(one: Recommendation, situation: Situation) -> Iterator[str]:
    plan = one.measurement or {}
    yield situation.say(f"measure_{plan['design']}", weeks=plan["weeks"])
    if plan["sample_size"]:
        size = situation.number(plan["sample_size"], "count")
        yield situation.say(
            f"size_{plan['sample_of']}", size=size, power=plan["power"], alpha=plan["alpha"]
        )


def untraced(one: Recommendation, insights: Sequence[Insight]) -> list[str]:
    """Numbers in the words of a recommendation that no finding, count or setting holds."""
    words = " ".join([one.action, one.refuted_if, *one.caveats, *one.details])
    if one.decision and one.decision["at"]:
        words = words.replace(str(one.decision["at"])[:10], " ")  # the day it was decided
    groups = " ".join(str(value) for value in (one.segment or {}).values())
    return [n for n in check_numbers(words, _known(one, insights)) if n not in groups]


def _known(one: Recommendation, insights: Sequence[Insight]) -> list[float]:
    parts = (one.expected_effect, one.audience, one.measurement, one.parameters)
    known = list(chain.from_iterable(_numbers(part) for part in parts))
    known += [value for value in (one.cost, one.expected_value) if value is not None]
    for insight in insights:
        if insight.id in one.evidence:
            base = abs(insight.baseline or 0.0)
            known += _numbers([insight.value, insight.baseline, insight.effect, insight.n])
            for bound in insight.interval or ():
                known += [100 * bound, bound * base]
    return known


def _numbers(value: Any) -> list[float]:
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return []
    if isinstance(value, (int, float)):
        return [float(value)]
    items: Iterable[Any] = value.values() if isinstance(value, Mapping) else value
    return [number for item in items for number in _numbers(item)]
