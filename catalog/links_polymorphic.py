"""Columns that name rows of several tables, told apart by a second column: ``owner_type``.

Each value of the second column that names a table becomes a link of its own, over the key of the
rows with that value: ``CASE WHEN "owner_type" = 'User' THEN "owner_id" END``.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
from sqlglot import exp

from catalog.links_names import TableName, named
from catalog.links_reading import KeyReader, KeySide, key_side, problem
from catalog.sensitivity import looks_personal
from catalog.words import words
from connectors.clock import Deadline
from connectors.errors import SiloCancelled, SiloError
from connectors.schema import PERSONAL, Column, Table

KINDS = frozenset({"type", "class", "module", "model", "table", "object", "kind", "entity", "name"})
MOST_KINDS = 24
LONGEST_KIND = 60
SAMPLED_ROWS = 20_000
LEAST_NAMED = 0.7
# ``Channel::WebWidget``, ``App\Models\Post``, ``shop.order``
_PARTS = re.compile(r"::|\\|/|\.")
VALUES = pa.schema([("value", pa.string())])


@dataclass(frozen=True)
class Polymorphic:
    """An id column and the column that tells which table it is an id of."""

    table: Table
    number: Column
    kind: Column

    def key(self, value: str) -> KeySide:
        """The side of the rows with one kind."""
        case = exp.Case().when(
            exp.column(self.kind.name, quoted=True).eq(exp.Literal.string(value)),
            exp.column(self.number.name, quoted=True),
        )
        return key_side(self.table, (case.sql("duckdb"),))


def polymorphic(table: Table) -> Iterator[Polymorphic]:
    """The pairs of a table: ``owner_id`` with ``owner_type``, ``channel_id`` with ``channel``."""
    texts = {tuple(words(c.name)): c for c in table.columns if c.type.startswith("VARCHAR")}
    for column in table.columns:
        stem = tuple(words(column.name))
        if len(stem) < 2 or stem[-1] not in ("id", "uuid"):
            continue
        base = stem[:-1]
        names = [(*base, kind) for kind in sorted(KINDS)] + [base, (*base[:-1], "type")]
        kind = next((texts[name] for name in names if name in texts), None)
        if kind is not None and kind is not column and _may_be_shown(table, kind):
            yield Polymorphic(table, column, kind)


def _may_be_shown(table: Table, kind: Column) -> bool:
    return table.sensitivity.get(kind.name) not in PERSONAL


def kinds(
    reader: KeyReader, pairs: Sequence[Polymorphic], deadline: Deadline, problems: dict[str, str]
) -> Iterator[tuple[Polymorphic, list[str]]]:
    """The kinds that stand in a sample of rows, where they are few and look like names of tables.

    Raises:
        SiloCancelled: On cancel.
    """
    for pair in pairs:
        try:
            sql = _distinct_kinds(pair).sql(reader.dialect(pair.table.silo))
            rows = reader.ask(pair.table.silo, sql, VALUES, deadline)
        except SiloCancelled:
            raise
        except SiloError as error:
            problems[f"{pair.table.full_name}.{pair.kind.name}"] = problem(error)
            continue
        values = sorted(row["value"] for row in rows if row["value"])
        few = 0 < len(values) < MOST_KINDS and all(len(v) <= LONGEST_KIND for v in values)
        if few and not looks_personal(values):
            yield pair, values


def _distinct_kinds(pair: Polymorphic) -> exp.Expr:
    table = exp.table_(pair.table.name, db=pair.table.schema, quoted=True)
    kind = exp.cast(exp.column(pair.kind.name, quoted=True), "VARCHAR")
    sample = exp.select(exp.alias_(kind, "value")).from_(table).limit(SAMPLED_ROWS)
    return exp.select("value").distinct().from_(sample.subquery("s")).limit(MOST_KINDS)


def meant(value: str, own: TableName, names: Sequence[TableName]) -> TableName | None:
    """The table a kind names: with all its parts, ``Channel::Email``, or with the last one."""
    parts = [part for part in _PARTS.split(value) if part]
    for about in (tuple(words(" ".join(parts))), tuple(words(parts[-1])) if parts else ()):
        scores = [(named(about, TableName(n.table, n.words), _no_table(own)), n) for n in names]
        best = max(scores, key=lambda pair: pair[0], default=(0.0, None)) if about else (0.0, None)
        if best[0] >= LEAST_NAMED:
            return best[1]
    return None


def _no_table(own: TableName) -> TableName:
    """A kind may mean the own table too: its words alone are the context."""
    return TableName("", own.words)
