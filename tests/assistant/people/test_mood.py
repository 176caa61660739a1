"""The mood of a relationship: newer words weigh more, open complaints most."""

from datetime import date, timedelta

import pytest

from assistant.people.mood import HALF_LIFE, Judgement, mood

TODAY = date(2026, 10, 31)


def said(days_ago: int, value: float, **more) -> Judgement:
    return Judgement(TODAY - timedelta(days=days_ago), value, **more)


def test_nothing_said_is_unknown():
    found = mood([], TODAY)
    assert (found.value, found.trend, found.level) == (None, None, "unknown")


def test_a_judgement_counts_half_after_a_half_life():
    found = mood([said(0, 1.0), said(HALF_LIFE, -1.0)], TODAY)
    assert found.value == pytest.approx((1 - 0.5) / 1.5)
    assert found.level == "good"


def test_the_trend_is_the_last_half_year_less_the_time_before():
    found = mood([said(10, -0.5), said(200, 0.5), said(400, 0.3)], TODAY)
    assert found.trend == pytest.approx(-0.5 - 0.4)
    assert mood([said(10, 1.0)], TODAY).trend is None


def test_an_open_complaint_does_not_age():
    found = mood([said(1_000, -1.0, current=True), said(0, 0.2)], TODAY)
    assert found.value == pytest.approx((-1 + 0.2) / 2)
    assert (found.judgements, found.complaints, found.level) == (1, 1, "bad")


def test_what_comes_later_does_not_count():
    assert mood([said(-3, 1.0)], TODAY).level == "unknown"
    assert mood([said(3, 0.1)], TODAY).level == "neutral"
