"""Groups whose rate lies away from the whole are found, with how far."""

import pytest

from assistant.insights.levels import Detector
from tests.assistant.insights.world import BY_CHANNEL, BY_REGION, World


def chat(day, region, channel):
    return 4.8 if channel == 3 else 3.8


def test_the_better_group_is_found_and_the_others_are_not_worse():
    found = Detector().detect(World(score=chat).scene("score", BY_CHANNEL))
    (insight,) = [i for i in found if "tickets.kanal" in i.segment]
    assert insight.segment == {"tickets.kanal": 3}
    assert insight.direction == "good"
    assert insight.interval[0] > 0
    assert insight.interval[0] < (4.8 - 4.133) / 4.133 < insight.interval[1]
    assert "Kanal Chat" in insight.statement


def test_a_worse_rate_is_found_with_its_number_of_observations():
    world = World(open_share=lambda day, region, channel: 0.5 if region == "Genf" else 0.2)
    scene = world.scene("open_rate", BY_REGION)
    (insight,) = [i for i in Detector().detect(scene) if "kunden.region" in i.segment]
    assert insight.segment == {"kunden.region": "Genf"}
    assert insight.direction == "bad"
    assert insight.n == pytest.approx(276, abs=60)  # 3 channels x 92 days, one a day


def test_a_mean_tells_how_many_values_it_is_of():
    found = Detector().detect(World(score=chat).scene("score", BY_CHANNEL))
    assert [insight.n for insight in found] == [pytest.approx(4 * 92, abs=80)]


def test_a_tiny_group_is_no_finding():
    world = World(
        daily=lambda day, region, channel: 0.08 if region == "Tessin" else 1.0,
        score=lambda day, region, channel: 10.0 if region == "Tessin" else 4.0,
    )
    found = Detector().detect(world.scene("score", BY_REGION))
    assert [i for i in found if i.segment == {"kunden.region": "Tessin"}] == []


def test_a_rate_by_the_very_field_it_is_made_of_is_no_finding():
    found = Detector().detect(World().scene("open_rate"))
    assert [i for i in found if "tickets.offen" in i.segment] == []


@pytest.mark.parametrize("metric", ["tickets", "cost"])
def test_sums_and_counts_have_no_level(metric):
    assert Detector().detect(World(score=chat).scene(metric, BY_CHANNEL)) == []


def test_all_time_is_left_alone():
    assert Detector().detect(World(score=chat).scene("score", BY_CHANNEL, period=None)) == []
