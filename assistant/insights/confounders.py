"""Does another dimension explain a difference? Rates at equal weights (Simpson)."""

from collections.abc import Sequence
from typing import Any

from assistant.insights.base import Scene
from assistant.insights.sizes import size_metric
from assistant.metric_query import Dimension, MetricQuery, Period

MOST_EXPLAINED = 0.5
Strata = dict[Any, tuple[float, float]]


def explained(
    scene: Scene, group: tuple[Dimension, Any], confounders: Sequence[Dimension], period: Period
) -> bool:
    """True when at equal weights of some other dimension less than half the difference is left."""
    size = size_metric(scene)
    if size is None:
        return False
    for confounder in confounders:
        inside, outside = _strata(scene, group, confounder, period, size.metric)
        crude, left = _total(inside) - _total(outside), standardised(inside, outside)
        if left is not None and crude and left / crude < MOST_EXPLAINED:
            return True
    return False


def standardised(inside: Strata, outside: Strata) -> float | None:
    """The difference of two rates within strata, by Mantel and Haenszel's weights.

    Args:
        inside: (observations, rate) by stratum, of the group.
        outside: The same of all others.

    Returns:
        In the rate's unit; None when no stratum holds both.
    """
    total = weights = 0.0
    for stratum in inside.keys() & outside.keys():
        (n, rate), (m, other) = inside[stratum], outside[stratum]
        if n > 0 and m > 0:
            weight = n * m / (n + m)
            total += weight * (rate - other)
            weights += weight
    return total / weights if weights else None


def _strata(
    scene: Scene, group: tuple[Dimension, Any], confounder: Dimension, period: Period, size: str
) -> tuple[Strata, Strata]:
    """Observations and rate by the confounder, within the group and outside it."""
    metrics = (scene.metric.name, size)
    both = (group[0], confounder)
    evidence = scene.ask(MetricQuery(metrics, both, scene.query.filters, (), period))
    inside: Strata = {}
    outside: Strata = {}
    for value, stratum, rate, count in evidence.rows:
        if rate is None or not count:
            continue
        side = inside if value == group[1] else outside
        n, before = side.get(stratum, (0.0, 0.0))
        both_n = n + float(count)
        side[stratum] = (both_n, (n * before + float(count) * float(rate)) / both_n)
    return inside, outside


def _total(strata: Strata) -> float:
    observations = sum(n for n, _ in strata.values())
    return sum(n * rate for n, rate in strata.values()) / observations if observations else 0.0
