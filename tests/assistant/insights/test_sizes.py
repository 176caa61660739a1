"""Which metric counts the observations of a rate, and which dimensions are looked at."""

from dataclasses import replace

import pytest

from assistant.insights.candidates import candidates
from assistant.insights.sizes import Size, size_metric, sizes
from assistant.metric_query import Filter
from tests.assistant.insights.world import BY_CHANNEL, BY_REGION, Q3, World


@pytest.mark.parametrize(
    ("metric", "size"),
    [
        ("open_rate", Size("tickets", exact=True)),
        ("score", Size("tickets", exact=False)),
        ("cost", Size("tickets", exact=False)),
    ],
)
def test_a_rate_is_counted_by_its_denominator_else_by_all_rows(metric, size):
    assert size_metric(World().scene(metric)) == size


def test_observations_are_counted_by_group():
    counted = sizes(World().scene("open_rate"), BY_CHANNEL, Q3, Size("tickets", exact=True))
    assert set(counted) == {1, 2, 3}
    assert min(counted.values()) == pytest.approx(4 * 92, abs=80)


def test_the_asked_dimension_comes_first_then_near_ones():
    assert candidates(World().scene("tickets", BY_REGION), 4)[0] == BY_REGION
    assert BY_CHANNEL in candidates(World().scene("tickets", BY_REGION), 4)
    assert len(candidates(World().scene(), 1)) == 1


def test_a_filtered_dimension_is_left_out():
    scene = World().scene()
    filtered = replace(scene.query, filters=(Filter("tickets", "kanal", "=", (1,)),))
    assert BY_CHANNEL not in candidates(replace(scene, query=filtered), 4)
