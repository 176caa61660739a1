"""Names of columns that name tables, and names that only look as if they did."""

import pytest

from catalog.links_names import named, table_name, thing


@pytest.mark.parametrize(
    ("column", "about"),
    [
        ("claim_id", ("claim",)),
        ("workspaceId", ("workspace",)),
        ("userid", ("user",)),
        ("kunden_nr", ("kunden",)),
        ("translation_parent_id", ("translation", "parent")),
        ("createdBy", ("created", "by")),
        ("id", ()),
        ("paid", ()),
        ("amount", ()),
    ],
)
def test_a_reference_tells_the_thing_it_numbers(column: str, about: tuple[str, ...]) -> None:
    assert thing(column) == about


def best(column: str, own: str, *tables: str) -> str | None:
    """The table a column names best, None when it names none well enough."""
    names = [table_name(table) for table in tables]
    scores = {n.table: named(thing(column), n, table_name(own)) for n in names}
    winner = max(scores, key=lambda table: scores[table])
    return winner if scores[winner] >= 0.5 else None


@pytest.mark.parametrize(
    ("column", "own", "tables", "goal"),
    [
        ("lead_id", "page_hits", ("lead_devices", "leads", "lead_lists"), "leads"),
        ("claim_id", "order_change", ("claims_archive", "order_claim"), "order_claim"),
        ("event_id", "point_log", ("campaign_events", "point_events"), "point_events"),
        ("notification_id", "push_notification_stats", ("notifications", "push_notifications"), "push_notifications"),
        ("leadlist_id", "lead_lists_leads", ("lists", "lead_lists"), "lead_lists"),
        ("ip_id", "page_hits", ("ip_addresses", "emails"), "ip_addresses"),
        ("shipping_address_id", "cart", ("customer_address", "cart_address"), "cart_address"),
        ("archive_template_id", "campaigns", ("templates", "lists"), "templates"),
        ("parent_id", "tax_region", ("tax_region", "region"), "tax_region"),
        ("parent_category_id", "categories", ("categories", "articles"), "categories"),
        ("associated_category_id", "categories", ("categories", "related_categories"), "categories"),
        ("manager_id", "users", ("users", "accounts"), "users"),
        ("owner_id", "leads", ("users", "companies"), "users"),
        ("modified_by", "leads", ("users", "companies"), "users"),
        ("contact_id", "merge_records", ("leads", "emails"), "leads"),
        ("dept_id", "tickets", ("department", "staff"), "department"),
        ("kunde_id", "bestellungen", ("kunden", "artikel"), "kunden"),
        ("privacy_notice_id", "history", ("privacynotice", "notices_sent"), "privacynotice"),
        ("external_id", "orders", ("users", "orders"), None),
        ("preference_center_id", "emails", ("pages", "forms"), None),
    ],
)  # fmt: skip
def test_the_table_a_column_names(
    column: str, own: str, tables: tuple[str, ...], goal: str | None
) -> None:
    assert best(column, own, *tables) == goal


def test_a_table_is_not_meant_by_its_own_reference() -> None:
    orders = table_name("orders")
    assert named(thing("order_id"), orders, orders) == 0.0


def test_the_prefix_of_all_tables_says_nothing() -> None:
    assert table_name("oc_customer", "oc_").words == ("customer",)
    assert table_name("oc_", "oc_").words == ("oc",)
