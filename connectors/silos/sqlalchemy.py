"""Any other database with a SQLAlchemy dialect: only what ANSI SQL guarantees is pushed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import pyarrow as pa
import sqlglot
from sqlalchemy import Connection, Engine, create_engine, inspect, types
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.engine.reflection import ObjectKind
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from connectors.clock import Cancellation, Deadline
from connectors.config import SiloSettings
from connectors.errors import SiloError, SiloQueryFailed, SiloUnavailable
from connectors.schema import Column, ForeignKey, Table
from connectors.silos._conform import batch_of
from connectors.silos._names import wanted
from connectors.silos._watch import watched
from connectors.silos.base import Capabilities

BATCH = 20_000
SYSTEM_SCHEMAS = frozenset({"information_schema", "pg_catalog", "sys", "INFORMATION_SCHEMA"})
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
        backend = settings.scheme
        dialect = DIALECTS.get(backend, backend)
        known = dialect if dialect in sqlglot.Dialect.classes else ""
        self.capabilities = Capabilities(known, pushdown="ansi", joins=False, aggregates=False)

    @cached_property
    def _engine(self) -> Engine:
        limits = self._settings.limits
        try:
            return create_engine(
                self._settings.resolved_url(),
                pool_size=limits.concurrency,
                max_overflow=0,
                pool_timeout=limits.timeout_s,
                pool_pre_ping=True,
            )
        except (SQLAlchemyError, ImportError) as error:
            raise self._mapped(error) from error

    def ping(self) -> None:
        """Open a connection."""
        with self._connection():
            return

    def introspect(self) -> list[Table]:
        """Tables and views of all schemas but the system's, by SQLAlchemy's bulk reflection."""
        with self._connection() as connection:
            inspector = inspect(connection)
            found: list[Table] = []
            for schema in inspector.get_schema_names():
                if schema not in SYSTEM_SCHEMAS:
                    found += self._tables(connection, schema)
            return found

    def _tables(self, connection: Connection, schema: str) -> Iterator[Table]:
        inspector = inspect(connection)
        columns = inspector.get_multi_columns(schema=schema, kind=ObjectKind.ANY)
        keys = inspector.get_multi_pk_constraint(schema=schema)
        foreign = inspector.get_multi_foreign_keys(schema=schema)
        views = set(inspector.get_view_names(schema))
        for place, found in columns.items():
            name = place[1]
            if not wanted(self._settings, schema, name):
                continue
            references = foreign.get(place) or []
            key: Mapping[str, Any] = keys.get(place) or {}
            yield Table(
                silo=self._settings.name,
                schema=schema,
                name=name,
                columns=tuple(_column(column) for column in found),
                kind="view" if name in views else "table",
                primary_key=tuple(key.get("constrained_columns") or ()),
                foreign_keys=tuple(
                    ForeignKey(
                        tuple(r["constrained_columns"]),
                        f"{r['referred_schema'] or schema}.{r['referred_table']}",
                        tuple(r["referred_columns"]),
                    )
                    for r in references
                ),
            )

    @contextmanager
    def read(
        self, sql: str, schema: pa.Schema, deadline: Deadline, cancellation: Cancellation
    ) -> Iterator[Iterator[pa.RecordBatch]]:
        """Run one SELECT and stream its rows; on deadline or cancel the connection is dropped."""
        name = self._settings.name
        with (
            self._connection() as connection,
            watched(name, connection.invalidate, deadline, cancellation) as watch,
        ):
            try:
                streamed = connection.execution_options(stream_results=True, yield_per=BATCH)
                result = streamed.exec_driver_sql(sql)
                parts = result.partitions(BATCH)
                yield (batch_of([tuple(r) for r in part], schema, name) for part in parts)
                result.close()
            except SQLAlchemyError as error:
                raise watch.explain(self._mapped(error)) from error

    def close(self) -> None:
        """Close idle connections."""
        self._engine.dispose()

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
        if connecting:
            hint = "Is the database running, and url and login in silos.yaml right?"
            return SiloUnavailable(f"silo {name!r} cannot be reached", silo=name, hint=hint)
        cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
        text = (str(cause).splitlines() or [type(cause).__name__])[0]
        return SiloQueryFailed(f"silo {name!r}: {text}", silo=name)


def _column(column: ReflectedColumn) -> Column:
    return Column(
        column["name"],
        canonical(column["type"]),
        str(column["type"]),
        bool(column.get("nullable", True)),
        column.get("comment") or "",
    )


def canonical(kind: types.TypeEngine[Any]) -> str:
    """The canonical type of a SQLAlchemy type; UNKNOWN when none fits."""
    if isinstance(kind, types.DateTime) and getattr(kind, "timezone", False):
        return "TIMESTAMPTZ"
    if isinstance(kind, types.Numeric) and not isinstance(kind, types.Float):
        precision, scale = kind.precision or 38, kind.scale if kind.scale is not None else 10
        return f"DECIMAL({precision}, {scale})" if precision <= 38 else "UNKNOWN"
    return next((name for known, name in TYPES if isinstance(kind, known)), "UNKNOWN")
