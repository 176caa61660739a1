"""Does another dimension explain a difference? Rates at equal weights (Simpson)."""

from typing import Any

Strata = dict[Any, tuple[float, float]]


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
