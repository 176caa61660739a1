"""DuckDB files, opened read-only; one connection per file and process, a cursor per statement."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import duckdb
import pyarrow as pa

from connectors.arrow_types import arrow_type
from connectors.clock import Cancellation, Deadline
from connectors.config import SiloSettings
from connectors.errors import (
    SchemaDrift,
    SiloError,
    SiloQueryFailed,
    SiloTimeout,
    SiloUnavailable,
    TypeMismatch,
)
from connectors.schema import Column, ForeignKey, Table, TableKind
from connectors.silos._conform import conform
from connectors.silos._names import wanted
from connectors.silos._stop import Stop
from connectors.silos._watch import Watch, watched
from connectors.silos.base import Capabilities, Reader, Rows

BATCH = 61_440  # half a row group
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
    "memory_limit": "1GB",
    "threads": 2,
}
COLUMNS = """
    SELECT schema_name, table_name, column_name, data_type, is_nullable, coalesce(comment, '')
    FROM duckdb_columns() WHERE NOT internal ORDER BY schema_name, table_name, column_index
"""
TABLES = """
    SELECT schema_name, table_name, 'table', coalesce(comment, ''), estimated_size
    FROM duckdb_tables() WHERE NOT internal
    UNION ALL SELECT schema_name, view_name, 'view', coalesce(comment, ''), NULL
    FROM duckdb_views() WHERE NOT internal ORDER BY 1, 2
"""
CONSTRAINTS = """
    SELECT schema_name, table_name, constraint_type, constraint_column_names,
        referenced_table, referenced_column_names
    FROM duckdb_constraints() WHERE constraint_type IN ('PRIMARY KEY', 'UNIQUE', 'FOREIGN KEY')
