"""A small semantic model over three silos, with rows in one DuckDB, for compiler and reader."""

import duckdb

from catalog.semantic_model import Dataset, Field, Metric, Relationship, SemanticModel, Term
from connectors.schema import Column, ColumnStats, SiloSchema, Table


def labels(de: str, en: str) -> dict[str, str]:
    return {"de": de, "en": en}


CUSTOMERS = Dataset(
    "kunden",
    "crm.main.kunden",
    primary_key=("id",),
    fields=(
        Field("id", "id", "Integer"),
        Field("nummer", "nummer"),
        Field("region", "region", dimension=True, labels=labels("Region", "region")),
        Field("segment", "segment", dimension=True, labels=labels("Segment", "segment")),
        Field(
            "sprache",
            "sprache",
            "Integer",
            dimension=True,
            labels=labels("Sprache", "language"),
            codes={"1": labels("deutschsprachig", "German-speaking"), "2": labels("fr", "French")},
        ),
    ),
    labels=labels("Kundinnen und Kunden", "customers"),
    synonyms=("Kunde", "customer"),
    always="geloescht IS NULL",
    entity="person",
)
ORDERS = Dataset(
    "bestellungen",
    "dwh.main.bestellungen",
    fields=(
        Field("id", "id", "Integer"),
        Field("kunde", "kunde_nr"),
        Field("tag", "tag", "Date", dimension=True, is_time=True, labels=labels("Tag", "day")),
        Field("betrag", "betrag", "Decimal"),
        Field("kanal", "kanal", dimension=True, labels=labels("Kanal", "channel")),
    ),
    labels=labels("Bestellungen", "orders"),
)
COSTS = Dataset(
    "kosten",
    "ads.main.kosten",
    fields=(
        Field("tag", "tag", "Date", dimension=True, is_time=True),
        Field("franken", "franken", "Decimal"),
        Field("kanal", "kanal", dimension=True, labels=labels("Werbekanal", "ad channel")),
    ),
    labels=labels("Kosten", "costs"),
)
STATES = Dataset(
    "zustand",
    "crm.main.zustand",
    fields=(Field("kunde", "kunde", "Integer"), Field("wert", "wert", dimension=True)),
    latest=(("kunde",), "am"),
    labels=labels("Zustände", "states"),
)
METRICS = (
    Metric("customers", "COUNT(DISTINCT kunden.id)", labels=CUSTOMERS.labels, unit="count"),
    Metric(
        "orders",
        "COUNT(DISTINCT bestellungen.id)",
        labels=ORDERS.labels,
        time="bestellungen.tag",
        unit="count",
        better="up",
    ),
    Metric(
        "revenue",
        "SUM(bestellungen.betrag)",
        labels=labels("Umsatz", "revenue"),
        synonyms=("Erlös", "sales"),
        time="bestellungen.tag",
        unit="CHF",
        better="up",
    ),
    Metric(
        "cost",
        "SUM(kosten.franken)",
        labels=labels("Kosten", "cost"),
        time="kosten.tag",
        unit="CHF",
    ),
    Metric(
        "roas",
        "revenue / cost",
        labels=labels("Umsatz pro Franken", "revenue per franc"),
        unit="ratio",
        better="up",
    ),
    Metric(
        "returns",
        "100.0 * COUNT(CASE WHEN bestellungen.betrag < 0 THEN 1 END) / COUNT(bestellungen.id)",
        labels=labels("Retourenquote", "return rate"),
        time="bestellungen.tag",
        unit="percent",
        better="down",
    ),
    Metric("states", "COUNT(zustand.kunde)", labels=STATES.labels, unit="count"),
)
MODEL = SemanticModel(
    datasets={d.name: d for d in (CUSTOMERS, ORDERS, COSTS, STATES)},
    relationships=(
        Relationship(
            "o2c", "bestellungen", "kunden", ("kunde",), ("nummer",), "strip_hash", 0.9, 1.0
        ),
    ),
    metrics={m.name: m for m in METRICS},
    glossary=(
        Term(
            ("Premiumkunden", "premium customers"),
            "best",
            sql="crm.main.kunden.segment = 'Premium'",
        ),
        Term(("Turnover",), "sales", metric="revenue"),
    ),
)
SCHEMA = SiloSchema(
    [
        Table(
            "crm",
            "main",
            "kunden",
            (Column("region", "VARCHAR"), Column("segment", "VARCHAR")),
            stats={
                "region": ColumnStats(values=("Romandie", "Tessin", "Zürich")),
                "segment": ColumnStats(values=("Premium", "Standard")),
            },
        ),
        Table(
            "dwh",
            "main",
            "bestellungen",
            (Column("kanal", "VARCHAR"),),
            stats={"kanal": ColumnStats(values=("App", "Webshop"))},
        ),
    ]
)
ROWS = """
CREATE TABLE crm.main.kunden (id INT, nummer TEXT, region TEXT, segment TEXT, sprache INT, geloescht DATE);
INSERT INTO crm.main.kunden VALUES (1, '11', 'Romandie', 'Premium', 1, NULL),
  (2, '22', 'Tessin', 'Standard', 2, NULL), (3, '33', 'Tessin', 'Premium', 1, DATE '2026-01-01');
CREATE TABLE crm.main.zustand (kunde INT, wert TEXT, am DATE);
INSERT INTO crm.main.zustand VALUES (1, 'neu', '2026-01-01'), (1, 'aktiv', '2026-02-01'), (2, 'neu', '2026-01-01');
CREATE TABLE dwh.main.bestellungen (id INT, kunde_nr TEXT, tag DATE, betrag DECIMAL(12, 2), kanal TEXT);
INSERT INTO dwh.main.bestellungen VALUES (1, '#11', '2026-07-01', 100, 'App'), (2, '#11', '2026-08-15', 50, 'Webshop'),
  (3, '#22', '2026-09-30', 30, 'App'), (4, '#33', '2026-09-30', 7, 'App'), (5, '#22', '2026-10-01', 999, 'App'),
  (6, '#22', '2026-05-01', 60, 'Webshop');
CREATE TABLE ads.main.kosten (tag DATE, franken DECIMAL(10, 2), kanal TEXT);
INSERT INTO ads.main.kosten VALUES ('2026-07-10', 20, 'mail'), ('2026-08-10', 0, 'print'), ('2026-05-10', 30, 'mail');
"""


def database() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    for silo in ("crm", "dwh", "ads"):
        connection.execute(f"ATTACH ':memory:' AS {silo}")
    connection.execute(ROWS)
    return connection
