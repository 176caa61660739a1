"""Writes the world into real databases, each in its own way of storing it."""

import io
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.csv
import pymysql
from psycopg import sql

READER = "reader"
CHUNK = 5_000
Tables = Mapping[str, pa.Table]
CRM = """
CREATE TABLE kunden (
    id uuid PRIMARY KEY, kundennummer varchar(10) NOT NULL UNIQUE, anrede smallint NOT NULL,
    vorname varchar(60), nachname varchar(60), email varchar(120), telefon varchar(20),
    plz char(4), ort varchar(60), kanton char(2), region varchar(20), segment varchar(12),
    sprache char(2), erstellt_am timestamptz NOT NULL, geloescht_am timestamptz
);
CREATE TABLE kunden_archiv (LIKE kunden);
CREATE TABLE werbesperren (
    kundennummer varchar(10) NOT NULL, kanal varchar(10) NOT NULL, gesperrt_am timestamptz NOT NULL
);
CREATE INDEX ON kunden (region);
COMMENT ON TABLE kunden IS 'Kundinnen und Kunden; gelöschte bleiben mit Löschdatum stehen';
COMMENT ON TABLE kunden_archiv IS 'Kundinnen und Kunden vor 2015 (noch leer)';
COMMENT ON TABLE werbesperren IS 'Wer auf einem Kanal keine Werbung will';
COMMENT ON COLUMN kunden.anrede IS '1 Frau, 2 Herr, 3 neutral';
COMMENT ON COLUMN kunden.region IS 'Verkaufsregion nach Kanton';
COMMENT ON COLUMN kunden.segment IS 'Standard, Premium oder Business';
COMMENT ON COLUMN kunden.geloescht_am IS 'Zeitpunkt der Löschung; leer, wenn nicht gelöscht';
"""
SERVICE = """
CREATE TABLE tickets (
    id bigint PRIMARY KEY, kunden_email varchar(120), kanal smallint NOT NULL,
    kategorie smallint NOT NULL, status smallint NOT NULL, prioritaet smallint NOT NULL,
    erstellt_am timestamptz NOT NULL, geloest_am timestamptz, csat smallint, betreff varchar(120),
    geloescht_am timestamptz
);
CREATE TABLE anrufe (
    id bigint PRIMARY KEY, anrufer_nummer varchar(20) NOT NULL, begonnen_am timestamptz NOT NULL,
    dauer_sek integer NOT NULL, wartezeit_sek integer NOT NULL, abgebrochen boolean NOT NULL,
    linie varchar(10) NOT NULL
);
CREATE TABLE eskalationen (
    id bigint PRIMARY KEY, ticket_id bigint NOT NULL REFERENCES tickets (id), grund varchar(120)
);
CREATE INDEX ON tickets (erstellt_am);
COMMENT ON TABLE tickets IS 'Kundenanfragen';
COMMENT ON COLUMN tickets.kanal IS '1 E-Mail, 2 Telefon, 3 Chat, 4 Filiale';
COMMENT ON COLUMN tickets.kategorie IS '1 Lieferung, 2 Retoure, 3 Produkt, 4 Rechnung, 5 Abo';
COMMENT ON COLUMN tickets.status IS '0 offen, 1 in Arbeit, 2 gelöst';
COMMENT ON COLUMN tickets.csat IS 'Zufriedenheit 1 bis 5; leer ohne Bewertung';
COMMENT ON TABLE anrufe IS 'Eingehende Anrufe';
"""
CAMPAIGN = {
    "campaigns": "id INT PRIMARY KEY, name VARCHAR(80) NOT NULL, channel VARCHAR(20) NOT NULL,"
    " start_date DATE NOT NULL, end_date DATE NOT NULL, budget_chf DECIMAL(12, 2) NOT NULL",
    "sends": "id BIGINT PRIMARY KEY, campaign_id INT NOT NULL, email VARCHAR(120) NOT NULL,"
    " sent_at {moment} NOT NULL, opened_at {moment} NULL, clicked_at {moment} NULL,"
    " bounced {truth} NOT NULL",
    "ad_spend": "id BIGINT PRIMARY KEY, campaign_id INT NOT NULL, day DATE NOT NULL,"
    " spend_chf DECIMAL(10, 2) NOT NULL, impressions INT NOT NULL, clicks INT NOT NULL",
    "journey_contacts": "id BIGINT PRIMARY KEY, email VARCHAR(120) NOT NULL,"
    " journey VARCHAR(40) NOT NULL, step INT NOT NULL, channel VARCHAR(10) NOT NULL,"
    " planned_at {moment} NOT NULL, sent_at {moment} NULL",
    "unsubscribes": "id BIGINT PRIMARY KEY, email VARCHAR(120) NOT NULL,"
    " unsubscribed_at {moment} NOT NULL",
}
SURVEY = """
CREATE TABLE nps_antworten (
    id INTEGER PRIMARY KEY, kundennummer TEXT NOT NULL, befragt_am DATE NOT NULL,
    punkte INTEGER NOT NULL, touchpoint TEXT NOT NULL, sprache TEXT NOT NULL, kommentar TEXT
);
CREATE INDEX nps_nach_kunde ON nps_antworten (kundennummer);
"""
CONSENT = """
CREATE TABLE einwilligungen (
    id INTEGER PRIMARY KEY, email TEXT NOT NULL, zweck TEXT NOT NULL, erteilt BOOLEAN NOT NULL,
    geaendert_am TIMESTAMP NOT NULL
);
"""


