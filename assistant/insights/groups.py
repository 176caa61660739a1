"""Figures by group and by slice of time, as detectors compare them."""

from assistant.insights.base import Evidence, Scene
from assistant.metric_query import MetricQuery, Period

MAX_GROUPS = 40


def figure(scene: Scene, period: Period | None) -> tuple[float, Evidence] | None:
    """The metric of a period with the question's filters, without its groups; None when empty."""
    evidence = scene.ask(MetricQuery(scene.query.metrics[:1], (), scene.query.filters, (), period))
    value = evidence.rows[0][-1] if evidence.rows else None
    return None if value is None else (float(value), evidence)
