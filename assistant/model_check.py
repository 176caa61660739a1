"""Does a semantic model fit the tables the catalog knows? Every part is bound; nothing is read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from assistant.compiler import compile_query
from assistant.compiler.blocks import quoted
from assistant.metric_query import Dimension, MetricQuery
from catalog.normalisers import normalise
from catalog.semantic_model import Dataset, Relationship, SemanticModel
from connectors.binder import bind
from connectors.clock import Clock
from connectors.errors import RundblickError
from connectors.schema import SiloSchema


@dataclass(frozen=True)
class Problem:
    """A part that does not fit. `kind`: dataset, field, relationship, metric or question."""

    kind: str
    name: str
    problem: str


def check_model(model: SemanticModel, schema: SiloSchema, clock: Clock) -> tuple[Problem, ...]:
    """What does not fit, in the model's order; empty when all does.

    Datasets with their filters and fields, links with their normalisers, metrics by month where
    they have a time, and verified questions are bound against the catalog's tables.
    """
    return tuple(_Check(model, schema, clock).problems())


class _Check:
    def __init__(self, model: SemanticModel, schema: SiloSchema, clock: Clock) -> None:
        self.model = model
        self.schema = schema
        self.clock = clock

    def problems(self) -> Iterator[Problem]:
        broken = set()
        for item in self.model.datasets.values():
            for problem in self._dataset(item):
                broken.add(item.name)
                yield problem
        for step in self.model.relationships:
            if not broken & {step.from_dataset, step.to_dataset}:
                yield from self._found("relationship", step.name, partial(self._link, step))
        for name in self.model.metrics:
            yield from self._found("metric", name, partial(self._metric, name))
        for position, asked in enumerate(self.model.verified_questions, 1):
            name = asked.question.get("en") or next(iter(asked.question.values()), str(position))
            yield from self._found("question", name, partial(str, asked.sql))

    def _dataset(self, item: Dataset) -> Iterator[Problem]:
        """The whole dataset at once; when it fails, field by field to name the one at fault."""
        whole = [field.expression for field in item.fields]
        if not list(self._found("dataset", item.name, partial(self._rows, item, whole))):
            return
        bare = list(self._found("dataset", item.name, partial(self._rows, item, [])))
        yield from bare
        for field in item.fields if not bare else ():
            name = f"{item.name}.{field.name}"
            yield from self._found("field", name, partial(self._rows, item, [field.expression]))

    def _rows(self, item: Dataset, expressions: list[str]) -> str:
        fields = {field.name: field.expression for field in item.fields}
        keys = [fields.get(name) or quoted(name) for name in item.primary_key]
        if item.latest:
            keys += [quoted(name) for name in (*item.latest[0], item.latest[1])]
        columns = ", ".join([*expressions, *keys, "1 AS one"])
        where = f" WHERE {item.always}" if item.always else ""
        return f"SELECT {columns} FROM {_source(item)}{where}"

    def _link(self, step: Relationship) -> str:
        start = self.model.datasets[step.from_dataset]
        goal = self.model.datasets[step.to_dataset]
        pairs = zip(step.from_columns, step.to_columns, strict=True)
        left, right = [], []
        for mine, theirs in pairs:
            left.append(normalise(step.normaliser, _key(start, mine)))
            right.append(normalise(step.normaliser, _key(goal, theirs)))
        named = [f"{sql} AS k{place}" for place, sql in enumerate(left)]
        others = [f"{sql} AS k{place}" for place, sql in enumerate(right)]
        keys = " AND ".join(f"a.k{place} = b.k{place}" for place in range(len(left)))
        return (
            f"SELECT 1 AS one FROM (SELECT {', '.join(named)} FROM {_source(start)}) AS a "
            f"JOIN (SELECT {', '.join(others)} FROM {_source(goal)}) AS b ON {keys}"
        )

    def _metric(self, name: str) -> str:
        time = self.model.metrics[name].time
        dataset, _, moment = (time or "").partition(".")
        dimensions = (Dimension(dataset, moment, "month"),) if time else ()
        return compile_query(MetricQuery((name,), dimensions), self.model, "en").sql

    def _found(self, kind: str, name: str, sql: Callable[[], str]) -> Iterator[Problem]:
        try:
            bind(sql(), self.schema, self.clock)
        except RundblickError as error:
            yield Problem(kind, name, error.message)


def _source(item: Dataset) -> str:
    return ".".join(quoted(part) for part in item.source.split("."))


def _key(item: Dataset, name: str) -> str:
    found = item.field(name)
    return found.expression if found else quoted(name)
