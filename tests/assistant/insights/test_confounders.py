"""What another dimension explains is no finding of its own (Simpson)."""

import pytest

from assistant.insights.confounders import standardised
from assistant.insights.levels import Detector
from tests.assistant.insights.world import World


def test_open_surgery_is_better_at_equal_stones():
    """Charig et al., BMJ 1986;292:879: better for small and large stones, worse in sum."""
    surgery = {"small": (87, 81 / 87), "large": (263, 192 / 263)}
    puncture = {"small": (270, 234 / 270), "large": (80, 55 / 80)}
    crude = (81 + 192) / 350 - (234 + 55) / 350
    assert crude < 0
    assert standardised(surgery, puncture) == pytest.approx(0.0538, abs=0.0005)


def test_groups_without_a_common_stratum_cannot_be_compared():
    assert standardised({"a": (5, 1.0)}, {"b": (5, 1.0)}) is None


def test_a_region_with_more_of_the_worse_channel_is_not_named():
    world = World(
        daily=lambda day, region, channel: 8.0 if (region, channel) == ("Genf", 1) else 2.0,
        score=lambda day, region, channel: 3.0 if channel == 1 else 4.0,
    )
    found = Detector().detect(world.scene("score"))
    assert {"tickets.kanal": 1} in [insight.segment for insight in found]
    assert {"kunden.region": "Genf"} not in [insight.segment for insight in found]
