"""What every study of people is, and what it sees; the folder is the registry.

A study is a detector with a question of its own: it asks for aggregates that no metric query gives,
such as how many people are written to by two measures at once. Rows about single people never
leave the engine.
"""

import importlib
import pkgutil
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any, Protocol

import sqlglot
from sqlglot import exp

from assistant.answer import Insight
from assistant.compiler.blocks import Block, literal, over, quoted, source
from assistant.compiler.formulas import DIALECT
from assistant.language import format_value, has_text, text
from assistant.metric_query import Period
from assistant.people.facts import key_columns, link, person_dataset, person_key
from catalog.semantic_model import Dataset, Language, SemanticModel
from connectors.config import ActivationSettings

SHARED = frozenset({"base", "ways", "words"})
SMALLEST = 10


@dataclass(frozen=True)
class Aggregates:
    """Rows of one aggregate query, with the SQL and the silos they come from."""

    rows: list[list[Any]]
    sql: str
    silos: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """A column of a report: its name, which is also the key of its label, and its unit."""

    name: str
    unit: str | None = None


@dataclass(frozen=True)
class Report:
    """What a study found.

    Attributes:
        insights: Without ids, best first.
        columns: Of `rows`.
        notes: What to know of the method and its limits, in the asker's language.
        chart: A Vega-Lite specification where the usual choice would not fit.
    """

    insights: tuple[Insight, ...] = ()
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    notes: tuple[str, ...] = ()
    chart: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Study:
    """The means of a study.

    Attributes:
        select: Runs canonical SQL through the guard and gives its rows.
        period: What was asked for; None for the study's own.
        today: The reference day.
        rules: Contact limits and the currency.
    """

    model: SemanticModel
    language: Language
    today: date
    select: Callable[[str], Aggregates]
    rules: ActivationSettings = field(default_factory=ActivationSettings)
    period: Period | None = None
    question: str = field(default="", compare=False)

    def days(self, count: int) -> Period:
        """The period asked for, else the last so many days, today included."""
        if self.period is not None:
            return self.period
        return Period(self.today - timedelta(days=count - 1), self.today + timedelta(days=1))

    def say(self, key: str, **values: object) -> str:
        """A text of the locale files."""
        return text(f"study.{key}", self.language, **values)

    def value(self, value: Any, unit: str | None = None) -> str:
        """A value as people say it."""
        return format_value(value, unit, self.language)

    def label(self, dataset: Dataset) -> str:
        """A dataset's name in the asker's language."""
        return dataset.labels.get(self.language, dataset.name)

    def channel(self, name: str) -> str:
        """A channel's name in the asker's language."""
        key = f"channel.{name}"
        return text(key, self.language) if has_text(key, self.language) else name

    def people_rows(
        self, dataset: Dataset, outputs: Mapping[str, str], where: Sequence[str]
    ) -> str:
        """A SELECT of rows of a dataset with their person, for use inside an aggregate query.

        `outputs` are expressions over the dataset's columns by name; ``other.field`` of the model
        is looked up over the links. `where` are conditions over the dataset's columns.
        """
        block, keys = key_columns(self.model, dataset.name)
        columns = [f"{self.over(block, sql)} AS {quoted(name)}" for name, sql in outputs.items()]
        person = person_dataset(self.model)
        last = (link(self.model, dataset.name) or ())[-1]
        pairs = (
            f"{key} = {block.side(person.name, column, last)}"
            for key, column in zip(keys, last.to_columns, strict=True)
        )
        conditions = [over(part, dataset.name) for part in where]
        conditions += [over(d.always, d.name) for d in (dataset, person) if d.always]
        kept = " AND ".join(f"({part})" for part in conditions) or "TRUE"
        return (
            f"SELECT CAST({person_key(self.model)} AS VARCHAR) AS person, {', '.join(columns)}"
            f" FROM {source(dataset)}{block.joins()} JOIN {source(person)}"
            f" ON {' AND '.join(pairs)} WHERE {kept}"
        )

    def over(self, block: Block, sql: str) -> str:
        """An expression over a dataset's columns, or a ``dataset.field`` reached from it."""
        tree = sqlglot.parse_one(sql, dialect=DIALECT)
        if isinstance(tree, exp.Column) and tree.table in self.model.datasets:
            return block.reference(tree.table, tree.name)
        return over(sql, block.base)


class PeopleDetector(Protocol):
    """One kind of finding about people. One file here; its class is named `Detector`."""

    kind: str
    questions: re.Pattern[str]

    def report(self, study: Study) -> Report:
        """What stands out; an empty report where the model declares too little or is too small.

        Raises:
            RundblickError: A query was refused or failed.
        """


def within(time: str, period: Period) -> str:
    """A moment lies in a period."""
    return f"{time} >= {literal(period.start)} AND {time} < {literal(period.end)}"


@cache
def people_detectors() -> tuple[PeopleDetector, ...]:
    """One detector of every file in this folder, by name."""
    package = importlib.import_module("assistant.insights.people")
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    modules = [importlib.import_module(f"{package.__name__}.{n}") for n in names if n not in SHARED]
    return tuple(module.Detector() for module in modules)
