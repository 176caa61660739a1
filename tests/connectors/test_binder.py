"""Names, types and texts: what the binder resolves, and how it says what it cannot."""

import pytest

from connectors.binder import bind
from connectors.binder.oracle import TypeOracle
from connectors.binder.text import parse
from connectors.errors import (
    AmbiguousName,
    BindError,
    ForbiddenConstruct,
    ForbiddenFunction,
    NotASelect,
    ParseError,
    TypeMismatch,
    UnknownColumn,
    UnknownTable,
)
from connectors.schema import Column, SiloSchema, Table
from tests.connectors.company import CLOCK, schema

SCHEMA = schema()


def bound(sql, known=SCHEMA):
    return bind(sql, known, CLOCK)


@pytest.mark.parametrize(
    "name", ["accounts", "crm.accounts", "crm.main.accounts", "CRM.Main.ACCOUNTS"]
)
def test_a_table_is_found_by_one_two_or_three_parts(name):
    assert "FROM crm.main.accounts AS" in bound(f"SELECT id FROM {name}").sql


def test_a_star_is_written_out():
    made = bound("SELECT * FROM contacts")
    assert [c.name for c in made.columns] == ["id", "account_id", "name", "email", "phone"]
    assert "*" not in made.sql


@pytest.mark.parametrize(
    ("sql", "types"),
    [
        ("SELECT sum(amount) AS s FROM orders", ["DECIMAL(38, 2)"]),
        ("SELECT count(*) AS n, avg(csat) AS a FROM tickets", ["BIGINT", "DOUBLE"]),
        ("SELECT date_trunc('month', ordered_at) AS m FROM orders", ["TIMESTAMP"]),
        ("SELECT 1 / 2 AS q, 1 // 2 AS d", ["DOUBLE", "INTEGER"]),
        ("SELECT name || 'x' AS t FROM accounts", ["VARCHAR"]),
    ],
)
def test_output_types_are_the_engines_own(sql, types):
    assert [c.type for c in bound(sql).columns] == types


def test_repeated_output_names_are_numbered():
    assert [c.name for c in bound("SELECT id, id, 1 AS id FROM orders").columns] == [
        "id",
        "id_2",
        "id_3",
    ]


def test_now_is_one_moment_and_todays_clock():
    sql = bound("SELECT now() AS a, current_date AS b, now() AS c").sql
    assert sql.count("2026-10-31 23:59:59") == 2
    assert "CAST('2026-10-31' AS DATE)" in sql


def test_using_after_a_full_join_compares_the_merged_key():
    sql = bound(
        "SELECT id FROM accounts FULL JOIN contacts USING (id) JOIN orders USING (id)"
    ).sql.lower()
    assert sql.count("coalesce(") >= 2


@pytest.mark.parametrize(
    ("sql", "error", "hint"),
    [
        ("SELECT 1 FROM acounts", UnknownTable, "accounts"),
        ("SELECT nam FROM accounts", UnknownColumn, "name"),
        ("SELECT a.segmnt FROM accounts a", UnknownColumn, "segment"),
        ("SELECT b.id FROM accounts a", UnknownColumn, ""),
        ("SELECT id FROM accounts JOIN contacts ON true", AmbiguousName, ""),
        (
            "SELECT amount LIKE 3 FROM orders WHERE status > DATE '2026-01-01' + status",
            BindError,
            "",
        ),
        ("SELECT sum(name) FROM accounts", TypeMismatch, ""),
        ("SELECT lowr(name) FROM accounts", ForbiddenFunction, "lower"),
        ("SELECT FROM WHERE", ParseError, ""),
        ("", ParseError, ""),
        ("SELECT accounts FROM accounts", ForbiddenConstruct, ""),
    ],
)
def test_what_does_not_fit_is_named_with_what_is_near(sql, error, hint):
    with pytest.raises((error, NotASelect) if not sql else error) as caught:
        bound(sql)
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize(
    "sql",
    ["DELETE FROM orders", "SELECT 1; SELECT 2", "CREATE TABLE x AS SELECT 1", "EXPLAIN SELECT 1",
     "SET x = 1", "PRAGMA version", "COPY orders TO 'x'", "ATTACH 'x'", "WITH x AS (DELETE FROM orders) SELECT 1"],
)  # fmt: skip
def test_only_one_select_is_bound(sql):
    with pytest.raises((NotASelect, ForbiddenConstruct, ParseError)):
        bound(sql)


