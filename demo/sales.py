"""Orders, products and subscriptions, as the warehouse has them."""

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
    seasonal_days,
    strings,
)
from demo.customers import COUNT, Customers

ORDERS = 66_000
SUBSCRIPTIONS = 7_000
PREMIUM_FACTOR = 1.35
CATEGORIES = ("Schuhe", "Jacken", "Rucksäcke", "Zelte", "Klettern", "Ski")
BRANDS = ("Bergluft", "Nordgrat", "Alpina Nova", "Firn", "Talwind")
PLANS = {"Basis": 9.90, "Plus": 19.90, "Familie": 29.90}
HAZARD = 0.015
ROMANDIE_FACTOR = 2.2
ROMANDIE_FROM, ROMANDIE_TO = date(2026, 7, 1), date(2026, 10, 1)
PRICE_RISE = date(2026, 6, 1)
PRICE_FACTOR = 1.6


def make_orders(customers: Customers) -> pa.Table:
    """Orders without campaigns; each after its customer's record was made."""
    rng = generator("orders")
    days = seasonal_days(rng, ORDERS)
    weight = rng.gamma(1.2, 1.0, COUNT)
    who = rng.choice(COUNT, ORDERS, p=weight / weight.sum())
    known = customers.created[who] <= days
    days, who = days[known], who[known]
    count = len(days)
    amount = rng.lognormal(4.5, 0.6, count) + 9
    amount *= np.where(customers.segment[who] == "Premium", PREMIUM_FACTOR, 1.0)
    discount = np.where(rng.random(count) < 0.2, amount * rng.uniform(0.05, 0.2, count), 0)
    return pa.table(
        {
            "customer_no": pa.array(who + 1, type=pa.int32()),
            "bestell_id": pa.array(np.arange(1, count + 1), type=pa.int64()),
            "kunde_nr": strings([f"#{n}" for n in customers.numbers()[who]]),
            "bestellt_am": pa.array(moments(rng, days), type=pa.timestamp("us")),
            "betrag_chf": money(amount),
            "rabatt_chf": money(discount),
            "kanal": strings(pick(rng, {"Webshop": 0.55, "App": 0.25, "Filiale": 0.2}, count)),
            "kampagne_id": pa.nulls(count, pa.int32()),
            "storniert": pa.array(rng.random(count) < 0.03),
            "retourniert": pa.array(rng.random(count) < 0.08),
        }
    )


def make_products() -> pa.Table:
    """200 products."""
    rng = generator("products")
    numbers = range(1, 201)
    category = [CATEGORIES[int(n)] for n in rng.integers(len(CATEGORIES), size=200)]
    brand = [BRANDS[int(n)] for n in rng.integers(len(BRANDS), size=200)]
    names = [f"{b} {c} {n}" for b, c, n in zip(brand, category, numbers, strict=True)]
    return pa.table(
        {
            "produkt_id": pa.array(numbers, type=pa.int32()),
            "name": strings(names),
            "kategorie": strings(category),
            "marke": strings(brand),
        }
    )  # fmt: skip


def make_positions(orders: pa.Table) -> pa.Table:
    """One to three lines per order; the first products are the popular ones."""
    rng = generator("positions")
    lines = pick(rng, {1: 0.45, 2: 0.35, 3: 0.2}, orders.num_rows).astype(int)
    order = np.repeat(orders["bestell_id"].to_numpy(), lines)
    position = np.concatenate([np.arange(1, n + 1) for n in (1, 2, 3)])
    starts = {1: 0, 2: 1, 3: 3}
    position = np.concatenate([position[starts[n] : starts[n] + n] for n in lines])
    product = np.minimum(200, np.floor(rng.exponential(60, len(order))).astype(int) + 1)
    return pa.table(
        {
            "bestell_id": pa.array(order, type=pa.int64()),
            "position": pa.array(position, type=pa.int32()),
            "produkt_id": pa.array(product, type=pa.int32()),
            "menge": pa.array(rng.integers(1, 4, len(order)), type=pa.int32()),
            "preis_chf": money(rng.lognormal(3.8, 0.6, len(order)) + 5).cast(pa.decimal128(10, 2)),
        }
    )


def make_subscriptions(customers: Customers) -> pa.Table:
    """At most one subscription per customer, with a chance of cancellation each month."""
    rng = generator("subscriptions")
    who = np.sort(rng.choice(COUNT, SUBSCRIPTIONS, replace=False))
    start = np.maximum(rng.integers(-650, DAYS - 45, SUBSCRIPTIONS), customers.created[who])
    plan = pick(rng, {"Basis": 0.5, "Plus": 0.35, "Familie": 0.15}, SUBSCRIPTIONS)
    end = _cancelled(rng, start, plan, customers.region[who])
    gone = end >= 0
    reason = pick(rng, {1: 0.4, 2: 0.2, 3: 0.25, 4: 0.15}, SUBSCRIPTIONS).astype(np.int16)
    return pa.table(
        {
            "customer_no": pa.array(who + 1, type=pa.int32()),
            "abo_id": pa.array(np.arange(1, SUBSCRIPTIONS + 1), type=pa.int64()),
            "kunde_nr": strings([f"#{n}" for n in customers.numbers()[who]]),
            "plan": strings(plan),
            "preis_chf": money(np.array([PLANS[p] for p in plan])).cast(pa.decimal128(8, 2)),
            "start_am": pa.array(dates(start).astype("datetime64[D]"), type=pa.date32()),
            "gekuendigt_am": nullable(dates(np.maximum(end, 0)), gone, pa.date32()),
            "kuendigungsgrund": nullable(reason, gone, pa.int16()),
        }
    )


def _cancelled(rng: np.random.Generator, start: Array, plan: Array, region: Array) -> Array:
    """Day number of the cancellation, -1 for none; two effects raise the monthly chance."""
    end = np.full(len(start), -1)
    for year, month in [
        (2024, 11),
        (2024, 12),
        *((y, m) for y in (2025, 2026) for m in range(1, 13)),
    ]:
        first = date(year, month, 1)
        if day_number(first) >= DAYS:
            break
        chance = np.full(len(start), HAZARD)
        if ROMANDIE_FROM <= first < ROMANDIE_TO:
            chance = np.where(region == "Romandie", chance * ROMANDIE_FACTOR, chance)
        if first >= PRICE_RISE:
            chance = np.where(plan == "Basis", chance * PRICE_FACTOR, chance)
        day = day_number(first) + rng.integers(0, 28, len(start))
        leaves = (rng.random(len(start)) < chance) & (end < 0) & (day > start) & (day < DAYS)
        end = np.where(leaves, day, end)
    return end
