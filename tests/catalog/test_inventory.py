from datetime import UTC, date, datetime

from catalog.inventory import inventory, personal_tables
from catalog.links import Link
from connectors.config import SiloSettings
from connectors.schema import Column, ColumnStats, Table

TODAY = date(2026, 10, 31)
SILOS = (
    SiloSettings(name="crm", kind="crm", url="postgresql://h/d", owner="sales", purpose="contract"),
    SiloSettings(name="web", kind="web", url="duckdb:///w.duckdb"),
    SiloSettings(name="new", url="sqlite:///n.db"),
)
KUNDEN = Table(
    "crm", "public", "kunden", (Column("id", "INTEGER"), Column("email", "VARCHAR"), Column("optin", "BOOLEAN")),
    primary_key=("id",), row_estimate=100, newest=datetime(2026, 10, 30, tzinfo=UTC),
    stats={"id": ColumnStats(null_share=0), "email": ColumnStats(null_share=0.1)},
    sensitivity={"email": "contact", "optin": "consent"},
)  # fmt: skip
EVENTS = Table(
    "web", "main", "events", (Column("mail", "VARCHAR"),), row_estimate=0,
    newest=datetime(2026, 8, 1), sensitivity={"mail": "identifier"},
)  # fmt: skip
LINK = Link(
    "web.main.events.mail", "crm.public.kunden.email", "lower(trim)", "declared", match_rate=0.9
)
USAGE = {"crm.public.kunden": (7, date(2026, 10, 1))}


def taken(**changes):
    given = {"silos": SILOS, "tables": [KUNDEN, EVENTS], "links": [LINK], "usage": USAGE}
    return inventory(**{**given, **changes}, today=TODAY)


def test_a_silo_in_order_has_no_gaps():
    crm = taken()[0]
    assert crm.gaps == ()
    assert (crm.rows, crm.questions, crm.linked_to) == (100, 7, ("web",))
    assert personal_tables(crm) == 1


def test_gaps_name_what_somebody_should_see_to():
    _, web, new = taken()
    assert web.gaps == ("owner", "purpose", "stale", "empty", "unprofiled")
    assert new.gaps == ("owner", "purpose", "unread")
    assert taken(links=[])[0].gaps == ("link",)


def test_a_table_says_how_fit_it_is():
    (kunden,) = taken()[0].tables
    assert kunden.completeness == 0.95
    assert kunden.match_rate == 0.9
    assert kunden.contents == ("consent", "contact")
    assert kunden.last_used == date(2026, 10, 1)
    (events,) = taken()[1].tables
    assert events.completeness is None
    assert not events.keyed


def test_tables_a_role_may_not_see_are_not_counted():
    crm = taken(tables=[EVENTS])[0]
    assert crm.tables == ()
    assert crm.gaps == ("unread",)


def silo(name: str, contents: str, linked_to: str | None = None, **parts: object) -> Table:
    sensitivity = {"c": contents} if contents else {}
    return Table(name, "main", "t", (Column("c", "VARCHAR"),), sensitivity=sensitivity, **parts)  # type: ignore[arg-type]


def test_what_is_missing_to_personalise_content() -> None:
    silos = [
        SiloSettings(name=n, kind=n, url="sqlite:///x")
        for n in ("shop", "ads", "web", "survey", "consent")
    ]
    tables = [
        silo("shop", "contact"), silo("ads", ""), silo("web", "identifier"),
        silo("survey", "contact"), silo("consent", "consent"),
    ]  # fmt: skip
    links = [
        Link("shop.main.t.c", "consent.main.t.c", "exact", "declared", match_rate=0.8),
        Link("web.main.t.c", "survey.main.t.c", "exact", "declared", match_rate=0.5),
    ]
    found = {e.name: e for e in inventory(silos, tables, links, {}, TODAY)}
    fits = {name: entry.personalising for name, entry in found.items()}
    assert fits == {
        "shop": "ready",
        "ads": "none",
        "web": "consent",
        "survey": "consent",
        "consent": "none",
    }
    assert "consent" in found["web"].gaps
    assert found["shop"].match_rate == 0.8
    assert {name for name, entry in found.items() if entry.touchpoint is None} == {"consent"}
    alone = inventory(silos[:1], tables[:1], [], {}, TODAY)[0]
    assert alone.personalising == "link"


def test_completeness_freshness_growth_and_uniqueness() -> None:
    table = silo(
        "shop", "contact", row_estimate=200, recent=12, newest=datetime(2026, 10, 21, tzinfo=UTC),
        stats={"c": ColumnStats(null_share=0.25, distinct=150)},
    )  # fmt: skip
    (entry,) = inventory([SiloSettings(name="shop", url="sqlite:///x")], [table], [], {}, TODAY)
    assert (entry.completeness, entry.freshness_days) == (0.75, 10)
    assert (entry.tables[0].recent, entry.tables[0].uniqueness) == (12, 0.75)
    assert "unprofiled" not in entry.gaps
    bare = inventory(
        [SiloSettings(name="shop", url="sqlite:///x")], [silo("shop", "")], [], {}, TODAY
    )
    assert "unprofiled" in bare[0].gaps
