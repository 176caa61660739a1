"""Intervals and tests, a thin layer over SciPy; all two-sided at 95 %."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log, sqrt

from scipy import stats

Z = 1.959963984540054


@dataclass(frozen=True)
class Estimate:
    """An effect with its 95 % interval and p value."""

    effect: float
    interval: tuple[float, float]
    p_value: float

    @property
    def certain(self) -> bool:
        """True when the interval does not include no effect (0)."""
        low, high = self.interval
        return low > 0 or high < 0


def rate_change(now: float, before: float, scale: float = 1.0) -> Estimate | None:
    """Relative change between two Poisson counts; None when either is 0.

    `scale` is how much more was to be expected now, as by more days. The interval is that of the
    log ratio (Wald), the p value the exact conditional binomial test.
    """
    if now <= 0 or before <= 0:
        return None
    ratio = now / (before * scale)
    error = sqrt(1 / now + 1 / before)
    low, high = exp(log(ratio) - Z * error), exp(log(ratio) + Z * error)
    share = scale / (1 + scale)
    p_value = stats.binomtest(round(now), round(now) + round(before), share).pvalue
    return Estimate(ratio - 1, (low - 1, high - 1), float(p_value))


def share_difference(hits: float, n: float, others: float, m: float) -> Estimate | None:
    """Difference of two shares hits/n - others/m, Newcombe's interval; None for empty groups."""
    if n <= 0 or m <= 0:
        return None
    a, b = hits / n, others / m
    low_a, high_a = wilson(hits, n)
    low_b, high_b = wilson(others, m)
    low = (a - b) - sqrt((a - low_a) ** 2 + (high_b - b) ** 2)
    high = (a - b) + sqrt((high_a - a) ** 2 + (b - low_b) ** 2)
    pooled = (hits + others) / (n + m)
    error = sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    p_value = 2 * stats.norm.sf(abs(a - b) / error) if error else 1.0
    return Estimate(a - b, (low, high), float(p_value))


def wilson(hits: float, n: float) -> tuple[float, float]:
    """Wilson's interval of a share."""
    share = hits / n
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def difference_from_history(now: float, history: Sequence[float]) -> Estimate | None:
    """How far a value is from earlier ones, by their spread (a prediction interval).

    None with fewer than four earlier values or no spread at all.
    """
    count = len(history)
    if count < 4:
        return None
    mean = sum(history) / count
    spread = sqrt(sum((value - mean) ** 2 for value in history) / (count - 1))
    if not spread:
        return None
    error = spread * sqrt(1 + 1 / count)
    half = float(stats.t.ppf(0.975, count - 1)) * error
    p_value = 2 * stats.t.sf(abs(now - mean) / error, count - 1)
    return Estimate(now - mean, (now - mean - half, now - mean + half), float(p_value))


def significant(p_values: Sequence[float], rate: float = 0.05) -> list[bool]:
    """Which of several findings hold with a false discovery rate (Benjamini and Hochberg 1995)."""
    count = len(p_values)
    order = sorted(range(count), key=lambda place: p_values[place])
    limit = -inf
    for position, place in enumerate(order, start=1):
        if p_values[place] <= rate * position / count:
            limit = p_values[place]
    return [value <= limit for value in p_values]
