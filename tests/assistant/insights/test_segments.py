"""Groups whose share of a count moved are found; pushed, tiny and seasonal ones are not."""

from datetime import date

import pytest

from assistant.insights.segments import Detector
from assistant.metric_query import Filter
from tests.assistant.insights.world import BY_CHANNEL, BY_REGION, Q3, World


def geneva(day: date, region: str, channel: int) -> float:
    return 2.0 if region == "Genf" and day >= Q3.start else 1.0


def every_summer(day: date, region: str, channel: int) -> float:
    return 2.0 if region == "Genf" and day.month in (7, 8, 9) else 1.0


def test_the_group_that_grew_is_found():
    (found,) = Detector().detect(World(daily=geneva).scene("tickets", BY_REGION))
    assert found.segment == {"kunden.region": "Genf"}
    assert found.direction == "bad"
    assert found.effect == pytest.approx(found.value / found.baseline - 1)
    assert found.interval[0] < 0.6 < found.interval[1]  # 2/5 of the whole instead of 1/4
    assert found.interval[0] > 0
    assert len(found.evidence_sql) == 2


def test_the_group_is_found_though_not_asked_for():
    found = Detector().detect(World(daily=geneva).scene())
    assert [insight.segment for insight in found] == [{"kunden.region": "Genf"}]


def test_codes_are_said_by_their_label():
    world = World(
        daily=lambda day, region, channel: 2.0 if channel == 3 and day >= Q3.start else 1.0
    )
    (found,) = Detector().detect(world.scene("tickets", BY_CHANNEL))
    assert found.segment == {"tickets.kanal": 3}
    assert found.statement.startswith("Kanal Chat: Anteil an Tickets stieg")


def test_a_rise_of_everything_is_no_finding_about_a_group():
    world = World(daily=lambda day, region, channel: 2.0 if day >= Q3.start else 1.0)
    assert Detector().detect(world.scene("tickets", BY_REGION)) == []


def test_a_group_that_does_the_same_every_year_is_season():
    assert Detector().detect(World(daily=every_summer).scene("tickets", BY_REGION)) == []


def test_a_tiny_group_is_no_finding():
    def tiny(day: date, region: str, channel: int) -> float:
        if region != "Tessin":
            return 1.0
        return 0.1 if day >= Q3.start else 0.02

    world = World(daily=tiny)
    counts = {row[0]: row[1] for row in world.scene("tickets", BY_REGION).result.rows()}
    assert 10 < counts["Tessin"] < 60
    assert Detector().detect(world.scene("tickets", BY_REGION)) == []


def test_a_filtered_dimension_is_not_looked_at():
    scene = World(daily=geneva).scene(filters=(Filter("tickets", "kanal", "=", (1,)),))
    assert all("tickets.kanal" not in f.segment for f in Detector().detect(scene))


def test_a_group_whose_share_of_a_sum_grew_is_found():
    found = Detector().detect(World(daily=geneva).scene("cost", BY_REGION))
    (insight,) = [i for i in found if "kunden.region" in i.segment]
    assert insight.segment == {"kunden.region": "Genf"}
    assert insight.interval[0] < 0.6 < insight.interval[1]
    assert insight.n is None


@pytest.mark.parametrize("metric", ["score", "open_rate"])
def test_only_counts_and_sums_have_shares(metric):
    assert Detector().detect(World(daily=geneva).scene(metric, BY_REGION)) == []
