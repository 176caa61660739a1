"""A small shop in three silos, its semantic model, and a binder over it."""

from datetime import date

from catalog.semantic_model import Dataset, Field, SemanticModel
from connectors.binder import bind
from connectors.clock import Clock
from connectors.query import BoundQuery
from connectors.schema import Column, ColumnStats, SiloSchema, Table

CLOCK = Clock(date(2026, 10, 31))
CUSTOMERS = Table(
    "crm",
    "public",
    "customers",
    (
        Column("id", "INTEGER"),
        Column("email", "VARCHAR"),
        Column("segment", "VARCHAR"),
        Column("deleted_at", "DATE"),
    ),
    primary_key=("id",),
    row_estimate=100,
    stats={
        "segment": ColumnStats(0.0, 2, values=("Premium", "Geschäft")),
        "email": ColumnStats(0.0, 100),
    },
    sensitivity={"email": "contact"},
)
ORDERS = Table(
    "dwh",
    "main",
    "orders",
    (
        Column("order_id", "INTEGER"),
        Column("customer_id", "INTEGER"),
        Column("amount_chf", "DECIMAL(10, 2)"),
        Column("fee_eur", "DECIMAL(10, 2)"),
        Column("cancelled", "BOOLEAN"),
        Column("channel", "VARCHAR"),
        Column("day", "DATE"),
    ),
    primary_key=("order_id",),
    row_estimate=1000,
    stats={"customer_id": ColumnStats(0.0, 80), "channel": ColumnStats(0.0, 40)},
)
TICKETS = Table(
    "service",
    "public",
    "tickets",
    (Column("ticket_id", "INTEGER"), Column("customer_id", "INTEGER"), Column("status", "VARCHAR")),
    primary_key=("ticket_id",),
    row_estimate=500,
    stats={
        "customer_id": ColumnStats(0.0, 60),
        "status": ColumnStats(0.0, 2, values=("0", "1")),
    },
)
BALANCES = Table(
    "dwh",
    "main",
    "balances",
    (Column("customer_id", "INTEGER"), Column("balance", "INTEGER"), Column("read_on", "DATE")),
)
SCHEMA = SiloSchema([CUSTOMERS, ORDERS, TICKETS, BALANCES])
STATUS = Field("status", "status", codes={"0": {"de": "offen", "en": "open"}})
MODEL = SemanticModel(
    datasets={
        d.name: d
        for d in (
            Dataset("customers", "crm.public.customers", ("id",), always="deleted_at IS NULL"),
            Dataset("orders", "dwh.main.orders", ("order_id",), always="NOT cancelled"),
            Dataset("cancelled", "dwh.main.orders", ("order_id",), always="cancelled"),
            Dataset("tickets", "service.public.tickets", ("ticket_id",), (STATUS,)),
            Dataset("balances", "dwh.main.balances", latest=(("customer_id",), "read_on")),
        )
    }
)
BY_SOURCE = {d.source: d for d in reversed(MODEL.datasets.values())}


def bound(sql: str) -> BoundQuery:
    """The statement, bound to the shop."""
    return bind(sql, SCHEMA, CLOCK)
