"""MariaDB and MySQL: rows as the server's own text, parsed by Arrow, so that nothing is rounded."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from typing import Any, ClassVar

import pyarrow as pa
import pymysql
from sqlalchemy import URL
from sqlalchemy.dialects.mysql.pymysql import MySQLDialect_pymysql as PyMySQL
from sqlglot import exp

from connectors.clock import Cancellation, Deadline
from connectors.config import SiloSettings
from connectors.errors import (
    SchemaDrift,
    SiloCancelled,
    SiloError,
    SiloLoginFailed,
    SiloQueryFailed,
    SiloTimeout,
    SiloUnavailable,
)
from connectors.schema import Column, ForeignKey, Table
from connectors.silos import _mysql_dictionary as dictionary
from connectors.silos._mysql_rows import batch_of_block
from connectors.silos._mysql_values import exact_floats
from connectors.silos._mysql_wire import Block, Connection
from connectors.silos._names import wanted
from connectors.silos._pool import Pool
from connectors.silos._snapshot import OneByOne, Transaction
from connectors.silos._watch import Watch, watched
from connectors.silos.base import Capabilities, Reader, Rows

GRACE_S, SPARE = 1.0, 1.25
CANCELLED = frozenset({1317})
TIMEOUT = frozenset({1969, 3024})
LOGIN = frozenset({1044, 1045, 1698, 1130, 1862})
DRIFT = frozenset({1054, 1146, 1142, 1143})
UNAVAILABLE = frozenset({1040, 1049, 1053, 1927, 2002, 2003, 2005, 2006, 2013, 2055})
SQL_MODE = "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
DRIVER_ERRORS = (pymysql.MySQLError, OSError)
BEGIN = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
)
HERE = frozenset({"localhost", "127.0.0.1", "::1"})
Key = tuple[str, str]


class Connector:
    """One MariaDB or MySQL server. Thread-safe."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        dialect="mysql",
        pushdown="mysql",
        max_keys=150_000,
        cancel=True,
        deadline=True,
        snapshot=True,
    )

    def __init__(self, settings: SiloSettings) -> None:
        self._settings = settings
        self._pool: Pool[Connection] = Pool(
            settings.name, settings.limits.concurrency, self._connect, _close, _limited
        )

    def ping(self) -> None:
        """Ask for one row."""
        with self._pool.lease(self._deadline()) as connection:
            self._rows(connection, "SELECT 1")

    def introspect(self) -> list[Table]:
        """Tables and views the login may read, by a few reads of information_schema."""
        database = self._settings.resolved_url().database
        with self._pool.lease(self._deadline()) as connection:
            columns: dict[Key, list[Column]] = defaultdict(list)
            for row in self._rows(connection, dictionary.COLUMNS, database):
                columns[row[0], row[1]].append(dictionary.column(row))
            indexes = _indexes(self._rows(connection, dictionary.INDEXES, database))
            foreign = _references(self._rows(connection, dictionary.REFERENCES, database))
            tables = self._rows(connection, dictionary.TABLES, database)
        return [
            self._table(row, columns, indexes, foreign)
            for row in tables
            if wanted(self._settings, row[0], row[1])
        ]

    def _table(
        self,
        row: tuple[Any, ...],
        columns: dict[Key, list[Column]],
        indexes: dict[Key, dict[str, tuple[bool, tuple[str, ...]]]],
        foreign: dict[Key, list[ForeignKey]],
    ) -> Table:
        schema, name, kind, comment, rows = row
        own = dict(indexes[schema, name])
        _, primary = own.pop("PRIMARY", (True, ()))
        view = kind == "VIEW"
        return Table(
            silo=self._settings.name,
            schema=schema,
            name=name,
            columns=tuple(columns[schema, name]),
            kind="view" if view else "table",
            comment="" if view else comment,
            primary_key=primary,
            foreign_keys=tuple(foreign[schema, name]),
            indexes=tuple(names for _, names in own.values()),
            unique_keys=tuple(names for unique, names in own.values() if unique),
            row_estimate=None if rows is None else int(rows),
        )

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
        connection: Connection,
        sql: str,
        schema: pa.Schema,
        deadline: Deadline,
        cancellation: Cancellation,
    ) -> Iterator[Rows]:
        """Run one SELECT on a connection and stream its rows."""
        name = self._settings.name
        stop = partial(self._kill, connection.server_thread_id[0])
        with watched(name, stop, deadline, cancellation) as watch:
            reading = _Reading(connection, schema, name, partial(self._explained, watch))
            try:
                if cancellation.requested or not deadline.left():
                    raise watch.explain(_late(name))
                yield reading.rows(sql)
            finally:
                if reading.running:
                    stop()
                reading.close()
        # A late KILL must not hit the next statement of this connection.
        if cancellation.requested or not deadline.left():
            _close(connection)

    @contextmanager
    def snapshot(self) -> Iterator[Reader]:
        """Reads of one moment, one after the other: no second connection can join the first's."""
        name = self._settings.name
        made: Transaction[Connection] = Transaction(name, self._pool, self._begin, _end)
        with closing(made):
            yield OneByOne(made, self.reading)

    def _begin(self, connection: Connection) -> None:
        for command in BEGIN:
            self._rows(connection, command)

    def close(self) -> None:
        """Close idle connections."""
        self._pool.close()

    def _explained(self, watch: Watch, error: Exception) -> SiloError:
        return watch.explain(self._mapped(error))

    def _kill(self, number: int) -> None:
        """Stop the statement of a connection, by another one."""
        try:
            with closing(self._connect()) as side, side.cursor() as cursor:
                cursor.execute(f"KILL QUERY {number}")
        except (SiloError, pymysql.MySQLError):
            return

    def _rows(
        self, connection: Connection, sql: str, database: str | None = None
    ) -> list[tuple[Any, ...]]:
        literal = exp.Literal.string(database or "").sql("mysql")
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql.replace("{database}", literal))
                return list(cursor.fetchall())
        except pymysql.MySQLError as error:
            raise self._mapped(error) from error

    def _deadline(self) -> Deadline:
        return Deadline.after(self._settings.limits.timeout_s)

    def _connect(self) -> Connection:
        limits = self._settings.limits
        given = _arguments(self._settings.resolved_url())
        packed = given.pop("compress", _is_far(given))
        own = {
            "charset": "utf8mb4",
            "conv": {},
            "connect_timeout": max(1, round(limits.connect_timeout_s)),
            "read_timeout": limits.timeout_s + GRACE_S,
            "local_infile": False,
            "autocommit": True,
            "init_command": f"SET time_zone = '+00:00', sql_mode = '{SQL_MODE}'",
        }
        try:
            connection = Connection(packed=packed, **{**given, **own})
            with connection.cursor() as cursor:
                cursor.execute("SET SESSION TRANSACTION READ ONLY")
            return connection
        except DRIVER_ERRORS as error:
            raise self._mapped(error) from error

    def _mapped(self, error: Exception) -> SiloError:
        """The driver's error in the tree; its text never holds the connection string."""
        name = self._settings.name
        code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
        text = str(error.args[1]) if len(error.args) > 1 else str(error)
        if code in LOGIN:
            message = f"silo {name!r}: the login was refused"
            hint = "Check user and password in silos.yaml."
            return SiloLoginFailed(message, silo=name, hint=hint)
        if code in CANCELLED:
            return SiloCancelled(f"silo {name!r}: the statement was cancelled there", silo=name)
        if code in TIMEOUT:
            return SiloTimeout(f"silo {name!r}: the statement was stopped there", silo=name)
        if code in DRIFT:
            hint = "Run `rundblick catalog refresh`."
            return SchemaDrift(f"silo {name!r}: {text}", silo=name, hint=hint)
        if code in UNAVAILABLE or isinstance(error, OSError):
            hint = "Is the database running, and the url in silos.yaml right?"
            return SiloUnavailable(f"silo {name!r} cannot be reached", silo=name, hint=hint)
        return SiloQueryFailed(f"silo {name!r}: {text}", silo=name)


