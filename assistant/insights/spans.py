"""What is compared with what in time: the asked period, the one before, and both a year ago."""

from dataclasses import dataclass
from datetime import timedelta

from assistant.compiler.formulas import formula
from assistant.insights.base import Scene
from assistant.metric_query import Dimension, Grain, Period
from assistant.periods import add, previous

HALF_YEAR = 185


@dataclass(frozen=True)
class Spans:
    """A period and the one it is compared with.

    Attributes:
        seasonal: The two lie in different seasons, so a year ago must be looked at too.
    """

    now: Period
    before: Period
    seasonal: bool

    @property
    def scale(self) -> float:
        """Days now by days before."""
        return days(self.now) / days(self.before)

    def year_ago(self) -> "Spans":
        """The same two periods one year earlier."""
        return Spans(_year_earlier(self.now), _year_earlier(self.before), self.seasonal)


def spans(scene: Scene) -> Spans | None:
    """The asked period up to today against the comparison asked for, else the period before.

    Half a year and more is compared with the same days a year ago. None when the question or the
    metric has no time, or the period has not begun.
    """
    asked = scene.query.period
    if asked is None or time_of(scene) is None:
        return None
    now = _passed(scene, asked)
    if now is None:
        return None
    year_earlier = _year_earlier(now)
    before = scene.query.comparison
    if before is None:
        before = year_earlier if days(now) >= HALF_YEAR else previous(now)
    same_season = (before.start, before.end) == (year_earlier.start, year_earlier.end)
    return Spans(now, before, not same_season)


def _passed(scene: Scene, period: Period) -> Period | None:
    """The part of a period that is over: an unfinished month is no fall of everything."""
    tomorrow = scene.clock.day() + timedelta(days=1)
    if period.start >= tomorrow:
        return None
    return period if period.end <= tomorrow else Period(period.start, tomorrow, period.label)


def time_of(scene: Scene) -> str | None:
    """``dataset.field`` of the metric's time, of its first input's when it is derived.

    None when any part of the metric has no time: a state cannot be compared over time.
    """
    inputs = formula(scene.metric.name, scene.model).inputs
    times = [scene.model.metrics[name].time for name in inputs]
    return times[0] if all(times) else None


def time_dimension(scene: Scene, grain: Grain) -> Dimension | None:
    """The metric's time to group by; None for a state."""
    time = time_of(scene)
    if time is None:
        return None
    dataset, _, field = time.partition(".")
    return Dimension(dataset, field, grain)


def days(period: Period) -> int:
    """Length in days."""
    return (period.end - period.start).days


def _year_earlier(period: Period) -> Period:
    return Period(add(period.start, "year", -1), add(period.end, "year", -1))
