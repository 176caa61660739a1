"""A group's own step, beyond all others' and beyond that of earlier years."""

import numpy as np
import pytest
from scipy import stats

from assistant.insights.steps import Steps
from assistant.insights.stepwise import choose
from tests.assistant.insights.test_stepwise import RATE, cells

RANDOM = np.random.default_rng(3)


def steps(means: np.ndarray, widths: tuple[int, ...] = (4, 3)) -> Steps:
    members, families = cells(widths)
    return Steps(RANDOM.poisson(means), members, families, 1.0, counted=True)


def flat(periods: int) -> np.ndarray:
    return np.full((12, periods), 120.0)


def test_without_earlier_years_the_score_is_pearsons_chi_square():
    """Of a table of two groups and two periods; SciPy's own is the measure."""
    table = np.array([[60.0, 40.0], [90.0, 110.0]])
    model = Steps(table, np.array([[1.0], [0.0]]), (0,), 1.0, counted=True)
    expected = stats.chi2_contingency(table, correction=False)
    assert model.p_values(())[0] == pytest.approx(expected.pvalue, rel=1e-3)
    odds = np.log(60 * 110 / 40 / 90)
    assert model.effects((0,))[0] == pytest.approx(odds, rel=1e-3)


def test_a_group_with_a_step_of_its_own_is_chosen():
    members, _ = cells((4, 3))
    means = flat(4)
    means[:, 0] *= 1.5 ** members[:, 2]
    model = steps(means)
    assert list(choose(model, RATE)) == [2]
    assert model.effects((2,))[0] == pytest.approx(np.log(1.5), abs=0.15)


def test_a_step_of_all_is_nobodys_own():
    means = flat(4)
    means[:, 0] *= 2
    assert choose(steps(means), RATE) == {}


def test_a_step_that_is_taken_every_year_is_season():
    members, _ = cells((4, 3))
    means = flat(6)
    means[:, 0::2] *= 1.6 ** members[:, 2, None]
    assert choose(steps(means), RATE) == {}


def test_two_rising_groups_do_not_make_the_others_fall():
    members, _ = cells((4, 3))
    means = flat(4) * 4
    means[:, 0] *= 2.0 ** members[:, 0] * 1.3 ** members[:, 1]
    assert set(choose(steps(means), RATE)) == {0, 1}


def test_chance_is_chosen_in_one_of_100():
    told = [bool(choose(steps(flat(4) / 10), RATE)) for _ in range(150)]
    assert np.mean(told) <= 0.02


def test_sums_scatter_as_their_cells_do():
    members, families = cells((4, 3))
    amounts = RANDOM.gamma(3.0, 20.0, (4_000, 12, 4))[:300].sum(axis=0)
    model = Steps(amounts, members, families, 1.0, counted=False)
    assert model.dispersion == pytest.approx(20.0, rel=0.7)


def test_cells_without_rows_are_left_out():
    totals = flat(2)
    totals[3] = 0
    members, families = cells((4, 3))
    assert np.isfinite(Steps(totals, members, families, 1.0, counted=True).p_values(())).all()