def write_postgres(
    admin_url: str, database: str, script: str, tables: Tables, password: str
) -> None:
    """A fresh database with a role that may only read it."""
    with psycopg.connect(admin_url, dbname="postgres", autocommit=True) as admin:
        name = sql.Identifier(database)
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        admin.execute(sql.SQL("CREATE DATABASE {}").format(name))
        known = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [READER]).fetchone()
        verb = "ALTER" if known else "CREATE"
        role = sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(
            sql.SQL(verb), sql.Identifier(READER), sql.Literal(password)
        )
        admin.execute(role)
    with psycopg.connect(admin_url, dbname=database, autocommit=True) as connection:
        connection.execute(script.encode())
        for table, rows in tables.items():
            _copy(connection, table, rows)
        connection.execute("VACUUM ANALYZE")
        for schema in {"public", *(table.split(".")[0] for table in tables if "." in table)}:
            place = {"schema": sql.Identifier(schema), "reader": sql.Identifier(READER)}
            connection.execute(
                sql.SQL("GRANT USAGE ON SCHEMA {schema} TO {reader}").format(**place)
            )
            grant = "GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {reader}"
            connection.execute(sql.SQL(grant).format(**place))


def _copy(connection: psycopg.Connection[Any], table: str, rows: pa.Table) -> None:
    target = sql.SQL(".").join(sql.Identifier(part) for part in table.split("."))
    buffer = io.BytesIO()
    options = pyarrow.csv.WriteOptions(include_header=False)
    pyarrow.csv.write_csv(rows, buffer, options)
    names = sql.SQL(", ").join(sql.Identifier(name) for name in rows.column_names)
    with connection.cursor() as cursor:
        statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(target, names)
        with cursor.copy(statement) as copy:
            copy.write(buffer.getvalue())


def write_campaign_postgres(admin_url: str, tables: Tables, password: str) -> None:
    """The campaign tool where there is no MariaDB: schema ``campaign`` of a second database."""
    script = "CREATE SCHEMA campaign;"
    for name, columns in CAMPAIGN.items():
        script += (
            f"CREATE TABLE campaign.{name} ({columns.format(moment='timestamp', truth='boolean')});"
        )
    named = {f"campaign.{name}": rows for name, rows in tables.items()}
    write_postgres(admin_url, "campaign", script, named, password)


def write_campaign_mariadb(port: int, tables: Tables, password: str) -> None:
    """The campaign tool in MariaDB: database ``campaign``, with a login that may only read it."""
    connection = pymysql.connect(host="127.0.0.1", port=port, user="root", autocommit=False)
    with connection, connection.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS campaign")
        cursor.execute("CREATE DATABASE campaign CHARACTER SET utf8mb4")
        cursor.execute("USE campaign")
        for name, columns in CAMPAIGN.items():
            created = columns.format(moment="DATETIME", truth="TINYINT(1)")
            cursor.execute(f"CREATE TABLE {name} ({created})")
            places = ", ".join(["%s"] * tables[name].num_columns)
            for chunk in _chunks(tables[name]):
                cursor.executemany(f"INSERT INTO {name} VALUES ({places})", chunk)
            connection.commit()
        cursor.execute("CREATE INDEX sends_email ON sends (email)")
        cursor.execute(f"ANALYZE TABLE {', '.join(CAMPAIGN)}")
        cursor.execute(f"CREATE OR REPLACE USER {READER}@'%%' IDENTIFIED BY %s", [password])
        cursor.execute(f"GRANT SELECT ON campaign.* TO {READER}@'%'")
        connection.commit()


def _chunks(table: pa.Table) -> Iterator[list[tuple[Any, ...]]]:
    for batch in table.to_batches(CHUNK):
        columns = [column.to_pylist() for column in batch.columns]
        yield list(zip(*columns, strict=True))


def write_duckdb(path: Path, tables: Tables) -> None:
    """A DuckDB file with the tables as they are."""
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, rows in tables.items():
            connection.register("incoming", rows)
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM incoming")
            connection.unregister("incoming")


def write_sqlite(path: Path, script: str, table: str, rows: pa.Table) -> None:
    """A SQLite file; days and moments as ISO text, as SQLite has them."""
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.executescript(script)
    places = ", ".join("?" * rows.num_columns)
    for chunk in _chunks(rows):
        connection.executemany(
            f"INSERT INTO {table} VALUES ({places})",
            [tuple(_iso(value) for value in row) for row in chunk],
        )
    connection.execute("ANALYZE")
    connection.commit()
    connection.close()


def _iso(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else value
