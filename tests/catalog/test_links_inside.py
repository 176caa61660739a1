"""Links inside a silo are found by name and keys, alike in every kind of server."""

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from catalog.links import Link
from catalog.links_inside import inside_silos
from catalog.links_reading import KeyReader
from connectors.clock import Cancellation, Deadline
from connectors.config import Settings, SiloSettings
from connectors.schema import SiloSchema
from connectors.silos import connect
from tests.catalog.places import duckdb_silo, settings, sqlite_silo

# Numbers of all tables overlap: users 1-40, accounts 1-20, campaigns 1-60, lists 1-50.
HEX = "abcdef0123456789"


def key(number: int, kind: str) -> str:
    """A long key, another for each kind of thing."""
    return f"{kind}_{HEX[number % 16]}{number * 7919:08d}{HEX[(number * 5) % 16]}"


def insert(table: str, *rows: tuple[object, ...]) -> str:
    def cell(value: object) -> str:
        return "NULL" if value is None else f"'{value}'" if isinstance(value, str) else str(value)

    return f"INSERT INTO {table} VALUES " + ", ".join(
        f"({', '.join(map(cell, row))})" for row in rows
    )


STATEMENTS = (
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(40), manager_id INTEGER, points INTEGER)",
    insert("users", *((i, f"u{i}", None if i < 4 else i % 3 + 1, i % 9 + 1) for i in range(1, 41))),
    "CREATE TABLE accounts (id INTEGER PRIMARY KEY, owner_id INTEGER, display_id INTEGER)",
    insert("accounts", *((i, i * 2, i) for i in range(1, 21))),
    "CREATE TABLE points (id INTEGER PRIMARY KEY, label VARCHAR(20))",
    insert("points", *((i, f"p{i}") for i in range(1, 31))),
    "CREATE TABLE campaign_events (id INTEGER PRIMARY KEY, parent_id INTEGER, foreign_id INTEGER)",
    insert("campaign_events", *((i, max(1, i - 1), i + 5000) for i in range(1, 61))),
    "CREATE TABLE webhook_events (id INTEGER PRIMARY KEY, account_id INTEGER)",
    insert("webhook_events", *((i, i % 20 + 1) for i in range(1, 91))),
    "CREATE TABLE campaign_log (id INTEGER PRIMARY KEY, event_id INTEGER, user_id INTEGER, wrong_account_id INTEGER)",
    insert("campaign_log", *((i, i % 60 + 1, i % 40 + 1, i + 15) for i in range(1, 81))),
    "CREATE TABLE orders (id VARCHAR(40) PRIMARY KEY, total INTEGER)",
    insert("orders", *((key(i, "ord"), i) for i in range(1, 41))),
    "CREATE TABLE order_returns (id VARCHAR(40) PRIMARY KEY, bought_ref VARCHAR(40), client_id VARCHAR(40))",
    insert("order_returns", *((key(i, "ret"), key(i, "ord"), key(i % 9 + 1, "cli")) for i in range(1, 21))),
    "CREATE TABLE oauth_client (id VARCHAR(40) PRIMARY KEY, client_id VARCHAR(40))",
    insert("oauth_client", *((key(i, "oau"), key(i, "cli")) for i in range(1, 12))),
    "CREATE TABLE email_addresses (id VARCHAR(40) PRIMARY KEY, email_address VARCHAR(60))",
    insert("email_addresses", *((key(i, "ema"), f"p{i}@secret.ch") for i in range(1, 31))),
    "CREATE TABLE email_addr_bean_rel (id INTEGER PRIMARY KEY, email_address_id VARCHAR(40), bean_id INTEGER, bean_module VARCHAR(30))",
    insert("email_addr_bean_rel", *((i, key(i, "ema"), i if i % 2 else i % 20 + 1, "Users" if i % 2 else "Accounts") for i in range(1, 31))),
    "CREATE TABLE empty_rows (id INTEGER PRIMARY KEY, user_id INTEGER)",
)  # fmt: skip
LINKS = {
    ("users.manager_id", "users.id"),
    ("accounts.owner_id", "users.id"),
    ("campaign_events.parent_id", "campaign_events.id"),
    ("webhook_events.account_id", "accounts.id"),
    ("campaign_log.event_id", "campaign_events.id"),
    ("campaign_log.user_id", "users.id"),
    ("order_returns.bought_ref", "orders.id"),
    ("order_returns.client_id", "oauth_client.client_id"),
    ("email_addr_bean_rel.email_address_id", "email_addresses.id"),
    ("email_addr_bean_rel.CASE WHEN \"bean_module\" = 'Users' THEN \"bean_id\" END", "users.id"),
    ("email_addr_bean_rel.CASE WHEN \"bean_module\" = 'Accounts' THEN \"bean_id\" END", "accounts.id"),
}  # fmt: skip
SERVERS = {"postgresql": "postgres_database", "mysql": "mysql_database"}


