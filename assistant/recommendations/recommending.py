"""From insights to recommendations: which rule, whom it reaches, what it brings, how to test it."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from assistant.answer import Insight, Recommendation
from assistant.people.audiences import Audience, Selection
from assistant.recommendations.decisions import recommendation_id
from assistant.recommendations.effects import Effect, expected, sample_size, worth
from assistant.recommendations.library import Rule, library
from assistant.recommendations.saying import lines, untraced
from assistant.recommendations.situation import Situation
from connectors.errors import RundblickError

LIMIT = 3
STRONG = 0.1
CONTROL, BEFORE_AFTER = "control_group", "before_after"
_log = logging.getLogger(__name__)
Chosen = tuple[Insight, Rule]


def recommend(insights: Sequence[Insight], situation: Situation) -> tuple[Recommendation, ...]:
    """At most three actions, each from a finding; the highest expected value first.

    Good news counts when it is strong: 10 % or more. A finding about everybody leads to an action
    only when no finding says which group it is. Actions whose worth is not known follow in the
    findings' order, bad news before good. A text with a number that no finding, count or setting
    holds is dropped with its recommendation.
    """
    chosen = _chosen(insights, situation)
    audiences = _audiences(chosen, situation)
    made = [
        _recommendation(insight, rule, audience, situation)
        for (insight, rule), audience in zip(chosen, audiences, strict=True)
    ]
    by_value = sorted(made, key=lambda one: -(one.expected_value or 0.0))
    sure = [one for one in by_value if not untraced(one, insights)]
    return tuple(sure[:LIMIT])


def _chosen(insights: Sequence[Insight], situation: Situation) -> list[Chosen]:
    """Findings that matter with the first rule that fits, one per group; bad news first."""
    told = [insight for insight in insights if _matters(insight)]
    grouped = {insight.direction for insight in told if insight.segment}
    found: dict[str, Chosen] = {}
    for insight in sorted(told, key=lambda i: i.direction != "bad"):
        rule = _rule(insight, situation)
        if rule is None or (not insight.segment and insight.direction in grouped):
            continue
        found.setdefault(str(insight.segment), (insight, rule))
    return list(found.values())[:LIMIT]


def _matters(insight: Insight) -> bool:
    if insight.direction == "good":
        return abs(insight.effect or 0) >= STRONG
    return insight.direction == "bad" or insight.type == "concentration"


def _rule(insight: Insight, situation: Situation) -> Rule | None:
    metric = situation.metric(insight)
    better, unit = (metric.better, metric.unit) if metric else (None, insight.unit)
    return next((rule for rule in library() if rule.fits(insight, better, unit)), None)


def _audiences(chosen: Sequence[Chosen], situation: Situation) -> list[Audience | None]:
    """Whom each action reaches, all counted in one query; None for those that contact nobody."""
    found: list[Audience | None] = [None] * len(chosen)
    if situation.audiences is None:
        return found
    try:
        wanted = _selections(chosen, situation)
        counted = situation.audiences.count(list(wanted.values()))
    except RundblickError as error:
        _log.info("audiences: %s", error)  # the advice stands without; its caveats say so
        return found
    for place, audience in zip(wanted, counted, strict=True):
        found[place] = audience
    return found


def _selections(chosen: Sequence[Chosen], situation: Situation) -> dict[int, Selection]:
    """By place among the chosen, the people of those that contact somebody."""
    found = {}
    for place, (insight, rule) in enumerate(chosen):
        if insight.direction == "bad" and rule.channel:
            selection = situation.selection(insight, rule.channel)
            if selection is not None:
                found[place] = selection
    return found


def _recommendation(
    insight: Insight, rule: Rule, audience: Audience | None, situation: Situation
) -> Recommendation:
    effect = expected(insight, audience)
    rules = situation.audiences.rules if situation.audiences else None
    rate = rules.channel(rule.channel).cost if rules and rule.channel else None
    cost = None if rate is None or audience is None else round(rate * audience.reachable, 2)
    value = worth(effect, insight, cost, rules)
    words = {"group": situation.group(insight), "weeks": rule.weeks, **rule.values}
    identity = recommendation_id(rule.id, insight.metric, insight.segment)
    decision = situation.decisions.get(identity)
    made = Recommendation(
        action=rule.action[situation.language].format(**words),
        touchpoint=insight.touchpoint or "any",
        segment=insight.segment,
        expected_effect=_effect(effect, insight, audience, situation),
        evidence=(insight.id,),
        refuted_if=rule.refuted[situation.language].format(**words),
        cost=cost,
        caveats=tuple(_caveats(insight, rule, audience, situation)),
        id=identity,
        owner=rule.owner[situation.language],
        channel=rule.channel,
        audience=_counts(audience),
        measurement=_measurement(insight, rule, effect, situation),
        expected_value=None if value is None else round(value, 2),
        currency=rules.currency if rules else None,
        decision=asdict(decision) if decision else None,
        parameters={**rule.values, "weeks": rule.weeks},
    )
    return replace(made, details=tuple(lines(made, situation)))


def _effect(
    effect: Effect | None, insight: Insight, audience: Audience | None, situation: Situation
) -> dict[str, Any] | None:
    if effect is None:
        return None
    period = situation.query.period if situation.query else None
    key = "basis" if period and period.label else "basis_all"
    return {
        "metric": insight.metric,
        "value": round(effect.value, 2),
        "interval": [round(bound, 2) for bound in effect.interval] if effect.interval else None,
        "unit": insight.unit,
        "people": audience.reachable if audience else None,
        "basis": situation.basis(key, period.label if period else ""),
    }


def _counts(audience: Audience | None) -> Mapping[str, Any] | None:
    if audience is None:
        return None
    return {
        "selected": audience.selected,
        "reachable": audience.reachable,
        "channel": audience.selection.channel,
        "guards": [asdict(guard) for guard in audience.guards],
        "silos": list(audience.silos),
        "sql": audience.sql,
    }


def _measurement(
    insight: Insight, rule: Rule, effect: Effect | None, situation: Situation
) -> dict[str, Any]:
    period = situation.query.period if situation.query else None
    days = (period.end - period.start).days if period else None
    size = sample_size(insight, effect, days)
    return {
        "metric": insight.metric,
        "design": CONTROL if rule.channel else BEFORE_AFTER,
        "weeks": rule.weeks,
        "sample_size": size[0] if size else None,
        "sample_of": size[1] if size else None,
        "power": 80,
        "alpha": 5,
    }


def _caveats(
    insight: Insight, rule: Rule, audience: Audience | None, situation: Situation
) -> Iterator[str]:
    yield situation.caveat("caveat_cause")
    if insight.interval is not None and insight.baseline is not None:
        yield _interval(insight, situation)
    if rule.channel and audience is None and situation.audiences is not None:
        yield situation.say("no_audience")


def _interval(insight: Insight, situation: Situation) -> str:
    ends = insight.interval or (0.0, 0.0)
    if insight.type != "mix" and insight.unit in ("percent", "points"):
        scaled = [bound * abs(insight.baseline or 0.0) for bound in ends]
        low, high = (situation.number(bound, "points") for bound in scaled)
        high = situation.unit(insight.unit, high)
    else:
        low, high = (situation.number(100 * bound, "percent") for bound in ends)
    return situation.caveat("caveat_interval", low=low, high=high)
