"""Which periods are compared."""

from dataclasses import replace
from datetime import date

import pytest

from assistant.insights.spans import spans
from assistant.metric_query import Period
from tests.assistant.insights.world import Q3, World

JULY = Period(date(2026, 7, 1), date(2026, 8, 1))


def compared(period: Period | None, **more):
    return spans(World().scene(period=period, **more))


def test_a_quarter_is_compared_with_the_one_before():
    made = compared(Q3)
    assert (made.before.start, made.before.end) == (date(2026, 4, 1), date(2026, 7, 1))
    assert made.seasonal
    assert made.scale == pytest.approx(92 / 91)


def test_a_comparison_that_was_asked_for_wins():
    last_year = Period(date(2025, 7, 1), date(2025, 10, 1))
    made = compared(Q3, comparison=last_year)
    assert made.before == last_year
    assert not made.seasonal


def test_a_long_period_is_compared_with_a_year_ago():
    made = compared(Period(date(2025, 10, 1), date(2026, 10, 1)))
    assert made.before.start == date(2024, 10, 1)
    assert not made.seasonal


def test_an_unfinished_year_ends_today():
    made = compared(Period(date(2026, 1, 1), date(2027, 1, 1)))
    assert made.now.end == date(2026, 11, 1)
    assert (made.before.start, made.before.end) == (date(2025, 1, 1), date(2025, 11, 1))


@pytest.mark.parametrize("period", [None, Period(date(2026, 11, 1), date(2026, 12, 1))])
def test_all_time_and_the_future_are_not_compared(period):
    scene = replace(World().scene(), query=replace(World().scene().query, period=period))
    assert spans(scene) is None


def test_a_state_is_not_compared():
    scene = World().scene()
    assert spans(replace(scene, query=replace(scene.query, metrics=("stock",)))) is None


def test_a_year_ago_keeps_the_step():
    usual = compared(JULY).year_ago()
    assert (usual.now.start, usual.before.start) == (date(2025, 7, 1), date(2025, 6, 1))
