"""Which metric counts the observations of a rate, and which dimensions are looked at."""

from dataclasses import replace

import pytest

from assistant.insights.candidates import candidates
from assistant.insights.sizes import OBSERVATIONS, Size, size_metric, sized
from assistant.metric_query import Filter
from tests.assistant.insights.world import BY_CHANNEL, BY_REGION, Q3, World


@pytest.mark.parametrize(
    ("metric", "size"),
    [
        ("open_rate", Size("tickets", exact=True)),
        ("cost", Size("tickets", exact=False)),
    ],
)
def test_a_rate_is_counted_by_its_denominator_else_by_all_rows(metric, size):
    assert size_metric(World().scene(metric)) == size


def test_a_mean_is_counted_by_its_values():
    size = size_metric(World().scene("score"))
    assert size.exact
    assert [made.expression for made in size.made] == ["COUNT(tickets.note)"]


def test_figure_and_observations_are_asked_for_together():
    scene = World().scene("score")
    query = sized(scene, size_metric(scene), (BY_CHANNEL,), Q3)
    assert query.metrics == ("score", OBSERVATIONS)
    assert sized(scene, None, (), None).metrics == ("score",)


def test_the_asked_dimension_comes_first_then_near_ones():
    assert candidates(World().scene("tickets", BY_REGION), 4)[0] == BY_REGION
    assert BY_CHANNEL in candidates(World().scene("tickets", BY_REGION), 4)
    assert len(candidates(World().scene(), 1)) == 1


def test_a_filtered_dimension_is_left_out():
    scene = World().scene()
    filtered = replace(scene.query, filters=(Filter("tickets", "kanal", "=", (1,)),))
    assert BY_CHANNEL not in candidates(replace(scene, query=filtered), 4)
