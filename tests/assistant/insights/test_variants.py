"""A test's variants are compared with its control, if people were split as planned."""

from dataclasses import replace

import pytest

from assistant.insights.base import Evidence, Scene
from assistant.insights.variants import Detector
from assistant.metric_query import Dimension, MetricQuery
from catalog.semantic_model import Field
from tests.assistant.insights.world import BY_CHANNEL, MODEL, Q3, World

BY_VARIANT = Dimension("tickets", "variante")


def scene(*rows: tuple[str, float, int]) -> Scene:
    """A question for a share by variant; rows are (variant, percent, people)."""
    desk = MODEL.datasets["tickets"]
    field = Field("variante", "variante", dimension=True, labels={"de": "Variante"})
    desk = replace(desk, fields=(*desk.fields, field))
    model = replace(MODEL, datasets={**MODEL.datasets, "tickets": desk})
    query = MetricQuery(("open_rate",), (BY_VARIANT,), period=Q3)
    evidence = Evidence(
        ("variante", "open_rate", "tickets"), [*map(list, rows)], "SELECT", ("desk",)
    )
    asked = World().scene("open_rate", BY_CHANNEL)
    return replace(asked, query=query, model=model, run=lambda _: evidence, asked={})


def test_the_better_variant_is_named_with_newcombes_interval():
    """Newcombe 1998, table II (a): 56 of 70 against 48 of 80."""
    (found,) = Detector().detect(scene(("A", 60.0, 80), ("B", 80.0, 70)))
    assert found.segment == {"tickets.variante": "B"}
    assert [bound * 60 / 100 for bound in found.interval] == pytest.approx(
        [0.0524, 0.3339], abs=5e-5
    )
    assert "(A) auf 80,0" in found.statement


def test_a_difference_within_chance_is_none():
    assert Detector().detect(scene(("A", 20.0, 500), ("B", 21.0, 510))) == []


def test_an_uneven_split_is_named_and_no_winner():
    (found,) = Detector().detect(scene(("control", 20.0, 1_000), ("B", 40.0, 1_200)))
    assert found.type == "sample_ratio"
    assert "nicht vergleichbar" in found.statement


def test_the_control_is_known_by_its_name():
    (found,) = Detector().detect(scene(("B", 30.0, 900), ("Kontrolle", 20.0, 910)))
    assert found.segment == {"tickets.variante": "B"}
    assert found.effect == pytest.approx(0.5)


def test_few_people_are_no_test():
    assert Detector().detect(scene(("A", 10.0, 20), ("B", 90.0, 20))) == []


def test_a_channel_is_no_variant():
    assert Detector().detect(World().scene("open_rate", BY_CHANNEL)) == []
