"""PostgreSQL: rows by ADBC as Arrow over binary COPY, the dictionary in bulk."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from typing import Any, ClassVar

import adbc_driver_manager
import pyarrow as pa
import pyarrow.compute as pc
from adbc_driver_postgresql import dbapi
from sqlalchemy import URL

from connectors.clock import Cancellation, Deadline
from connectors.config import SiloSettings
from connectors.errors import (
    SchemaDrift,
    SiloError,
    SiloLoginFailed,
    SiloQueryFailed,
    SiloTimeout,
    SiloUnavailable,
)
from connectors.schema import Column, Table
from connectors.silos import _postgresql_dictionary as dictionary
from connectors.silos._conform import conform_column
from connectors.silos._names import wanted
from connectors.silos._pool import Pool
from connectors.silos._snapshot import Transaction
from connectors.silos._watch import Watch, watched
from connectors.silos.base import Capabilities, Reader, Rows

GRACE_S = 1.0
BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
BATCH_SIZE = {"adbc.postgresql.batch_size_hint_bytes": str(2**21)}
LOGIN_TEXTS = (
    "password", "does not exist", "no pg_hba.conf", "not permitted to log in",
    "Passwort", "existiert nicht", "kein pg_hba.conf",
)  # fmt: skip
DATABASE_TEXTS = ('database "', "Datenbank »")
SEVERITY = re.compile(r"\b(?:ERROR|FATAL|PANIC|FEHLER):")
# PostgreSQL's first day, 4714 BC. The driver lets infinity wrap around to far below it.
FIRST_DAY = -2_440_588
DAY_US = 86_400_000_000
DRIVER_ERRORS = (adbc_driver_manager.Error, pa.ArrowException, OSError)


class Connector:
    """One PostgreSQL database. Thread-safe."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        dialect="postgres",
        pushdown="postgres",
        max_keys=300_000,
        cancel=True,
        deadline=True,
        snapshot=True,
    )

    def __init__(self, settings: SiloSettings) -> None:
        self._settings = settings
        self._pool: Pool[dbapi.Connection] = Pool(
            settings.name, settings.limits.concurrency, self._connect, _close, _limited
        )

    def ping(self) -> None:
        """Ask for one row."""
        with self._pool.lease(self._deadline()) as connection:
            self.run(connection, "SELECT 1")

    def introspect(self) -> list[Table]:
        """Tables and views the login may read, by a few reads of pg_catalog."""
        with self._pool.lease(self._deadline()) as connection:
            columns: dict[dictionary.Key, list[Column]] = defaultdict(list)
            for row in self.run(connection, dictionary.COLUMNS):
                columns[row[0], row[1]].append(dictionary.column(row))
            keys, foreign = dictionary.constraints(self.run(connection, dictionary.CONSTRAINTS))
            indexes, unique = dictionary.indexes(self.run(connection, dictionary.INDEXES))
            tables = self.run(connection, dictionary.TABLES)
        return [
            Table(
                silo=self._settings.name,
                schema=schema,
                name=name,
                columns=tuple(columns[schema, name]),
                kind=kind,
                comment=comment,
                primary_key=keys.get((schema, name), ()),
                foreign_keys=tuple(foreign[schema, name]),
                indexes=tuple(indexes[schema, name]),
                unique_keys=tuple(unique[schema, name]),
                row_estimate=None if rows < 0 else int(rows),
            )
            for schema, name, kind, comment, rows in tables
            if wanted(self._settings, schema, name)
        ]

    @contextmanager
    def read(
        self, sql: str, schema: pa.Schema, deadline: Deadline, cancellation: Cancellation
    ) -> Iterator[Rows]:
        """Run one SELECT and stream its rows; see the protocol."""
        with (
            self._pool.lease(deadline) as connection,
            self.reading(connection, sql, schema, deadline, cancellation) as rows,
        ):
            yield rows

    @contextmanager
    def reading(
        self,
        connection: dbapi.Connection,
        sql: str,
        schema: pa.Schema,
        deadline: Deadline,
        cancellation: Cancellation,
    ) -> Iterator[Rows]:
        """Run one SELECT on a connection and stream its rows."""
        name = self._settings.name
        with connection.cursor() as cursor:
            stop = partial(_cancel, cursor)
            with watched(name, stop, deadline, cancellation) as watch:
                reading = _Reading(connection, cursor, schema, partial(self._explained, watch))
                try:
                    if cancellation.requested or not deadline.left():
                        raise watch.explain(_late(name))
                    yield Rows(reading.batches(sql, name))
                finally:
                    if not reading.finished:
                        stop()
        # A late cancel must not hit the next statement of this connection.
        if not reading.finished or cancellation.requested or not deadline.left():
            _close(connection)

    @contextmanager
    def snapshot(self) -> Iterator[Reader]:
        """Reads of one moment, over as many connections as are free; see the protocol."""
        made = _Snapshot(self, self._pool, self._settings.name)
        with closing(made.first):
            yield made

    def close(self) -> None:
        """Close idle connections."""
        self._pool.close()

    def _explained(self, watch: Watch, error: Exception, *, lost: bool) -> SiloError:
        """Why a statement failed; errors between rows carry no SQLSTATE."""
        name = self._settings.name
        if lost or getattr(error, "sqlstate", None):
            return watch.explain(self._mapped(error))
        return watch.explain(SiloQueryFailed(f"silo {name!r}: {_message(error)}", silo=name))

    def run(self, connection: dbapi.Connection, sql: str) -> list[tuple[Any, ...]]:
        """Run one of our own statements; its rows, none for a command."""
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                rows: list[tuple[Any, ...]] = cursor.fetchall() if cursor.description else []
                return rows
        except adbc_driver_manager.Error as error:
            raise self._mapped(error) from error

    def _deadline(self) -> Deadline:
        return Deadline.after(self._settings.limits.timeout_s)

    def _connect(self) -> dbapi.Connection:
        limits = self._settings.limits
        url = self._settings.resolved_url().set(drivername="postgresql")
        options = (
            f"{_option(url)} -c default_transaction_read_only=on -c timezone=UTC"
            f" -c statement_timeout={int(limits.timeout_s * 1000)}"
        )
        url = url.update_query_dict(
            {
                "options": options.strip(),
                "connect_timeout": str(max(2, round(limits.connect_timeout_s))),
                "application_name": "rundblick",
            }
        )
        uri = url.render_as_string(hide_password=False).replace("+", "%20")
        try:
            return dbapi.connect(uri, autocommit=True)
        except adbc_driver_manager.Error as error:
            raise self._mapped(error, connecting=True) from error

    def _mapped(self, error: Exception, *, connecting: bool = False) -> SiloError:
        """The driver's error in the tree; its text never holds the connection string."""
        name = self._settings.name
        state = getattr(error, "sqlstate", None) or ""
        text = _message(error)
        login = state.startswith("28") or (connecting and any(t in text for t in LOGIN_TEXTS))
        if login and not any(t in text for t in DATABASE_TEXTS):
            message = f"silo {name!r}: the login was refused"
            hint = "Check user and password in silos.yaml."
            return SiloLoginFailed(message, silo=name, hint=hint)
        if state == "57014":
            return SiloTimeout(f"silo {name!r}: the statement was stopped there", silo=name)
        if state in ("42P01", "42703", "42883", "42501"):
            hint = "Run `rundblick catalog refresh`."
            return SchemaDrift(f"silo {name!r}: {text}", silo=name, hint=hint)
        if connecting or state.startswith(("08", "57P", "53")) or not state:
            hint = "Is the database running, and the url in silos.yaml right?"
            return SiloUnavailable(f"silo {name!r} cannot be reached", silo=name, hint=hint)
        return SiloQueryFailed(f"silo {name!r}: {text}", silo=name)


