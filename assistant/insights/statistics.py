"""Intervals and tests, a thin layer over SciPy; all two-sided at 95 %."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import expm1, hypot, inf, log, log1p, sqrt
from statistics import fmean, median, variance

from scipy import stats

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
        return _log_ratio(change, error)
    trials = round(now) + round(before)
    p_value = stats.binomtest(round(now), trials, scale / (1 + scale)).pvalue
    return replace(_log_ratio(change, error), p_value=float(p_value))


def beyond(step: Estimate, usual: Estimate) -> Estimate:
    """How much one relative change exceeds another, both estimated on the log scale.

    Altman and Bland 2003: the difference of the logs, whose squared errors add up.
    """
    change = log1p(step.effect) - log1p(usual.effect)
    return _log_ratio(change, hypot(step.log_error, usual.log_error))


def surely_beyond(step: Estimate, usual: Estimate | None) -> bool:
    """True when a change is more than the usual one, the same way; None leaves nothing to tell.

    A usual change that is itself no chance asks for more: the excess must be beyond doubt (1 in
    200), as every year's season is there again by default.
    """
    if usual is None:
        return True
    excess = beyond(step, usual)
    same_way = excess.effect * step.effect > 0
    return same_way and excess.p_value <= (SEASON if usual.certain else 0.05)


def share_ratio(
    hits: float, n: float, others: float, m: float, dispersion: float = 1.0
) -> Estimate | None:
    """Relative change between the shares hits/n and others/m (Katz); None without hits or rows."""
    if min(hits, n, others, m) <= 0:
        return None
    variance = 1 / hits - 1 / n + 1 / others - 1 / m
    return _log_ratio(log(hits / n) - log(others / m), sqrt(dispersion * max(0.0, variance)))


def _log_ratio(change: float, error: float) -> Estimate:
    p_value = 2 * float(stats.norm.sf(abs(change) / error)) if error else 1.0
    low, high = expm1(change - Z * error), expm1(change + Z * error)
    return Estimate(expm1(change), (low, high), p_value)


def dispersion(counts: Sequence[float]) -> float:
    """How much more successive counts of one length scatter than Poisson counts; at least 1.

    By the median of squared steps, so that a few jumps (a season, a real change) do not count.
    1 with fewer than six counts.
    """
    pairs = [(a, b) for a, b in pairwise(counts) if a + b > 0]
    if len(pairs) < 5:
        return 1.0
    steps = median((b - a) ** 2 / (a + b) for a, b in pairs)
    return max(1.0, steps / CHI_SQUARE_MEDIAN)


def mean_ratio(values: Sequence[float], others: Sequence[float]) -> Estimate | None:
    """Relative change between two means above 0, on the log scale (delta method).

    Both means are taken as measured, not as known. None with under three values, no spread, or a
    mean that is not above 0.
    """
    difference = mean_difference(values, others)
    if difference is None or min(fmean(values), fmean(others)) <= 0:
        return None
    sides = [(variance(side) / len(side) / fmean(side) ** 2, side) for side in (values, others)]
    error = sqrt(sum(part for part, _ in sides))
    freedom = error**4 / sum(part**2 / (len(side) - 1) for part, side in sides)
    made = _student(log(fmean(values) / fmean(others)), error, freedom)
    low, high = (expm1(bound) for bound in made.interval)
    return Estimate(expm1(made.effect), (low, high), made.p_value)


def mean_difference(values: Sequence[float], others: Sequence[float]) -> Estimate | None:
    """Difference of two means, Welch's interval; None with under three values or no spread."""
    if min(len(values), len(others)) < 3 or len({*values, *others}) == 1:
        return None
    errors = [variance(side) / len(side) for side in (values, others)]
    if not sum(errors):
        return None
    freedom = sum(errors) ** 2 / sum(
        error**2 / (len(side) - 1) for error, side in zip(errors, (values, others), strict=True)
    )
    return _student(fmean(values) - fmean(others), sqrt(sum(errors)), freedom)


def mean(values: Sequence[float]) -> Estimate | None:
    """A mean with Student's interval; its p value is that of no effect (0).

    Successive values may depend on each other: the error grows with their first autocorrelation
    (effective sample size). None with under three values or no spread.
    """
    count = len(values)
    if count < 3 or len(set(values)) == 1:
        return None
    middle, spread = fmean(values), variance(values)
    lagged = sum((a - middle) * (b - middle) for a, b in pairwise(values))
    likeness = min(0.9, max(0.0, lagged / (spread * (count - 1))))
    effective = max(2.0, count * (1 - likeness) / (1 + likeness))
    return _student(middle, sqrt(spread / effective), effective - 1)


def _student(effect: float, error: float, freedom: float) -> Estimate:
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


def heterogeneity(measured: Iterable[tuple[float, float]]) -> float:
    """Weighted squares of the distance from the weighted mean (Cochran's Q), of (value, weight)."""
    pairs = list(measured)
    total = sum(weight for _, weight in pairs)
    if not total:
        return 0.0
    middle = sum(value * weight for value, weight in pairs) / total
    return sum(weight * (value - middle) ** 2 for value, weight in pairs)


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
    return _student(now - fmean(history), error, count - 1)


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
