"""The whole company in memory: every table once, with the true customer beside the silo's key."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from demo.contacts import make_answers, make_calls, make_consents, make_tickets
from demo.customers import make_customers
from demo.marketing import (
    attribute,
    make_campaigns,
    make_events,
    make_sends,
    make_spend,
    make_visitors,
)
from demo.outreach import make_blocks, make_journey_contacts, make_unsubscribes
from demo.sales import make_orders, make_positions, make_products, make_subscriptions

TRUE_KEY = "customer_no"
SILOS: Mapping[str, tuple[str, ...]] = {
    "crm": ("kunden", "werbesperren"),
    "service": ("tickets", "anrufe"),
    "cdp": ("web_events", "identities"),
    "dwh": ("bestellungen", "bestellpositionen", "produkte", "abos"),
    "survey": ("nps_antworten",),
    "consent": ("einwilligungen",),
    "campaign": ("campaigns", "sends", "ad_spend", "journey_contacts", "unsubscribes"),
}


@dataclass(frozen=True)
class World:
    """All tables by name, with the true customer's number where a row is about a person."""

    tables: Mapping[str, pa.Table]

    def silo(self, name: str) -> dict[str, pa.Table]:
        """The tables of one silo as it stores them, without the true key."""
        return {table: without_truth(self.tables[table]) for table in SILOS[name]}


def without_truth(table: pa.Table) -> pa.Table:
    """A table as its silo stores it."""
    return table.drop_columns([TRUE_KEY]) if TRUE_KEY in table.column_names else table


def make_world() -> World:
    """The same world every time."""
    customers = make_customers()
    campaigns, start = make_campaigns()
    spend = make_spend(campaigns, start)
    orders = attribute(make_orders(customers), spend, start)
    visitors = make_visitors(customers)
    return World(
        {
            "kunden": customers.table,
            "tickets": make_tickets(customers),
            "anrufe": make_calls(customers),
            "web_events": make_events(visitors),
            "identities": visitors,
            "bestellungen": orders,
            "bestellpositionen": make_positions(orders),
            "produkte": make_products(),
            "abos": make_subscriptions(customers),
            "nps_antworten": make_answers(customers),
            "einwilligungen": make_consents(customers),
            "campaigns": campaigns,
            "sends": make_sends(customers, start),
            "ad_spend": spend,
            "journey_contacts": make_journey_contacts(customers),
            "unsubscribes": make_unsubscribes(customers),
            "werbesperren": make_blocks(customers),
        }
    )
