"""A company in memory: the canonical SQL of the studies runs on it as it is."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from assistant.insights.people.base import Aggregates, Study
from assistant.metric_query import Period
from catalog.semantic_model import Dataset, Field, Relationship, SemanticModel
from catalog.semantic_roles import Consent, Contact, Purchase, Rating, Roles, Spend, Step
from connectors.config import ActivationSettings, ChannelSettings

TODAY = date(2026, 10, 31)
TABLES = {
    "people": "id INTEGER, email VARCHAR",
    "consents": "person INTEGER, yes BOOLEAN",
    "objections": "person INTEGER",
    "contacts": "person INTEGER, journey VARCHAR, step INTEGER, planned TIMESTAMP, sent TIMESTAMP, clicked BOOLEAN",
    "orders": "person INTEGER, day TIMESTAMP, amount DOUBLE, back BOOLEAN",
    "visits": "person INTEGER, day TIMESTAMP, source VARCHAR",
    "answers": "person INTEGER, day DATE, points INTEGER, words VARCHAR",
    "costs": "day DATE, channel VARCHAR, amount DOUBLE",
}
ROLES = {
    "people": Roles(addresses={"email": "email"}),
    "consents": Roles(consent={"email": Consent("TRUE", "yes")}),
    "objections": Roles(consent={"email": Consent("TRUE", "FALSE")}),
    "contacts": Roles(
        contact=Contact("sent", {"email": "TRUE"}, "journey", "clicked", "planned", "step")
    ),
    "orders": Roles(purchase=Purchase("day", "amount", "back")),
    "visits": Roles(step=Step("day", "source", marketing=True)),
    "answers": Roles(rating=Rating("day", "points", 0, 10, "words")),
    "costs": Roles(spend=Spend("day", "amount", "channel", {"ads": "paid"})),
}


def model() -> SemanticModel:
    """The semantic model over all tables; each finds its person by number."""
    fields = (Field("person", "person", "Integer"),)
    datasets = {
        name: Dataset(
            name,
            f"one.main.{name}",
            ("id",) if name == "people" else (),
            fields,
            roles=roles,
            entity="person" if name == "people" else "thing",
        )
        for name, roles in ROLES.items()
    }
    steps = tuple(
        Relationship(name, name, "people", ("person",), ("id",))
        for name in TABLES
        if name not in ("people", "costs")
    )
    return SemanticModel(datasets, steps)


class World:
    """Tables to fill, and studies over them."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("ATTACH ':memory:' AS one")
        for name, columns in TABLES.items():
            self.connection.execute(f"CREATE TABLE one.main.{name} ({columns})")
        self.asked: list[str] = []

    def people(self, count: int) -> None:
        """People 1 to count."""
        self.add("people", ((n, f"p{n}@x.example") for n in range(1, count + 1)))

    def add(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Rows of a table."""
        found = list(rows)
        if found:
            columns = [pa.array(list(column)) for column in zip(*found, strict=True)]
            rows_of_it = pa.table(dict(zip(map(str, range(len(columns))), columns, strict=True)))
            self.connection.register("rows_of_it", rows_of_it)
            self.connection.execute(f"INSERT INTO one.main.{table} SELECT * FROM rows_of_it")

    def select(self, sql: str) -> Aggregates:
        """Runs it in memory."""
        self.asked.append(sql)
        rows = [list(row) for row in self.connection.execute(sql).fetchall()]
        return Aggregates(rows, sql, ("one",))

    def study(self, language: str = "en", period: Period | None = None) -> Study:
        """A study over the world."""
        rules = ActivationSettings(channels={"email": ChannelSettings(most=2, days=30)})
        return Study(model(), language, TODAY, self.select, rules, period)  # type: ignore[arg-type]  # a plain word


def ago(days: float) -> datetime:
    """A moment so many days before noon of today."""
    return datetime(2026, 10, 31, 12) - timedelta(days=days)
