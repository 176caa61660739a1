"""Groups far from all others in the answer itself."""

from dataclasses import replace

import pyarrow as pa
import pytest

from assistant.insights.base import Evidence
from assistant.insights.outliers import Detector
from tests.assistant.insights.world import BY_REGION, Q3, World

USUAL = {"A": 10.0, "B": 11.0, "C": 9.0, "D": 10.5, "E": 9.5, "F": 10.2, "G": 9.8}


def shown(values: dict[str, float], tiny: str = "", **query: object):
    """A scene whose answer has these groups, 100 tickets behind each, 5 behind the tiny one."""
    counts: list[list[object]] = [[name, 5 if name == tiny else 100] for name in values]
    evidence = Evidence(("region", "tickets"), counts, "SELECT", ("desk",))
    scene = World().scene("cost", BY_REGION)
    table = pa.table({"region": list(values), "cost": list(values.values())})
    return replace(
        scene,
        query=replace(scene.query, **query),
        result=replace(scene.result, table=table),
        run=lambda asked: evidence,
    )


@pytest.mark.parametrize(("far", "direction"), [(40.0, "bad"), (1.0, "good")])
def test_the_group_far_from_the_median_is_found(far, direction):
    (found,) = Detector().detect(shown({**USUAL, "H": far}))
    assert found.segment == {"kunden.region": "H"}
    assert found.value == far
    assert found.baseline == pytest.approx(10, abs=0.2)
    assert found.effect == pytest.approx(far / found.baseline - 1)
    assert found.direction == direction
    assert found.interval is None


def test_usual_groups_are_no_outliers():
    assert Detector().detect(shown(USUAL)) == []


def test_a_tiny_group_is_no_outlier():
    assert Detector().detect(shown({**USUAL, "H": 40.0}, tiny="H")) == []


def test_few_groups_have_no_usual_range():
    assert Detector().detect(shown({"A": 1.0, "B": 1.1, "C": 50.0})) == []


def test_a_list_that_was_cut_says_nothing_about_all_groups():
    assert Detector().detect(shown({**USUAL, "H": 40.0}, limit=8)) == []


def test_equal_groups_have_no_spread():
    equal = dict.fromkeys(USUAL, 10.0)
    assert Detector().detect(shown({**equal, "H": 40.0})) == []


def test_without_groups_there_is_nothing_to_compare():
    assert Detector().detect(World().scene("cost", period=Q3)) == []
