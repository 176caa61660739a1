"""Figures by group and by slice of time, as detectors compare them."""

from datetime import date, timedelta
from typing import Any

from assistant.insights.base import Evidence, Scene
from assistant.insights.spans import Spans, days, slices, time_dimension
from assistant.insights.statistics import dispersion
from assistant.metric_query import Dimension, MetricQuery, Period
from assistant.periods import add

MAX_GROUPS = 40
MONTHS = 25


def figure(scene: Scene, period: Period | None) -> tuple[float, Evidence] | None:
    """The metric of a period with the question's filters, without its groups; None when empty."""
    evidence = scene.ask(MetricQuery(scene.query.metrics[:1], (), scene.query.filters, (), period))
    value = evidence.rows[0][-1] if evidence.rows else None
    return None if value is None else (float(value), evidence)


def by_group(scene: Scene, dimension: Dimension, period: Period | None) -> Evidence:
    """The metric by one dimension in a period, with the question's filters."""
    metric = scene.query.metrics[:1]
    return scene.ask(MetricQuery(metric, (dimension,), scene.query.filters, (), period))


def by_slice(
    scene: Scene, dimension: Dimension, period: Period
) -> tuple[dict[Any, dict[date, float]], list[date]]:
    """The metric by value of the dimension and by whole week or day, and the slices' first days.

    Slices that reach beyond the period are left out; a slice without rows is missing.
    """
    grain = slices(period)
    time = time_dimension(scene, grain)
    if time is None:
        return {}, []
    metric = scene.query.metrics[:1]
    query = MetricQuery(metric, (dimension, time), scene.query.filters, (), period)
    starts = whole_slices(period)
    kept = frozenset(starts)
    found: dict[Any, dict[date, float]] = {}
    for (value, start), amount in scene.ask(query).values(metric[0]).items():
        if start in kept:
            found.setdefault(value, {})[start] = amount
    return found, starts


def scatter(scene: Scene, compared: Spans) -> float:
    """Variance by mean of a count's whole months over two years before, evened to 30 days."""
    time = time_dimension(scene, "month")
    if time is None:
        return 1.0
    end = compared.before.start.replace(day=1)
    period = Period(add(end, "month", -MONTHS), end)
    query = MetricQuery(scene.query.metrics[:1], (time,), scene.query.filters, (), period)
    months = sorted(scene.ask(query).values(scene.metric.name).items())
    evened = [
        count * 30 / days(Period(start, add(start, "month", 1))) for (start,), count in months
    ]
    return dispersion(evened)


def by_whole_slice(scene: Scene, period: Period) -> dict[date, float]:
    """The metric by whole week or day, without groups."""
    time = time_dimension(scene, slices(period))
    if time is None:
        return {}
    metric = scene.query.metrics[:1]
    evidence = scene.ask(MetricQuery(metric, (time,), scene.query.filters, (), period))
    return {start: amount for (start,), amount in evidence.values(metric[0]).items()}


def whole_slices(period: Period) -> list[date]:
    """First days of the weeks (from Monday) or days that lie in the period as a whole."""
    grain = slices(period)
    start = period.start
    if grain == "week":
        start += timedelta(days=-start.weekday() % 7)
    found = []
    while add(start, grain, 1) <= period.end:
        found.append(start)
        start = add(start, grain, 1)
    return found
