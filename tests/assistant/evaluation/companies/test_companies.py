"""Random companies: the same seed gives the same rows, and the truth is known of every claim."""

from dataclasses import replace

import numpy as np
import pytest

from assistant.answer import Insight
from assistant.evaluation.companies.model import FIGURES
from assistant.evaluation.companies.plan import PERIODS, Decoy, Effect, Plan, make_plan
from assistant.evaluation.companies.report import lines, to_json
from assistant.evaluation.companies.rows import make_company
from assistant.evaluation.companies.scoring import score_companies, summarise_companies
from assistant.evaluation.companies.truth import judge, power
from assistant.insights.base import detectors

WEST = ("customers.region", "west")
QUIET = Plan(1, {"tickets": 40.0, "orders": 40.0}, 0.0, PERIODS[0])


def said(kind: str, effect: float, segment: tuple[str, str] | None = None) -> Insight:
    made = dict([segment]) if segment else None
    interval = (effect - 0.1, effect + 0.1)
    return Insight("i1", kind, "", "tickets", made, effect=effect, interval=interval)


def test_the_same_seed_gives_the_same_company():
    first, second = (make_company(make_plan(7)) for _ in range(2))
    assert first.plan == second.plan
    assert np.array_equal(first.tables["orders"]["revenue"], second.tables["orders"]["revenue"])


def test_plans_hold_none_to_six_effects_and_every_decoy():
    plans = [make_plan(seed) for seed in range(200)]
    assert {len(plan.effects) for plan in plans} == set(range(7))
    kinds = {decoy.kind for plan in plans for decoy in plan.decoys}
    assert kinds == {"season", "simpson", "small", "growth", "outage", "double"}
    assert {effect.metric for plan in plans for effect in plan.effects} == set(FIGURES)


def test_an_empty_company_has_neither_effects_nor_faults():
    plans = [make_plan(seed, empty=True) for seed in range(100)]
    assert {effect for plan in plans for effect in plan.effects} == set()
    kinds = {decoy.kind for plan in plans for decoy in plan.decoys}
    assert kinds == {"season", "small", "growth"}


def test_a_planted_change_is_in_the_rows():
    plan = replace(QUIET, effects=(Effect("tickets", "change", WEST, 2.0),))
    days, others = (make_company(p).tables["tickets"]["day"] for p in (plan, QUIET))
    start = plan.period.start.toordinal()
    assert (days >= start).sum() > 1.1 * (others >= start).sum()
    assert (days < start).sum() == pytest.approx((others < start).sum(), rel=0.05)


def test_an_outage_leaves_days_without_rows():
    plan = replace(QUIET, decoys=(Decoy("outage", "orders", None, 3, 5),))
    days = make_company(plan).tables["orders"]["day"]
    first = plan.period.start.toordinal() + 5
    assert not np.isin(days, [first, first + 1, first + 2]).any()
    assert np.isin(first + 3, days)


def test_a_claim_is_right_about_whom_it_was_planted_in():
    company = make_company(replace(QUIET, effects=(Effect("tickets", "change", WEST, 2.0),)))
    west = judge(company, "tickets", said("drivers", 0.98, WEST))
    assert (west.right, west.direction, west.covered) == (True, True, True)
    assert west.truth == pytest.approx(1.0, abs=0.02)
    wrong_way = judge(company, "tickets", said("drivers", -0.5, WEST))
    assert (wrong_way.right, wrong_way.direction, wrong_way.covered) == (False, False, False)
    pushed = judge(company, "tickets", said("segments", -0.2, ("customers.region", "east")))
    assert (pushed.right, pushed.direction) == (False, None)


def test_a_season_claimed_as_a_change_is_a_decoy():
    company = make_company(replace(QUIET, decoys=(Decoy("season", "tickets", None, 1.5),)))
    claimed = judge(company, "tickets", said("trend", 0.5))
    assert (claimed.right, claimed.decoy) == (False, "season")


@pytest.mark.parametrize(("days", "right"), [(3, True), (0, False)])
def test_a_fault_is_right_where_it_was_planted(days, right):
    decoys = (Decoy("outage", "tickets", None, days, 5),) if days else ()
    company = make_company(replace(QUIET, decoys=decoys))
    assert judge(company, "score", said("missing_days", -1.0)).right is right


def test_power_grows_with_the_effect():
    effects = [Effect("tickets", "change", None, size) for size in (1.02, 1.2, 2.0)]
    powers = [power(make_company(replace(QUIET, effects=(e,))), e) for e in effects]
    assert powers == sorted(powers)
    assert powers[0] < 0.2
    assert powers[-1] > 0.99


def test_the_power_of_a_difference_of_means_is_that_of_the_textbook():
    """Cohen 1988: 64 in each of two groups see half a deviation at 5 % with a power of 0.8."""
    effect = Effect("score", "rate_change", None, 0.6)
    daily = 64 / (92 * 0.9999)
    plan = replace(QUIET, daily={"tickets": daily, "orders": 1.0}, effects=(effect,))
    assert power(make_company(plan), effect) == pytest.approx(0.81, abs=0.02)


def test_a_company_is_scored_through_its_silos():
    scored = list(score_companies(detectors(), [3]))
    report = summarise_companies(scored, [])
    assert report.companies == 1
    assert report.queries > 5
    assert to_json(report)["precision"]["of"] == report.precision.of
    assert any(line.startswith("recall") for line in lines(report))
