"""What to do: rules from findings to actions, with the effect the finding itself lets expect."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from assistant.answer import Insight, Recommendation
from assistant.insights.base import Scene
from assistant.language import text
from assistant.metric_query import Dimension

PLAYBOOK = Path(__file__).with_name("playbook.toml")
LIMIT = 3
STRONG = 0.1
CONDITIONS = ("touchpoint", "direction", "better", "units")
Rule = Mapping[str, Any]


def recommend(insights: Sequence[Insight], scene: Scene) -> tuple[Recommendation, ...]:
    """At most three actions, each from a finding; bad news before good, one per group.

    Good news counts when it is strong: 10 % or more. A finding about everybody leads to an action
    only when no finding says which group it is.
    """
    told = [insight for insight in insights if _matters(insight)]
    grouped = {insight.direction for insight in told if insight.segment}
    found: dict[str, Recommendation] = {}
    for insight in sorted(told, key=lambda i: i.direction != "bad"):
        rule = _rule(insight, scene)
        if rule is None or (not insight.segment and insight.direction in grouped):
            continue
        found.setdefault(str(insight.segment), _recommendation(insight, rule, scene))
    return tuple(found.values())[:LIMIT]


def _matters(insight: Insight) -> bool:
    if insight.direction == "good":
        return abs(insight.effect or 0) >= STRONG
    return insight.direction == "bad"


def _recommendation(insight: Insight, rule: Rule, scene: Scene) -> Recommendation:
    group = _group(insight, scene)
    return Recommendation(
        action=rule[scene.language].format(group=group),
        touchpoint=insight.touchpoint or "any",
        segment=insight.segment,
        expected_effect=_effect(insight, scene),
        evidence=(insight.id,),
        refuted_if=rule[f"refuted_{scene.language}"].format(group=group),
        caveats=tuple(_caveats(insight, scene)),
    )


def _rule(insight: Insight, scene: Scene) -> Rule | None:
    """The first rule of the playbook whose every condition holds."""
    metric = scene.model.metrics[insight.metric]
    facts = {
        "touchpoint": insight.touchpoint,
        "direction": insight.direction,
        "better": metric.better,
        "units": metric.unit,
    }
    for rule in _playbook():
        wanted = ((facts[name], rule[name]) for name in CONDITIONS if name in rule)
        if all(fact in want if isinstance(want, list) else fact == want for fact, want in wanted):
            return rule
    return None


@cache
def _playbook() -> tuple[Rule, ...]:
    return tuple(tomllib.loads(PLAYBOOK.read_text(encoding="utf-8"))["rule"])


def _group(insight: Insight, scene: Scene) -> str:
    """The segment as people say it; „all customers" when the finding is about everything."""
    if not insight.segment:
        return text("insights.everyone", scene.language)
    name, value = next(iter(insight.segment.items()))
    dataset, _, field = name.partition(".")
    dimension = Dimension(dataset, field)
    return f"{scene.said(value, dimension)} ({scene.dimension_label(dimension)})"


def _effect(insight: Insight, scene: Scene) -> dict[str, Any] | None:
    """Back to the baseline: the difference the finding measured, per period of the question.

    None for good news, and for a group's weight: undoing that would be no aim.
    """
    if insight.direction != "bad" or insight.type == "mix":
        return None
    if insight.value is None or insight.baseline is None:
        return None
    period = scene.query.period
    key = "basis" if period and period.label else "basis_all"
    return {
        "metric": insight.metric,
        "value": round(insight.baseline - insight.value, 2),
        "unit": insight.unit,
        "basis": text(f"insights.{key}", scene.language, period=period.label if period else ""),
    }


def _caveats(insight: Insight, scene: Scene) -> Iterator[str]:
    yield scene.text("caveat_cause")
    if insight.interval is None or insight.baseline is None:
        return
    if insight.type != "mix" and insight.unit in ("percent", "points"):
        low, high = (scene.number(b * abs(insight.baseline), "points") for b in insight.interval)
        high = text(f"insights.{insight.unit}", scene.language, value=high)
    else:
        low, high = (scene.number(100 * bound, "percent") for bound in insight.interval)
    yield scene.text("caveat_interval", low=low, high=high)
