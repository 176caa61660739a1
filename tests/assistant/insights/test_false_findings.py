"""Where nothing was planted, nothing is found: 200 made-up desks of pure chance."""

import numpy as np
import pytest

from assistant.insights.base import detectors
from tests.assistant.insights.world import World

SEEDS = 200
MAY = 0.1


@pytest.fixture(scope="module")
def quiet() -> list[World]:
    return [World(seed=seed) for seed in range(1_000, 1_000 + SEEDS)]


@pytest.mark.parametrize("metric", ["tickets", "cost", "score", "open_rate"])
def test_chance_is_seldom_taken_for_a_finding(quiet, metric):
    """At most one question of ten, over all detectors together."""
    told = []
    for world in quiet:
        scene = world.scene(metric)
        told.append(any(detector.detect(scene) for detector in detectors()))
    assert np.mean(told) <= MAY


def test_days_that_vary_more_than_chance_are_seldom_a_finding():
    """Whole days are good or bad, for every group alike."""
    told = []
    for seed in range(40):
        moods = np.random.default_rng(seed).gamma(4, 1 / 4, 1_000)
        world = World(
            seed=seed, daily=lambda day, *_, moods=moods: 2 * moods[day.toordinal() % 1_000]
        )
        scene = world.scene()
        told.append(any(detector.detect(scene) for detector in detectors()))
    assert np.mean(told) <= 2 * MAY
