"""Any other database with a SQLAlchemy dialect: only what ANSI SQL guarantees is pushed."""

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property, partial
from typing import Any, TypeVar

import pyarrow as pa
import sqlglot
from sqlalchemy import Connection, CursorResult, Engine, create_engine, inspect, types
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.engine.reflection import Inspector, ObjectKind
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlglot import exp
from sqlglot.errors import SqlglotError

from connectors.clock import Cancellation, Deadline
from connectors.config import SiloSettings
from connectors.errors import (
    ConfigurationError,
    SchemaDrift,
    SiloError,
    SiloQueryFailed,
    SiloTimeout,
    SiloUnavailable,
)
from connectors.schema import Column, ForeignKey, Table
from connectors.silos._conform import batch_of
from connectors.silos._names import wanted
from connectors.silos._stop import Stop
from connectors.silos._watch import Watch, watched
from connectors.silos.base import Capabilities, Reader, Rows

BATCH = 20_000
SYSTEM_SCHEMAS = frozenset(
    {"information_schema", "pg_catalog", "sys", "mysql", "performance_schema", "system"}
)
GONE = re.compile(
    r"(?:table|column|relation|view)\b.*(?:does not|doesn't) exist|no such (?:table|column)"
    r"|invalid (?:object|column) name|unknown (?:table|column)|ORA-00904|ORA-00942",
    re.IGNORECASE,
)
WRITING = (exp.DML, exp.DDL, exp.Command, exp.Into, exp.Lock)
T = TypeVar("T")
Reflected = Mapping[tuple[str | None, str], Any]
DIALECTS = {"mssql": "tsql", "postgresql": "postgres", "mariadb": "mysql"}
TYPES: tuple[tuple[type[types.TypeEngine[Any]], str], ...] = (
    (types.Boolean, "BOOLEAN"), (types.SmallInteger, "SMALLINT"), (types.BigInteger, "BIGINT"),
    (types.Integer, "INTEGER"), (types.Float, "DOUBLE"), (types.Uuid, "UUID"),
    (types.Date, "DATE"), (types.DateTime, "TIMESTAMP"), (types.Time, "TIME"),
    (types.LargeBinary, "BLOB"), (types.JSON, "JSON"), (types.String, "VARCHAR"),
)  # fmt: skip


