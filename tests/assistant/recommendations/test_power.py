"""Sample sizes equal those of published tables."""

import math

import pytest
from scipy import stats

from assistant.recommendations.power import two_counts, two_means, two_proportions


def proportions(effect: float) -> tuple[float, float]:
    """Two shares whose arcsines differ by an effect h, as in Cohen's tables."""
    middle = math.pi / 4
    return math.sin(middle + effect / 4) ** 2, math.sin(middle - effect / 4) ** 2


@pytest.mark.parametrize(("effect", "published"), [(0.2, 392), (0.3, 174), (0.5, 63), (0.8, 25)])
def test_two_proportions_as_in_cohen_1988_table_6_4_1(effect, published):
    assert two_proportions(*proportions(effect)) == pytest.approx(published, abs=1)


@pytest.mark.parametrize(("effect", "published"), [(0.2, 393), (0.5, 64), (0.8, 26)])
def test_two_means_as_in_cohen_1988_table_2_4_1(effect, published):
    assert two_means(effect, 1.0) == pytest.approx(published, abs=1)  # the table uses Student's t


def test_two_counts_as_in_van_belle_2008_rule_2_8():
    assert two_counts(30, 36) == pytest.approx(4 / (math.sqrt(30) - math.sqrt(36)) ** 2, abs=1)


def test_the_size_gives_the_power_it_promises():
    size = two_proportions(0.10, 0.13)
    rng = stats.binom
    draws = 4_000
    first = rng.rvs(size, 0.10, size=draws, random_state=1) / size
    second = rng.rvs(size, 0.13, size=draws, random_state=2) / size
    pooled = (first + second) / 2
    z = (second - first) / (2 * pooled * (1 - pooled) / size) ** 0.5
    assert (abs(z) > 1.96).mean() == pytest.approx(0.8, abs=0.03)


@pytest.mark.parametrize(
    "size",
    [
        two_proportions(0.2, 0.2), two_means(0.0, 1.0), two_means(1.0, 0.0), two_counts(3, 3),
        two_counts(-1, 3),
    ],
)  # fmt: skip
def test_no_difference_needs_no_number(size):
    assert size is None


def test_a_smaller_difference_needs_more():
    sizes = [two_proportions(0.1, 0.1 + step) for step in (0.1, 0.05, 0.02, 0.01)]
    assert sizes == sorted(sizes)
    assert two_proportions(1.2, -0.1) is not None  # shares beyond 0 and 1 are taken as 1 and 0
