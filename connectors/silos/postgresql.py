"""PostgreSQL: rows by ADBC as Arrow over binary COPY, the dictionary in bulk."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import adbc_driver_manager
import pyarrow as pa
from adbc_driver_postgresql import dbapi

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
from connectors.schema import Column, ForeignKey, Table
from connectors.silos import _postgresql_dictionary as dictionary
from connectors.silos._conform import conform
from connectors.silos._names import wanted
from connectors.silos._pool import Pool
from connectors.silos._watch import watched
from connectors.silos.base import Capabilities

Key = tuple[str, str]
GRACE_S = 2.0
IO_ERROR = 10
LOGIN_TEXTS = ("password", "does not exist", "no pg_hba.conf", "not permitted to log in")


class Connector:
    """One PostgreSQL database. Thread-safe."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        dialect="postgres", pushdown="postgres", max_keys=10_000, cancel=True, deadline=True
    )

    def __init__(self, settings: SiloSettings) -> None:
        self._settings = settings
        self._pool: Pool[dbapi.Connection] = Pool(
            settings.name, settings.limits.concurrency, self._connect, _close, _alive
        )

    def ping(self) -> None:
        """Ask for one row."""
        with self._pool.lease(self._deadline()) as connection:
            self._rows(connection, "SELECT 1")

    def introspect(self) -> list[Table]:
        """Tables and views the login may read, by a few reads of pg_catalog."""
        with self._pool.lease(self._deadline()) as connection:
            columns: dict[Key, list[Column]] = defaultdict(list)
            for row in self._rows(connection, dictionary.COLUMNS):
                columns[row[0], row[1]].append(_column(row))
            keys, unique, foreign = _constraints(self._rows(connection, dictionary.CONSTRAINTS))
            indexes = _indexes(self._rows(connection, dictionary.INDEXES))
            tables = self._rows(connection, dictionary.TABLES)
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
    ) -> Iterator[Iterator[pa.RecordBatch]]:
        """Run one SELECT and stream its rows; see the protocol."""
        with self._pool.lease(deadline) as connection, connection.cursor() as cursor:
            name = self._settings.name
            with watched(name, cursor.adbc_cancel, deadline, cancellation) as watch:
                try:
                    left = int((deadline.left() + GRACE_S) * 1000)
                    cursor.execute(f"SET statement_timeout = {left}")
                    cursor.execute(sql)
                    yield self._batches(cursor.fetch_record_batch(), schema)
                except (adbc_driver_manager.Error, pa.ArrowException, OSError) as error:
                    raise watch.explain(self._mapped(error)) from error

    def close(self) -> None:
        """Close idle connections."""
        self._pool.close()

    def _batches(self, reader: pa.RecordBatchReader, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        for batch in reader:
            yield conform(batch, schema, self._settings.name)

    def _rows(self, connection: dbapi.Connection, sql: str) -> list[tuple[Any, ...]]:
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                rows: list[tuple[Any, ...]] = cursor.fetchall()
                return rows
        except adbc_driver_manager.Error as error:
            raise self._mapped(error) from error

    def _deadline(self) -> Deadline:
        return Deadline.after(self._settings.limits.timeout_s)

    def _connect(self) -> dbapi.Connection:
        limits = self._settings.limits
        url = self._settings.resolved_url().set(drivername="postgresql")
        options = (
            "-c default_transaction_read_only=on -c timezone=UTC"
            f" -c statement_timeout={int(limits.timeout_s * 1000)}"
        )
        url = url.update_query_dict(
            {
                "options": options,
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
        if login and 'database "' not in text:
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


def _message(error: Exception) -> str:
    """The server's own line, without the driver's prefix and the statement."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = next((line for line in lines if "ERROR:" in line or "FATAL:" in line), "")
    said = said or (lines[0] if lines else type(error).__name__)
    for mark in ("ERROR:", "FATAL:"):
        said = said.split(mark, 1)[-1]
    return said.strip()


def _alive(connection: dbapi.Connection) -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except adbc_driver_manager.Error:
        return False
    return True


def _close(connection: dbapi.Connection) -> None:
    try:
        connection.close()
    except adbc_driver_manager.Error:
        return


def _column(row: tuple[Any, ...]) -> Column:
    _, _, name, base, native, required, comment, collation = row
    return Column(
        name,
        dictionary.canonical(base, native),
        native,
        not required,
        comment,
        None if collation in dictionary.BINARY_COLLATIONS else collation,
    )


def _constraints(
    rows: list[tuple[Any, ...]],
) -> tuple[
    dict[Key, tuple[str, ...]], dict[Key, list[tuple[str, ...]]], dict[Key, list[ForeignKey]]
]:
    """Primary keys, unique keys and references by table."""
    keys: dict[Key, tuple[str, ...]] = {}
    unique: dict[Key, list[tuple[str, ...]]] = defaultdict(list)
    foreign: dict[Key, list[ForeignKey]] = defaultdict(list)
    for schema, table, kind, names, other_schema, other, other_names in rows:
        columns = tuple(names.split("\x1f"))
        if kind == "p":
            keys[schema, table] = columns
        elif kind == "u":
            unique[schema, table].append(columns)
        else:
            target = tuple((other_names or "").split("\x1f"))
            foreign[schema, table].append(ForeignKey(columns, f"{other_schema}.{other}", target))
    return keys, unique, foreign


def _indexes(rows: list[tuple[Any, ...]]) -> dict[Key, list[tuple[str, ...]]]:
    found: dict[Key, list[tuple[str, ...]]] = defaultdict(list)
    for schema, table, names in rows:
        found[schema, table].append(tuple(names.split("\x1f")))
    return found
