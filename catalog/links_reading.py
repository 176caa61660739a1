"""Reads key columns of silos and hands on nothing but salted hashes of them."""

import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from catalog.normalisers import normalise
from connectors.arrow_types import arrow_type
from connectors.clock import Cancellation, Deadline
from connectors.config import Settings
from connectors.errors import CatalogError, RundblickError, SchemaDrift
from connectors.keys import KeyCounts, KeyHasher
from connectors.schema import Column, Table
from connectors.silos import connect
from connectors.silos.base import Connector

CANONICAL = "duckdb"
MOST_ROWS = 5_000_000
SEPARATOR = "chr(31)"
_FRACTIONS = ("DECIMAL", "DOUBLE", "FLOAT")


@dataclass(frozen=True)
class KeySide:
    """One side of a link: the columns to read, and the canonical expressions of its key."""

    table: Table
    parts: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def name(self) -> str:
        """As in `catalog.links.Link`."""
        return f"{self.table.full_name}.{', '.join(self.parts)}"

    @property
    def plain(self) -> bool:
        """Its key is one column as it stands, so a row without it has none."""
        return len(self.parts) == 1 and self.table.column(self.parts[0].strip('"')) is not None

    def key(self, normaliser: str) -> str:
        """The canonical expression of the key as text; null when a part of it is."""
        keys = (
            f"CAST({normalise(normaliser, self._text(part))} AS VARCHAR)" for part in self.parts
        )
        return f" || {SEPARATOR} || ".join(keys)

    def _text(self, part: str) -> str:
        """A part as text; 5.0 of one silo is 5 of another."""
        column = self.table.column(part.strip('"'))
        sql = part if column is None else exp.column(column.name, quoted=True).sql(CANONICAL)
        plain = f"CAST({sql} AS VARCHAR)"
        if column is None or not column.type.startswith(_FRACTIONS):
            return plain
        whole = f"CASE WHEN {sql} = trunc({sql}) THEN TRY_CAST({sql} AS HUGEINT) END"
        return f"coalesce(CAST({whole} AS VARCHAR), {plain})"

    # Tables hold mappings, so a side is known by its name.
    def __hash__(self) -> int:
        return hash(self.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KeySide) and other.name == self.name


def key_side(table: Table, parts: Sequence[str]) -> KeySide:
    """The side of a link over some expressions of a table's columns.

    Raises:
        SchemaDrift: A column is not in the table, or of a type that cannot be read.
    """
    columns: dict[str, Column] = {}
    for part in parts:
        for name in _columns_of(table, part):
            column = table.column(name)
            if column is None or column.type == "UNKNOWN":
                message = f"{table.full_name!r} has no readable column {name!r}"
                raise SchemaDrift(message, silo=table.silo)
            columns[column.name] = column
    return KeySide(table, tuple(parts), tuple(columns.values()))


def _columns_of(table: Table, part: str) -> list[str]:
    if table.column(part.strip('"')) is not None:
        return [part.strip('"')]
    try:
        tree = sqlglot.parse_one(part, dialect=CANONICAL)
    except SqlglotError as error:
        raise SchemaDrift(f"{table.full_name!r} has no column {part!r}", silo=table.silo) from error
    return list(dict.fromkeys(column.name for column in tree.find_all(exp.Column)))


class KeyReader:
    """Reads key columns over the connectors' normal way. Thread-safe; close it.

    Each silo folds case, trims and hashes in its own way (collations, ASCII-only LOWER, no SHA-256
    in SQLite), so no two would give one hash for one key. The key columns alone are read instead,
    as batches of bounded size, normalised and hashed here by the engine that joins them, and
    dropped batch by batch.
    """

    def __init__(self, settings: Settings, cancellation: Cancellation) -> None:
        self._silos = {silo.name: silo for silo in settings.silos}
        self._cancellation = cancellation
        self._salt = secrets.token_hex(16)
        self._connectors: dict[str, Connector] = {}
        self._lock = threading.Lock()

    def read(
        self, side: KeySide, normalisers: Sequence[str], deadline: Deadline, *, whole: bool
    ) -> Iterator[Mapping[str, KeyCounts]]:
        """The hashed keys of a side, batch by batch, by normaliser.

        Args:
            side: What to read.
            normalisers: Names; each batch holds one entry for each.
            deadline: For all of it; the silo's own time limit counts too.
            whole: Raise when the side has more rows than may be read, instead of stopping there.

        Raises:
            SiloError: The silo failed, or the deadline passed.
            EngineError: The key cannot be computed.
            CatalogError: There are too many rows.
        """
        silo = self._silos[side.table.silo]
        most = min(silo.limits.max_rows, MOST_ROWS)
        connector = self._connector(side.table.silo)
        schema = pa.schema([(column.name, arrow_type(column.type)) for column in side.columns])
        sql = _statement(side, most + 1, connector.capabilities.dialect)
        hasher = KeyHasher([side.key(name) for name in normalisers], self._salt)
        rows = 0
        try:
            nearer = deadline.capped(silo.limits.timeout_s)
            with connector.read(sql, schema, nearer, self._cancellation) as batches:
                for batch in batches:
                    rows += batch.num_rows
                    if rows > most and whole:
                        raise CatalogError(f"{side.name!r} has more than {most} rows")
                    yield dict(zip(normalisers, hasher.hashed(batch), strict=True))
        finally:
            hasher.close()

    def dialect(self, silo: str) -> str:
        """The dialect `ask` takes for a silo."""
        return self._connector(silo).capabilities.dialect

    def ask(
        self, silo: str, sql: str, schema: pa.Schema, deadline: Deadline
    ) -> list[Mapping[str, Any]]:
        """The rows of a SELECT in the silo's dialect: for counts, never for keys.

        Raises:
            SiloError: The silo failed, or the deadline passed.
        """
        nearer = deadline.capped(self._silos[silo].limits.timeout_s)
        connector = self._connector(silo)
        with connector.read(sql, schema, nearer, self._cancellation) as batches:
            return [row for batch in batches for row in batch.to_pylist()]

    def _connector(self, silo: str) -> Connector:
        with self._lock:
            if silo not in self._connectors:
                self._connectors[silo] = connect(self._silos[silo])
            return self._connectors[silo]

    def close(self) -> None:
        """Close the connectors."""
        for connector in self._connectors.values():
            connector.close()


def _statement(side: KeySide, most: int, dialect: str) -> str:
    columns = [exp.column(column.name, quoted=True) for column in side.columns]
    source = exp.table_(side.table.name, db=side.table.schema, quoted=True)
    select = exp.select(*columns).from_(source).limit(most)
    if side.plain:
        select = select.where(columns[0].copy().is_(exp.null()).not_())
    return select.sql(dialect)


def problem(error: RundblickError) -> str:
    """What went wrong, for people; without the server's own words, which may quote a value."""
    where = f" in silo {error.silo!r}" if error.silo else ""
    return (
        error.message if isinstance(error, CatalogError | SchemaDrift) else f"{error.code}{where}"
    )