class _Snapshot:
    """Reads of one moment: the first connection exports its snapshot, others take it over."""

    def __init__(self, connector: Connector, pool: Pool[dbapi.Connection], silo: str) -> None:
        self._connector = connector
        self._pool = pool
        self._silo = silo
        self._number = ""
        self.first = Transaction(silo, pool, self._export, self._end)

    @contextmanager
    def read(
        self, sql: str, schema: pa.Schema, deadline: Deadline, cancellation: Cancellation
    ) -> Iterator[Rows]:
        """Run one SELECT and stream its rows; see the protocol."""
        with ExitStack() as held:
            connection = held.enter_context(self.first.at_once(deadline))
            if connection is None:
                connection = self._other(held, deadline)
            yield held.enter_context(
                self._connector.reading(connection, sql, schema, deadline, cancellation)
            )

    def _other(self, held: ExitStack, deadline: Deadline) -> dbapi.Connection:
        """A further connection in the snapshot; where there is none, the first in its turn."""
        self.first.tried.wait(deadline.left())
        try:
            connection = held.enter_context(self._pool.lease(deadline, patient=False))
        except SiloTimeout:
            return held.enter_context(self.first.turn(deadline))
        if not self._number:
            message = f"silo {self._silo!r} could not open a snapshot"
            raise SiloUnavailable(message, silo=self._silo)
        held.callback(self._end, connection)
        self._connector.run(connection, BEGIN)
        self._connector.run(connection, f"SET TRANSACTION SNAPSHOT '{self._number}'")
        return connection

    def _export(self, connection: dbapi.Connection) -> None:
        self._connector.run(connection, BEGIN)
        ((self._number,),) = self._connector.run(connection, "SELECT pg_export_snapshot()")

    def _end(self, connection: dbapi.Connection) -> None:
        if not _runs(connection, "ROLLBACK"):
            _close(connection)


