"""Tickets, calls, survey answers and consents."""

from datetime import date

import numpy as np
import pyarrow as pa

from demo.chance import (
    DAYS,
    Array,
    dates,
    day_number,
    generator,
    moments,
    nullable,
    pick,
    seasonal_days,
    strings,
)
from demo.customers import COUNT, Customers, written_emails

TICKETS, CALLS, ANSWERS = 24_000, 15_000, 9_000
DELIVERY_FROM = day_number(date(2026, 8, 1))
DELIVERY_FACTOR = 1.6
NPS_DROP_FROM = DELIVERY_FROM
NPS_DROP = 1.5
WAIT_FROM = day_number(date(2026, 9, 1))
WAIT_FACTOR = 2.0
CHAT_BONUS = 0.8
CATEGORIES = {1: 0.3, 2: 0.22, 3: 0.25, 4: 0.13, 5: 0.1}
SUBJECTS = (
    "", "Lieferung verspätet", "Retoure", "Frage zum Produkt", "Rechnung", "Mein Abo",
)  # fmt: skip
TOUCHPOINTS = {"Lieferung": 0.3, "Webshop": 0.35, "Filiale": 0.2, "Support": 0.15}
COMMENTS = {
    ("de", True): ("Alles bestens, gerne wieder.", "Freundliche Beratung.", "Schnell und einfach."),
    ("de", False): ("Das Paket kam zu spät.", "Niemand rief zurück.", "Die Grösse passte nicht."),
    ("en", True): ("Great service, thank you.", "Easy to order and quick.", "Love the new jacket."),
    ("en", False): ("The parcel arrived late.", "Nobody answered.", "The size was wrong."),
}


def _someone(rng: np.random.Generator, customers: Customers, count: int, known: float) -> Array:
    """Random customers with an e-mail, by place; -1 for strangers."""
    reachable = np.flatnonzero(customers.email != "")
    who = rng.choice(reachable, count)
    result: Array = np.where(rng.random(count) < known, who, -1)
    return result


def _true_number(who: Array) -> pa.Array:
    return nullable(who + 1, who >= 0, pa.int32())


def make_tickets(customers: Customers) -> pa.Table:
    """Tickets; more about deliveries since August 2026, happier people in the chat."""
    rng = generator("tickets")
    days = seasonal_days(rng, TICKETS)
    category = pick(rng, CATEGORIES, TICKETS).astype(np.int16)
    more = np.flatnonzero((category == 1) & (days >= DELIVERY_FROM))
    extra = rng.choice(more, int(len(more) * (DELIVERY_FACTOR - 1)), replace=True)
    days, category = np.append(days, days[extra]), np.append(category, category[extra])
    order = np.argsort(days, kind="stable")
    days, category = days[order], category[order]
    count = len(days)
    who = _someone(rng, customers, count, 0.96)
    address = np.where(
        who >= 0, customers.email[who], [f"gast{n}@web.example" for n in range(count)]
    )
    channel = pick(rng, {1: 0.45, 2: 0.25, 3: 0.2, 4: 0.1}, count).astype(np.int16)
    received = moments(rng, days)
    status = np.where(
        rng.random(count) < np.clip((DAYS - days) / 40, 0.1, 0.995), 2, rng.integers(0, 2, count)
    )
    hours = np.maximum(1, rng.exponential(30, count)).astype("timedelta64[h]")
    stars = np.clip(
        np.round(rng.normal(3.4, 1.0, count) + np.where(channel == 3, CHAT_BONUS, 0)), 1, 5
    )
    rated = (status == 2) & (rng.random(count) < 0.55)
    deleted = rng.random(count) < 0.005
    utc = pa.timestamp("us", tz="UTC")
    return pa.table(
        {
            "customer_no": _true_number(who),
            "id": pa.array(np.arange(1, count + 1), type=pa.int64()),
            "kunden_email": strings(written_emails(rng, address)),
            "kanal": pa.array(channel),
            "kategorie": pa.array(category),
            "status": pa.array(status.astype(np.int16)),
            "prioritaet": pa.array(pick(rng, {1: 0.15, 2: 0.5, 3: 0.35}, count).astype(np.int16)),
            "erstellt_am": pa.array(received, type=utc),
            "geloest_am": nullable((received + hours).astype("datetime64[us]"), status == 2, utc),
            "csat": nullable(stars.astype(np.int16), rated, pa.int16()),
            "betreff": strings([SUBJECTS[int(c)] for c in category]),
            "geloescht_am": nullable((received + hours).astype("datetime64[us]"), deleted, utc),
        }
    )  # fmt: skip