class Connector:
    """One database by its SQLAlchemy dialect. Thread-safe."""

    def __init__(self, settings: SiloSettings) -> None:
        self._settings = settings
        self._places = threading.Semaphore(settings.limits.concurrency)
        dialect = DIALECTS.get(settings.scheme, settings.scheme)
        known = dialect if dialect in sqlglot.Dialect.classes else ""
        self.capabilities = Capabilities(known, pushdown="ansi", joins=False, aggregates=False)

    @cached_property
    def _engine(self) -> Engine:
        limits, name = self._settings.limits, self._settings.name
        try:
            return create_engine(
                self._settings.resolved_url(),
                pool_size=limits.concurrency,
                max_overflow=0,
                pool_timeout=limits.timeout_s,
                pool_pre_ping=True,
            )
        except (NoSuchModuleError, ImportError) as error:
            message = f"silo {name!r} needs a Python package: {error}"
            hint = "Install the driver its url names."
            raise ConfigurationError(message, silo=name, hint=hint) from error

    def ping(self) -> None:
        """Open a connection."""
        with self._connection():
            return

    def introspect(self) -> list[Table]:
        """Tables and views of all schemas but the system's, by SQLAlchemy's bulk reflection."""
        found: list[Table] = []
        with self._connection() as connection:
            try:
                inspector = inspect(connection)
                for schema in inspector.get_schema_names():
                    if schema.lower() not in SYSTEM_SCHEMAS:
                        found += self._tables(inspector, schema)
            except SQLAlchemyError as error:
                raise self._mapped(error) from error
        return found

    def _tables(self, inspector: Inspector, schema: str) -> Iterator[Table]:
        reflected = _Reflected(inspector, schema)
        for place, columns in reflected.columns.items():
            name = place[1]
            if not wanted(self._settings, schema, name):
                continue
            unique, indexes = reflected.indexes(place)
            yield Table(
                silo=self._settings.name,
                schema=schema,
                name=name,
                columns=tuple(_column(column) for column in columns),
                kind="view" if name in reflected.views else "table",
                comment=reflected.comment(place),
                primary_key=reflected.key(place),
                foreign_keys=reflected.references(place),
                indexes=indexes,
                unique_keys=unique,
            )

    @contextmanager
    def read(
        self, sql: str, schema: pa.Schema, deadline: Deadline, cancellation: Cancellation
    ) -> Iterator[Rows]:
        """Run one SELECT and stream its rows; see the protocol. Nothing is ever committed."""
        self._require_one_select(sql)
        name = self._settings.name
        with (
            self._place(deadline),
            self._connection() as connection,
            Stop(partial(_interrupt, connection)) as stop,
            watched(name, stop, deadline, cancellation) as watch,
        ):
            try:
                # Without parameters a driver must not look for their marks, as in LIKE '%a%'.
                streamed = connection.execution_options(
                    stream_results=True, yield_per=BATCH, no_parameters=True
                )
                with streamed.exec_driver_sql(sql) as result:
                    yield Rows(self._batches(result, schema, stop, watch))
            except SQLAlchemyError as error:
                raise watch.explain(self._mapped(error)) from error

    @contextmanager
    def snapshot(self) -> Iterator[Reader]:
        """Plain reads; what a dialect can do about snapshots is not known."""
        yield self

    def close(self) -> None:
        """Close idle connections."""
        if "_engine" in self.__dict__:
            self._engine.dispose()

    def _batches(
        self, result: CursorResult[Any], schema: pa.Schema, stop: Stop, watch: Watch
    ) -> Iterator[pa.RecordBatch]:
        name = self._settings.name
        for part in result.partitions(BATCH):
            if stop.asked:
                stopped = SiloQueryFailed(f"the statement on {name!r} was stopped", silo=name)
                raise watch.explain(stopped)
            yield batch_of([tuple(row) for row in part], schema, name)

    def _require_one_select(self, sql: str) -> None:
        """Not every database has a read-only session, so what could write is not sent."""
        name = self._settings.name
        try:
            statements = sqlglot.parse(sql, dialect=self.capabilities.dialect)
        except SqlglotError as error:
            raise SiloQueryFailed(f"silo {name!r}: not readable as SQL", silo=name) from error
        one = statements[0] if len(statements) == 1 else None
        if not isinstance(one, exp.Query) or one.find(*WRITING) is not None:
            raise SiloQueryFailed(f"silo {name!r}: not exactly one SELECT", silo=name)

    @contextmanager
    def _place(self, deadline: Deadline) -> Iterator[None]:
        name = self._settings.name
        if not self._places.acquire(timeout=deadline.left()):
            message = f"silo {name!r}: all connections were busy until the deadline"
            raise SiloTimeout(message, silo=name)
        try:
            yield
        finally:
            self._places.release()

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        try:
            connection = self._engine.connect()
        except SQLAlchemyError as error:
            raise self._mapped(error, connecting=True) from error
        with connection:
            yield connection

    def _mapped(self, error: Exception, *, connecting: bool = False) -> SiloError:
        """The driver's error in the tree; its text never holds the connection string."""
        name = self._settings.name
        if isinstance(error, PoolTimeout):
            return SiloTimeout(f"silo {name!r}: all connections were busy", silo=name)
        if connecting:
            hint = "Is the database running, and url and login in silos.yaml right?"
            return SiloUnavailable(f"silo {name!r} cannot be reached", silo=name, hint=hint)
        cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
        text = (str(cause).splitlines() or [type(cause).__name__])[0]
        if GONE.search(text):
            hint = "Run `rundblick catalog refresh`."
            return SchemaDrift(f"silo {name!r}: {text}", silo=name, hint=hint)
        return SiloQueryFailed(f"silo {name!r}: {text}", silo=name)


