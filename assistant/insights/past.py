"""Is a rate or a mean unusual, held against its own past?"""

from collections.abc import Sequence
from math import sqrt

from scipy import stats

from assistant.insights.base import Scene
from assistant.insights.groups import figure
from assistant.insights.history import History
from assistant.insights.spans import Spans
from assistant.insights.statistics import (
    SEASON,
    Estimate,
    difference_from_history,
    student,
)
from assistant.metric_query import Period
from assistant.periods import previous

PERIODS = 6
DRIFTS = 0.05
Pair = tuple[float, float]


def unusual_rate(
    kept: History | None, compared: Spans, years: Sequence[Spans], values: Pair
) -> Estimate | None:
    """The change of a rate or a mean; its p value is that of the distance from earlier periods.

    Args:
        kept: With the number of observations by day; None, or too few weeks, gives None.
        compared: The period and the one before.
        years: The same in earlier years, as far as known.
        values: The figure now and before; before is not 0.
    """
    if kept is None or not kept.scatter[1]:
        return None
    variance, freedom = kept.scatter
    past = [kept.mean(period) for period in _earlier(kept, compared)]
    past = [(mean, n) for mean, n in past if n > 0]
    (_, n), (_, m) = kept.mean(compared.now), kept.mean(compared.before)
    if not past or min(n, m) <= 0 or not variance:
        return None
    variance *= _drift(past, variance)
    total = sum(size for _, size in past)
    middle = sum(mean * size for mean, size in past) / total
    unusual = student(values[0] - middle, sqrt(variance * (1 / n + 1 / total)), freedom)
    change = _relative(values, variance / n, variance / m, freedom)
    same_way = unusual.effect * change.effect > 0
    if not same_way or _every_year(kept, years, values[0] - values[1], variance * (1 / n + 1 / m)):
        return Estimate(change.effect, change.interval, 1.0)
    return Estimate(change.effect, change.interval, unusual.p_value)


def _relative(values: Pair, variance: float, earlier: float, freedom: float) -> Estimate:
    """The change in parts of the earlier figure, both taken as measured (delta method)."""
    now, before = values
    error = sqrt(variance / before**2 + earlier * now**2 / before**4)
    return student((now - before) / abs(before), error, freedom)


def _earlier(kept: History, compared: Spans) -> list[Period]:
    """Up to six periods back from the one compared with."""
    found, at = [compared.before], compared.before
    for _ in range(PERIODS - 1):
        at = previous(at)
        if kept.covers(at):
            found.append(at)
    return found


def _drift(past: Sequence[Pair], variance: float) -> float:
    """How much more the periods scatter than chance lets them; 1 when they need not."""
    total = sum(size for _, size in past)
    middle = sum(mean * size for mean, size in past) / total
    squares = sum(size * (mean - middle) ** 2 for mean, size in past) / variance
    free = len(past) - 1
    if not free or float(stats.chi2.sf(squares, free)) > DRIFTS:
        return 1.0
    return max(1.0, squares / free)


def _every_year(kept: History, years: Sequence[Spans], change: float, squared: float) -> bool:
    """True when earlier years took a sure step the same way, and this one is not beyond it."""
    if not years:
        return False
    steps = [[kept.mean(period) for period in (year.now, year.before)] for year in years]
    known = [(a[0] - b[0], 1 / a[1] + 1 / b[1]) for a, b in steps if min(a[1], b[1]) > 0]
    if not known:
        return False
    variance, freedom = kept.scatter
    usual = sum(step for step, _ in known) / len(known)
    doubt = variance * sum(part for _, part in known) / len(known) ** 2
    if usual * change <= 0 or not student(usual, sqrt(doubt), freedom).certain:
        return False
    excess = student(change - usual, sqrt(squared + doubt), freedom)
    return excess.effect * change <= 0 or excess.p_value > SEASON


def unusual_figure(
    scene: Scene, kept: History | None, compared: Spans, values: Pair
) -> Estimate | None:
    """The same of a figure whose observations nobody counts: by the spread of six periods."""
    if kept is not None:
        return None
    past, earlier = [], compared.before
    for _ in range(PERIODS):
        found = figure(scene, earlier)
        if found is not None:
            past.append(found[0])
        earlier = previous(earlier)
    unusual = difference_from_history(values[0], past)
    change = values[0] - values[1]
    if unusual is None or unusual.effect * change <= 0 or not unusual.certain:
        return None
    # Two single periods differ more by chance than one differs from the mean of many.
    half = (unusual.interval[1] - unusual.effect) * sqrt(2 / (1 + 1 / len(past)))
    return Estimate(change, (change - half, change + half), unusual.p_value).relative(values[1])
