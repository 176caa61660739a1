"""The metric by day over two years before, and how far its weeks scatter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
from scipy import stats

from assistant.insights.base import Scene
from assistant.insights.cubes import Array
from assistant.insights.sizes import size_metric, sized
from assistant.insights.spans import Spans, time_dimension
from assistant.metric_query import Period
from assistant.periods import add

YEARS = 2
KEPT = 0.9
MIN_WEEKS = 8
CORRECTION = float(stats.chi2.cdf(stats.chi2.ppf(KEPT, 1), 3)) / KEPT
FREEDOM = 0.55
DRIFT = 4.0
MONTH_WEEKS = 4
YEAR_MONTHS = 13


@dataclass(frozen=True)
class History:
    """Values and sizes by day, in order; days without rows are 0.

    Attributes:
        start: The first day with rows.
        sizes: Observations behind a value; the values themselves for a count or a sum.
    """

    start: date
    values: Array
    sizes: Array
    additive: bool

    def mean(self, period: Period) -> tuple[float, float]:
        """Mean weighted by size, and the size; of a rate."""
        at = self._at(period)
        sizes = self.sizes[at]
        total = float(sizes.sum())
        return (float((self.values[at] * sizes).sum()) / total if total else 0.0), total

    def covers(self, period: Period) -> bool:
        """True when there were rows before the period began, or on its first day."""
        return self.start <= period.start

    @cached_property
    def weeks(self) -> tuple[Array, Array]:
        """Value and size of each whole week counted back from the end."""
        return self._blocks(7)

    def _blocks(self, length: int) -> tuple[Array, Array]:
        count = len(self.values) // length
        cut = len(self.values) - count * length
        sizes = self.sizes[cut:].reshape(count, length).sum(axis=1)
        weighted = self.values[cut:] * (1.0 if self.additive else self.sizes[cut:])
        sums = weighted.reshape(count, length).sum(axis=1)
        if self.additive:
            return sums, sizes
        kept = sizes > 0
        return sums[kept] / sizes[kept], sizes[kept]

    def _at(self, period: Period) -> slice:
        low = max(0, (period.start - self.start).days)
        return slice(low, max(low, (period.end - self.start).days))

    @cached_property
    def scatter(self) -> tuple[float, float]:
        """Dispersion and its degrees of freedom; 0 freedom when there are too few weeks.

        Of counts and sums the variance by the mean, of rates and means that of one observation,
        both measured on successive weeks: the tenth with the largest steps is left out, as season
        and real changes are steps too, and the rest is scaled to what chance would give. Where
        months scatter far more than weeks tell, from one year to the next, theirs counts.
        """
        weekly, weeks = self._steps(7, KEPT, CORRECTION)
        monthly, months = self._drift()
        if months >= MIN_WEEKS and monthly > DRIFT * weekly:
            return monthly, months * FREEDOM
        return weekly, (weeks * FREEDOM if weeks >= MIN_WEEKS else 0.0)

    def _drift(self) -> tuple[float, int]:
        """The same of months, against the same months a year before where they are known."""
        values, sizes = self._blocks(7 * MONTH_WEEKS)
        if len(values) < YEAR_MONTHS + MIN_WEEKS + 1:
            return self._steps(7 * MONTH_WEEKS, 0.5, _MEDIAN)
        unit = (
            sizes
            if not self.additive
            else np.divide(1.0, values, where=values > 0, out=np.ones_like(values))
        )
        apart = values[YEAR_MONTHS:] - values[:-YEAR_MONTHS]
        parts = 1 / np.maximum(unit, 1e-12)
        spread = parts[YEAR_MONTHS:] + parts[:-YEAR_MONTHS]
        steps = np.sort(np.diff(apart) ** 2 / (spread[1:] + spread[:-1]))
        least = steps[: max(1, int(len(steps) * 0.5))]
        return float(least.mean()) / _MEDIAN, len(steps)

    def _steps(self, length: int, kept: float, correction: float) -> tuple[float, int]:
        values, sizes = self._blocks(length)
        if len(values) < 2:
            return 0.0, 0
        spread = values[1:] + values[:-1] if self.additive else 1 / sizes[1:] + 1 / sizes[:-1]
        good = spread > 0
        steps = np.sort(np.diff(values)[good] ** 2 / spread[good])
        least = steps[: max(1, int(len(steps) * kept))]
        return float(least.mean()) / correction if len(steps) else 0.0, len(steps)


_MEDIAN = float(stats.chi2.cdf(stats.chi2.ppf(0.5, 1), 3)) / 0.5


def history(scene: Scene, compared: Spans, *, additive: bool) -> History | None:
    """The asked metric by day with the question's filters; None without time, size or rows."""
    time = time_dimension(scene, "day")
    size = None if additive else size_metric(scene)
    if time is None or not (additive or size):
        return None
    end = max(compared.now.end, compared.before.end)
    period = Period(add(compared.before.start, "year", -YEARS), end)
    rows = scene.ask(sized(scene, size, (time,), period)).rows
    known = {row[0]: (float(row[1]), float(row[-1] or 0)) for row in rows if row[1] is not None}
    first = min(known, default=None)
    if first is None:
        return None
    days = [first + timedelta(n) for n in range((end - first).days)]
    values, sizes = np.array([known.get(day, (0.0, 0.0)) for day in days]).T
    return History(first, values, sizes, additive)


def earlier_years(spans: Spans, kept: History | None, years: int = YEARS) -> Sequence[Spans]:
    """The same step one and two years ago, where the table reaches back that far."""
    found, at = [], spans
    for _ in range(years if spans.seasonal and kept is not None else 0):
        at = at.year_ago()
        if kept is not None and kept.covers(at.before) and kept.covers(at.now):
            found.append(at)
    return found
