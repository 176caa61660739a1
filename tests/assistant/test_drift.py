"""When columns vanish or are renamed, the metrics, links and questions that used them are named."""

from dataclasses import replace

from assistant.drift import Broken, drift
from catalog.changes import diff
from catalog.links import Link
from catalog.semantic_model import (
    Dataset,
    Field,
    Metric,
    Relationship,
    SemanticModel,
    VerifiedQuestion,
)
from connectors.clock import Clock
from connectors.schema import Column, SiloSchema, Table
from tests.catalog.places import table

ORDERS = table("shop.main.orders", "id BIGINT", "person_id BIGINT", "total_amount BIGINT")
PEOPLE = table("crm.main.people", "id BIGINT", "name VARCHAR", "city VARCHAR")
MODEL = SemanticModel(
    {
        "orders": Dataset(
            "orders", "shop.main.orders", ("id",),
            (Field("id", "id"), Field("person", "person_id"), Field("amount", "total_amount")),
        ),
        "people": Dataset("people", "crm.main.people", ("id",), (Field("id", "id"), Field("name", "name"))),
    },
    (Relationship("orders_to_people", "orders", "people", ("person",), ("id",)),),
    {"revenue": Metric("revenue", "SUM(orders.amount)"), "people": Metric("people", "COUNT(people.id)")},
    (
        VerifiedQuestion({"de": "Wie viele?", "en": "How many?"}, "SELECT count(*) AS n FROM crm.main.people"),
        VerifiedQuestion({"en": "How much?"}, "SELECT sum(total_amount) AS s FROM shop.main.orders"),
    ),
)  # fmt: skip
CLOCK = Clock.from_environment(None)


def drifted(*tables: Table, links: tuple[Link, ...] = ()) -> tuple[Broken, ...]:
    old, new = SiloSchema([ORDERS, PEOPLE]), SiloSchema(tables)
    return drift(MODEL, new, diff(old, new), CLOCK, links)


def test_without_a_change_nothing_is_broken() -> None:
    assert drifted(ORDERS, PEOPLE) == ()


def test_a_renamed_column_breaks_what_uses_it_and_is_named_as_the_cause() -> None:
    columns = (*ORDERS.columns[:2], Column("total_sum_amount", "BIGINT"))
    found = drifted(replace(ORDERS, columns=columns), PEOPLE)
    assert [(item.part, item.name) for item in found] == [
        ("field", "orders.amount"),
        ("metric", "revenue"),
        ("question", "How much?"),
    ]
    cause = "renamed: shop.main.orders.total_sum_amount (was: total_amount)"
    assert {item.causes for item in found} == {(cause,)}
    assert all(item.tables == ("shop.main.orders",) for item in found)


def test_a_table_that_is_gone_breaks_its_link_its_metric_and_its_question() -> None:
    found = {(item.part, item.name): item for item in drifted(ORDERS)}
    assert set(found) == {
        ("dataset", "people"),
        ("metric", "people"),
        ("question", "How many?"),
        ("relationship", "orders_to_people"),
    }
    assert found["question", "How many?"].causes == ("removed: crm.main.people",)


def test_a_link_loses_its_key() -> None:
    columns = tuple(c for c in ORDERS.columns if c.name != "person_id")
    proposed = Link(
        "shop.main.orders.person_id", "crm.main.people.id", "exact", "proposed", reason="by keys"
    )
    found = drifted(replace(ORDERS, columns=columns), PEOPLE, links=(proposed,))
    broken = {(item.part, item.name): item.problem for item in found}
    assert broken["relationship", "orders_to_people"] == "it needs orders.person"
    (link,) = (item for item in found if item.part == "link")
    assert link.problem == "shop.main.orders.person_id is gone"
    assert link.causes == ("removed: shop.main.orders.person_id (BIGINT)",)


def test_what_was_broken_before_has_no_cause() -> None:
    old = SiloSchema([PEOPLE])
    found = drift(MODEL, old, (), CLOCK)
    assert found
    assert {item.causes for item in found} == {()}
