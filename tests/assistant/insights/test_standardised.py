"""Where another dimension explains a difference, that is said, with what is left of it."""

from assistant.insights.standardised import Detector
from tests.assistant.insights.world import BY_CHANNEL, BY_REGION, World

MIXED = World(
    daily=lambda day, region, channel: 8.0 if (region, channel) == ("Genf", 1) else 2.0,
    score=lambda day, region, channel: 3.0 if channel == 1 else 4.0,
)


def test_a_region_that_holds_more_of_the_worse_channel_is_explained_by_it():
    (found,) = Detector().detect(MIXED.scene("score", BY_REGION))
    assert found.segment == {"kunden.region": "Genf"}
    assert found.value < found.baseline
    assert found.interval[0] < 0 < found.interval[1]
    assert "gleichen Anteilen nach Kanal" in found.statement
    assert found.direction == "neutral"


def test_a_channel_that_is_really_worse_stays_so():
    found = Detector().detect(MIXED.scene("score", BY_CHANNEL))
    assert [i for i in found if i.segment == {"tickets.kanal": 1}] == []


def test_nothing_is_said_of_a_dimension_nobody_asked_for():
    assert Detector().detect(MIXED.scene("score")) == []


def test_sums_have_no_rates_to_standardise():
    assert Detector().detect(MIXED.scene("tickets", BY_REGION)) == []
