"""Figures of the sale: orders, carts, subscriptions, customers, and what the ads cost."""

from collections.abc import Iterator

from catalog.proposal.figures import Asked, Figure
from catalog.proposal.formulas import (
    counted,
    currency,
    customer,
    every_row,
    mark,
    measure,
    rows,
    share,
    truth,
    untruth,
)
from catalog.proposal.roles import ColumnRole
from catalog.proposal.subjects import Subject

REVENUE = ("revenue", "total", "amount", "value", "price")
NO_REVENUE = frozenset(
    ["discount", "tax", "fee", "refund", "shipment", "budget", "cost", "profit", "invoice"]
)


def orders(asked: Asked) -> Iterator[Figure]:
    """Revenue, order value, buyers, repeat purchases and returns."""
    subject, time = asked.subject, asked.time
    if subject.concept != "order":
        return
    value, buyer = _order_value(subject), customer(subject)
    if value is None:
        return
    yield from _revenue(asked, value, buyer)
    if buyer is not None:
        yield from _buyers(subject, buyer, time)
    returned = mark(subject, "returned")
    if returned is not None:
        formula = share(counted(truth(subject, returned)), every_row(subject))
        yield Figure("return_rate", formula, time, 0.9, f"{returned.column.name} marks returns")


def _order_value(subject: Subject) -> ColumnRole | None:
    fitting = [r for r in subject.of("measure") if not r.keys & NO_REVENUE]
    ranked = [(REVENUE.index(key), r) for r in fitting for key in REVENUE if key in r.keys]
    best = min(ranked, key=lambda pair: (pair[0], len(pair[1].parts)), default=None)
    return best[1] if best else None


def _revenue(asked: Asked, value: ColumnRole, buyer: ColumnRole | None) -> Iterator[Figure]:
    subject, time = asked.subject, asked.time
    unit = currency(value, subject, asked.currencies)
    total = f"SUM({subject.reference(value.column.name)})"
    reason = f"{value.column.name} is the value of an order"
    if subject.always:
        reason += f"; {subject.always[1]}"
    yield Figure("revenue", total, time, 0.9 if unit else 0.75, reason, unit)
    yield Figure("average_order_value", f"{total} / {rows(subject)}", time, 0.85, reason, unit)
    if buyer is not None:
        each = f"{total} / COUNT(DISTINCT {subject.reference(buyer.column.name)})"
        yield Figure("revenue_per_customer", each, time, 0.85, reason, unit)


def _buyers(subject: Subject, buyer: ColumnRole, time: str | None) -> Iterator[Figure]:
    name = subject.reference(buyer.column.name)
    reason = f"{buyer.column.name} tells who ordered"
    yield Figure("buyers", f"COUNT(DISTINCT {name})", time, 0.85, reason)
    again = f"LEN(LIST_FILTER(MAP_VALUES(HISTOGRAM({name})), n -> n > 1))"
    if len(subject.key) == 1:
        rate = share(again, f"COUNT(DISTINCT {name})")
        yield Figure("repeat_purchase_rate", rate, time, 0.8, reason)


def carts(asked: Asked) -> Iterator[Figure]:
    """Carts that were left."""
    subject = asked.subject
    done = mark(subject, "closed", "ordered", "converted")
    if subject.concept == "cart" and done is not None:
        left = counted(untruth(subject, done))
        reason = f"{done.column.name} marks completed carts"
        yield Figure("cart_abandonment", share(left, every_row(subject)), asked.time, 0.75, reason)


def subscriptions(asked: Asked) -> Iterator[Figure]:
    """What was cancelled, what runs, and the share of both."""
    subject, time = asked.subject, asked.time
    cancelled = mark(subject, "cancelled")
    if subject.concept != "subscription":
        return
    if time is not None:
        yield Figure("new_subscriptions", rows(subject), time, 0.85, f"{time} is the start")
    if cancelled is None:
        return
    gone, name = truth(subject, cancelled), cancelled.column.name
    reason = f"{name} is filled when cancelled"
    lost, kept = counted(gone), counted(untruth(subject, cancelled))
    at = name if cancelled.family == "time" else time
    yield Figure("cancellations", lost, at, 0.85, reason)
    yield Figure("active_subscriptions", kept, None, 0.85, reason)
    yield Figure("churn_rate", share(lost, every_row(subject)), time, 0.7, reason)
    yield Figure("retention_rate", share(kept, every_row(subject)), time, 0.7, reason)


def people(asked: Asked) -> Iterator[Figure]:
    """New customers, and what one is worth when a column says so."""
    subject = asked.subject
    if subject.concept == "customer" and asked.time is not None:
        reason = f"{asked.time} is when the record was made"
        yield Figure("new_customers", rows(subject), asked.time, 0.8, reason)
    worth = measure(subject, "lifetimevalue")
    if worth is not None and subject.of_person:
        unit = currency(worth, subject, asked.currencies)
        mean = f"AVG({subject.reference(worth.column.name)})"
        yield Figure("lifetime_value", mean, None, 0.7, f"named {worth.column.name}", unit)


def ads(asked: Asked) -> Iterator[Figure]:
    """What ads cost, how they are clicked, what a click costs, what they return."""
    subject, time = asked.subject, asked.time
    cost = measure(subject, "spend", "cost")
    views, clicks = measure(subject, "impressions"), measure(subject, "click")
    if views is None and not (subject.words & {"ad", "adset", "campaign"} and cost):
        return
    if views is not None and clicks is not None:
        yield _per("click_through_rate", subject, (clicks, views), time, percent=True)
    if cost is None or not (views or "ad" in subject.words):
        return
    unit, name = currency(cost, subject, asked.currencies), cost.column.name
    total = f"SUM({subject.reference(name)})"
    yield Figure("ad_spend", total, time, 0.9, f"{name} beside ads or impressions", unit)
    if clicks is not None:
        figure = _per("cost_per_click", subject, (cost, clicks), time)
        yield Figure(figure.key, figure.expression, time, figure.score, figure.reason, unit)
    value = measure(subject, "revenue", "value")
    if value is not None and "conversion" in value.keys:
        yield _per("return_on_ad_spend", subject, (value, cost), time)


def _per(
    key: str,
    subject: Subject,
    pair: tuple[ColumnRole, ColumnRole],
    time: str | None,
    *,
    percent: bool = False,
) -> Figure:
    part, whole = (f"SUM({subject.reference(role.column.name)})" for role in pair)
    reason = f"{pair[0].column.name} per {pair[1].column.name}"
    return Figure(key, share(part, whole) if percent else f"{part} / {whole}", time, 0.85, reason)


SALES_RULES = (orders, carts, subscriptions, people, ads)
