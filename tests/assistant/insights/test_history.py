"""How far a figure's weeks scatter, and which years before can be compared."""

from datetime import date

import numpy as np
import pytest

from assistant.insights.history import History, earlier_years
from assistant.insights.spans import Spans
from assistant.metric_query import Period

RANDOM = np.random.default_rng(5)
START = date(2024, 1, 1)
Q3, Q2 = Period(date(2026, 7, 1), date(2026, 10, 1)), Period(date(2026, 4, 1), date(2026, 7, 1))


def counts(values: np.ndarray) -> History:
    return History(START, values.astype(float), values.astype(float), additive=True)


def test_poisson_counts_have_a_dispersion_near_1():
    found = [counts(RANDOM.poisson(40, 900)).scatter[0] for _ in range(20)]
    assert np.mean(found) == pytest.approx(1, abs=0.1)


def test_days_that_are_good_for_all_scatter_more():
    moods = RANDOM.gamma(25, 1 / 25, 900)
    assert counts(RANDOM.poisson(40 * moods)).scatter[0] == pytest.approx(1 + 40 / 25, rel=0.5)


def test_a_few_jumps_are_no_scatter():
    level = np.where(np.arange(900) % 365 < 60, 80, 40)
    assert counts(RANDOM.poisson(level)).scatter[0] < 1.7


def test_a_figure_that_drifts_scatters_as_its_months_do():
    drift = np.exp(np.repeat(RANDOM.normal(0, 0.3, 40), 28))
    assert counts(RANDOM.poisson(200 * drift)).scatter[0] > 4


def test_the_variance_of_one_observation_is_told_from_weekly_means():
    sizes = RANDOM.poisson(30, 900).astype(float)
    values = RANDOM.normal(4, 1.2 / np.sqrt(np.maximum(sizes, 1)))
    found = History(START, values, sizes, additive=False)
    assert found.scatter[0] == pytest.approx(1.44, rel=0.35)
    june = Period(date(2026, 6, 1), date(2026, 6, 11))
    place = (june.start - START).days
    mean, size = found.mean(june)
    assert size == sizes[place : place + 10].sum()
    assert mean == pytest.approx(np.average(values[place:][:10], weights=sizes[place:][:10]))


def test_too_few_weeks_tell_no_scatter():
    assert counts(RANDOM.poisson(40, 30)).scatter[1] == 0


def test_only_years_the_table_reaches_back_to_are_compared():
    compared = Spans(Q3, Q2, seasonal=True)
    old = counts(np.ones(1_000))
    assert [s.now.start.year for s in earlier_years(compared, old)] == [2025, 2024]
    young = History(date(2025, 5, 1), np.ones(500), np.ones(500), additive=True)
    assert earlier_years(compared, young) == []
    assert earlier_years(Spans(Q3, Q2, seasonal=False), old) == []
