"""Days fall into two halves that together are the whole."""

import numpy as np
import pytest

from assistant.insights.cubes import cube
from assistant.insights.sizes import size_metric
from assistant.investigation.causes import holm
from assistant.investigation.halves import halves
from tests.assistant.insights.world import BY_CHANNEL, BY_REGION, Q3, World

BOTH = (BY_REGION, BY_CHANNEL)


def test_the_halves_of_a_count_add_up_to_the_whole():
    scene = World().scene()
    made, whole = halves(scene, BOTH, [Q3], None, weighted=False), cube(scene, BOTH, [Q3], None)
    order = [made.whole.cells.index(cell) for cell in whole.cells]
    assert np.array_equal(made.odd.values + made.even.values, made.whole.values)
    assert np.array_equal(made.whole.values[order], whole.values)
    assert made.odd.values.sum() == pytest.approx(made.even.values.sum(), rel=0.2)


def test_means_are_weighted_by_their_observations():
    scene = World().scene("score")
    size = size_metric(scene)
    made = halves(scene, BOTH, [Q3], size, weighted=True)
    whole = cube(scene, BOTH, [Q3], size)
    order = [made.whole.cells.index(cell) for cell in whole.cells]
    assert made.whole.values[order] == pytest.approx(whole.values)
    assert made.whole.sizes[order] == pytest.approx(whole.sizes)


def test_without_dimensions_there_are_no_halves():
    assert halves(World().scene(), (), [Q3], None, weighted=False) is None


def testholms_procedure_keeps_what_his_paper_keeps():
    """Holm 1979: the smallest at 5 % over all, the next at 5 % over the rest, until one fails."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == [True, False, False, True]
    assert holm([]) == []