class _Reading:
    """The rows of one statement; `running` from its start until the last row is read."""

    def __init__(
        self,
        connection: Connection,
        schema: pa.Schema,
        silo: str,
        explained: Callable[[Exception], SiloError],
    ) -> None:
        self._connection = connection
        self._schema = schema
        self._silo = silo
        self._explained = explained
        self._before = connection.received
        self.running = False

    def rows(self, sql: str) -> Rows:
        """Run the statement now, and give its rows as they are asked for."""
        self.running = True
        try:
            given = self._connection.start(exact_floats(sql, self._schema))
        except DRIVER_ERRORS as error:
            raise self._explained(error) from error
        if given != len(self._schema):
            message = f"silo {self._silo!r} gave {given} columns, not {len(self._schema)}"
            hint = "Run `rundblick catalog refresh`."
            raise SchemaDrift(message, silo=self._silo, hint=hint)
        return Rows(self._batches(), lambda: self._connection.received - self._before)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        blocks = self._connection.blocks()
        while (block := self._next(blocks)) is not None:
            yield batch_of_block(block, self._schema, self._silo)
        self.running = False

    def _next(self, blocks: Iterator[Block]) -> Block | None:
        try:
            return next(blocks, None)
        except DRIVER_ERRORS as error:
            raise self._explained(error) from error

    def close(self) -> None:
        """A connection with unread rows is closed: reading them may take long."""
        if self.running:
            self._connection.abandon()
            _close(self._connection)


