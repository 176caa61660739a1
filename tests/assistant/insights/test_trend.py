"""A change of the whole is found when it is more than season, scatter and days."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from assistant.insights.trend import Detector
from assistant.metric_query import Period
from tests.assistant.insights.world import Q3, World


def rise(day: date, region: str, channel: int) -> float:
    return 1.3 if day >= date(2026, 7, 1) else 1.0


def december(day: date, region: str, channel: int) -> float:
    return 1.6 if day.month == 12 else 1.0


def test_a_rise_of_the_whole_is_found_with_its_size():
    (found,) = Detector().detect(World(daily=rise).scene())
    low, high = found.interval
    assert low < 0.3 < high
    assert low > 0
    assert found.direction == "bad"
    assert found.effect == pytest.approx(found.value / found.baseline - 1)
    assert found.n == pytest.approx(found.value + found.baseline / (92 / 91), abs=1)
    assert len(found.evidence_sql) == 2
    assert found.silos == ("desk",)
    assert "mehr als in der Vorperiode" in found.statement


def test_a_fall_of_what_should_fall_is_good():
    world = World(daily=lambda day, region, channel: 2.0 - rise(day, region, channel))
    (found,) = Detector().detect(world.scene())
    assert found.effect < 0
    assert found.direction == "good"


def test_a_december_like_the_last_one_is_season():
    period = Period(date(2025, 12, 1), date(2026, 1, 1))
    world = World(daily=december)
    assert Detector().detect(world.scene(period=period)) == []


def test_a_december_beyond_the_last_one_is_found():
    period = Period(date(2025, 12, 1), date(2026, 1, 1))

    def stronger(day: date, region: str, channel: int) -> float:
        return 4.0 if (day.year, day.month) == (2025, 12) else december(day, region, channel)

    (found,) = Detector().detect(World(daily=stronger).scene(period=period))
    assert found.effect > 2


def test_without_a_year_before_nothing_is_said_about_season():
    world = World(daily=rise, first=date(2026, 1, 1))
    (found,) = Detector().detect(world.scene())
    assert "fehlt ein Vorjahr" in found.statement


def test_a_short_february_is_no_fall():
    february = Period(date(2026, 2, 1), date(2026, 3, 1))
    world = World(daily=lambda *cell: 30.0)
    assert Detector().detect(world.scene(period=february)) == []


def test_an_unfinished_period_is_compared_up_to_today():
    fourth = Period(date(2026, 10, 1), date(2027, 1, 1))
    assert Detector().detect(World(daily=lambda *cell: 5.0).scene(period=fourth)) == []


def test_scattered_months_hide_a_small_rise():
    moods = np.random.default_rng(3).gamma(8, 1 / 8, 40)

    def moody(day: date, region: str, channel: int) -> float:
        return 3 * moods[(day.year - 2024) * 12 + day.month] * (1.1 if day >= Q3.start else 1)

    scene = World(daily=moody).scene()
    assert Detector().detect(scene) == []


def test_few_counts_are_no_finding():
    few = World(daily=lambda day, region, channel: 0.01 if day < Q3.start else 0.05)
    assert Detector().detect(few.scene()) == []


@pytest.mark.parametrize(("metric", "direction"), [("score", "bad"), ("open_rate", "good")])
def test_a_rate_that_left_its_usual_range_is_found(metric, direction):
    world = World(
        daily=lambda *cell: 3.0,
        score=lambda day, region, channel: 3.4 if day >= Q3.start else 4.0,
        open_share=lambda day, region, channel: 0.1 if day >= Q3.start else 0.2,
    )
    (found,) = Detector().detect(world.scene(metric))
    assert found.direction == direction
    assert found.interval[0] < found.effect < found.interval[1] < 0
    assert "punkte" in found.statement.lower()


def test_money_is_compared_by_the_usual_spread():
    world = World(daily=lambda day, region, channel: 3 * rise(day, region, channel))
    (found,) = Detector().detect(world.scene("cost"))
    assert found.unit == "CHF"
    assert found.effect == pytest.approx(0.3, abs=0.08)
    assert found.n is None


def test_all_time_has_no_trend():
    assert Detector().detect(World().scene(period=None)) == []


def test_a_state_has_no_trend():
    scene = World().scene()
    state = replace(scene, query=replace(scene.query, metrics=("stock",)))
    assert Detector().detect(state) == []
