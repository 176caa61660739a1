"""How many observations a test needs: two-sided, 5 % false alarms, power 80 % unless given.

Normal approximations; each gives the size of one of two equal groups.
"""

import math

from scipy import stats

ALPHA, POWER = 0.05, 0.8


def two_proportions(first: float, second: float, power: float = POWER) -> int | None:
    """People per group to tell two shares (0 to 1) apart; None when they are equal.

    Cohen 1988, Statistical Power Analysis for the Behavioral Sciences, chapter 6: n = 2 (z / h)²,
    h being the difference of the arcsines.
    """
    effect = 2 * math.asin(math.sqrt(_share(first))) - 2 * math.asin(math.sqrt(_share(second)))
    return _size(2 * (_z(power) / effect) ** 2) if effect else None


def two_means(difference: float, deviation: float, power: float = POWER) -> int | None:
    """People per group to tell two means apart; Cohen 1988, chapter 2: n = 2 (z / d)²."""
    if not difference or deviation <= 0:
        return None
    return _size(2 * (_z(power) * deviation / difference) ** 2)


def two_counts(first: float, second: float, power: float = POWER) -> int | None:
    """Units of observation per group to tell two Poisson rates per unit apart.

    Square roots of counts have variance 1/4: n = z² / (2 (√a − √b)²), which is van Belle's 2008
    rule of thumb 4 / (√a − √b)² (Statistical Rules of Thumb, 2.8) before rounding.
    """
    if first < 0 or second < 0 or first == second:
        return None
    return _size(_z(power) ** 2 / 2 / (math.sqrt(first) - math.sqrt(second)) ** 2)


def _z(power: float) -> float:
    return float(stats.norm.ppf(1 - ALPHA / 2) + stats.norm.ppf(power))


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))


def _size(value: float) -> int | None:
    return math.ceil(value) if math.isfinite(value) else None
