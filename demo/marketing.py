"""Campaigns with their mails and spend, and the web shop's events."""

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
    money,
    nullable,
    pick,
    strings,
)
from demo.customers import Customers

STAR, DUD = "Herbst-Trail 2026", "Display Retargeting 2026"
STAR_RETURN, DUD_RETURN = 9.0, 0.8
NAMES = (
    ("Winterzauber 2024", "email"),
    ("Skistart 2024", "search"),
    ("Black Week 2024", "social"),
    ("Neujahrsaktion 2025", "email"),
    ("Frühlingswandern 2025", "print"),
    ("Kletterwochen 2025", "social"),
    ("Sommergipfel 2025", "email"),
    ("Zeltwochen 2025", "search"),
    ("Display Herbst 2025", "display"),
    ("Herbst-Trail 2025", "email"),
    ("Skistart 2025", "search"),
    ("Black Week 2025", "social"),
    ("Winterzauber 2025", "email"),
    ("Neujahrsaktion 2026", "email"),
    ("Katalog Frühling 2026", "print"),
    ("Frühlingswandern 2026", "social"),
    ("Kletterwochen 2026", "search"),
    ("Sommergipfel 2026", "email"),
    ("Zeltwochen 2026", "search"),
    ("Influencer Alpen 2026", "social"),
    ("Velo-Sommer 2026", "display"),
    (DUD, "display"),
    (STAR, "email"),
    ("Suche Marke 2026", "search"),
)
LENGTH, STEP = 60, 28
SENDS_EACH = 18_000
SESSIONS, VISITORS = 125_000, 30_000
MOBILE_FROM = day_number(date(2026, 9, 1))
MOBILE_FACTOR = 0.7
PAGES = ("/", "/schuhe", "/jacken", "/rucksaecke", "/zelte", "/klettern", "/ski", "/sale")


def make_campaigns() -> tuple[pa.Table, Array]:
    """24 campaigns of 60 days, one starting every four weeks; and their start days."""
    rng = generator("campaigns")
    count = len(NAMES)
    start = np.minimum(np.arange(count) * STEP, DAYS - LENGTH)
    budget = rng.integers(60, 160, count) * 100.0
    table = pa.table(
        {
            "id": pa.array(np.arange(1, count + 1), type=pa.int32()),
            "name": strings([name for name, _ in NAMES]),
            "channel": strings([channel for _, channel in NAMES]),
            "start_date": pa.array(dates(start), type=pa.date32()),
            "end_date": pa.array(dates(start + LENGTH - 1), type=pa.date32()),
            "budget_chf": money(budget),
        }
    )
    return table, start


def make_spend(campaigns: pa.Table, start: Array) -> pa.Table:
    """Spend by campaign and day: the budget, spread unevenly."""
    rng = generator("spend")
    count = campaigns.num_rows
    parts = rng.dirichlet(np.full(LENGTH, 8.0), count)
    budget = campaigns["budget_chf"].cast(pa.float64()).to_numpy()
    spend = (parts * budget[:, None]).ravel()
    impressions = np.round(spend * rng.uniform(40, 120, len(spend))).astype(np.int32)
    day = (start[:, None] + np.arange(LENGTH)).ravel()
    return pa.table(
        {
            "id": pa.array(np.arange(1, len(spend) + 1), type=pa.int64()),
            "campaign_id": pa.array(np.repeat(np.arange(1, count + 1), LENGTH), type=pa.int32()),
            "day": pa.array(dates(day), type=pa.date32()),
            "spend_chf": money(spend).cast(pa.decimal128(10, 2)),
            "impressions": pa.array(impressions),
            "clicks": pa.array(rng.binomial(impressions, 0.015).astype(np.int32)),
        }
    )


def attribute(orders: pa.Table, spend: pa.Table, start: Array) -> pa.Table:
    """The orders with campaigns: each campaign gets orders worth its return times its spend."""
    rng = generator("attribution")
    amount = orders["betrag_chf"].cast(pa.float64()).to_numpy()
    day = (orders["bestellt_am"].to_numpy().astype("datetime64[D]") - dates(np.zeros(1))[0]).astype(
        int
    )
    valid = ~orders["storniert"].to_numpy(zero_copy_only=False)
    cost = spend["spend_chf"].cast(pa.float64()).to_numpy().reshape(-1, LENGTH).sum(axis=1)
    campaign = np.zeros(orders.num_rows, dtype=np.int32)
    for place, (name, _) in enumerate(NAMES):
        factor = {STAR: STAR_RETURN, DUD: DUD_RETURN}.get(name, rng.uniform(2.2, 3.6))
        window = (day >= start[place]) & (day < start[place] + LENGTH)
        free = np.flatnonzero(window & valid & (campaign == 0))
        shuffled = rng.permutation(free)
        taken = np.searchsorted(np.cumsum(amount[shuffled]), factor * cost[place])
        campaign[shuffled[:taken]] = place + 1
    column = nullable(campaign, campaign > 0, pa.int32())
    return orders.set_column(orders.schema.get_field_index("kampagne_id"), "kampagne_id", column)