def make_calls(customers: Customers) -> pa.Table:
    """Inbound calls; twice the wait on the SERVICE line since September 2026."""
    rng = generator("calls")
    days = seasonal_days(rng, CALLS)
    who = np.where(rng.random(CALLS) < 0.92, rng.integers(0, COUNT, CALLS), -1)
    strangers = [f"44{n:07d}" for n in rng.integers(0, 9_999_999, CALLS)]
    digits = np.where(who >= 0, customers.phone[who], strangers)
    line = pick(rng, {"SERVICE": 0.6, "ORDER": 0.4}, CALLS)
    mean = np.where(line == "SERVICE", 75.0, 50.0)
    mean = np.where((line == "SERVICE") & (days >= WAIT_FROM), mean * WAIT_FACTOR, mean)
    wait = np.round(rng.exponential(mean)).astype(np.int32)
    left = rng.random(CALLS) < np.clip(wait / 900, 0, 0.6)
    return pa.table(
        {
            "customer_no": _true_number(who),
            "id": pa.array(np.arange(1, CALLS + 1), type=pa.int64()),
            "anrufer_nummer": strings([f"+41{d}" for d in digits]),
            "begonnen_am": pa.array(moments(rng, days), type=pa.timestamp("us", tz="UTC")),
            "dauer_sek": pa.array(np.where(left, 0, rng.exponential(240, CALLS)).astype(np.int32)),
            "wartezeit_sek": pa.array(wait),
            "abgebrochen": pa.array(left),
            "linie": strings(line),
        }
    )


def make_answers(customers: Customers) -> pa.Table:
    """NPS answers; deliveries disappoint since August 2026, Ticino is few and glad at the end."""
    rng = generator("answers")
    days = np.sort(rng.integers(0, DAYS, ANSWERS))
    who = rng.integers(0, COUNT, ANSWERS)
    touchpoint = pick(rng, TOUCHPOINTS, ANSWERS)
    score = rng.normal(8.1, 1.9, ANSWERS)
    score -= np.where((touchpoint == "Lieferung") & (days >= NPS_DROP_FROM), NPS_DROP, 0)
    points = np.clip(np.round(score), 0, 10).astype(np.int64)
    lucky = (customers.region[who] == "Tessin") & (days >= day_number(date(2026, 10, 1)))
    points = np.where(lucky, 10, points)
    language = np.where(rng.random(ANSWERS) < 0.7, "de", "en")
    spoken = rng.random(ANSWERS) < 0.4
    words = rng.integers(0, 3, ANSWERS)
    comments = [
        COMMENTS[lang, p >= 7][w] if s else None
        for lang, p, w, s in zip(language, points, words, spoken, strict=True)
    ]
    return pa.table(
        {
            "customer_no": pa.array(who + 1, type=pa.int32()),
            "id": pa.array(np.arange(1, ANSWERS + 1), type=pa.int64()),
            "kundennummer": strings(customers.numbers()[who]),
            "befragt_am": pa.array(dates(days), type=pa.date32()),
            "punkte": pa.array(points),
            "touchpoint": strings(touchpoint),
            "sprache": strings(language),
            "kommentar": strings(comments),
        }
    )


def make_consents(customers: Customers) -> pa.Table:
    """One row per person and purpose asked for; by e-mail."""
    rng = generator("consents")
    rows: list[tuple[int, str, float]] = []
    for purpose, share, yes in (
        ("newsletter", 0.95, 0.62),
        ("profiling", 0.7, 0.35),
        ("sms", 0.45, 0.22),
    ):
        asked = np.flatnonzero((customers.email != "") & (rng.random(COUNT) < share))
        rows += [(int(place), purpose, yes) for place in asked]
    who = np.array([row[0] for row in rows])
    count = len(rows)
    given = rng.random(count) < np.array([row[2] for row in rows])
    changed = moments(rng, rng.integers(0, DAYS, count))
    return pa.table(
        {
            "customer_no": pa.array(who + 1, type=pa.int32()),
            "id": pa.array(np.arange(1, count + 1), type=pa.int64()),
            "email": strings(written_emails(rng, customers.email[who])),
            "zweck": strings([row[1] for row in rows]),
            "erteilt": pa.array(given),
            "geaendert_am": pa.array(changed, type=pa.timestamp("us")),
        }
    )  # fmt: skip
