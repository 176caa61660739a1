"""Finding tables by one, two and three parts of their name."""

from connectors.schema import Column, SiloSchema, Table


def table(silo: str, schema: str, name: str) -> Table:
    return Table(silo, schema, name, (Column("Id", "BIGINT"),))


SCHEMA = SiloSchema(
    [
        table("crm", "public", "kunden"),
        table("dwh", "main", "kunden"),
        table("crm", "public", "Bestellung"),
        table("main", "public", "orders"),
        table("dwh", "main", "orders"),
    ]
)


def names(text: str) -> list[str]:
    return [found.full_name for found in SCHEMA.find(text)]


def test_a_full_name_finds_one_table():
    assert names("crm.public.kunden") == ["crm.public.kunden"]


def test_names_are_found_in_any_case():
    assert names("CRM.PUBLIC.BESTELLUNG") == ["crm.public.Bestellung"]


def test_a_silo_and_a_table_find_the_table():
    assert names("dwh.kunden") == ["dwh.main.kunden"]


def test_a_bare_name_finds_every_table_of_that_name():
    assert names("kunden") == ["crm.public.kunden", "dwh.main.kunden"]


def test_a_two_part_name_may_be_silo_or_schema():
    assert sorted(names("main.orders")) == ["dwh.main.orders", "main.public.orders"]


def test_an_unknown_name_finds_nothing():
    assert names("crm.public.customers") == []


def test_columns_are_found_in_any_case():
    kunden = SCHEMA.find("crm.kunden")[0]
    assert kunden.column("ID") is kunden.columns[0]
    assert kunden.column("nothing") is None


def test_the_tables_of_one_silo_are_listed():
    assert [found.name for found in SCHEMA.silo("crm")] == ["kunden", "Bestellung"]
    assert len(SCHEMA) == 5
