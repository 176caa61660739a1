"""Actions that contact people: whom they reach, what that costs and brings, ranked by it."""

from dataclasses import replace
from datetime import date

import pytest

from assistant.answer import Insight
from assistant.metric_query import MetricQuery, Period
from assistant.recommendations import Situation, recommend
from assistant.recommendations.decisions import Decision
from assistant.recommendations.saying import untraced
from catalog.semantic_model import Metric
from connectors.config import ActivationSettings, ChannelSettings
from tests.assistant.people.company import audiences_of

BAD = Insight(
    "i1", "segments", "", "buyers", {"people.region": "Bern"}, value=30.0, baseline=20.0,
    effect=0.5, interval=(0.25, 0.75), n=50, direction="bad", touchpoint="subscription",
    unit="count",
)  # fmt: skip
METRIC = Metric("buyers", "COUNT(orders.person)", time=None, better="down", unit="count")


@pytest.fixture
def situation(company):
    audiences = audiences_of(company)
    model = audiences.model
    audiences.rules = ActivationSettings(
        channels={"email": ChannelSettings(most=2, cost=0.5)}, worth={"buyers": 10}
    )
    known = replace(model, metrics={"buyers": METRIC})
    return Situation("en", known, MetricQuery(("buyers",)), audiences)


def by_mail(monkeypatch):
    """The library's rules, each contacting by e-mail: the only channel of the small company."""
    from assistant.recommendations import recommending
    from assistant.recommendations.library import library

    rules = tuple(replace(rule, channel="email" if rule.channel else None) for rule in library())
    monkeypatch.setattr(recommending, "library", lambda: rules)


def test_the_effect_is_of_those_who_can_be_reached(situation, monkeypatch):
    by_mail(monkeypatch)
    (action,) = recommend([BAD], situation)
    assert action.audience["selected"] == 2
    assert action.audience["reachable"] == 2
    assert action.audience["guards"][0]["guard"] == "address"
    assert action.expected_effect["value"] == -10.0
    assert action.expected_effect["interval"] == [-15.0, -5.0]
    assert action.cost == 1.0
    assert action.expected_value == 99.0
    assert action.measurement["design"] == "control_group"
    assert untraced(action, [BAD]) == []


def test_half_the_people_carry_half_the_effect(situation, monkeypatch):
    by_mail(monkeypatch)
    everybody = replace(BAD, segment=None, metric="members")
    members = Metric("members", "COUNT(people.id)", better="down", unit="count")
    model = replace(situation.model, metrics={"members": members})
    there = replace(situation, model=model, query=MetricQuery(("members",)))
    (action,) = recommend([everybody], there)
    assert (action.audience["selected"], action.audience["reachable"]) == (9, 2)
    assert action.expected_effect["value"] == pytest.approx(-10 * 2 / 9, abs=0.01)
    low, high = action.expected_effect["interval"]
    assert low < action.expected_effect["value"] < high < 0
    assert action.expected_value is None  # nobody said what a member is worth


def test_the_highest_value_comes_first(situation, monkeypatch):
    by_mail(monkeypatch)
    larger = replace(BAD, id="i2", segment={"people.id": 1}, value=900.0, unit="CHF")
    nobody = replace(BAD, id="i3", segment={"people.region": None})
    actions = recommend([BAD, nobody, larger], situation)
    assert [action.evidence for action in actions] == [("i2",), ("i1",), ("i3",)]
    assert [action.expected_value for action in actions] == [879.5, 99.0, None]


def test_a_period_narrows_the_people_to_those_with_rows_in_it(situation):
    timed = replace(METRIC, time="orders.day")
    orders = situation.model.datasets["orders"]
    from catalog.semantic_model import Field

    dated = replace(orders, fields=(*orders.fields, Field("day", "day", "Date", is_time=True)))
    model = replace(
        situation.model,
        metrics={"buyers": timed},
        datasets={**situation.model.datasets, "orders": dated},
    )
    query = MetricQuery(("buyers",), period=Period(date(2026, 10, 1), date(2026, 11, 1)))
    there = replace(situation, model=model, query=query)
    selection = there.selection(BAD, "email")
    assert selection is not None
    (audience,) = situation.audiences.count([selection])
    assert audience.selected == 1


def test_without_a_link_to_people_nobody_is_counted(situation):
    odd = Metric("buyers", "COUNT(nowhere.id)", better="down", unit="count")
    there = replace(situation, model=replace(situation.model, metrics={"buyers": odd}))
    assert there.selection(replace(BAD, metric="else"), "email") is None
    assert replace(situation, query=None).selection(BAD, "email") is None


def test_a_model_without_persons_leaves_the_advice_without_an_audience(situation):
    people = replace(situation.model.datasets["people"], entity=None)
    model = replace(situation.model, datasets={**situation.model.datasets, "people": people})
    (action,) = recommend([BAD], replace(situation, model=model))
    assert action.audience is None
    assert action.cost is None


def test_advice_that_was_decided_on_is_shown_with_the_day(situation):
    (first,) = recommend([BAD], situation)
    decided = Decision(first.id, "accepted", at="2026-11-27T20:15:00+00:00")
    (again,) = recommend([BAD], replace(situation, decisions={first.id: decided}))
    assert any("2026-11-27" in line for line in again.details)