def served(url: str) -> SiloSettings:
    driver = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}
    address = make_url(url)
    engine = create_engine(address.set(drivername=driver[address.get_backend_name()]))
    with engine.begin() as connection:
        for statement in STATEMENTS:
            connection.execute(text(statement))
    engine.dispose()
    return SiloSettings(name="crm", url=url)


@pytest.fixture(scope="module", params=["sqlite", "duckdb", "postgresql", "mysql"])
def silo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("inside")
    made = {
        "sqlite": lambda: sqlite_silo(folder, "crm", *STATEMENTS),
        "duckdb": lambda: duckdb_silo(folder, "crm", *STATEMENTS),
    }.get(request.param, lambda: served(request.getfixturevalue(SERVERS[request.param])))()
    return settings(folder, made)


def found(silo: Settings) -> tuple[list[Link], dict[str, str]]:
    with closing(connect(silo.silos[0])) as connector:
        schema = SiloSchema(connector.introspect())
    problems: dict[str, str] = {}
    with closing(KeyReader(silo, Cancellation())) as reader:
        links = inside_silos(schema, ["crm"], reader, Deadline.after(60), problems)
    return list(links), problems


def test_links_nobody_declared_are_found_and_no_others(silo: Settings) -> None:
    links, problems = found(silo)
    assert {(short(link.left), short(link.right)) for link in links} == LINKS
    assert problems == {}
    assert all(link.match_rate == 1.0 and link.fan_out == 1.0 for link in links)
    assert "secret" not in repr(links)


def short(side: str) -> str:
    return side.split(".", 2)[2]


def test_a_few_rows_without_partner_lower_the_score(tmp_path: Path) -> None:
    statements = (
        "CREATE TABLE kunden (id INTEGER PRIMARY KEY)",
        insert("kunden", *((i,) for i in range(1, 41))),
        "CREATE TABLE besuche (id INTEGER PRIMARY KEY, kunde_id INTEGER, laden_id INTEGER)",
        insert("besuche", *((i, i + 2, i + 30) for i in range(1, 41))),
        "CREATE TABLE laden (id INTEGER PRIMARY KEY)",
        insert("laden", *((i,) for i in range(1, 41))),
    )
    links, _ = found(settings(tmp_path, sqlite_silo(tmp_path, "crm", *statements)))
    (link,) = links
    assert (short(link.left), short(link.right)) == ("besuche.kunde_id", "kunden.id")
    assert link.match_rate == pytest.approx(0.95)
    assert link.score is not None
    assert link.score < 0.95


def test_a_table_that_cannot_be_read_is_named_and_spoils_no_other(tmp_path: Path) -> None:
    made = settings(tmp_path, sqlite_silo(tmp_path, "crm", *STATEMENTS))
    with closing(connect(made.silos[0])) as connector:
        tables = connector.introspect()
    gone = next(table for table in tables if table.name == "campaign_log")
    with closing(connect(made.silos[0])):
        silo = sqlite_silo(tmp_path, "crm", "DROP TABLE campaign_log")
    problems: dict[str, str] = {}
    with closing(KeyReader(settings(tmp_path, silo), Cancellation())) as reader:
        schema = SiloSchema(tables)
        links = inside_silos(schema, ["crm"], reader, Deadline.after(60), problems)
    assert {(short(k.left), short(k.right)) for k in links} == {
        pair for pair in LINKS if not pair[0].startswith("campaign_log")
    }
    assert all(name.startswith(gone.full_name) for name in problems)
    assert problems
