"""What every company looks like: customers in a CRM, tickets in a desk, orders in a shop."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from catalog.semantic_model import Dataset, Field, Metric, Relationship, SemanticModel

FIRST, LAST = date(2024, 4, 1), date(2026, 10, 1)
TODAY = date(2026, 10, 5)
DAYS = (LAST - FIRST).days
Base = Literal["tickets", "orders"]
Segment = tuple[str, str]  # ("customers.region", "north")
TINY = "islands"
CUSTOMER_FIELDS = {
    "region": ("north", "east", "south", "west", TINY),
    "plan": ("basic", "plus", "premium"),
}
OWN_FIELDS: dict[Base, dict[str, tuple[str, ...]]] = {
    "tickets": {
        "channel": ("mail", "phone", "chat"),
        "topic": ("bill", "order", "fault", "other"),
    },
    "orders": {
        "device": ("web", "app", "store"),
        "category": ("shoes", "coats", "tents", "maps"),
    },
}
SILOS = {"customers": "crm", "tickets": "desk", "orders": "shop"}


@dataclass(frozen=True)
class Figure:
    """A metric the companies are asked about.

    Attributes:
        kind: ``count``, ``sum``, ``mean`` or ``rate``.
        spread: Standard deviation of a row's value by its mean (sum), or as it is (mean).
    """

    base: Base
    kind: Literal["count", "sum", "mean", "rate"]
    typical: float
    spread: float = 0.0

    @property
    def additive(self) -> bool:
        """Counts and sums."""
        return self.kind in ("count", "sum")


FIGURES = {
    "tickets": Figure("tickets", "count", 1.0),
    "score": Figure("tickets", "mean", 4.0, 1.2),
    "revenue": Figure("orders", "sum", 80.0, 0.6),
    "return_rate": Figure("orders", "rate", 0.12),
}


def axes(base: Base) -> dict[str, tuple[str, ...]]:
    """Values by ``dataset.field`` of each dimension of a row, in the order of the cells."""
    own = {f"{base}.{name}": values for name, values in OWN_FIELDS[base].items()}
    return {**{f"customers.{name}": v for name, v in CUSTOMER_FIELDS.items()}, **own}


def _fields(named: dict[str, tuple[str, ...]]) -> tuple[Field, ...]:
    return tuple(Field(name, name, dimension=True) for name in named)


def _dataset(base: Base, time: str, values: tuple[Field, ...]) -> Dataset:
    key = Field("id", "id", "Integer")
    when = Field(time, time, "Date", dimension=True, is_time=True)
    fields = (key, when, *_fields(OWN_FIELDS[base]), *values)
    return Dataset(base, f"{SILOS[base]}.main.{base}", ("id",), fields)


def _metric(name: str, expression: str, unit: str, time: str, better: str) -> Metric:
    return Metric(name, expression, time=time, unit=unit, better="up" if better == "up" else "down")


RETURNED = "100.0 * COUNT(CASE WHEN orders.returned = 1 THEN 1 END) / COUNT(orders.id)"
_METRICS = (
    _metric("tickets", "COUNT(tickets.id)", "count", "tickets.opened", "down"),
    _metric("score", "AVG(tickets.score)", "points", "tickets.opened", "up"),
    _metric("revenue", "SUM(orders.amount)", "CHF", "orders.placed", "up"),
    _metric("return_rate", RETURNED, "percent", "orders.placed", "down"),
    _metric("orders", "COUNT(orders.id)", "count", "orders.placed", "up"),
)
MODEL = SemanticModel(
    datasets={
        "customers": Dataset("customers", "crm.main.customers", ("id",), _fields(CUSTOMER_FIELDS)),
        "tickets": _dataset("tickets", "opened", (Field("score", "score", "Decimal"),)),
        "orders": _dataset(
            "orders",
            "placed",
            (Field("amount", "amount", "Decimal"), Field("returned", "returned", "Integer")),
        ),
    },
    relationships=tuple(
        Relationship(f"{base}_of", base, "customers", ("customer",), ("id",), match_rate=1.0)
        for base in OWN_FIELDS
    ),
    metrics={metric.name: metric for metric in _METRICS},
)
