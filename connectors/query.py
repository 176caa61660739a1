"""The values a query becomes on its way: bound first, a result with its receipt last."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
from sqlglot import exp

from connectors.schema import Table


@dataclass(frozen=True)
class OutputColumn:
    """A column of a result.

    Attributes:
        type: Canonical type.
        unit: As metrics have it; None when unknown.
        label: Name in the asker's language; None when there is none.
        values: What coded values mean in the asker's language, by value as text.
    """

    name: str
    type: str
    unit: str | None = None
    label: str | None = None
    values: Mapping[str, str] | None = None

    def shown(self, value: object) -> object:
        """A cell as people read it: the meaning of a code, else the value itself."""
        return self.values.get(str(value), value) if self.values else value


@dataclass(frozen=True)
class BoundQuery:
    """One SELECT whose every name and type is resolved against the catalog.

    Attributes:
        tree: Qualified and typed tree: every column carries its table alias, every table its
            three parts and an alias, stars are expanded, USING is an explicit ON, and ``now()`` and
            ``current_date`` are literals. Never mutate it: copy first.
        tables: Catalog tables read, each once, in order of first use.
        columns: Output columns in order.
        sql: The tree as canonical SQL, three-part names, no comments.
    """

    tree: exp.Query
    tables: tuple[Table, ...]
    columns: tuple[OutputColumn, ...]
    sql: str


@dataclass(frozen=True)
class FragmentReceipt:
    """What left one silo for one fragment.

    Bytes are those of the rows on the wire (see `connectors.wire`), of the Arrow data where a silo
    is a file; ms is wall time. What was estimated is None where statistics do not tell. `snapshot`
    is True when all that was read from this silo is of one moment.
    """

    silo: str
    dialect: str
    sql: str
    rows: int
    bytes: int
    keys_sent: int
    columns: tuple[str, ...]
    ms: float
    read_at: datetime
    pushed: tuple[str, ...]
    kept: tuple[str, ...]
    estimated_rows: int | None = None
    estimated_bytes: int | None = None
    snapshot: bool = True


@dataclass(frozen=True)
class Receipt:
    """What left which silo for one answer. Nothing is ever persisted."""

    fragments: tuple[FragmentReceipt, ...]
    engine: str
    engine_ms: float
    rows_persisted: int = 0


@dataclass(frozen=True)
class QueryResult:
    """Rows with the receipt of how they came about.

    Attributes:
        table: The rows as Arrow, columns as in ``columns``.
        sql: Canonical SQL that was run.
        truncated: True when more rows exist than were asked for.
        missing_silos: Silos left out of a partial answer; empty otherwise.
        tables: Three-part names of the tables read, each once.
    """

    table: pa.Table
    columns: tuple[OutputColumn, ...]
    sql: str
    receipt: Receipt
    truncated: bool = False
    missing_silos: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()

    def rows(self) -> list[list[object]]:
        """Rows as Python values, in order."""
        columns = [column.to_pylist() for column in self.table.columns]
        return [list(row) for row in zip(*columns, strict=True)]