class _Reading:
    """The rows of one statement; `finished` once the last one is read."""

    def __init__(
        self,
        connection: dbapi.Connection,
        cursor: dbapi.Cursor,
        schema: pa.Schema,
        explained: Callable[..., SiloError],
    ) -> None:
        self._connection = connection
        self._cursor = cursor
        self._schema = schema
        self._explained = explained
        self.finished = False

    def batches(self, sql: str, silo: str) -> Iterator[pa.RecordBatch]:
        """Run the statement now, and give its rows as they are asked for."""
        try:
            self._cursor.adbc_statement.set_options(**BATCH_SIZE)
            self._cursor.execute(sql)
            return self._rest(self._cursor.fetch_record_batch(), silo)
        except DRIVER_ERRORS as error:
            raise self._failed(error) from error

    def _rest(self, reader: pa.RecordBatchReader, silo: str) -> Iterator[pa.RecordBatch]:
        while (batch := self._next(reader)) is not None:
            yield _conformed(batch, self._schema, silo)
        self.finished = True

    def _next(self, reader: pa.RecordBatchReader) -> pa.RecordBatch | None:
        try:
            return reader.read_next_batch()
        except StopIteration:
            return None
        except DRIVER_ERRORS as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> SiloError:
        return self._explained(error, lost=not _runs(self._connection, "ROLLBACK"))


def _conformed(batch: pa.RecordBatch, schema: pa.Schema, silo: str) -> pa.RecordBatch:
    """The batch in the asked schema, CHAR without its padding, nothing infinite."""
    if len(batch.schema) != len(schema):
        message = f"silo {silo!r} gave {len(batch.schema)} columns, not {len(schema)}"
        raise SchemaDrift(message, silo=silo, hint="Run `rundblick catalog refresh`.")
    columns = []
    for have, column, field in zip(batch.schema, batch.columns, schema, strict=True):
        if _beyond(column):
            message = f"column {field.name!r} holds a value beyond {field.type}, such as infinity"
            raise SiloQueryFailed(message, silo=silo)
        padded = (have.metadata or {}).get(b"POSTGRESQL:type") == b"bpchar"
        columns.append(conform_column(column, field, silo, padded=padded))
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _beyond(column: pa.Array) -> bool:
    """True when a date or time holds what Arrow cannot: infinity, or midnight as 24:00."""
    if pa.types.is_date32(column.type):
        return _below(column.view(pa.int32()), FIRST_DAY)
    if pa.types.is_timestamp(column.type):
        return _below(column.view(pa.int64()), FIRST_DAY * DAY_US)
    if pa.types.is_time64(column.type):
        largest = pc.max(column.view(pa.int64())).as_py()
        return largest is not None and largest >= DAY_US
    return False


def _below(numbers: pa.Array, first: int) -> bool:
    smallest = pc.min(numbers).as_py()
    return smallest is not None and smallest < first


def _late(silo: str) -> SiloTimeout:
    message = f"silo {silo!r}: the deadline passed before the statement began"
    return SiloTimeout(message, silo=silo)


def _option(url: URL) -> str:
    """The options the operator gave in the URL, such as a search_path."""
    given = url.query.get("options", "")
    return given if isinstance(given, str) else " ".join(given)


def _message(error: Exception) -> str:
    """The server's own line, without the driver's prefix and the statement."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = next((line for line in lines if SEVERITY.search(line)), "")
    said = said or (lines[0] if lines else type(error).__name__)
    return SEVERITY.split(said, maxsplit=1)[-1].strip()


def _cancel(cursor: dbapi.Cursor) -> None:
    try:
        cursor.adbc_cancel()
    except adbc_driver_manager.Error:
        return  # already closed: nothing is left to stop


def _limited(connection: dbapi.Connection, deadline: Deadline) -> bool:
    """Have the server stop statements itself soon after the deadline; False when it is gone."""
    milliseconds = int((deadline.left() + GRACE_S) * 1000)
    return _runs(connection, f"SET statement_timeout = {milliseconds}")


def _runs(connection: dbapi.Connection, command: str) -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute(command)
    except adbc_driver_manager.Error:
        return False
    return True


def _close(connection: dbapi.Connection) -> None:
    try:
        connection.close()
    except adbc_driver_manager.Error:
        return
