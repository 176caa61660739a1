"""Seven tables over four silos, as the security corpora use them, with rows in one DuckDB."""

from collections.abc import Mapping
from datetime import date

import duckdb

from connectors.clock import Clock
from connectors.schema import Column, SiloSchema, Table

CLOCK = Clock(date(2026, 10, 31))
TABLES: Mapping[str, str] = {
    "crm.accounts": "id BIGINT, name VARCHAR, email VARCHAR, phone VARCHAR, country VARCHAR,"
    " segment VARCHAR, created_at TIMESTAMP",
    "crm.contacts": "id BIGINT, account_id BIGINT, name VARCHAR, email VARCHAR, phone VARCHAR",
    "crm.orders": "id BIGINT, account_id BIGINT, amount DECIMAL(12-2), ordered_at TIMESTAMP,"
    " status VARCHAR",
    "campaigns.campaigns": "id BIGINT, name VARCHAR, channel VARCHAR, cost DECIMAL(12-2),"
    " started_at TIMESTAMP",
    "campaigns.sends": "id BIGINT, campaign_id BIGINT, email VARCHAR, sent_at TIMESTAMP,"
    " opened_at TIMESTAMP, clicked_at TIMESTAMP",
    "cdp.events": "id BIGINT, user_id BIGINT, event VARCHAR, ts TIMESTAMP, props JSON",
    "service.tickets": "id BIGINT, account_id BIGINT, subject VARCHAR, body VARCHAR, csat INTEGER,"
    " status VARCHAR, opened_at TIMESTAMP, closed_at TIMESTAMP",
}
ROWS = {
    "crm.accounts": "SELECT i, 'Name ' || i, '{salt}' || i || '@example.com', '{salt}07' || i,"
    " ['DE', 'AT', 'CH', NULL][i % 4 + 1], ['smb', 'key'][i % 2 + 1],"
    " TIMESTAMP '2025-01-01' + to_days(CAST(i * 3 AS INTEGER)) FROM range(1, 25) t(i)",
    "crm.contacts": "SELECT i, i % 20, '{salt}C' || i, '{salt}' || (i + 3) || '@example.com',"
    " '{salt}08' || i FROM range(3, 30) t(i)",
    "crm.orders": "SELECT i, i * 7 % 23, i * 13 % 400 + 0.25,"
    " TIMESTAMP '2025-01-05 08:00:00' + to_hours(CAST(i * 37 AS INTEGER)),"
    " ['paid', 'open', 'void'][i % 3 + 1] FROM range(1, 80) t(i)",
    "campaigns.campaigns": "SELECT i, 'Camp ' || i, ['mail', 'ads'][i % 2 + 1], i * 100.5,"
    " TIMESTAMP '2025-02-01' + to_days(CAST(i AS INTEGER)) FROM range(1, 6) t(i)",
    "campaigns.sends": "SELECT i, i % 5 + 1, '{salt}' || (i % 24) || '@example.com',"
    " TIMESTAMP '2025-03-01' + to_hours(CAST(i AS INTEGER)),"
    " CASE WHEN i % 2 = 0 THEN TIMESTAMP '2025-03-02' END,"
    " CASE WHEN i % 6 = 0 THEN TIMESTAMP '2025-03-03' END FROM range(1, 50) t(i)",
    "cdp.events": "SELECT i, i % 25, ['view', 'cart', 'buy'][i % 3 + 1],"
    " TIMESTAMP '2025-04-01' + to_hours(CAST(i * 5 AS INTEGER)),"
    " CAST(json_object('page', 'p' || i % 4, 'value', i, 'mail', '{salt}' || i) AS JSON)"
    " FROM range(1, 90) t(i)",
    "service.tickets": "SELECT i, i % 22, 'Subject ' || i, '{salt} body ' || i,"
    " CASE WHEN i % 5 > 0 THEN i % 5 END, ['open', 'done'][i % 2 + 1],"
    " TIMESTAMP '2025-05-01' + to_days(CAST(i AS INTEGER)),"
    " CASE WHEN i % 2 = 1 THEN TIMESTAMP '2025-05-03' + to_days(CAST(i AS INTEGER)) END"
    " FROM range(1, 40) t(i)",
}


def tables() -> tuple[Table, ...]:
    """The seven tables as the catalog knows them."""
    made = []
    for full, columns in TABLES.items():
        silo, name = full.split(".")
        pairs = (column.strip().split(" ") for column in columns.split(","))
        made.append(
            Table(silo, "main", name, tuple(Column(n, t.replace("-", ", ")) for n, t in pairs))
        )
    return tuple(made)


def schema() -> SiloSchema:
    """The catalog of the seven tables."""
    return SiloSchema(tables())


def database(salt: str = "user") -> duckdb.DuckDBPyConnection:
    """The same tables with rows in one DuckDB; `salt` stands in all personal values."""
    connection = duckdb.connect(":memory:")
    for silo in {table.silo for table in tables()}:
        connection.execute(f"ATTACH ':memory:' AS {silo}")
    for table in tables():
        columns = ", ".join(f"{column.name} {column.type}" for column in table.columns)
        name = f"{table.silo}.main.{table.name}"
        rows = ROWS[f"{table.silo}.{table.name}"].format(salt=salt)
        connection.execute(f"CREATE TABLE {name} ({columns})")
        connection.execute(f"INSERT INTO {name} {rows}")
    return connection
