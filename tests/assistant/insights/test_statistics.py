"""Every interval and test against published or SciPy's own values."""

import numpy as np
import pytest
from scipy import stats
from scipy.stats.contingency import relative_risk

from assistant.insights.statistics import (
    Estimate,
    difference_from_history,
    rate_change,
    ratio_of_means,
    ratio_to_whole,
    share_difference,
    share_ratio,
    significant,
    wilson,
)

RANDOM = np.random.default_rng(7)


def test_wilson_agrees_with_scipy():
    expected = stats.binomtest(8, 10).proportion_ci(method="wilson")
    assert wilson(8, 10) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize("hits", [0, 10])
def test_wilson_stays_within_0_and_1(hits):
    low, high = wilson(hits, 10)
    assert 0 <= low < high <= 1


@pytest.mark.parametrize(
    ("groups", "interval"),
    [
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((10, 10, 0, 20), (0.6791, 1.0)),
    ],
)
def test_share_difference_gives_the_intervals_newcombe_published(groups, interval):
    estimate = share_difference(*groups)
    assert estimate.interval == pytest.approx(interval, abs=5e-5)


def test_share_ratio_agrees_with_scipy():
    expected = relative_risk(30, 200, 20, 250)
    estimate = share_ratio(30, 200, 20, 250)
    low, high = expected.confidence_interval(0.95)
    assert estimate.effect == pytest.approx(expected.relative_risk - 1)
    assert estimate.interval == pytest.approx((low - 1, high - 1))


def test_rate_change_agrees_with_the_exact_poisson_test():
    estimate = rate_change(60, 40)
    assert estimate.effect == pytest.approx(0.5)
    assert estimate.p_value == pytest.approx(
        stats.poisson_means_test(60, 1, 40, 1).pvalue, abs=0.02
    )
    assert estimate.interval == pytest.approx((0.00538, 1.23795), abs=1e-4)


def test_a_longer_period_is_no_rise():
    assert rate_change(3_100, 2_800, scale=31 / 28).effect == pytest.approx(0)
    assert not rate_change(3_100, 2_800, scale=31 / 28).certain
    assert rate_change(3_100, 2_800).certain


def test_scattered_counts_make_a_change_less_certain():
    assert rate_change(160, 120).certain
    assert not rate_change(160, 120, dispersion=4).certain


@pytest.mark.parametrize("call", [(0, 5), (5, 0)])
def test_no_change_can_be_told_from_nothing(call):
    assert rate_change(*call) is None
    assert share_ratio(call[0], 10, call[1], 10) is None


def test_empty_groups_have_no_share():
    assert share_difference(0, 0, 1, 2) is None


def test_a_value_is_compared_with_the_spread_of_earlier_ones():
    history = [10.0, 12.0, 9.0, 11.0, 10.0, 8.0]
    assert not difference_from_history(11, history).certain
    assert difference_from_history(30, history).certain
    assert difference_from_history(30, history[:3]) is None
    assert difference_from_history(30, [5.0] * 6) is None


def test_a_prediction_interval_covers_19_of_20():
    draws = RANDOM.normal(100, 10, (2_000, 7))
    certain = [difference_from_history(row[0], row[1:].tolist()).certain for row in draws]
    assert np.mean(certain) == pytest.approx(0.05, abs=0.015)


def test_benjamini_and_hochberg_keep_what_their_paper_keeps():
    p_values = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240,
                0.4262, 0.5719, 0.6528, 0.7590, 1.0]  # fmt: skip
    assert significant(p_values) == [True] * 4 + [False] * 11


def test_benjamini_and_hochberg_agree_with_scipy():
    p_values = RANDOM.uniform(0, 0.2, 50).tolist()
    expected = (stats.false_discovery_control(p_values) <= 0.05).tolist()
    assert significant(p_values) == expected
    assert significant([]) == []


def test_an_estimate_is_scaled_to_its_baseline():
    scaled = Estimate(-2, (-3, -1), 0.01).relative(-10)
    assert scaled == Estimate(-0.2, (-0.3, -0.1), 0.01)


def test_a_group_is_compared_with_a_whole_that_holds_it():
    """The interval of the ratio covers the truth in 19 of 20."""
    covered = []
    for _ in range(2_000):
        group, rest = RANDOM.normal(6, 2, 50), RANDOM.normal(4, 2, 150)
        whole = np.concatenate([group, rest]).mean()
        found = ratio_to_whole((group.mean(), 50), (whole, 200), 4.0)
        covered.append(found.interval[0] < 6 / 4.5 - 1 < found.interval[1])
    assert np.mean(covered) == pytest.approx(0.95, abs=0.02)


def test_a_share_far_from_the_whole_scatters_by_its_own_size():
    found = ratio_to_whole((5.0, 400), (20.0, 2_000), 20.0 * 80.0, bound=100.0)
    flat = ratio_to_whole((5.0, 400), (20.0, 2_000), 20.0 * 80.0)
    assert found.interval[1] - found.interval[0] < flat.interval[1] - flat.interval[0]


def test_a_ratio_of_means_agrees_with_fiellers_delta_method():
    """Relative error of a ratio: the squared relative errors of both add up."""
    found = ratio_of_means((30.0, 100), (20.0, 50), 25.0, 25.0)
    error = 1.5 * np.sqrt(25 / 100 / 30**2 + 25 / 50 / 20**2)
    assert found.effect == pytest.approx(0.5)
    assert found.interval[1] - found.effect == pytest.approx(1.959964 * error)
    assert ratio_of_means((30.0, 100), (0.0, 50), 25.0, 25.0).effect == 0
