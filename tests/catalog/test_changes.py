"""Two versions differ by tables and columns, not by statistics."""

from dataclasses import replace

from catalog.changes import Change, diff
from connectors.schema import Column, ColumnStats, SiloSchema
from tests.catalog.places import table

OLD = table("crm.main.kunden", "id BIGINT", "name", "alt INTEGER", primary_key=("id",))


def test_equal_schemas_have_no_changes() -> None:
    fresh = replace(OLD, stats={"id": ColumnStats(0.0, 4)}, row_estimate=9, comment="new")
    assert diff(SiloSchema([OLD]), SiloSchema([fresh])) == ()


def test_tables_come_and_go() -> None:
    gone, new = table("crm.main.gone", "a"), table("crm.main.new", "a")
    found = diff(SiloSchema([OLD, gone]), SiloSchema([OLD, new]))
    assert found == (Change("removed", "crm.main.gone"), Change("added", "crm.main.new"))


def test_columns_come_go_and_change() -> None:
    columns = (
        Column("ID", "INTEGER"),
        Column("name", "VARCHAR", nullable=False),
        Column("neu", "DATE"),
    )
    found = diff(SiloSchema([OLD]), SiloSchema([replace(OLD, columns=columns, primary_key=())]))
    assert found == (
        Change("changed", "crm.main.kunden", None, "primary key: id → none"),
        Change("removed", "crm.main.kunden", "alt", "INTEGER"),
        Change("changed", "crm.main.kunden", "ID", "type: BIGINT → INTEGER"),
        Change("changed", "crm.main.kunden", "name", "is never empty now"),
        Change("added", "crm.main.kunden", "neu", "DATE"),
    )
