"""What a silo holds: tables, columns, keys and their statistics. Filled by the catalog."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal

TableKind = Literal["table", "view"]
Sensitivity = Literal[
    "none", "identifier", "contact", "free_text", "payment", "health", "consent", "behaviour"
]
PERSONAL: frozenset[str] = frozenset({"identifier", "contact", "free_text", "payment", "health"})


@dataclass(frozen=True)
class Column:
    """A column of a silo's table.

    Attributes:
        name: As the silo spells it.
        type: Canonical (DuckDB) type such as ``DECIMAL(12, 2)``; ``UNKNOWN`` when no type fits,
            which makes the column unreadable.
        native_type: The silo's own type, as its dictionary prints it.
        nullable: False only when the silo guarantees it.
        comment: The silo's comment, cleaned of control characters; empty when there is none.
        collation: Name of a text column's collation; None for other types or when binary.
    """

    name: str
    type: str
    native_type: str = ""
    nullable: bool = True
    comment: str = ""
    collation: str | None = None


@dataclass(frozen=True)
class ForeignKey:
    """A declared reference inside one silo; ``table`` is schema-qualified (``schema.table``)."""

    columns: tuple[str, ...]
    table: str
    references: tuple[str, ...]


@dataclass(frozen=True)
class ColumnStats:
    """Light statistics of a column; None means unknown, never 0.

    Attributes:
        null_share: 0 to 1.
        distinct: Estimated number of distinct values.
        minimum: Smallest value as text; None for personal and free-text columns.
        maximum: Largest value as text; None for personal and free-text columns.
        values: Category values, only when few, non-personal and allowed.
        shape: Form of most texts of a sample, such as e-mail, uuid or prose; None when none.
    """

    null_share: float | None = None
    distinct: int | None = None
    minimum: str | None = None
    maximum: str | None = None
    values: tuple[str, ...] = ()
    shape: str | None = None


@dataclass(frozen=True)
class Table:
    """A table or view of a silo. ``row_estimate`` None means unknown.

    Attributes:
        newest: The newest moment of the past in any of its columns, in UTC; None when unknown.
        recent: Rows of the 30 days before ``newest``, by the same column; None when unknown.
    """

    silo: str
    schema: str
    name: str
    columns: tuple[Column, ...]
    kind: TableKind = "table"
    comment: str = ""
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    unique_keys: tuple[tuple[str, ...], ...] = ()
    row_estimate: int | None = None
    stats: Mapping[str, ColumnStats] = field(default_factory=dict)
    sensitivity: Mapping[str, Sensitivity] = field(default_factory=dict)
    newest: datetime | None = None
    recent: int | None = None

    @property
    def full_name(self) -> str:
        """The three-part name ``silo.schema.table``, unquoted."""
        return f"{self.silo}.{self.schema}.{self.name}"

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """Columns by lower-case name."""
        return {column.name.lower(): column for column in self.columns}

    def column(self, name: str) -> Column | None:
        """The column of this name in any case, or None."""
        return self.by_name.get(name.lower())


class SiloSchema:
    """All tables the catalog knows, found by one, two or three-part name in any case."""

    def __init__(self, tables: Iterable[Table]) -> None:
        self.tables: Mapping[str, Table] = {t.full_name.lower(): t for t in tables}
        self._short: dict[str, list[Table]] = {}
        for table in self.tables.values():
            for key in (table.name, f"{table.silo}.{table.name}", f"{table.schema}.{table.name}"):
                self._short.setdefault(key.lower(), []).append(table)

    def __iter__(self) -> Iterator[Table]:
        """Tables in catalog order."""
        return iter(self.tables.values())

    def __len__(self) -> int:
        """Number of tables."""
        return len(self.tables)

    def find(self, name: str) -> tuple[Table, ...]:
        """Tables that fit a one, two or three-part name; an exact three-part name fits alone."""
        exact = self.tables.get(name.lower())
        if exact is not None:
            return (exact,)
        seen = {t.full_name: t for t in self._short.get(name.lower(), ())}
        return tuple(seen.values())

    def silo(self, name: str) -> tuple[Table, ...]:
        """Tables of one silo."""
        return tuple(t for t in self if t.silo == name)

    def names(self) -> tuple[str, ...]:
        """Three-part names of all tables."""
        return tuple(t.full_name for t in self)
