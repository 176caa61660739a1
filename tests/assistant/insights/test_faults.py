"""Missing days and days loaded twice are named, and nothing else is said of the count then."""

from datetime import date, timedelta

import pytest

from assistant.findings import look
from assistant.insights.base import detectors
from assistant.insights.faults import Detector
from assistant.metric_query import Period
from tests.assistant.insights.world import World

SEPTEMBER = Period(date(2026, 9, 1), date(2026, 10, 1))


def outage(day: date, region: str, channel: int) -> float:
    return 0.0 if date(2026, 9, 7) <= day < date(2026, 9, 12) else 4.0


def twice(day: date, region: str, channel: int) -> float:
    return 8.0 if day == date(2026, 9, 9) else 4.0


@pytest.mark.parametrize("metric", ["tickets", "score"])
def test_days_without_rows_are_missing(metric):
    (found,) = Detector().detect(World(daily=outage).scene(metric, period=SEPTEMBER))
    assert (found.type, found.n, found.value) == ("missing_days", 5, 0)
    assert "fehlen Daten" in found.statement
    assert found.evidence_sql


def test_a_day_with_twice_the_rows_looks_loaded_twice():
    (found,) = Detector().detect(World(daily=twice).scene(period=SEPTEMBER))
    assert (found.type, found.n) == ("double_load", 1)
    assert found.value == pytest.approx(96, abs=30)


def test_an_outage_is_no_fall_of_the_business():
    found = look(detectors(), World(daily=outage).scene(period=SEPTEMBER))
    assert [insight.type for insight in found] == ["missing_days"]


def test_days_without_rows_every_year_are_the_calendar():
    def holidays(day: date, region: str, channel: int) -> float:
        return 0.0 if (day.month, day.day) in ((9, 7), (9, 8)) else 4.0

    assert Detector().detect(World(daily=holidays).scene(period=SEPTEMBER)) == []


def test_closed_sundays_are_no_fault():
    world = World(daily=lambda day, *_: 0.0 if day.weekday() == 6 else 4.0)
    assert Detector().detect(world.scene(period=SEPTEMBER)) == []


def test_few_rows_a_day_may_be_none_by_chance():
    assert Detector().detect(World(daily=lambda *_: 0.1).scene(period=SEPTEMBER)) == []


def test_the_first_days_of_a_table_are_not_missing():
    world = World(daily=lambda *_: 4.0, first=SEPTEMBER.start - timedelta(days=20))
    assert Detector().detect(world.scene(period=SEPTEMBER)) == []
