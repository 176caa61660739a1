"""Is a change real, which group goes along with it, and what was ruled out."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from assistant.answer import Insight
from assistant.investigation.budget import Budget, Limits
from assistant.investigation.investigator import Found, blocks, investigate
from assistant.metric_query import Dimension
from connectors.errors import BudgetExceeded
from tests.assistant.insights.world import BY_CHANNEL, Q3, World


def geneva(day: date, region: str, channel: int) -> float:
    return 6.0 if region == "Genf" and day >= Q3.start else 3.0


def every_summer(day: date, region: str, channel: int) -> float:
    return 4.0 if day.month in (7, 8, 9) else 3.0


def found(world: World, metric: str = "tickets", way: str | None = None) -> Found:
    made = investigate(world.scene(metric), Budget(), way)
    assert made is not None
    return made


def causes(made: Found) -> list[Insight]:
    return [insight for insight in made.insights if insight.type == "cause"]


def test_the_group_behind_a_rise_is_the_cause():
    made = found(World(daily=geneva))
    assert made.investigation.verdict == "real"
    (cause,) = causes(made)
    assert cause.segment == {"kunden.region": "Genf"}
    assert cause.interval[0] < 1.0 < cause.interval[1]
    assert cause.direction == "bad"
    assert "geht einher" in cause.statement
    assert len(cause.evidence_sql) == 2


def test_the_tests_made_are_counted_and_what_was_ruled_out_is_said():
    made = found(World(daily=geneva)).investigation
    assert made.tests >= 7
    assert made.confirmed == 1
    assert {ruled.kind for ruled in made.ruled_out} >= {"data_fault", "chance", "season"}
    assert any("Kanal" in ruled.statement for ruled in made.ruled_out)


def test_a_group_whose_mean_fell_is_the_cause():
    world = World(
        daily=lambda *cell: 4.0,
        score=lambda day, region, channel: 3.0 if channel == 3 and day >= Q3.start else 4.0,
    )
    (cause,) = causes(found(world, "score"))
    assert cause.segment == {"tickets.kanal": 3}
    assert cause.interval[0] < -0.25 < cause.interval[1]


def test_what_happens_every_summer_is_season():
    made = found(World(daily=every_summer))
    assert made.investigation.verdict == "season"
    assert "Saison" in made.insights[0].statement


def test_no_change_is_chance():
    made = found(World(daily=lambda *cell: 3.0))
    assert made.investigation.verdict == "chance"
    assert causes(made) == []


def test_a_premise_that_does_not_hold_is_said():
    made = found(World(daily=geneva), way="down")
    assert made.insights[0].statement.startswith("Einen Rückgang gab es nicht.")


def test_an_outage_is_named_and_no_cause_is_looked_for():
    def outage(day: date, region: str, channel: int) -> float:
        return 0.0 if date(2026, 9, 7) <= day < date(2026, 9, 12) else 4.0

    made = found(World(daily=outage))
    assert made.investigation.verdict == "fault"
    assert [insight.type for insight in made.insights] == ["missing_days"]


def test_chance_seldom_makes_a_cause():
    told = [bool(causes(found(World(seed=seed, daily=lambda *c: 2.0)))) for seed in range(40)]
    assert np.mean(told) <= 0.05


def test_without_time_there_is_nothing_to_explain():
    assert investigate(World().scene(period=None), Budget()) is None


def test_dimensions_are_looked_at_dataset_by_dataset():
    made = blocks(World().scene("tickets", BY_CHANNEL))
    assert made[0][0] == BY_CHANNEL
    assert (Dimension("kunden", "region"),) in made


def test_what_the_budget_did_not_reach_is_said():
    world = World(daily=geneva)
    scene = world.scene()

    def run(query):
        if any(d.grain for d in query.dimensions) and len(query.dimensions) > 1:
            raise BudgetExceeded("used up")
        return world.run(query)

    made = investigate(replace(scene, run=run, asked={}), Budget())
    assert [r.kind for r in made.investigation.ruled_out][-1] == "budget"


@pytest.mark.parametrize("limits", [Limits(fragments=0), Limits(bytes=0), Limits(seconds=0)])
def test_a_used_up_budget_stops(limits):
    with pytest.raises(BudgetExceeded):
        Budget(limits).check()
