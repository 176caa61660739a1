"""Every interval and test against published or SciPy's own values."""

import numpy as np
import pytest
from scipy import stats
from scipy.stats.contingency import relative_risk

from assistant.insights.statistics import (
    Estimate,
    beyond,
    difference_from_history,
    dispersion,
    heterogeneity,
    mean,
    mean_difference,
    mean_ratio,
    rate_change,
    share_difference,
    share_ratio,
    significant,
    surely_beyond,
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


def test_one_ratio_is_compared_with_another_as_altman_and_bland_do():
    """Interaction revisited, BMJ 2003;326:219: hip fractures under and over 60 years of age."""
    younger = Estimate(0.67 - 1, (0.46 - 1, 0.98 - 1), 0.04)
    older = Estimate(0.88 - 1, (0.71 - 1, 1.08 - 1), 0.23)
    found = beyond(younger, older)
    assert 1 + found.effect == pytest.approx(0.76, abs=0.005)
    assert [1 + bound for bound in found.interval] == pytest.approx([0.49, 1.17], abs=0.01)
    assert found.p_value == pytest.approx(0.2, abs=0.05)


def test_a_rise_is_more_than_another_years_only_when_it_surely_is():
    usual = rate_change(280, 140)
    assert not surely_beyond(rate_change(300, 150), usual)
    assert surely_beyond(rate_change(600, 150), usual)
    assert surely_beyond(rate_change(300, 150), None)


def test_like_values_are_not_heterogeneous():
    assert heterogeneity([(1.0, 2.0), (1.0, 5.0)]) == 0
    assert heterogeneity([(1.0, 1.0), (3.0, 1.0)]) == pytest.approx(2)
    assert heterogeneity([]) == 0


@pytest.mark.parametrize("call", [(0, 5), (5, 0)])
def test_no_change_can_be_told_from_nothing(call):
    assert rate_change(*call) is None
    assert share_ratio(call[0], 10, call[1], 10) is None


def test_empty_groups_have_no_share():
    assert share_difference(0, 0, 1, 2) is None


def test_poisson_counts_have_a_dispersion_near_1():
    assert dispersion(RANDOM.poisson(200, 2_000).tolist()) == pytest.approx(1, abs=0.15)


def test_scattered_counts_have_their_variance_by_mean():
    counts = RANDOM.negative_binomial(50, 0.2, 2_000).tolist()  # mean 200, variance 1000
    assert dispersion(counts) == pytest.approx(5, rel=0.15)


def test_a_single_jump_is_no_scatter():
    counts = [*RANDOM.poisson(200, 20), *RANDOM.poisson(600, 20)]
    assert dispersion([float(c) for c in counts]) < 2


def test_few_counts_are_taken_for_poisson():
    assert dispersion([1, 100, 1, 100]) == 1


def test_mean_difference_agrees_with_welch():
    values, others = RANDOM.normal(5, 1, 20).tolist(), RANDOM.normal(4, 3, 35).tolist()
    expected = stats.ttest_ind(values, others, equal_var=False)
    estimate = mean_difference(values, others)
    assert estimate.p_value == pytest.approx(expected.pvalue)
    assert estimate.interval == pytest.approx(tuple(expected.confidence_interval(0.95)))


def test_a_mean_ratio_covers_the_truth_in_19_of_20():
    pairs = [(RANDOM.gamma(4, 2, 13), RANDOM.gamma(4, 1, 13)) for _ in range(1_000)]
    estimates = [mean_ratio(now.tolist(), before.tolist()) for now, before in pairs]
    covered = [low < 1 < high for low, high in (e.interval for e in estimates)]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.02)


def test_a_mean_ratio_needs_means_above_0():
    assert mean_ratio([1.0, 2.0, 4.0], [-1.0, 0.0, 1.0]) is None
    assert mean_ratio([1.0, 2.0], [1.0, 2.0]) is None


def test_mean_of_independent_values_agrees_with_student():
    values = [1.0, -1.0, 2.0, -2.0, 3.0, -1.0]  # negatively correlated: nothing is widened
    expected = stats.ttest_1samp(values, 0)
    assert mean(values).p_value == pytest.approx(expected.pvalue)
    assert mean(values).interval == pytest.approx(tuple(expected.confidence_interval(0.95)))


def test_values_that_follow_each_other_say_less():
    values = [1.0, 1.1, 1.3, 1.6, 2.0, 2.3, 2.7, 3.0]
    low, high = mean(values).interval
    independent = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert high - low > 1.5 * (independent.high - independent.low)


@pytest.mark.parametrize("values", [[], [1.0, 2.0], [4.0, 4.0, 4.0]])
def test_too_few_or_equal_values_give_no_mean(values):
    assert mean(values) is None
    assert mean_difference(values, values) is None


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
