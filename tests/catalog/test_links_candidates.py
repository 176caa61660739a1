"""Columns are compared when their names, types and silos make a link likely."""

from dataclasses import replace

import pytest

from catalog.links_candidates import MOST_COLUMNS, MOST_PAIRS, candidates
from connectors.schema import SiloSchema, Table
from tests.catalog.places import table


def pairs(*tables: Table) -> list[tuple[str, str]]:
    schema = SiloSchema(tables)
    found = candidates(schema, {table.silo for table in tables})
    return [(a.side.name, b.side.name) for a, b in found]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("kunden_email", "E-Mail"),
        ("email_sha256", "mail"),
        ("anrufer_nummer", "phone"),
        ("telefon BIGINT", "mobile"),
        ("visitor_uuid UUID", "guid"),
        ("kunde_nr", "customerNumber"),
        ("kundennummer", "client_id BIGINT"),
        ("bestell_id BIGINT", "order_no"),
        ("kampagne_id INTEGER", "campaign_id BIGINT"),
    ],
)
def test_keys_of_one_thing_are_compared(left: str, right: str) -> None:
    assert len(pairs(table("crm.main.a", left), table("shop.main.b", right))) == 1


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("email", "telefon"),
        ("kunde_nr", "bestell_nr"),
        ("name", "name"),
        ("region", "region"),
        ("email DATE", "email DATE"),
        ("kunde_nr DOUBLE", "kunde_nr DOUBLE"),
    ],
)
def test_unlike_columns_are_not(left: str, right: str) -> None:
    assert pairs(table("crm.main.a", left), table("shop.main.b", right)) == []


def test_a_bare_id_is_of_what_its_table_is() -> None:
    kunden, orders = table("crm.main.kunden", "id"), table("shop.main.orders", "id", "customer_id")
    assert pairs(kunden, orders) == [("crm.main.kunden.id", "shop.main.orders.customer_id")]


def test_one_silo_is_not_compared_with_itself() -> None:
    assert pairs(table("crm.main.a", "email"), table("crm.main.b", "email")) == []


def test_text_people_write_is_never_read() -> None:
    silos = table("crm.main.a", "email_text"), table("shop.main.b", "email_text")
    assert len(pairs(*silos)) == 1
    assert pairs(*(replace(t, sensitivity={"email_text": "free_text"}) for t in silos)) == []


def test_their_number_is_bounded_and_people_come_first() -> None:
    wide = [table(f"s{n}.main.t", *(f"kunde{i}_email" for i in range(30))) for n in range(9)]
    numbers = [table(f"s{n}.main.u", "order_nr") for n in range(9)]
    found = pairs(*wide, *numbers)
    assert 0 < len(found) <= MOST_PAIRS
    assert len({name for pair in found for name in pair}) <= MOST_COLUMNS
    assert all("email" in left for left, _ in found)
