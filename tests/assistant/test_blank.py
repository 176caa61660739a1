"""A figure over no rows is refused, with the days the data cover."""

from dataclasses import replace

import pyarrow as pa
import pytest

from assistant.blank import blank_text, is_blank
from catalog.semantic_model import Dataset, Field, SemanticModel
from connectors.query import OutputColumn, QueryResult, Receipt
from connectors.schema import ColumnStats, SiloSchema
from tests.catalog.places import table

ORDERS = replace(
    table("shop.main.orders", "id BIGINT", "ordered TIMESTAMP", "paid TIMESTAMP"),
    stats={"ordered": ColumnStats(minimum="2024-11-01 08:00:00", maximum="2026-10-31 20:15:00")},
)
FIELDS = (
    Field("id", "id"),
    Field("day", '"ordered"', is_time=True, labels={"de": "bestellt am", "en": "ordered on"}),
    Field("paid", "paid", is_time=True),
    Field("gone", "gone", is_time=True),
)
LABELS = {"de": "Bestellungen", "en": "orders"}
MODEL = SemanticModel(
    {
        "orders": Dataset("orders", "Shop.main.orders", fields=FIELDS, labels=LABELS),
        "people": Dataset("people", "crm.main.people", fields=FIELDS),
    }
)
SCHEMA = SiloSchema([ORDERS])


def result(*rows: tuple[object, ...], missing: tuple[str, ...] = ()) -> QueryResult:
    columns = (OutputColumn("revenue", "DOUBLE"), OutputColumn("orders", "BIGINT"))
    made = {
        column.name: pa.array([row[place] for row in rows], kind)
        for place, (column, kind) in enumerate(
            zip(columns, (pa.float64(), pa.int64()), strict=True)
        )
    }
    receipt = Receipt((), "duckdb", 0.0)
    return QueryResult(pa.table(made), columns, "SELECT", receipt, False, missing)


def test_one_row_without_a_value_is_blank() -> None:
    assert is_blank(result((None, None)))


@pytest.mark.parametrize("rows", [[], [(None, 0)], [(0.0, None)], [(None, None), (None, None)]])
def test_a_zero_no_row_or_several_rows_are_not_blank(rows: list[tuple[object, ...]]) -> None:
    assert not is_blank(result(*rows))


def test_a_silo_that_was_left_out_is_no_reason_to_say_there_are_no_data() -> None:
    assert not is_blank(result((None, None), missing=("shop",)))


def test_the_text_names_the_days_of_the_tables_that_were_read() -> None:
    said = blank_text(("shop.main.orders",), MODEL, SCHEMA, "en")
    assert said.splitlines() == [
        "No data fit this question.",
        "- orders (ordered on): data from 1 Nov 2024 to 31 Oct 2026",
    ]


def test_german_says_it_in_german() -> None:
    said = blank_text(("shop.main.orders",), MODEL, SCHEMA, "de")
    assert said.splitlines()[1] == (
        "- Bestellungen (bestellt am): Daten vom 1. Nov. 2024 bis 31. Okt. 2026"
    )


def test_unknown_days_and_other_tables_are_left_out() -> None:
    assert len(blank_text(("crm.main.people",), MODEL, SCHEMA, "de").splitlines()) == 1


def test_a_moment_the_catalog_keeps_in_another_form_is_left_out() -> None:
    odd = replace(ORDERS, stats={"ordered": ColumnStats(minimum="soon", maximum="late")})
    said = blank_text(("shop.main.orders",), MODEL, SiloSchema([odd]), "de")
    assert len(said.splitlines()) == 1