def _late(silo: str) -> SiloTimeout:
    message = f"silo {silo!r}: the deadline passed before the statement began"
    return SiloTimeout(message, silo=silo)


def _arguments(url: URL) -> dict[str, Any]:
    """What the URL says, such as host, socket and certificates, in the driver's own words."""
    _, arguments = PyMySQL().create_connect_args(url.set(drivername="mysql+pymysql"))
    named: dict[str, Any] = {"host": "127.0.0.1", **arguments}
    return named


def _is_far(arguments: Mapping[str, Any]) -> bool:
    """True when bytes between here and the server cost more than packing them."""
    return not arguments.get("unix_socket") and arguments["host"] not in HERE


def _limited(connection: Connection, deadline: Deadline) -> bool:
    """Have the server stop statements itself some time after the deadline; False when it is gone.

    A limit that is at most twice as long is left: it only counts when nobody here can stop them.
    """
    if connection.lost:
        return False
    seconds = deadline.left() + GRACE_S
    if seconds <= connection.limit_s <= 2 * seconds:
        return True
    limit = SPARE * seconds
    setting = f"max_statement_time = {limit:.3f}"
    if "MariaDB" not in connection.server_version:
        setting = f"max_execution_time = {int(limit * 1000)}"
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SET SESSION {setting}")
    except DRIVER_ERRORS:
        return False
    connection.limit_s = limit
    return True


def _end(connection: Connection) -> None:
    try:
        connection.rollback()
    except DRIVER_ERRORS:
        _close(connection)


def _close(connection: Connection) -> None:
    try:
        connection.close()
    except DRIVER_ERRORS:
        return


def _indexes(
    rows: list[tuple[Any, ...]],
) -> dict[Key, dict[str, tuple[bool, tuple[str, ...]]]]:
    """Per table and index: whether it is unique, and its columns."""
    found: dict[Key, dict[str, tuple[bool, tuple[str, ...]]]] = defaultdict(dict)
    for schema, table, index, duplicates, column in rows:
        unique = str(duplicates) == "0"
        _, before = found[schema, table].get(index, (unique, ()))
        found[schema, table][index] = (unique, (*before, column))
    return found


def _references(rows: list[tuple[Any, ...]]) -> dict[Key, list[ForeignKey]]:
    grouped: dict[tuple[str, str, str, str, str], list[tuple[str, str]]] = defaultdict(list)
    for schema, table, name, column, other_schema, other, other_column in rows:
        grouped[schema, table, name, other_schema, other].append((column, other_column))
    found: dict[Key, list[ForeignKey]] = defaultdict(list)
    for (schema, table, _, other_schema, other), pairs in grouped.items():
        own, target = zip(*pairs, strict=True)
        found[schema, table].append(ForeignKey(own, f"{other_schema}.{other}", target))
    return found