def make_sends(customers: Customers, start: Array) -> pa.Table:
    """Mails of the e-mail campaigns; the tool stores addresses in capitals."""
    rng = generator("sends")
    reachable = np.flatnonzero(customers.email != "")
    mailing = [place for place, (_, channel) in enumerate(NAMES) if channel == "email"]
    who = np.concatenate([rng.choice(reachable, SENDS_EACH, replace=True) for _ in mailing])
    campaign = np.repeat(np.array(mailing), SENDS_EACH)
    sent = moments(rng, start[campaign] + rng.integers(0, 20, len(who)))
    opened = rng.random(len(who)) < 0.35
    clicked = opened & (rng.random(len(who)) < 0.18)
    delay = rng.integers(1, 48 * 3600, len(who)).astype("timedelta64[s]")
    upper = rng.random(len(who)) < 0.7
    addresses = np.where(
        upper, np.char.upper(customers.email[who].astype(str)), customers.email[who]
    )
    moment = pa.timestamp("us")
    return pa.table(
        {
            "customer_no": pa.array(who + 1, type=pa.int32()),
            "id": pa.array(np.arange(1, len(who) + 1), type=pa.int64()),
            "campaign_id": pa.array(campaign + 1, type=pa.int32()),
            "email": strings(addresses),
            "sent_at": pa.array(sent, type=moment),
            "opened_at": nullable((sent + delay).astype("datetime64[us]"), opened, moment),
            "clicked_at": nullable((sent + delay * 2).astype("datetime64[us]"), clicked, moment),
            "bounced": pa.array(~opened & (rng.random(len(who)) < 0.03)),
        }
    )


def make_visitors(customers: Customers) -> pa.Table:
    """Visitors; seven of ten are known persons, by hashed e-mail."""
    rng = generator("visitors")
    reachable = np.flatnonzero(customers.email != "")
    known = int(VISITORS * 0.7)
    who = rng.choice(reachable, known)
    first = moments(rng, np.sort(rng.integers(0, DAYS, known)))
    return pa.table(
        {
            "customer_no": pa.array(who + 1, type=pa.int32()),
            "visitor_id": strings([f"v{n:06d}" for n in range(1, known + 1)]),
            "email_sha256": strings(customers.hashes()[who]),
            "first_seen": pa.array(first, type=pa.timestamp("us")),
        }
    )


def make_events(visitors: pa.Table) -> pa.Table:
    """Events of web sessions; fewer mobile checkouts end in a purchase since September 2026."""
    rng = generator("events")
    days = np.sort(rng.integers(0, DAYS, SESSIONS))
    visitor = rng.integers(0, VISITORS, SESSIONS)
    device = pick(rng, {"mobile": 0.55, "desktop": 0.37, "tablet": 0.08}, SESSIONS)
    source = pick(
        rng, {"organic": 0.35, "paid": 0.2, "email": 0.15, "direct": 0.2, "social": 0.1}, SESSIONS
    )
    cart = rng.random(SESSIONS) < 0.3
    checkout = cart & (rng.random(SESSIONS) < 0.55)
    chance = np.where((device == "mobile") & (days >= MOBILE_FROM), 0.62 * MOBILE_FACTOR, 0.62)
    purchase = checkout & (rng.random(SESSIONS) < chance)
    views = rng.integers(1, 4, SESSIONS)
    session = np.concatenate(
        [
            np.repeat(np.arange(SESSIONS), views),
            *(np.flatnonzero(m) for m in (cart, checkout, purchase)),
        ]
    )
    kinds = ("view", "cart", "checkout", "purchase")
    sizes = (views.sum(), cart.sum(), checkout.sum(), purchase.sum())
    kind = np.repeat(np.array(kinds, dtype=object), sizes)
    begun = moments(rng, days)
    step = np.repeat(np.array([0, 120, 300, 420]), sizes) + rng.integers(0, 100, len(session))
    moment = begun[session] + step.astype("timedelta64[s]")
    order = np.argsort(moment, kind="stable")
    session, kind, moment = session[order], kind[order], moment[order]
    who = visitors["customer_no"].to_numpy()
    true = np.append(who, np.zeros(VISITORS - len(who), dtype=who.dtype))[visitor[session]]
    return pa.table(
        {
            "customer_no": nullable(true, true > 0, pa.int32()),
            "event_id": pa.array(np.arange(1, len(session) + 1), type=pa.int64()),
            "visitor_id": strings([f"v{n + 1:06d}" for n in visitor[session]]),
            "event_ts": pa.array(moment, type=pa.timestamp("us", tz="UTC")),
            "event_type": strings(kind),
            "device": strings(device[session]),
            "source": strings(source[session]),
            "page": strings([PAGES[int(n)] for n in rng.integers(len(PAGES), size=len(session))]),
        }
    )  # fmt: skip
