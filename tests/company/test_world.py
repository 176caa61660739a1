"""The demo company is what its description says."""

import psycopg
import pytest
import yaml

from demo.world import SILOS, make_world

WORLD = make_world()


def test_the_world_is_the_same_every_time():
    again = make_world()
    assert all(again.tables[name].equals(table) for name, table in WORLD.tables.items())


def test_it_is_large_enough():
    assert WORLD.tables["kunden"].num_rows >= 10_000
    assert sum(table.num_rows for table in WORLD.tables.values()) > 500_000


def test_no_silo_stores_the_true_key():
    for name in SILOS:
        for table in WORLD.silo(name).values():
            assert "customer_no" not in table.column_names


@pytest.fixture(scope="module")
def truth():
    import duckdb

    connection = duckdb.connect()
    for name, table in WORLD.tables.items():
        connection.register(name, table)
    yield connection
    connection.close()


def one(truth, sql):
    return truth.execute(sql).fetchone()[0]


@pytest.mark.parametrize(
    ("effect", "ratio", "low", "high"),
    [
        (
            "Romandie cancels more in Q3 2026 than in Q2",
            """SELECT (count(*) FILTER (gekuendigt_am >= '2026-07-01')) / count(*) FILTER (gekuendigt_am < '2026-07-01')::DOUBLE
            FROM abos JOIN kunden USING (customer_no) WHERE region = 'Romandie'
            AND gekuendigt_am >= '2026-04-01' AND gekuendigt_am < '2026-10-01'""",
            1.7, 3.3,
        ),
        (
            "plan Basis cancels more since the price rise than the other plans",
            """SELECT (count(*) FILTER (gekuendigt_am >= '2026-06-01' AND plan = 'Basis') / count(*) FILTER (plan = 'Basis')::DOUBLE)
            / (count(*) FILTER (gekuendigt_am >= '2026-06-01' AND plan <> 'Basis') / count(*) FILTER (plan <> 'Basis')::DOUBLE) FROM abos""",
            1.3, 2.0,
        ),
        (
            "delivery disappoints since August 2026",
            """SELECT avg(punkte) FILTER (befragt_am < '2026-08-01') - avg(punkte) FILTER (befragt_am >= '2026-08-01')
            FROM nps_antworten WHERE touchpoint = 'Lieferung'""",
            1.1, 1.8,
        ),
        (
            "delivery tickets grow by 60 % since August 2026",
            """SELECT (count(*) FILTER (kategorie = 1) / count(*) FILTER (kategorie <> 1)::DOUBLE) / (0.3 / 0.7)
            FROM tickets WHERE erstellt_am >= '2026-08-01'""",
            1.4, 1.8,
        ),
        (
            "premium customers order for more",
            """SELECT avg(betrag_chf) FILTER (segment = 'Premium') / avg(betrag_chf) FILTER (segment <> 'Premium')
            FROM bestellungen JOIN kunden USING (customer_no)""",
            1.25, 1.45,
        ),
        (
            "fewer mobile checkouts end in a purchase since September 2026",
            """SELECT (count(*) FILTER (event_type = 'purchase' AND event_ts >= '2026-09-01') / count(*) FILTER (event_type = 'checkout' AND event_ts >= '2026-09-01'))
            / (count(*) FILTER (event_type = 'purchase' AND event_ts < '2026-09-01') / count(*) FILTER (event_type = 'checkout' AND event_ts < '2026-09-01'))
            FROM web_events WHERE device = 'mobile'""",
            0.6, 0.8,
        ),
        (
            "the chat satisfies more than the telephone",
            "SELECT avg(csat) FILTER (kanal = 3) - avg(csat) FILTER (kanal = 2) FROM tickets",
            0.6, 0.9,
        ),
        (
            "the SERVICE line lets people wait twice as long since September 2026",
            """SELECT avg(wartezeit_sek) FILTER (begonnen_am >= '2026-09-01') / avg(wartezeit_sek) FILTER (begonnen_am < '2026-09-01')
            FROM anrufe WHERE linie = 'SERVICE'""",
            1.8, 2.2,
        ),
        (
            "Herbst-Trail 2026 earns three times as much per franc as Herbst-Trail 2025",
            """SELECT max(r) FILTER (name = 'Herbst-Trail 2026') / max(r) FILTER (name = 'Herbst-Trail 2025') FROM (
            SELECT name, (SELECT sum(betrag_chf) FROM bestellungen WHERE kampagne_id = c.id AND NOT storniert)
              / (SELECT sum(spend_chf) FROM ad_spend WHERE campaign_id = c.id) AS r FROM campaigns c)""",
            2.5, 4.5,
        ),
        (
            "decoy: December is strong in both years alike",
            """SELECT count(*) FILTER (bestellt_am >= '2025-12-01' AND bestellt_am < '2026-01-01')
            / count(*) FILTER (bestellt_am >= '2024-12-01' AND bestellt_am < '2025-01-01')::DOUBLE FROM bestellungen""",
            0.9, 1.5,
        ),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) and " " in value[:12] else "",
)  # fmt: skip
def test_an_effect_has_its_size(truth, effect, ratio, low, high):
    assert low <= one(truth, ratio) <= high, effect


def test_the_glad_ticino_is_too_small_to_tell(truth):
    sql = """SELECT count(*), min(punkte) FROM nps_antworten JOIN kunden USING (customer_no)
        WHERE region = 'Tessin' AND befragt_am >= '2026-10-01'"""
    count, lowest = truth.execute(sql).fetchone()
    assert count < 15
    assert lowest == 10


def test_keys_differ_from_silo_to_silo(truth):
    assert one(truth, "SELECT bool_and(kunde_nr LIKE '#%') FROM bestellungen")
    assert one(truth, "SELECT bool_and(anrufer_nummer LIKE '+41%') FROM anrufe")
    assert one(truth, "SELECT bool_and(telefon LIKE '0%') FROM kunden")
    assert one(truth, "SELECT count(*) FROM kunden WHERE email <> lower(trim(email))") > 1_000


def test_the_reader_may_read_and_nothing_else(demo_folder):
    silos = yaml.safe_load((demo_folder / "silos.yaml").read_text(encoding="utf-8"))["silos"]
    url = next(silo["url"] for silo in silos if silo["name"] == "crm")
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM kunden").fetchone()[0] == 12_000
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM kunden")
