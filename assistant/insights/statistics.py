"""Intervals and tests, a thin layer over SciPy; all two-sided at 95 %."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import expm1, inf, log, log1p, sqrt
from statistics import fmean, variance

from scipy import stats

FALSE_RATE = 0.005
SEASON = 0.005
Z = 1.959963984540054
CHI_SQUARE_MEDIAN = 0.45493642311957283


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

    @property
    def log_error(self) -> float:
        """Standard error of the log of a relative change, told from its interval."""
        low, high = self.interval
        return (log1p(high) - log1p(low)) / (2 * Z)

    def relative(self, baseline: float) -> "Estimate":
        """The same in parts of a baseline's size, which is not 0."""
        low, high = (bound / abs(baseline) for bound in self.interval)
        return Estimate(self.effect / abs(baseline), (low, high), self.p_value)


def rate_change(
    now: float, before: float, scale: float = 1.0, dispersion: float = 1.0
) -> Estimate | None:
    """Relative change between two counts; None when either is 0.

    Args:
        now: The later count.
        before: The earlier count.
        scale: How much more was to be expected now, as by more days.
        dispersion: Variance by mean, 1 for Poisson counts; see `dispersion`.

    The interval is that of the log ratio (Wald). The p value is the exact conditional binomial
    test's for Poisson counts, else that of the widened log ratio.
    """
    if now <= 0 or before <= 0:
        return None
    change, error = log(now / (before * scale)), sqrt(dispersion * (1 / now + 1 / before))
    if dispersion > 1:
        return log_ratio(change, error)
    trials = round(now) + round(before)
    p_value = stats.binomtest(round(now), trials, scale / (1 + scale)).pvalue
    return replace(log_ratio(change, error), p_value=float(p_value))


def share_ratio(
    hits: float, n: float, others: float, m: float, dispersion: float = 1.0
) -> Estimate | None:
    """Relative change between the shares hits/n and others/m (Katz); None without hits or rows."""
    if min(hits, n, others, m) <= 0:
        return None
    variance = 1 / hits - 1 / n + 1 / others - 1 / m
    return log_ratio(log(hits / n) - log(others / m), sqrt(dispersion * max(0.0, variance)))


def log_ratio(change: float, error: float) -> Estimate:
    """A relative change from the log of a ratio and its standard error."""
    p_value = 2 * float(stats.norm.sf(abs(change) / error)) if error else 1.0
    low, high = expm1(change - Z * error), expm1(change + Z * error)
    return Estimate(expm1(change), (low, high), p_value)


def student(effect: float, error: float, freedom: float) -> Estimate:
    """An effect with its interval and p value from its standard error.

    Without any error nothing is known of chance: the p value is 1.
    """
    if error <= 0:
        return Estimate(effect, (effect, effect), 1.0)
    half = float(stats.t.ppf(0.975, freedom)) * error
    p_value = 2 * float(stats.t.sf(abs(effect) / error, freedom))
    return Estimate(effect, (effect - half, effect + half), p_value)


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


def ratio_to_whole(
    part: tuple[float, float],
    whole: tuple[float, float],
    variance: float,
    bound: float | None = None,
) -> Estimate:
    """A group's mean less the whole's, in parts of the whole's size; by the delta method.

    Args:
        part: The group's mean and number of observations; the whole includes them.
        whole: The same of the whole, whose mean is not 0.
        variance: Of one observation, on average over the whole.
        bound: Means are shares of this bound: their variance goes with mean x (bound - mean).
    """
    (value, n), (mean_, total) = part, whole
    rest = (mean_ * total - value * n) / (total - n)
    share = n / total
    own, others = (variance * _shape(side, mean_, bound) for side in (value, rest))
    by_part = 1 / mean_ - share * value / mean_**2
    by_rest = (1 - share) * value / mean_**2
    error = sqrt(own / n * by_part**2 + others / (total - n) * by_rest**2)
    effect = (value / mean_ - 1) * (1 if mean_ > 0 else -1)
    p_value = 2 * float(stats.norm.sf(abs(effect) / error)) if error else 1.0
    return Estimate(effect, (effect - Z * error, effect + Z * error), p_value)


def ratio_of_means(
    now: tuple[float, float],
    before: tuple[float, float],
    variance: float,
    middle: float,
    bound: float | None = None,
) -> Estimate:
    """Relative change between two means, both taken as measured (delta method).

    Args:
        now: The mean and its number of observations.
        before: The same earlier; effect and interval are 0 when that mean is.
        variance: Of one observation where the mean is `middle`.
        middle: See `variance`.
        bound: As in `ratio_to_whole`.
    """
    (value, n), (was, m) = now, before
    if not was:
        return Estimate(0.0, (0.0, 0.0), 1.0)
    own, earlier = (variance * _shape(side, middle, bound) for side in (value, was))
    error = sqrt(own / n / was**2 + earlier / m * value**2 / was**4)
    effect = (value - was) / abs(was)
    p_value = 2 * float(stats.norm.sf(abs(effect) / error)) if error else 1.0
    return Estimate(effect, (effect - Z * error, effect + Z * error), p_value)


def _shape(value: float, middle: float, bound: float | None) -> float:
    """How much more a share scatters than a share in the middle does."""
    if bound is None or not 0 < middle < bound:
        return 1.0
    return max(0.0, value * (bound - value)) / (middle * (bound - middle))


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
    if count < 4 or len(set(history)) == 1:
        return None
    error = sqrt(variance(history) * (1 + 1 / count))
    return student(now - fmean(history), error, count - 1)


def significant(p_values: Sequence[float], rate: float = 0.05) -> list[bool]:
    """Which of several findings hold with a false discovery rate (Benjamini and Hochberg 1995)."""
    limit = largest_p_value(p_values, rate)
    return [value <= limit for value in p_values]


def largest_p_value(p_values: Sequence[float], rate: float) -> float:
    """The largest p value that holds with a false discovery rate; below 0 when none does."""
    limit = -inf
    for position, value in enumerate(sorted(p_values), start=1):
        if value <= rate * position / len(p_values):
            limit = value
    return limit