"""
SETTINGS = "SELECT current_setting('TimeZone'), current_setting('lock_configuration')"
Key = tuple[str, str]
# DuckDB keeps one instance of a file a process; the first connection to it sets it up.
_OPENING = threading.Lock()


class Connector:
    """One DuckDB file. Thread-safe."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        dialect="duckdb", pushdown="duckdb", max_keys=300_000, cancel=True, snapshot=True
    )

    def __init__(self, settings: SiloSettings) -> None:
        self._settings = settings
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._lock = threading.Lock()
        self._places = threading.Semaphore(settings.limits.concurrency)

    def ping(self) -> None:
        """Open the file."""
        self._open()

    def introspect(self) -> list[Table]:
        """Tables and views of the file, with comments and keys."""
        cursor = self._open().cursor()
        try:
            columns = _columns(cursor)
            keys, unique, foreign = _constraints(cursor)
            rows = cursor.execute(TABLES).fetchall()
        except duckdb.Error as error:
            raise self._mapped(error) from error
        finally:
            cursor.close()
        return [
            self._table(row, columns, keys, unique, foreign)
            for row in rows
            if wanted(self._settings, row[0], row[1])
        ]

    def _table(
        self,
        row: tuple[str, str, TableKind, str, int | None],
        columns: dict[Key, list[Column]],
        keys: dict[Key, tuple[str, ...]],
        unique: dict[Key, list[tuple[str, ...]]],
        foreign: dict[Key, list[ForeignKey]],
    ) -> Table:
        schema, name, kind, comment, size = row
        return Table(
            silo=self._settings.name,
            schema=schema,
            name=name,
            columns=tuple(columns[schema, name]),
            kind=kind,
            comment=comment,
            primary_key=keys.get((schema, name), ()),
            foreign_keys=tuple(foreign[schema, name]),
            unique_keys=tuple(unique[schema, name]),
            row_estimate=size,
        )

    @contextmanager
    def read(
        self, sql: str, schema: pa.Schema, deadline: Deadline, cancellation: Cancellation
    ) -> Iterator[Rows]:
        """Run one SELECT and stream its rows; see the protocol."""
        with (
            self._cursor(deadline) as cursor,
            Stop(cursor.interrupt) as stop,
            watched(self._settings.name, stop, deadline, cancellation) as watch,
        ):
            with self._explained(watch):
                reader = cursor.sql(self._one_select(cursor, sql)).to_arrow_reader(BATCH)
            try:
                yield Rows(self._batches(reader, schema, watch))
            finally:
                # An open result keeps the file; opening it anew would then wait for ever.
                reader.close()

    @contextmanager
    def snapshot(self) -> Iterator[Reader]:
        """Any reads: nobody can write a file that is open for reading."""
        yield self

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _one_select(self, cursor: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
        """A file opened read-only still takes settings, transactions and temporary tables."""
        statements = cursor.extract_statements(sql)
        if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
            name = self._settings.name
            raise SiloQueryFailed(f"silo {name!r}: not exactly one SELECT", silo=name)
        return statements[0]

    def _batches(
        self, reader: pa.RecordBatchReader, schema: pa.Schema, watch: Watch
    ) -> Iterator[pa.RecordBatch]:
        with self._explained(watch):
            for batch in reader:
                yield conform(batch, schema, self._settings.name)

    @contextmanager
    def _explained(self, watch: Watch) -> Iterator[None]:
        """Give errors of the driver their place; a stop on the way reaches Arrow as an OSError."""
        try:
            yield
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            raise watch.explain(self._mapped(error)) from error

    @contextmanager
    def _cursor(self, deadline: Deadline) -> Iterator[duckdb.DuckDBPyConnection]:
        name = self._settings.name
        if not self._places.acquire(timeout=deadline.left()):
            message = f"silo {name!r}: all connections were busy until the deadline"
            raise SiloTimeout(message, silo=name)
        try:
            cursor = self._open().cursor()
            try:
                yield cursor
            finally:
                cursor.close()
        finally:
            self._places.release()

    def _open(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            if self._connection is None:
                self._connection = self._connect()
            return self._connection

    def _connect(self) -> duckdb.DuckDBPyConnection:
        path = Path(self._settings.resolved_url().database or "")
        name = self._settings.name
        if not path.is_file():
            message = f"silo {name!r}: the file {path.name!r} is not there"
            raise SiloUnavailable(message, silo=name, hint="Check its url in silos.yaml.")
        try:
            with _OPENING:
                connection = duckdb.connect(str(path.absolute()), read_only=True, config=CONFIG)
                _set_up(connection)
        except duckdb.Error as error:
            message = f"silo {name!r}: the file cannot be opened: {_first(error)}"
            raise SiloUnavailable(message, silo=name, hint=_opening_hint(error)) from error
        return connection

    def _mapped(self, error: Exception) -> SiloError:
        name = self._settings.name
        message = f"silo {name!r}: {_first(error)}"
        if isinstance(error, (duckdb.CatalogException, duckdb.BinderException)):
            hint = "Run `rundblick catalog refresh`."
            return SchemaDrift(message, silo=name, hint=hint)
        if isinstance(error, duckdb.IOException):
            return SiloUnavailable(message, silo=name)
        return SiloQueryFailed(message, silo=name)


def _set_up(connection: duckdb.DuckDBPyConnection) -> None:
    """UTC, and nothing to be changed after; done already when the file is open in this process."""
    found = connection.execute(SETTINGS).fetchone()
    if found != ("UTC", True):
        connection.execute("SET GLOBAL TimeZone = 'UTC'")
        connection.execute("SET lock_configuration = true")


def _opening_hint(error: duckdb.Error) -> str:
    if isinstance(error, duckdb.ConnectionException):
        return "This process has the file open with other settings; close that first."
    return "Another process may be writing to it."


def _first(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _columns(cursor: duckdb.DuckDBPyConnection) -> dict[Key, list[Column]]:
    found: dict[Key, list[Column]] = defaultdict(list)
    for schema, table, name, native, nullable, comment in cursor.execute(COLUMNS).fetchall():
        found[schema, table].append(Column(name, canonical(native), native, nullable, comment))
    return found


def canonical(native: str) -> str:
    """The canonical type of DuckDB's own; UNKNOWN for what cannot travel."""
    if native.endswith("[]"):
        inner = canonical(native.removesuffix("[]"))
        return inner if inner == "UNKNOWN" else f"{inner}[]"
    if native.startswith("ENUM"):
        return "VARCHAR"
    if native.startswith("TIMESTAMP_"):
        return "TIMESTAMP"
    short = native.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ").replace(",", ", ")
    try:
        arrow_type(short)
    except TypeMismatch:
        return "UNKNOWN"
    return short


def _constraints(
    cursor: duckdb.DuckDBPyConnection,
) -> tuple[
    dict[Key, tuple[str, ...]], dict[Key, list[tuple[str, ...]]], dict[Key, list[ForeignKey]]
]:
    """Primary keys, unique keys and references by table."""
    keys: dict[Key, tuple[str, ...]] = {}
    unique: dict[Key, list[tuple[str, ...]]] = defaultdict(list)
    foreign: dict[Key, list[ForeignKey]] = defaultdict(list)
    for schema, table, kind, names, target, other in cursor.execute(CONSTRAINTS).fetchall():
        if kind == "PRIMARY KEY":
            keys[schema, table] = tuple(names)
        elif kind == "UNIQUE":
            unique[schema, table].append(tuple(names))
        else:
            reference = ForeignKey(tuple(names), f"{schema}.{target}", tuple(other))
            foreign[schema, table].append(reference)
    return keys, unique, foreign
