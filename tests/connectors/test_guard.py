"""Roles, masks and row filters hold in every place a table can stand."""

import pytest

from connectors.binder import bind
from connectors.errors import ForbiddenColumn, ForbiddenTable, PolicyViolation
from connectors.guard import SecuredQuery, secure
from connectors.masks import Mask
from connectors.policy import Policy, Role
from tests.connectors.company import CLOCK, database, schema

SCHEMA = schema()
POLICY = Policy(
    {
        "default": Role("default"),
        "analyst": Role(
            "analyst",
            deny=("service.*",),
            columns={
                "*.email": Mask("null"),
                "*.phone": Mask("deny"),
                "*.name": Mask("partial", (1, 0)),
                "*.amount": Mask("bucket", 100),
                "*.created_at": Mask("year"),
            },
            rows={"crm.main.accounts": "country = 'DE'"},
        ),
    }
)


def run(connection, sql, role="analyst"):
    return connection.execute(secure(bind(sql, SCHEMA, CLOCK), POLICY, role).sql).fetchall()


@pytest.fixture(scope="module")
def company():
    connection = database()
    yield connection
    connection.close()


def test_without_a_role_everything_is_as_it_is(company):
    assert run(company, "SELECT count(*) FROM accounts", None) == [(24,)]


def test_a_denied_table_is_refused_by_name():
    with pytest.raises(ForbiddenTable, match=r"service\.main\.tickets"):
        secure(bind("SELECT count(*) FROM tickets", SCHEMA, CLOCK), POLICY, "analyst")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT phone FROM accounts",
        "SELECT id FROM accounts WHERE phone LIKE '07%'",
        "SELECT count(*) FROM accounts GROUP BY phone",
        "SELECT a.id FROM accounts a JOIN contacts c ON a.phone = c.phone",
        "SELECT id FROM accounts ORDER BY phone",
        "SELECT * FROM accounts",
        "SELECT (SELECT max(phone) FROM accounts) AS p",
        "WITH x AS (SELECT phone AS p FROM accounts) SELECT p FROM x",
    ],
)
def test_a_denied_column_is_refused_wherever_it_stands(sql):
    with pytest.raises(ForbiddenColumn):
        secure(bind(sql, SCHEMA, CLOCK), POLICY, "analyst")


def test_a_masked_column_is_masked_in_the_output(company):
    assert run(company, "SELECT DISTINCT email FROM accounts") == [(None,)]
    assert {row[0][0] for row in run(company, "SELECT name FROM accounts")} == {"N"}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM accounts WHERE email LIKE '%@example.com'",
        "SELECT count(*) FROM accounts a JOIN contacts c ON a.email = c.email",
        "SELECT count(*) FROM sends s WHERE s.email IN (SELECT email FROM accounts)",
        "SELECT count(DISTINCT email) FROM accounts",
        "SELECT count(*) FROM (SELECT email AS e FROM accounts) t WHERE t.e IS NOT NULL",
    ],
)
def test_conditions_see_the_masked_value_only(company, sql):
    assert run(company, sql) == [(0,)]


def test_ordering_sees_the_masked_value_only(company):
    amounts = [row[0] for row in run(company, "SELECT amount FROM orders ORDER BY amount, id")]
    assert amounts == sorted(amounts)
    assert all(amount % 100 == 0 for amount in amounts)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT country FROM accounts",
        "SELECT a.country FROM accounts a JOIN orders o ON o.account_id = a.id",
        "SELECT x.country FROM (SELECT * FROM (SELECT id, country FROM accounts)) x",
        "SELECT country FROM accounts UNION SELECT country FROM accounts",
        "WITH w AS (SELECT country FROM accounts) SELECT country FROM w",
        "SELECT max(country) FROM accounts",
    ],
)
def test_row_filters_hold_in_every_place(company, sql):
    assert {row[0] for row in run(company, sql)} == {"DE"}


def test_an_outer_join_does_not_bring_filtered_rows_back(company):
    rows = run(
        company,
        "SELECT DISTINCT a.country FROM orders o LEFT JOIN accounts a ON a.id = o.account_id",
    )
    assert {row[0] for row in rows} == {"DE", None}


def test_what_the_policy_changed_is_noted():
    secured = secure(bind("SELECT email FROM accounts", SCHEMA, CLOCK), POLICY, "analyst")
    assert any("email is masked" in note for note in secured.notes)
    assert any("rows of crm.main.accounts are limited" in note for note in secured.notes)


def test_a_role_that_is_not_there_is_refused():
    with pytest.raises(PolicyViolation, match="boss"):
        secure(bind("SELECT 1 AS x", SCHEMA, CLOCK), POLICY, "boss")


def test_only_the_guard_makes_a_secured_query():
    bound = bind("SELECT 1 AS x", SCHEMA, CLOCK)
    with pytest.raises(PolicyViolation):
        SecuredQuery(bound.tree, bound.tables, bound.columns, bound.sql, "default", (), object())
