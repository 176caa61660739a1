"""Concentration, groups, attribution and journeys against published figures and plain Python."""

import numpy as np
import pytest

from assistant.insights.people.attribution import BOUGHT, LOST, START, markov
from assistant.insights.people.attribution import Detector as Attribution
from assistant.insights.people.concentration import Detector as Concentration
from assistant.insights.people.concentration import gini
from assistant.insights.people.journeys import Detector as Journeys
from assistant.insights.people.rfm import GROUPS, group_of
from assistant.insights.people.rfm import Detector as Rfm
from tests.assistant.insights.people.world import World, ago


def sums(values):
    """What the SQL gives, in plain NumPy."""
    y = np.sort(np.asarray(values, dtype=float))
    n, i, c = len(y), np.arange(1, len(y) + 1), np.cumsum(y)
    b = ((2 * i - 1) * y - 2 * c) / n
    return n, y.sum(), (i * y).sum(), (y * y).sum(), b.sum(), (y * b).sum(), (b * b).sum()


def test_gini_of_the_numbers_one_to_five_is_as_published():
    assert gini(*sums([1, 2, 3, 4, 5])).value == pytest.approx(4 / 15)  # (n² − 1) / (3 n (n + 1))
    assert gini(*sums([7, 7, 7, 7])).value == pytest.approx(0)
    assert gini(*sums([0] * 99 + [1])).value == pytest.approx(0.99)


def test_gini_is_half_the_relative_mean_difference():
    values = np.random.default_rng(3).lognormal(4, 0.9, 500)
    differences = np.abs(values[:, None] - values[None, :]).mean()
    assert gini(*sums(values)).value == pytest.approx(differences / (2 * values.mean()))


def test_the_interval_of_gini_covers_the_truth_of_exponential_values():
    rng = np.random.default_rng(11)  # of an exponential distribution the coefficient is 1/2
    found = [gini(*sums(rng.exponential(100, 400))).interval for _ in range(400)]
    covered = np.mean([low <= 0.5 <= high for low, high in found])
    assert 0.91 <= covered <= 0.98


def test_the_sums_in_sql_are_those_of_numpy():
    values = np.random.default_rng(4).exponential(100, 300).round(2)
    world = World()
    world.people(300)
    world.add("orders", [(n, ago(10), float(v), False) for n, v in enumerate(values, 1)])
    report = Concentration().report(world.study())
    (insight,) = report.insights
    expected = gini(*sums(values))
    assert insight.effect == pytest.approx(expected.value)
    assert insight.interval == pytest.approx(expected.interval)
    top = np.sort(values)[::-1]
    assert insight.value == pytest.approx(100 * top[:30].sum() / values.sum())
    assert report.rows[-1][4] == pytest.approx(100)


def test_every_pair_of_fifths_has_its_group():
    groups = {group_of(r, f) for r in range(1, 6) for f in range(1, 6)}
    assert groups == set(GROUPS)


