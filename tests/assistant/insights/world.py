"""A made-up service desk: one row a ticket, counted in memory, with effects planted by the test."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from assistant.insights.base import Evidence, Scene
from assistant.metric_query import Dimension, MetricQuery, Period
from catalog.semantic_model import Dataset, Field, Metric, Relationship, SemanticModel
from connectors.clock import Clock
from connectors.query import OutputColumn, QueryResult, Receipt

FIRST, LAST = date(2024, 7, 1), date(2026, 10, 1)
TODAY = date(2026, 10, 31)
Q3 = Period(date(2026, 7, 1), date(2026, 10, 1), "3. Quartal 2026")
REGIONS = ("Bern", "Genf", "Tessin", "Zürich")
CHANNELS = (1, 2, 3)
BY_REGION, BY_CHANNEL = Dimension("kunden", "region"), Dimension("tickets", "kanal")


def labels(de: str, en: str) -> dict[str, str]:
    return {"de": de, "en": en}


DESK = Dataset(
    "tickets",
    "desk.main.tickets",
    fields=(
        Field("id", "id", "Integer"),
        Field("tag", "tag", "Date", dimension=True, is_time=True),
        Field("note", "note", "Decimal"),
        Field("betrag", "betrag", "Decimal"),
        Field("offen", "offen", "Boolean", dimension=True),
        Field(
            "kanal",
            "kanal",
            "Integer",
            dimension=True,
            labels=labels("Kanal", "channel"),
            codes={
                "1": labels("Mail", "mail"),
                "2": labels("Telefon", "phone"),
                "3": labels("Chat", "chat"),
            },
        ),
    ),
)
CUSTOMERS = Dataset(
    "kunden",
    "crm.main.kunden",
    fields=(Field("region", "region", dimension=True, labels=labels("Region", "region")),),
)


def metric(name: str, expression: str, unit: str, better: str | None, said: str) -> Metric:
    made = labels(said, name)
    return Metric(
        name,
        expression,
        labels=made,
        time="tickets.tag",
        better=better,
        unit=unit,
        touchpoint="service",
    )  # type: ignore[arg-type]  # a plain word in tests


OPEN = "100.0 * COUNT(CASE WHEN tickets.offen THEN 1 END) / COUNT(tickets.id)"
METRICS = (
    metric("tickets", "COUNT(tickets.id)", "count", "down", "Tickets"),
    metric("cost", "SUM(tickets.betrag)", "CHF", "down", "Kosten"),
    metric("score", "AVG(tickets.note)", "points", "up", "Note"),
    metric("open_rate", OPEN, "percent", "down", "offene Tickets"),
    Metric("stock", "COUNT(tickets.offen)", unit="count"),
)
MODEL = SemanticModel(
    datasets={"tickets": DESK, "kunden": CUSTOMERS},
    relationships=(Relationship("t2k", "tickets", "kunden", ("kunde",), ("id",)),),
    metrics={made.name: made for made in METRICS},
)
Rate = Callable[[date, str, int], float]


@dataclass
class World:
    """Tickets by day, region and channel; rates are functions of these three.

    Attributes:
        daily: Expected tickets a day.
        score: Expected mark of a ticket, with a spread of 1.
        open_share: Chance that a ticket is open.
        asked: How many queries were run.
    """

    seed: int = 1
    daily: Rate = lambda day, region, channel: 1.0
    score: Rate = lambda day, region, channel: 4.0
    open_share: Rate = lambda day, region, channel: 0.2
    first: date = FIRST
    asked: int = 0
    columns: dict[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        random = np.random.default_rng(self.seed)
        cells = [
            (day, region, channel)
            for day in range(self.first.toordinal(), LAST.toordinal() + 30)
            for region in range(len(REGIONS))
            for channel in range(len(CHANNELS))
        ]
        said = [(date.fromordinal(d), REGIONS[r], CHANNELS[c]) for d, r, c in cells]
        counts = random.poisson([self.daily(*cell) for cell in said])
        repeated = np.repeat(np.array(cells), counts, axis=0)
        total = int(counts.sum())
        means = np.repeat([self.score(*cell) for cell in said], counts)
        chances = np.repeat([self.open_share(*cell) for cell in said], counts)
        self.columns = {
            "day": repeated[:, 0],
            "region": repeated[:, 1],
            "kanal": repeated[:, 2],
            "note": random.normal(means, 1.0),
            "betrag": random.gamma(4.0, 5.0, total),
            "offen": random.random(total) < chances,
        }

    def run(self, query: MetricQuery) -> Evidence:
        """Answers as the compiler's SQL would."""
        self.asked += 1
        rows = np.ones(len(self.columns["day"]), dtype=bool)
        if query.period:
            day = self.columns["day"]
            rows &= (day >= query.period.start.toordinal()) & (day < query.period.end.toordinal())
        keys = [self._keys(dimension)[rows] for dimension in query.dimensions]
        names = tuple(d.field for d in query.dimensions) + query.metrics
        if not keys:
            return self._evidence(names, [[*(self._value(m, rows) for m in query.metrics)]])
        groups, places = np.unique(np.array(keys), axis=1, return_inverse=True)
        parts = [self._by_place(m, rows, places, groups.shape[1]) for m in query.metrics]
        shown = [
            [
                *(self._shown(d, key) for d, key in zip(query.dimensions, group, strict=True)),
                *values,
            ]
            for group, values in zip(groups.T, zip(*parts, strict=True), strict=True)
        ]
        return self._evidence(names, shown)

    def _evidence(self, names: tuple[str, ...], rows: list[list[object]]) -> Evidence:
        return Evidence(names, rows, f"SELECT {', '.join(names)}", ("desk",))

    def _keys(self, dimension: Dimension) -> np.ndarray:
        day = self.columns["day"]
        if dimension.grain == "week":
            return day - (day - 1) % 7
        if dimension.grain == "month":
            return np.array([date.fromordinal(d).replace(day=1).toordinal() for d in FIRSTS])[
                day - FIRSTS[0]
            ]
        return day if dimension.grain else self.columns[dimension.field]

    def _shown(self, dimension: Dimension, key: int) -> object:
        if dimension.grain:
            return date.fromordinal(int(key))
        return {"region": REGIONS, "kanal": CHANNELS, "offen": (False, True)}[dimension.field][
            int(key)
        ]

    def _by_place(self, name: str, rows: np.ndarray, places: np.ndarray, size: int) -> list[float]:
        places, counts = places.ravel(), np.bincount(places.ravel(), minlength=size)
        column = {"cost": "betrag", "score": "note", "open_rate": "offen"}.get(name)
        if column is None:
            return [float(count) for count in counts]
        sums = np.bincount(places, weights=self.columns[column][rows], minlength=size)
        if name == "cost":
            return [float(v) for v in sums]
        return [float(v) for v in sums / counts * (100 if name == "open_rate" else 1)]

    def _value(self, name: str, rows: np.ndarray) -> float | None:
        count = int(rows.sum())
        if not count:
            return 0.0 if name == "tickets" else None
        return self._by_place(name, rows, np.zeros(count, dtype=int), 1)[0]

    def scene(
        self,
        metric: str = "tickets",
        *dimensions: Dimension,
        period: Period | None = Q3,
        **more: object,
    ) -> Scene:
        """A question about a metric, answered."""
        query = MetricQuery((metric,), dimensions, period=period, **more)  # type: ignore[arg-type]  # passed on
        evidence = self.run(query)
        columns = tuple(OutputColumn(name, "VARCHAR") for name in evidence.columns)
        values = list(zip(*evidence.rows, strict=True)) or [[] for _ in columns]
        table = pa.table(
            {n: pa.array(list(v)) for n, v in zip(evidence.columns, values, strict=True)}
        )
        receipt = Receipt((), "test", 0.0)
        result = QueryResult(table, columns, evidence.sql, receipt)
        self.asked = 0
        return Scene(query, MODEL, result, "de", Clock(TODAY), self.run)


FIRSTS = range((FIRST - timedelta(days=800)).toordinal(), (LAST + timedelta(days=60)).toordinal())
__all__ = ["BY_CHANNEL", "BY_REGION", "MODEL", "Q3", "World"]