def test_depth_and_size_have_a_limit():
    with pytest.raises(ForbiddenConstruct):
        bound("SELECT " + "(" * 5_000 + "1" + ")" * 5_000)
    with pytest.raises(ForbiddenConstruct):
        bound("SELECT 1 " + "x" * 40_000)


def test_a_column_without_a_canonical_type_cannot_be_read():
    table = Table("s", "main", "t", (Column("id", "BIGINT"), Column("form", "UNKNOWN")))
    with pytest.raises(UnknownColumn, match="canonical type"):
        bound("SELECT form FROM t", SiloSchema([table]))
    assert [c.name for c in bound("SELECT * FROM t", SiloSchema([table])).columns] == ["id"]


def test_names_with_capitals_umlauts_and_reserved_words_survive():
    columns = (
        Column("Größe", "INTEGER"),
        Column("order", "INTEGER"),
        Column("mixedCase", "INTEGER"),
    )
    known = SiloSchema([Table("s", "Sch", "Tisch", columns)])
    sql = bound('SELECT "größe", "order", MIXEDCASE FROM s.sch.tisch', known).sql
    assert '"Größe"' in sql
    assert '"order"' in sql
    assert '"mixedCase"' in sql
    assert bound(sql, known).sql == sql


@pytest.mark.parametrize(
    "sql",
    [
        "WITH t AS (SELECT account_id, count(*) AS n FROM orders GROUP BY 1) SELECT a.name, t.n FROM accounts a JOIN t ON t.account_id = a.id",
        "SELECT id FROM accounts a WHERE EXISTS (SELECT 1 FROM orders o WHERE o.account_id = a.id)",
        "SELECT id FROM accounts UNION ALL SELECT id FROM contacts ORDER BY id LIMIT 3",
        "SELECT id, row_number() OVER (PARTITION BY account_id ORDER BY ordered_at) AS r FROM orders QUALIFY r = 1",
        "SELECT country, count(*) FILTER (WHERE segment = 'key') AS k FROM accounts GROUP BY ALL",
    ],
)
def test_the_rendered_text_binds_to_itself(sql):
    text = bound(sql).sql
    assert bound(text).sql == text


@pytest.mark.parametrize("sql", ["SELEC id FROM kunden", "SELCT 1", "selekt 1"])
def test_a_misspelt_select_is_a_mistake_not_an_attack(sql):
    with pytest.raises(ParseError) as caught:
        parse(sql)
    assert caught.value.hint == "Did you mean SELECT?"


@pytest.mark.parametrize("sql", ["DELETE FROM kunden", "SET x = 1", "RESET x", "SELF", "EXECUTE p"])
def test_another_statement_is_refused(sql):
    with pytest.raises(NotASelect):
        parse(sql)


def test_many_joins_whose_condition_is_still_to_come_are_refused_before_the_parser_sees_them():
    with pytest.raises(ForbiddenConstruct, match="more than 8 joins without ON"):
        parse("SELECT 1 FROM accounts" + " JOIN contacts" * 30)


def test_joins_may_come_before_their_conditions_and_need_none_when_they_are_crossed():
    assert parse("SELECT 1 FROM a JOIN b JOIN c ON b.i = c.i ON a.i = b.i")
    assert parse("SELECT 1 FROM a" + " CROSS JOIN b" * 20)
    assert parse("SELECT 1 FROM a" + " LEFT JOIN b USING (i)" * 20)


def test_types_are_told_by_the_catalog_asked_not_by_the_one_before():
    table = Table("crm", "main", "accounts", (Column("id", "INTEGER"),))
    other = Table("crm", "main", "accounts", (Column("id", "VARCHAR"),))
    for known, kind in ((table, "INTEGER"), (other, "VARCHAR"), (table, "INTEGER")):
        (column,) = bound("SELECT id FROM accounts", SiloSchema([known])).columns
        assert column.type == kind


def test_the_type_oracle_begins_anew_when_it_holds_too_many_tables():
    oracle = TypeOracle(most_copies=2)
    for name in ("a", "b", "c", "a"):
        table = Table("crm", "main", name, (Column("id", "DATE"),))
        tree = parse(f"SELECT t.id FROM crm.main.{name} AS t")
        assert [column.type for column in oracle.columns(tree, (table,))] == ["DATE"]
