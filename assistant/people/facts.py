"""Facts about people from many silos, as one canonical SELECT with a row per person.

Each dataset that leads to the dataset of persons is read once: its rows are grouped by the key of
the last link, brought to the link's form, and joined to the person. So a fact is computed where
its rows are, as far as the planner can push it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from assistant.compiler.blocks import Block, over, quoted, source
from assistant.compiler.formulas import DIALECT
from assistant.compiler.paths import path
from catalog.semantic_model import Dataset, Relationship, SemanticModel
from connectors.errors import ConfigurationError

PERSON = "person"
ALL = "TRUE"


@dataclass(frozen=True)
class Fact:
    """One figure about a person.

    Attributes:
        dataset: Whose rows it is computed from.
        value: Aggregate over the columns of the dataset's table; null for people without a row.
        rows: Which rows are needed at all.
    """

    dataset: str
    value: str
    rows: str = ALL


def has(dataset: str, condition: str) -> Fact:
    """1 for people with a row that meets the condition, else null."""
    return Fact(dataset, f"MAX(CASE WHEN {condition} THEN 1 END)", condition)


def count(dataset: str, condition: str) -> Fact:
    """The number of rows that meet the condition; null or 0 for none."""
    return Fact(dataset, f"COUNT(CASE WHEN {condition} THEN 1 END)", condition)


def person_dataset(model: SemanticModel) -> Dataset:
    """The dataset of persons: of entity person, with addresses.

    Raises:
        ConfigurationError: The semantic model has none, or several.
    """
    found = [d for d in model.datasets.values() if d.entity == PERSON and d.roles.addresses]
    if len(found) != 1:
        message = f"{len(found)} datasets of the semantic model are persons with addresses, not one"
        hint = "Give the dataset of persons `entity: person` and `addresses` (docs/actions.md)."
        raise ConfigurationError(message, hint=hint)
    return found[0]


def link(model: SemanticModel, dataset: str) -> tuple[Relationship, ...] | None:
    """The links from a dataset to the persons; None when there are none."""
    return path(model, dataset, person_dataset(model).name)


class Facts:
    """Facts being collected for one SELECT; the same fact is computed once."""

    def __init__(self, model: SemanticModel) -> None:
        self.model = model
        self.person = person_dataset(model)
        self._facts: dict[str, dict[Fact, str]] = {}

    def sql(self, fact: Fact) -> str:
        """The fact of a row's person, to use in the SELECT this makes.

        Raises:
            ConfigurationError: No link leads from the dataset to the persons.
        """
        if fact.dataset == self.person.name:
            return self.of_person(_without_aggregate(fact.value))
        if not link(self.model, fact.dataset):
            message = f"no link leads from {fact.dataset!r} to {self.person.name!r}"
            raise ConfigurationError(message, hint="Add a relationship to the semantic model.")
        known = self._facts.setdefault(fact.dataset, {})
        name = known.setdefault(fact, f"v{len(known)}")
        return f"{quoted(_table(fact.dataset))}.{quoted(name)}"

    def of_person(self, expression: str) -> str:
        """An expression over the columns of the persons' own table."""
        return over(expression, self.person.name)

    def select(
        self,
        outputs: Sequence[str],
        where: Sequence[str] = (),
        tail: str = "",
        extra: Mapping[str, str] | None = None,
    ) -> str:
        """The SELECT: outputs and conditions refer to facts by what `sql` gave for them.

        `extra` are WITH tables that follow those of the facts, `tail` what follows WHERE.
        """
        tables = {_table(name): self._table_sql(name, facts) for name, facts in self._facts.items()}
        tables |= extra or {}
        joins = "".join(self._join(name) for name in self._facts)
        conditions = [self.of_person(self.person.always)] if self.person.always else []
        conditions += where
        sql = f"SELECT {', '.join(outputs)} FROM {source(self.person)}{joins}"
        if conditions:
            sql += f" WHERE {' AND '.join(f'({c})' for c in conditions)}"
        with_ = ", ".join(f"{quoted(name)} AS ({body})" for name, body in tables.items())
        return (f"WITH {with_} " if with_ else "") + sql + tail

    def silos(self) -> tuple[str, ...]:
        """Silos the facts come from, the persons' own first."""
        names = [self.person.name, *self._facts]
        return silos(self.model, names)

    def _table_sql(self, dataset: str, facts: Mapping[Fact, str]) -> str:
        block = Block(self.model, dataset)
        keys = _keys(block, self._steps(dataset))
        outputs = [f"{sql} AS {quoted(f'k{place}')}" for place, sql in enumerate(keys)]
        outputs += [f"{over(f.value, dataset)} AS {quoted(name)}" for f, name in facts.items()]
        base = self.model.datasets[dataset]
        conditions = [f"NOT {sql} IS NULL" for sql in keys]
        if base.always:
            conditions.append(over(base.always, dataset))
        needed = dict.fromkeys(over(fact.rows, dataset) for fact in facts)
        if ALL not in needed:
            conditions.append(" OR ".join(f"({rows})" for rows in needed))
        where = " AND ".join(f"({condition})" for condition in conditions)
        return (
            f"SELECT {', '.join(outputs)} FROM {source(base)}{block.joins()}"
            f" WHERE {where} GROUP BY {', '.join(keys)}"
        )

    def _join(self, dataset: str) -> str:
        block = Block(self.model, dataset)
        last = self._steps(dataset)[-1]
        pairs = (
            f"{quoted(_table(dataset))}.{quoted(f'k{place}')} ="
            f" {block.side(last.to_dataset, column, last)}"
            for place, column in enumerate(last.to_columns)
        )
        return f" LEFT JOIN {quoted(_table(dataset))} ON {' AND '.join(pairs)}"

    def _steps(self, dataset: str) -> tuple[Relationship, ...]:
        return path(self.model, dataset, self.person.name) or ()


def key_columns(model: SemanticModel, dataset: str) -> tuple[Block, tuple[str, ...]]:
    """The block over a dataset and the person's key in its rows, in the last link's form."""
    block = Block(model, dataset)
    return block, _keys(block, link(model, dataset) or ())


def person_key(model: SemanticModel) -> str:
    """The persons' own primary key as SQL; several columns are joined by a blank."""
    person = person_dataset(model)
    columns = [over(quoted(column), person.name) for column in person.primary_key]
    return columns[0] if len(columns) == 1 else f"CONCAT_WS(' ', {', '.join(columns)})"


def silos(model: SemanticModel, datasets: Iterable[str]) -> tuple[str, ...]:
    """The silos of datasets, each once, in order."""
    return tuple(dict.fromkeys(model.datasets[name].source.split(".")[0] for name in datasets))


def _keys(block: Block, steps: Sequence[Relationship]) -> tuple[str, ...]:
    """The left side of the last link; what lies before it is joined to the block."""
    for step in steps[:-1]:
        block.joined.setdefault(step.to_dataset, step)
    last = steps[-1]
    return tuple(block.side(last.from_dataset, column, last) for column in last.from_columns)


def _table(dataset: str) -> str:
    return f"of_{dataset}"


def _without_aggregate(value: str) -> str:
    """The argument of an aggregate: of one person's single row it is the same."""
    tree = sqlglot.parse_one(value, dialect=DIALECT)
    return tree.this.sql(DIALECT) if isinstance(tree, (exp.Max, exp.Min, exp.Sum)) else value
