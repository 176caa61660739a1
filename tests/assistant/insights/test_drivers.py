"""The group behind a change of a count or a sum is named, with its part of it."""

from datetime import date

import pytest

from assistant.insights.drivers import Detector
from tests.assistant.insights.world import BY_CHANNEL, BY_REGION, Q3, World


def chat_grew(day: date, region: str, channel: int) -> float:
    return 6.0 if channel == 3 and day >= Q3.start else 3.0


def chat_shrank(day: date, region: str, channel: int) -> float:
    return 1.5 if channel == 3 and day >= Q3.start else 3.0


@pytest.mark.parametrize("metric", ["tickets", "cost"])
def test_the_group_behind_a_rise_is_found(metric):
    found = Detector().detect(World(daily=chat_grew).scene(metric, BY_CHANNEL))
    (insight,) = [i for i in found if "tickets.kanal" in i.segment]
    assert insight.segment == {"tickets.kanal": 3}
    assert insight.direction == "bad"
    assert insight.interval[0] < 1.0 < insight.interval[1]
    assert insight.interval[0] > 0
    assert "Kanal Chat trägt" in insight.statement
    assert "Anstieg" in insight.statement


def test_the_group_behind_a_fall_is_found():
    found = Detector().detect(World(daily=chat_shrank).scene("tickets", BY_CHANNEL))
    (insight,) = [i for i in found if "tickets.kanal" in i.segment]
    assert insight.effect == pytest.approx(-0.5, abs=0.1)
    assert insight.direction == "good"
    assert "Rückgang" in insight.statement


def test_the_part_is_that_of_the_whole_change():
    world = World(daily=chat_grew)
    (insight, *_) = Detector().detect(world.scene("tickets", BY_CHANNEL))
    rows = dict(tuple(row) for row in world.scene("tickets", BY_CHANNEL).result.rows())
    assert insight.value == rows[3]


def test_a_rise_of_all_alike_has_no_driver():
    world = World(daily=lambda day, region, channel: 6.0 if day >= Q3.start else 3.0)
    assert Detector().detect(world.scene("tickets", BY_REGION)) == []


def test_no_change_has_no_driver():
    assert Detector().detect(World(seed=5, daily=lambda *cell: 20.0).scene()) == []


def test_what_happens_every_summer_is_season():
    def summer(day: date, region: str, channel: int) -> float:
        return 6.0 if channel == 3 and day.month in (7, 8, 9) else 3.0

    assert Detector().detect(World(daily=summer).scene("tickets", BY_CHANNEL)) == []


@pytest.mark.parametrize("metric", ["score", "open_rate"])
def test_rates_do_not_add_up(metric):
    assert Detector().detect(World(daily=chat_grew).scene(metric, BY_CHANNEL)) == []
