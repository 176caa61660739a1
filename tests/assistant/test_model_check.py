from dataclasses import replace

import pytest

from assistant.model_check import check_model
from catalog.semantic_model import (
    Dataset,
    Field,
    Metric,
    Relationship,
    SemanticModel,
    VerifiedQuestion,
)
from connectors.clock import Clock
from connectors.schema import SiloSchema
from tests.catalog.places import table

SCHEMA = SiloSchema([table("crm.main.t", "id BIGINT", "name VARCHAR", "made DATE")])
FIELDS = (Field("id", "id"), Field("name", "name"), Field("made", "made", is_time=True))
GOOD = Dataset("t", "crm.main.t", ("id",), FIELDS)
COUNT = Metric("n", "COUNT(t.id)", time="t.made")


def problems(*, dataset=GOOD, metric=COUNT, steps=(), sql="SELECT 1 AS one"):
    model = SemanticModel(
        {"t": dataset}, steps, {"n": metric}, (VerifiedQuestion({"en": "What?"}, sql),)
    )
    return [(p.kind, p.name) for p in check_model(model, SCHEMA, Clock.from_environment(None))]


def test_a_model_that_fits_has_no_problems():
    step = Relationship("s", "t", "t", ("name",), ("name",), normaliser="e164(CH)")
    assert problems(steps=(step,)) == []


@pytest.mark.parametrize(
    ("change", "first"),
    [
        ({"source": "crm.main.gone"}, ("dataset", "t")),
        ({"always": "gone IS NULL"}, ("dataset", "t")),
        ({"primary_key": ("gone",)}, ("dataset", "t")),
        ({"latest": (("id",), "gone")}, ("dataset", "t")),
        ({"fields": (*FIELDS, Field("x", "gone"))}, ("field", "t.x")),
    ],
)
def test_a_dataset_that_does_not_fit_is_named_with_its_part(change, first):
    assert problems(dataset=replace(GOOD, **change))[0] == first


def test_a_metric_a_link_and_a_question_that_do_not_fit_are_named():
    assert problems(metric=Metric("n", "SUM(t.name)")) == [("metric", "n")]
    step = Relationship("s", "t", "t", ("id",), ("gone",))
    assert problems(steps=(step,)) == [("relationship", "s")]
    assert problems(sql="SELECT gone FROM crm.main.t") == [("question", "What?")]
