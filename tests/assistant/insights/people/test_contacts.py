"""Consents that contradict, people contacted too often, measures on the same people, failed steps."""

import pytest
from scipy import stats

from assistant.insights.people.concurrent import Detector as Concurrent
from assistant.insights.people.concurrent import surplus
from assistant.insights.people.consents import Detector as Consents
from assistant.insights.people.planned import Detector as Planned
from assistant.insights.people.pressure import Detector as Pressure
from assistant.insights.people.pressure import trend_test
from tests.assistant.insights.people.world import World, ago


def test_a_consent_with_an_objection_elsewhere_is_counted():
    world = World()
    world.people(200)
    world.add("consents", [(n, n <= 100) for n in range(1, 201)])
    world.add("objections", [(n,) for n in range(81, 121)])
    report = Consents().report(world.study("de"))
    (insight,) = report.insights
    assert (insight.value, insight.n, insight.effect) == (20.0, 100, 0.2)
    assert "20 Personen" in insight.statement
    low, high = insight.interval
    assert (round(low, 4), round(high, 4)) == (0.1334, 0.2888)  # Wilson, 20 of 100
    assert report.rows == (("E-Mail", "consents", "objections", 20, 100),)


def test_the_trend_test_is_that_of_r():
    # R: prop.trend.test(c(83, 90, 129, 70), c(86, 93, 136, 82)), X-squared = 8.2249, p = 0.004132
    p_value = trend_test([83, 90, 129, 70], [86, 93, 136, 82], [1, 2, 3, 4])
    assert p_value == pytest.approx(0.004132, abs=1e-6)
    assert trend_test([0, 0], [10, 10], [1, 2]) == 1.0
    assert trend_test([], [], []) == 1.0


def test_people_above_the_limit_and_falling_responses_are_told():
    world = World()
    world.people(300)
    contacts = []
    for n in range(1, 301):
        often = 4 if n <= 60 else 1
        for k in range(often):
            answered = n % 2 == 0 if often == 1 else n % 20 == 0
            contacts.append((n, "A", 1, ago(5 + k), ago(5 + k), answered))
    world.add("contacts", contacts)
    report = Pressure().report(world.study())
    above, falling = report.insights
    assert (above.value, above.n) == (60.0, 300)
    assert "60 of 300" in above.statement
    assert falling.direction == "bad"
    assert falling.value < falling.baseline
    assert [row[1:3] for row in report.rows] == [(1, 240), (4, 60)]


def test_the_overlap_of_two_measures_is_fishers_exact_test():
    table = [[30, 20], [10, 40]]  # in both, first only; second only, in none
    expected = stats.fisher_exact(table, alternative="greater").pvalue
    assert surplus(30, 50, 40, 100) == pytest.approx(expected)


def test_measures_on_the_same_people_are_found_and_chance_is_not():
    world = World()
    world.people(1_000)
    same = [(n, "A", 1, ago(3), ago(3), False) for n in range(1, 101)]
    same += [(n, "B", 1, ago(4), ago(4), False) for n in range(51, 151)]
    spread = [(n, "C", 1, ago(5), ago(5), False) for n in range(5, 1_000, 10)]
    world.add("contacts", same + spread)
    report = Concurrent().report(world.study())
    first = report.insights[0]
    assert first.segment == {"measures": "A + B"}
    assert (first.value, first.baseline, first.direction) == (50.0, 10.0, "bad")
    low, high = first.interval
    assert low <= first.effect <= high
    others = [insight for insight in report.insights if "C" in insight.segment["measures"]]
    assert {insight.direction for insight in others} == {"neutral"}


def test_a_step_that_often_fails_is_found_and_others_are_not():
    world = World()
    world.people(300)
    rows = []
    for n in range(1, 301):
        for step in (1, 2, 3):
            fails = n % 2 == 0 if step == 2 else n % 25 == 0
            rows.append((n, "Welcome", step, ago(20), None if fails else ago(19.9), False))
    world.add("contacts", rows)
    report = Planned().report(world.study())
    (gap,) = report.insights
    assert gap.segment == {"step": "Welcome 2"}
    assert (gap.value, gap.baseline) == (50.0, 96.0)
    assert gap.interval[0] <= gap.effect <= gap.interval[1] < 0
    assert [row[1:4] for row in report.rows] == [(1, 300, 288), (2, 300, 150), (3, 300, 288)]
