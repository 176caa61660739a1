"""Faults of the data, named before anything else: missing days, double loads."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from statistics import median
from typing import Literal

from scipy import stats

from assistant.answer import Insight
from assistant.compiler import additive
from assistant.compiler.formulas import formula
from assistant.insights.base import Evidence, Scene
from assistant.insights.sizes import size_metric
from assistant.insights.spans import days, spans, time_dimension
from assistant.insights.statistics import CHI_SQUARE_MEDIAN
from assistant.language import format_value
from assistant.metric_query import MetricQuery, Period
from catalog.semantic_model import Metric

WEEKS = 4
RARE = 1e-6
LEAST_SCATTER = 1.5
FAR = 5.0
AGAIN = 0.3
STEP = 1.5
TWICE = (1.7, 2.4)
MOST_DAYS = 400
MOST_PART = 0.25
REPEATED = "repeated_keys"
Kind = Literal["missing_days", "double_load"]


class Detector:
    """Each day's number of rows against the same weekday's median four weeks around.

    A day is missing when rows were to be expected and there are none, so that chance gives that
    once in a million or less (Poisson, widened by how much days scatter). It was loaded twice when
    half its keys or more are there again. Where no single column is the key, it looks so when it
    has about twice as many rows, five deviations from what is usual or more. What a year ago was
    the same on that date, or a day later or earlier, is the calendar. A quarter of the days or more
    is no fault but how the data is.
    """

    kind = "faults"

    def detect(self, scene: Scene) -> list[Insight]:
        """At most one finding each of missing days and of days loaded twice."""
        compared = spans(scene)
        if compared is None or days(compared.now) + days(compared.before) > MOST_DAYS:
            return []
        start, end = min(compared.before.start, compared.now.start), compared.now.end
        counted = _counted(scene, Period(start - timedelta(7 * WEEKS), end))
        if counted is None:
            return []
        faulty: dict[Kind, list[_Day]] = {"missing_days": [], "double_load": []}
        for day in _days(counted, Period(start, end)):
            if day.kind is not None:
                faulty[day.kind].append(day)
        return [
            _insight(scene, kind, found, counted.evidence)
            for kind, found in faulty.items()
            if 0 < len(found) < MOST_PART * (end - start).days
            if not _every_year(scene, found)
        ]


@dataclass(frozen=True)
class _Day:
    """A day's rows, and how many the same weekdays around it have.

    Attributes:
        most: The same of the weeks before or of those after, whichever had more: a level that
            changes for good is no double load.
        scatter: Variance by mean of the days.
        again: Rows whose key was there already; None where no column is the key.
    """

    day: date
    rows: float
    usual: float
    most: float
    scatter: float
    again: float | None = None

    @property
    def kind(self) -> Kind | None:
        """What is wrong with the day, if anything."""
        if not self.usual:
            return None
        if not self.rows and float(stats.poisson.pmf(0, self.usual / self.scatter)) <= RARE:
            return "missing_days"
        if self.again is not None:
            return "double_load" if self.rows and self.again >= AGAIN * self.rows else None
        low, high = (bound * self.usual for bound in TWICE)
        if not low <= self.rows <= high or self.rows < STEP * self.most:
            return None
        far = (self.rows - self.usual) / sqrt(self.scatter * self.usual)
        return "double_load" if far >= FAR else None


@dataclass(frozen=True)
class _Counted:
    """Rows by day; `again` by day of those whose key was there already, None without a key."""

    rows: dict[date, float]
    again: dict[date, float] | None
    evidence: Evidence


def _counted(scene: Scene, period: Period) -> _Counted | None:
    """Rows by day: the metric itself when it counts, else what counts its observations."""
    time = time_dimension(scene, "day")
    counts = scene.metric.unit == "count" and additive(scene.metric, scene.model)
    size = None if counts else size_metric(scene)
    if time is None or not (counts or size):
        return None
    metric = size.metric if size else scene.metric.name
    key = _repeated(scene)
    metrics = (metric,) if key is None else (metric, key.name)
    made = (*(size.made if size else ()), *(() if key is None else (key,)))
    query = MetricQuery(metrics, (time,), scene.query.filters, (), period, made=made)
    evidence = scene.ask(query)
    rows = {row[0]: float(row[1] or 0) for row in evidence.rows}
    again = None if key is None else {row[0]: float(row[2] or 0) for row in evidence.rows}
    return _Counted(rows, again, evidence)


def _repeated(scene: Scene) -> Metric | None:
    """Counts the rows whose key is there already; None where no single column is the key."""
    asked = formula(scene.metric.name, scene.model)
    if asked.dataset is None:
        return None
    dataset = scene.model.datasets[asked.dataset]
    key = [f.name for f in dataset.fields if (f.expression,) == dataset.primary_key]
    if not key:
        return None
    field = f"{dataset.name}.{key[0]}"
    counted = f"COUNT({field}) - COUNT(DISTINCT {field})"
    return Metric(REPEATED, counted, unit="count", time=asked.metric.time)


def _days(counted: _Counted, period: Period) -> Iterator[_Day]:
    """The days from the first one with rows on: before it the table did not exist."""
    counts, again = counted.rows, counted.again
    first = min(counts, default=period.end)
    usual: dict[date, float] = {}
    most: dict[date, float] = {}
    for place in range(days(period)):
        day = period.start + timedelta(place)
        earlier = [counts.get(day - timedelta(7 * n), 0.0) for n in range(1, WEEKS + 1)]
        weeks = (day + timedelta(7 * n) for n in range(1, WEEKS + 1))
        later = [counts.get(other, 0.0) for other in weeks if other < period.end]
        usual[day] = median([*earlier, *later])
        most[day] = max(median(earlier), median(later) if later else 0.0)
    spread = _scatter(counts, usual)
    for day, rows in usual.items():
        if day >= first:
            twice = None if again is None else again.get(day, 0.0)
            yield _Day(day, counts.get(day, 0.0), rows, most[day], spread, twice)


def _scatter(counts: dict[date, float], usual: dict[date, float]) -> float:
    """Variance by mean of the days, by the median, so that faults do not count."""
    steps = [(counts.get(day, 0.0) - rows) ** 2 / rows for day, rows in usual.items() if rows]
    return max(LEAST_SCATTER, median(steps) / CHI_SQUARE_MEDIAN if steps else 0.0)


def _every_year(scene: Scene, found: list[_Day]) -> bool:
    """True when most of these days were the same a year ago."""
    first, last = (found[place].day.replace(day=min(28, found[place].day.day)) for place in (0, -1))
    start = first.replace(year=first.year - 1) - timedelta(7 * WEEKS)
    period = Period(start, last.replace(year=last.year - 1) + timedelta(7 * WEEKS))
    counted = _counted(scene, period)
    if counted is None or not counted.rows:
        return False
    usual = {day.day: day.kind for day in _days(counted, period)}
    again = 0
    for day in found:
        then = (day.day - timedelta(365 + shift) for shift in (-1, 0, 1))
        again += any(usual.get(other) == day.kind for other in then)
    return again * 2 > len(found)


def _insight(scene: Scene, kind: Kind, found: list[_Day], evidence: Evidence) -> Insight:
    said = [format_value(day.day, None, scene.language) for day in found]
    rows, usual = (sum(day.rows for day in found), sum(day.usual for day in found))
    statement = scene.text(
        kind,
        metric=scene.label(scene.metric),
        days=scene.number(len(found), "count"),
        which=", ".join(said[:5]) + (" …" if len(said) > 5 else ""),
        rows=scene.number(rows, "count"),
        usual=scene.number(usual, "count"),
    )
    return Insight(
        id="",
        type=kind,
        statement=statement,
        metric=scene.metric.name,
        value=rows,
        baseline=usual,
        effect=rows / usual - 1,
        n=len(found),
        direction="neutral",
        evidence_sql=(evidence.sql,),
        silos=evidence.silos,
        touchpoint=scene.metric.touchpoint,
        unit="count",
    )