class _Reflected:
    """What SQLAlchemy tells of one schema, read in bulk; a dialect may leave parts out."""

    def __init__(self, inspector: Inspector, schema: str) -> None:
        self._schema = schema
        self.columns = inspector.get_multi_columns(schema=schema, kind=ObjectKind.ANY)
        self.views = set(_told(partial(inspector.get_view_names, schema), list[str]()))
        none: Reflected = {}
        self._keys = _told(partial(inspector.get_multi_pk_constraint, schema=schema), none)
        self._foreign = _told(partial(inspector.get_multi_foreign_keys, schema=schema), none)
        self._indexes = _told(partial(inspector.get_multi_indexes, schema=schema), none)
        self._unique = _told(partial(inspector.get_multi_unique_constraints, schema=schema), none)
        self._comments = _told(
            partial(inspector.get_multi_table_comment, schema=schema, kind=ObjectKind.ANY), none
        )

    def comment(self, place: tuple[str | None, str]) -> str:
        """The table's comment, or nothing."""
        return (self._comments.get(place) or {}).get("text") or ""

    def key(self, place: tuple[str | None, str]) -> tuple[str, ...]:
        """Columns of the primary key."""
        return tuple((self._keys.get(place) or {}).get("constrained_columns") or ())

    def references(self, place: tuple[str | None, str]) -> tuple[ForeignKey, ...]:
        """Declared references."""
        return tuple(
            ForeignKey(
                tuple(r["constrained_columns"]),
                f"{r['referred_schema'] or self._schema}.{r['referred_table']}",
                tuple(r["referred_columns"]),
            )
            for r in self._foreign.get(place) or ()
        )

    def indexes(
        self, place: tuple[str | None, str]
    ) -> tuple[tuple[tuple[str, ...], ...], tuple[tuple[str, ...], ...]]:
        """Unique keys and all indexes; those on expressions are left out."""
        whole = [i for i in self._indexes.get(place) or () if None not in i["column_names"]]
        indexes = tuple(dict.fromkeys(tuple(i["column_names"]) for i in whole))
        partial_ones = [i for i in whole if _has_condition(i)]
        unique = [i for i in whole if i["unique"] and i not in partial_ones]
        unique += self._unique.get(place) or ()
        return tuple(dict.fromkeys(tuple(u["column_names"]) for u in unique)), indexes


def _has_condition(index: Mapping[str, Any]) -> bool:
    """A unique index over some rows only makes no unique key."""
    return any(name.endswith("_where") for name in index.get("dialect_options") or {})


def _told(ask: Callable[[], T], nothing: T) -> T:
    try:
        return ask()
    except NotImplementedError:
        return nothing


def _interrupt(connection: Connection) -> None:
    """Stop what the connection runs: by the driver's own way if it has one, else by closing it."""
    if connection.closed or connection.invalidated:
        return
    driver = connection.connection.driver_connection
    stop = getattr(driver, "cancel", None) or getattr(driver, "interrupt", None)
    (stop or connection.invalidate)()


def _column(column: ReflectedColumn) -> Column:
    return Column(
        column["name"],
        canonical(column["type"]),
        str(column["type"]),
        bool(column.get("nullable", True)),
        column.get("comment") or "",
        getattr(column["type"], "collation", None),
    )


def canonical(kind: types.TypeEngine[Any]) -> str:
    """The canonical type of a SQLAlchemy type; UNKNOWN when none fits."""
    if isinstance(kind, types.DateTime) and getattr(kind, "timezone", False):
        return "TIMESTAMPTZ"
    if isinstance(kind, types.Numeric) and not isinstance(kind, types.Float):
        precision, scale = kind.precision or 38, kind.scale if kind.scale is not None else 10
        return f"DECIMAL({precision}, {scale})" if precision <= 38 else "UNKNOWN"
    return next((name for known, name in TYPES if isinstance(kind, known)), "UNKNOWN")