def test_rfm_groups_are_those_of_fifths_by_hand():
    world = World()
    world.people(100)
    orders = []
    for n in range(1, 101):  # person n bought n days ago, n // 20 + 1 times
        orders += [(n, ago(n), 10.0, False)] * (n // 20 + 1)
    world.add("orders", orders)
    report = Rfm().report(world.study())
    assert sum(row[1] for row in report.rows) == 100
    # the least recent are the most frequent here: the last two fifths of recency are at risk
    risk = next(row for row in report.rows if row[0].startswith("at risk"))
    assert risk[1] == 40
    (insight,) = report.insights
    assert insight.value == pytest.approx(100 * risk[3] / sum(row[3] for row in report.rows))


def test_markov_removal_effects_are_those_of_the_published_example():
    # Anderl et al. (2016), as worked through in the ChannelAttribution documentation: three journeys
    # C1 → C2 → C3 → bought, C1 → lost, C2 → C3 → lost. Removal effects 1, 1, 1: a third each.
    steps = {
        (START, "C1"): 2, (START, "C2"): 1, ("C1", "C2"): 1, ("C1", LOST): 1,
        ("C2", "C3"): 2, ("C3", BOUGHT): 1, ("C3", LOST): 1,
    }  # fmt: skip
    shares = markov(steps)
    # chance whole: (1/3 + 2/3·1/2)·1/2 = 1/3; without C1: 1/6; without C2 or C3: 0
    assert shares == pytest.approx({"C1": 0.2, "C2": 0.4, "C3": 0.4})


def test_markov_of_nobody_who_bought_is_nothing():
    assert markov({(START, "a"): 3, ("a", LOST): 3}) == {"a": 0.0}
    assert markov({}) == {}


def test_markov_agrees_with_simulated_ways():
    rng = np.random.default_rng(2)
    chances = {START: ("a", "b"), "a": ("b", BOUGHT, LOST), "b": ("a", LOST, BOUGHT)}
    weights = {START: (0.6, 0.4), "a": (0.3, 0.5, 0.2), "b": (0.2, 0.7, 0.1)}
    steps, bought = {}, {"all": 0, "a": 0, "b": 0}
    for _ in range(20_000):
        here, seen = START, set()
        while here in chances:
            there = str(rng.choice(chances[here], p=weights[here]))
            steps[here, there] = steps.get((here, there), 0) + 1
            seen.add(there)
            here = there
        if here == BOUGHT:
            bought["all"] += 1
            for name in ("a", "b"):
                bought[name] += name not in seen
    removal = {name: 1 - bought[name] / bought["all"] for name in ("a", "b")}
    total = sum(removal.values())
    expected = {name: effect / total for name, effect in removal.items()}
    assert markov(steps) == pytest.approx(expected, abs=0.01)


def test_the_rules_of_attribution_share_out_what_was_bought():
    world = World()
    world.people(2)
    world.add("visits", [(1, ago(20), "paid"), (1, ago(13), "organic"), (1, ago(6), "mail")])
    world.add("visits", [(1, ago(60), "paid")])  # too long ago
    world.add("orders", [(1, ago(6 - 0.01), 100.0, False), (2, ago(3), 50.0, False)])
    world.add("orders", [(1, ago(1), 999.0, True)])  # came back: worth nothing
    report = Attribution().report(world.study())
    by_name = {row[0]: row[1:6] for row in report.rows}
    assert by_name["paid"][0] == pytest.approx(100)  # first touch
    assert by_name["mail"][1] == pytest.approx(100)  # last touch
    assert [by_name[n][2] for n in ("paid", "organic", "mail")] == pytest.approx([100 / 3] * 3)
    halves = np.array([0.25, 0.5, 1.0])  # a week is a half-life
    expected = 100 * halves / halves.sum()
    found = [by_name[n][3] for n in ("paid", "organic", "mail")]
    assert found == pytest.approx(expected, rel=0.01)
    assert [by_name[n][4] for n in ("paid", "organic", "mail")] == pytest.approx([40, 20, 40])
    assert "33.3%" in report.notes[1]  # person 2 has no known touch: 50 of 150


def test_a_channel_that_costs_more_than_comes_back_is_told():
    world = World()
    world.people(200)
    world.add("visits", [(n, ago(5), "paid") for n in range(1, 201)])
    world.add("orders", [(n, ago(4), 10.0 + n % 3, False) for n in range(1, 201)])
    world.add("costs", [(ago(6).date(), "ads", 5_000.0)])
    (insight,) = Attribution().report(world.study()).insights
    assert insight.direction == "bad"
    assert insight.value == pytest.approx(2_200 / 5_000, rel=0.01)
    assert insight.interval[0] <= insight.effect <= insight.interval[1] < 0


def test_first_steps_before_a_purchase_are_compared_fairly():
    world = World()
    world.people(400)
    world.add("visits", [(n, ago(80), "paid" if n <= 200 else "organic") for n in range(1, 401)])
    world.add("orders", [(n, ago(55), 10.0, False) for n in range(1, 401) if n <= 100 or n > 380])
    report = Journeys().report(world.study())
    by_path = {insight.segment["path"]: insight for insight in report.insights}
    assert by_path["paid"].direction == "good"
    assert (by_path["paid"].value, by_path["paid"].baseline) == (50.0, 10.0)
    assert by_path["organic"].direction == "bad"
    assert report.rows[0][:3] == ("paid", 1, 100)


def test_equal_steps_in_a_row_count_once_and_long_ways_keep_their_end():
    world = World()
    world.people(20)
    for n in range(1, 21):
        ways = ["x", "a", "a", "b", "c", "d"]
        world.add("visits", [(n, ago(20 - k), name) for k, name in enumerate(ways)])
        world.add("orders", [(n, ago(10), 10.0, False)])
    (row,) = Journeys().report(world.study()).rows
    assert row[:3] == ("a → b → c → d", 4, 20)
