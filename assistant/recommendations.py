"""What to do: rules from findings to actions, with the effect the finding itself lets expect."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from assistant.answer import Insight, Recommendation
from assistant.insights.base import Scene
from assistant.metric_query import Dimension

PLAYBOOK = Path(__file__).with_name("playbook.toml")
LIMIT = 3


def recommend(insights: Sequence[Insight], scene: Scene) -> tuple[Recommendation, ...]:
    """At most three actions, each from a finding; bad news before good, one per group."""
    found: dict[str, Recommendation] = {}
    for insight in sorted(insights, key=lambda i: i.direction != "bad"):
        if insight.direction != "neutral":
            found.setdefault(str(insight.segment), _recommendation(insight, scene))
    return tuple(found.values())[:LIMIT]


def _recommendation(insight: Insight, scene: Scene) -> Recommendation:
    rule = _rule(insight)
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


def _rule(insight: Insight) -> Mapping[str, str]:
    rules = _playbook()
    touchpoint = rules.get(insight.touchpoint or "any", {})
    return touchpoint.get(insight.direction) or rules["any"][insight.direction]


@cache
def _playbook() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    return tomllib.loads(PLAYBOOK.read_text(encoding="utf-8"))


def _group(insight: Insight, scene: Scene) -> str:
    """The segment as people say it; „all customers" when the finding is about everything."""
    if not insight.segment:
        return scene.text("everyone")
    name, value = next(iter(insight.segment.items()))
    dataset, _, field = name.partition(".")
    dimension = Dimension(dataset, field)
    return f"{scene.said(value, dimension)} ({scene.dimension_label(dimension)})"


def _effect(insight: Insight, scene: Scene) -> dict[str, Any] | None:
    """Back to the baseline: the difference the finding measured, per period of the question."""
    if insight.direction != "bad" or insight.value is None or insight.baseline is None:
        return None
    period = scene.query.period
    return {
        "metric": insight.metric,
        "value": round(insight.baseline - insight.value, 2),
        "unit": insight.unit,
        "basis": scene.text("basis", period=period.label if period else ""),
    }


def _caveats(insight: Insight, scene: Scene) -> Iterator[str]:
    yield scene.text("caveat_cause")
    if insight.interval is not None and insight.type != "outlier":
        low, high = (scene.number(100 * bound, "percent") for bound in insight.interval)
        yield scene.text("caveat_interval", low=low, high=high)
