"""A rate changes as groups change, or as their weights do: the right one is named."""

from datetime import date

import pytest

from assistant.insights.mix import Detector
from tests.assistant.insights.world import BY_CHANNEL, Q3, World


def test_a_group_that_changed_is_a_rate_finding():
    world = World(
        daily=lambda *cell: 5.0,
        open_share=lambda day, region, channel: 0.5 if channel == 3 and day >= Q3.start else 0.2,
    )
    found = Detector().detect(world.scene("open_rate", BY_CHANNEL))
    (insight,) = [i for i in found if "tickets.kanal" in i.segment]
    assert insight.type == "rate"
    assert insight.segment == {"tickets.kanal": 3}
    assert insight.value == pytest.approx(50, abs=4)
    assert insight.baseline == pytest.approx(20, abs=4)
    assert insight.interval[0] < insight.value / insight.baseline - 1 < insight.interval[1]
    assert insight.direction == "bad"


def test_a_group_that_grew_is_a_mix_finding():
    def grew(day: date, region: str, channel: int) -> float:
        return 15.0 if channel == 3 and day >= Q3.start else 3.0

    world = World(daily=grew, open_share=lambda day, region, channel: 0.6 if channel == 3 else 0.2)
    found = Detector().detect(world.scene("open_rate", BY_CHANNEL))
    (insight,) = [i for i in found if "tickets.kanal" in i.segment]
    assert insight.type == "mix"
    assert insight.segment == {"tickets.kanal": 3}
    assert insight.unit == "percent"
    assert insight.value == pytest.approx(100 * 15 / 21, abs=3)
    assert insight.baseline == pytest.approx(100 / 3, abs=3)
    assert "allein durch den Anteil" in insight.statement


def test_no_change_needs_no_explanation():
    assert Detector().detect(World(daily=lambda *cell: 5.0).scene("open_rate", BY_CHANNEL)) == []


@pytest.mark.parametrize("metric", ["tickets", "cost", "score"])
def test_only_rates_with_a_counted_denominator_are_split(metric):
    world = World(score=lambda day, region, channel: 2.0 if day >= Q3.start else 4.0)
    assert Detector().detect(world.scene(metric, BY_CHANNEL)) == []
