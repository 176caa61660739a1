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


def test_a_column_that_is_probably_renamed_is_told_with_its_old_name() -> None:
    columns = (Column("id", "BIGINT"), Column("full_name", "VARCHAR"), Column("alt", "INTEGER"))
    found = diff(SiloSchema([OLD]), SiloSchema([replace(OLD, columns=columns)]))
    assert found == (Change("renamed", "crm.main.kunden", "full_name", "was: name"),)


def test_figures_tell_a_rename_whatever_the_names() -> None:
    stats = ColumnStats(0.25, 40, "18", "97")
    old = replace(OLD, stats={"alt": stats})
    columns = (*OLD.columns[:2], Column("lebensjahre", "INTEGER"))
    new = replace(OLD, columns=columns, stats={"lebensjahre": stats})
    assert diff(SiloSchema([old]), SiloSchema([new])) == (
        Change("renamed", "crm.main.kunden", "lebensjahre", "was: alt"),
    )


def test_a_column_of_another_type_or_name_is_no_rename() -> None:
    for column in (Column("alter_jahre", "VARCHAR"), Column("zuletzt_gesehen", "INTEGER")):
        columns = (*OLD.columns[:2], column, Column("x", "DATE"))
        kinds = {
            c.kind for c in diff(SiloSchema([OLD]), SiloSchema([replace(OLD, columns=columns)]))
        }
        assert kinds == {"added", "removed"}


def test_a_table_with_the_same_columns_is_probably_renamed() -> None:
    new = replace(OLD, name="kundschaft")
    assert diff(SiloSchema([OLD]), SiloSchema([new])) == (
        Change("renamed", "crm.main.kundschaft", None, "was: crm.main.kunden"),
    )
    elsewhere = replace(OLD, silo="dwh")
    assert {c.kind for c in diff(SiloSchema([OLD]), SiloSchema([elsewhere]))} == {
        "added",
        "removed",
    }
