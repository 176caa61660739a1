"""What an action may bring: the finding's own effect, for the people it reaches, less its cost."""

from dataclasses import dataclass

from assistant.answer import Insight
from assistant.people.audiences import Audience
from assistant.recommendations.power import two_counts, two_means, two_proportions
from connectors.config import ActivationSettings

Z95 = 1.959964
SHARES = frozenset({"percent"})
SCORES = frozenset({"points", "ratio", "seconds", "days"})
MIX = "mix"


@dataclass(frozen=True)
class Effect:
    """A change of a metric, in its unit, with its 95 % interval (low, high)."""

    value: float
    interval: tuple[float, float] | None


def expected(insight: Insight, audience: Audience | None) -> Effect | None:
    """Back to the baseline, as far as the people reached carry it.

    None for good news, for a group's weight, and when nobody is reached: undoing a weight is no
    aim, and what the finding did not measure is not promised.
    """
    if insight.direction != "bad" or insight.type == MIX:
        return None
    if insight.value is None or insight.baseline is None:
        return None
    share = 1.0
    if audience is not None:
        share = audience.reachable / audience.selected if audience.selected else 0.0
    gap = (insight.baseline - insight.value) * share
    return Effect(gap, _interval(insight, share)) if gap else None


def _interval(insight: Insight, share: float) -> tuple[float, float] | None:
    """The finding's interval is in parts of its baseline's size; what undoes it is its negative."""
    if insight.interval is None or not insight.baseline:
        return None
    ends = sorted(-bound * abs(insight.baseline) * share for bound in insight.interval)
    return (ends[0], ends[1])


def worth(
    effect: Effect | None, insight: Insight, cost: float | None, rules: ActivationSettings | None
) -> float | None:
    """The effect in money less the cost; None when the metric has no worth.

    A metric in the configured currency is worth itself; others what `activation.worth` says of
    one unit.
    """
    if effect is None or rules is None:
        return None
    rate = 1.0 if insight.unit == rules.currency else rules.worth.get(insight.metric)
    return None if rate is None else abs(effect.value) * rate - (cost or 0.0)


def sample_size(
    insight: Insight, effect: Effect | None, days: int | None
) -> tuple[int, str] | None:
    """How much must be observed in each of two groups to see the effect, and of what.

    A number of people, for shares and scores, or of days, for counts; None when the finding does
    not let it be computed. `days` is the length of the period the finding's counts are of.
    """
    if effect is None or insight.value is None:
        return None
    after = insight.value + effect.value
    if insight.unit in SHARES:
        return _of(two_proportions(insight.value / 100, after / 100), "people")
    if insight.unit in SCORES:
        deviation = _deviation(insight)
        return _of(two_means(effect.value, deviation) if deviation else None, "people")
    if insight.unit == "count" and days:
        return _of(two_counts(insight.value / days, after / days), "days")
    return None


def _deviation(insight: Insight) -> float | None:
    """The spread of single values, from the width of the interval of their mean."""
    if insight.interval is None or insight.baseline is None or not insight.n:
        return None
    low, high = insight.interval
    error = abs(insight.baseline) * (high - low) / (2 * Z95)
    return float(error * insight.n**0.5) or None


def _of(size: int | None, what: str) -> tuple[int, str] | None:
    return None if size is None else (size, what)
