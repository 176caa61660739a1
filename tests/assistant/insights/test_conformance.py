"""What every detector keeps, whichever it is: one that is dropped into the folder is tested too."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from assistant.answer import Insight
from assistant.insights.base import Detector, Evidence, Scene, detectors
from assistant.metric_query import MetricQuery
from tests.assistant.insights.world import BY_CHANNEL, BY_REGION, Q3, World

EACH = [pytest.param(detector, id=detector.kind) for detector in detectors()]
METRICS = ("tickets", "cost", "score", "open_rate")
Change = Callable[[list[object]], list[object]]


def moved(day, region, channel):
    return 4.0 if region == "Genf" and day >= Q3.start else 2.0


def away(day, region, channel):
    return 5.0 if channel == 3 else 3.5


@pytest.fixture(scope="module")
def lively() -> World:
    return World(daily=moved, score=away, open_share=lambda day, region, c: 0.6 if c == 1 else 0.2)


def changed(scene: Scene, change: Change) -> Scene:
    """The scene with every row of evidence changed."""

    def run(query: MetricQuery) -> Evidence:
        found = scene.run(query)
        return replace(found, rows=[row for row in map(change, found.rows) if row])

    return replace(scene, run=run, asked={}, made=[])


def values(f: Callable[[float], object]) -> Change:
    """Changes the numbers of a row, not its groups: codes of channels are small whole numbers."""
    return lambda row: [f(v) if isinstance(v, float) else v for v in row]


def sound(found: list[Insight]) -> bool:
    numbers = [x for i in found for x in (i.value, i.baseline, i.effect, *(i.interval or ()))]
    return all(x is None or math.isfinite(x) for x in numbers)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("detector", EACH)
def test_the_same_rows_give_the_same_insights(detector: Detector, metric, lively):
    first, second = (detector.detect(lively.scene(metric, BY_CHANNEL)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("detector", EACH)
def test_every_insight_has_its_evidence_and_bounds_around_its_effect(detector, metric, lively):
    for insight in detector.detect(lively.scene(metric, BY_REGION)):
        assert insight.evidence_sql
        assert insight.silos
        assert insight.statement
        assert insight.metric == metric
        if insight.interval is not None:
            assert insight.interval[0] <= insight.effect <= insight.interval[1]


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("detector", EACH)
def test_of_no_rows_nothing_is_said(detector, metric, lively):
    assert detector.detect(changed(lively.scene(metric), lambda row: [])) == []


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("detector", EACH)
def test_of_nulls_nothing_is_said(detector, metric, lively):
    assert detector.detect(changed(lively.scene(metric), values(lambda v: None))) == []


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("detector", EACH)
def test_of_constant_figures_nothing_is_said(detector, metric, lively):
    """Every cell the same: there is no difference, and no scatter to measure one by."""
    scene = changed(lively.scene(metric), values(lambda v: 50.0))
    assert [i for i in detector.detect(scene) if i.segment] == []


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("detector", EACH)
def test_of_a_single_group_nothing_is_said(detector, metric):
    world = World(daily=lambda day, region, c: 5.0 if (region, c) == ("Bern", 1) else 0.0)
    assert [i for i in detector.detect(world.scene(metric, BY_REGION)) if i.segment] == []


@pytest.mark.parametrize("scale", [-1.0, 1e-9, 1e12], ids=["negative", "tiny", "huge"])
@pytest.mark.parametrize("detector", EACH)
def test_extreme_means_are_borne(detector, scale, lively):
    scene = changed(lively.scene("score", BY_CHANNEL), lambda row: row)
    place = scene.query.metrics[0]

    def run(query: MetricQuery) -> Evidence:
        found = lively.run(query)
        if place not in found.columns:
            return found
        at = found.columns.index(place)
        rows = [
            [*r[:at], None if r[at] is None else r[at] * scale, *r[at + 1 :]] for r in found.rows
        ]
        return replace(found, rows=rows)

    found = detector.detect(replace(scene, run=run, asked={}))
    assert sound(found)
    if detector.kind == "levels" and scale > 0:
        assert {"tickets.kanal": 3} in [insight.segment for insight in found]


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("detector", EACH)
def test_below_the_smallest_group_size_a_detector_is_silent(detector, metric):
    """Some twenty rows a quarter in all: no group reaches 30."""
    world = World(
        daily=lambda day, region, channel: 0.02,
        score=lambda day, region, channel: 9.0 if channel == 3 else 1.0,
    )
    assert [i for i in detector.detect(world.scene(metric, BY_CHANNEL)) if i.segment] == []


def test_no_test_is_left_uncounted(lively):
    scene = lively.scene("score", BY_CHANNEL)
    for detector in detectors():
        detector.detect(scene)
    assert np.sum(scene.made) >= 7
