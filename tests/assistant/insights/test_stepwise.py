"""Groups with an effect of their own are told from those that only look so."""

import numpy as np
import pytest
from scipy import stats

from assistant.insights.stepwise import Means, choose

RANDOM = np.random.default_rng(11)
RATE = 0.005


def cells(widths: tuple[int, ...]) -> tuple[np.ndarray, tuple[int, ...]]:
    """Members of every group of a full crossing, and each group's dimension."""
    places = np.array(np.unravel_index(np.arange(np.prod(widths)), widths))
    groups = [(d, v) for d, width in enumerate(widths) for v in range(width)]
    members = np.array([places[d] == v for d, v in groups], dtype=float).T
    return members, tuple(d for d, _ in groups)


def means(values: np.ndarray, widths: tuple[int, ...], size: float = 50.0, **more) -> Means:
    members, families = cells(widths)
    noise = RANDOM.normal(0, 1 / np.sqrt(size), len(members))
    return Means(values + noise, np.full(len(members), size), members, families, (1.0, 60), **more)


def test_one_group_against_the_rest_is_the_pooled_t_test():
    values = RANDOM.normal(0, 1, 40)
    group = np.arange(40) < 15
    model = Means(values, np.ones(40), group[:, None].astype(float), (0,), (0.0, 0.0))
    expected = stats.ttest_ind(values[group], values[~group])
    assert model.p_values(())[0] == pytest.approx(expected.pvalue)
    assert model.effects((0,))[0] == pytest.approx(values[group].mean() - values[~group].mean())
    assert model.effects((0,))[0] / model.errors((0,))[0] == pytest.approx(expected.statistic)


def test_the_group_that_differs_is_chosen_and_the_pushed_ones_are_not():
    members, _ = cells((4, 3))
    assert list(choose(means(members[:, 1] * 1.0, (4, 3)), RATE)) == [1]


def test_two_of_four_are_chosen_though_their_sum_hides_one():
    members, _ = cells((4, 3))
    effect = 0.9 * members[:, 0] + 0.3 * members[:, 1]
    assert set(choose(means(effect, (4, 3), 400.0), RATE)) == {0, 1}


def test_a_group_that_holds_more_of_a_different_one_is_not_chosen():
    members, families = cells((4, 3))
    sizes = np.where(members[:, 0] * members[:, 4] > 0, 400.0, 50.0)
    values = 1.0 * members[:, 4] + RANDOM.normal(0, 0.05, len(members))
    assert list(choose(Means(values, sizes, members, families, (1.0, 60)), RATE)) == [4]


def test_between_two_groups_the_one_that_left_its_past_is_named():
    members, _ = cells((2, 3))
    away = np.array([0.2, 6.0, 0.0, 0.0, 0.0])
    assert list(choose(means(members[:, 1] * 1.0, (2, 3), leaning=away), RATE)) == [1]


@pytest.mark.parametrize("left", [None, np.array([4.0, 5.0, 0, 0, 0]), np.zeros(5)])
def test_between_two_groups_none_is_named_without_a_past_that_tells(left):
    members, _ = cells((2, 3))
    assert choose(means(members[:, 1] * 1.0, (2, 3), leaning=left), RATE) == {}


def test_chance_is_chosen_in_one_of_200():
    told = [bool(choose(means(np.zeros(12), (4, 3)), RATE)) for _ in range(1_000)]
    assert np.mean(told) <= 0.01


def test_empty_cells_say_nothing():
    members, families = cells((3, 2))
    sizes = np.array([40.0, 0, 40, 40, 0, 40])
    model = Means(np.where(sizes > 0, 1.0, 99.0), sizes, members, families, (1.0, 50))
    assert choose(model, RATE) == {}
