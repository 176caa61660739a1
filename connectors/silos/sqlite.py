"""SQLite files, opened read-only."""

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import pyarrow as pa

from connectors.arrow_types import MAX_PRECISION
from connectors.clock import Cancellation, Deadline
from connectors.config import SiloSettings
from connectors.errors import SchemaDrift, SiloError, SiloQueryFailed, SiloUnavailable
from connectors.schema import Column, ForeignKey, Table
from connectors.silos._conform import batch_of
from connectors.silos._names import wanted
from connectors.silos._pool import Pool
from connectors.silos._snapshot import OneByOne, Transaction
from connectors.silos._stop import Stop
from connectors.silos._watch import watched
from connectors.silos.base import Capabilities, Reader, Rows

SCHEMA = "main"
UNAVAILABLE = ("unable to open", "not a database", "is locked", "is malformed", "disk I/O")
BATCH = 20_000
# Keys go in as JSON. At its first use in a connection SQLite notes the function in its own schema,
# which the authoriser refuses.
KNOW_JSON = "SELECT 1 FROM json_each('[]')"
FORBIDDEN_FUNCTIONS = frozenset(
    {"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"}
)
ALLOWED_ACTIONS = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
)
# Declared types by their first word; SQLite itself enforces none of them.
TYPES = {
    "int": "BIGINT", "integer": "BIGINT", "bigint": "BIGINT", "smallint": "BIGINT",
    "tinyint": "BIGINT", "mediumint": "BIGINT", "boolean": "BOOLEAN", "bool": "BOOLEAN",
    "real": "DOUBLE", "double": "DOUBLE", "float": "DOUBLE", "numeric": "DOUBLE",
    "decimal": "DOUBLE", "date": "DATE", "datetime": "TIMESTAMP", "timestamp": "TIMESTAMP",
    "time": "TIME", "json": "JSON", "uuid": "UUID", "blob": "BLOB",
}  # fmt: skip
DECIMAL = re.compile(r"(?:decimal|numeric)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)", re.IGNORECASE)
# SQLite tells no collation, but joins two texts into one exactly where the collation does.
MERGED = """(SELECT count(*) FROM
    (SELECT {column} FROM {table} WHERE 0 UNION SELECT 'a' UNION SELECT '{other}'))"""
OTHER = "unknown"
COLLATIONS = {(1, 2): "NOCASE", (2, 1): "RTRIM"}
INDEXED = "SELECT m.name, l.name, l.\"unique\", i.name FROM sqlite_master m, pragma_index_list(m.name) l, pragma_index_info(l.name) i WHERE m.type = 'table' ORDER BY 1, 2, i.seqno"  # noqa: E501


class Connector:
    """One SQLite file. Thread-safe."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        dialect="sqlite", pushdown="sqlite", max_keys=20_000, cancel=True, snapshot=True
    )

    def __init__(self, settings: SiloSettings) -> None:
        self._settings = settings
        self._pool: Pool[sqlite3.Connection] = Pool(
            settings.name,
            settings.limits.concurrency,
            self._connect,
            lambda connection: connection.close(),
            lambda connection, deadline: True,
        )

    def ping(self) -> None:
        """Read the file's header."""
        with self._pool.lease(self._deadline()) as connection:
            try:
                connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
            except sqlite3.Error as error:
                raise self._mapped(error) from error

    def introspect(self) -> list[Table]:
        """Tables and views of the file; rows are counted."""
        with self._pool.lease(self._deadline()) as connection:
            try:
                connection.set_authorizer(None)
                return list(self._tables(connection))
            except sqlite3.Error as error:
                raise self._mapped(error) from error
            finally:
                connection.set_authorizer(_authorise)

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
        connection: sqlite3.Connection,
        sql: str,
        schema: pa.Schema,
        deadline: Deadline,
        cancellation: Cancellation,
    ) -> Iterator[Rows]:
        """Run one SELECT on a connection and stream its rows."""
        with (
            Stop(connection.interrupt) as stop,
            watched(self._settings.name, stop, deadline, cancellation) as watch,
        ):
            try:
                with closing(connection.execute(sql)) as cursor:
                    yield Rows(self._batches(cursor, schema))
            except sqlite3.Error as error:
                raise watch.explain(self._mapped(error)) from error

    @contextmanager
    def snapshot(self) -> Iterator[Reader]:
        """Reads of one moment, one after the other, in one transaction."""
        made: Transaction[sqlite3.Connection] = Transaction(
            self._settings.name, self._pool, self._begin, _end
        )
        with closing(made):
            yield OneByOne(made, self.reading)

    def _begin(self, connection: sqlite3.Connection) -> None:
        try:
            _run_own(connection, "BEGIN")
        except sqlite3.Error as error:
            raise self._mapped(error) from error

    def close(self) -> None:
        """Close idle connections."""
        self._pool.close()

    def _batches(self, cursor: sqlite3.Cursor, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        name = self._settings.name
        while rows := cursor.fetchmany(BATCH):
            _refuse_misfits(rows, schema, name)
            yield batch_of(rows, schema, name)

    def _deadline(self) -> Deadline:
        return Deadline.after(self._settings.limits.timeout_s)

    def _connect(self) -> sqlite3.Connection:
        path = Path(self._settings.resolved_url().database or "")
        name = self._settings.name
        if not path.is_file():
            message = f"silo {name!r}: the file {path.name!r} is not there"
            raise SiloUnavailable(message, silo=name, hint="Check its url in silos.yaml.")
        uri = f"file:{quote(str(path))}?mode=ro"
        try:
            connection = sqlite3.connect(uri, uri=True, check_same_thread=False, timeout=5)
            connection.execute("PRAGMA query_only = ON")
            connection.execute(KNOW_JSON).fetchall()
        except sqlite3.Error as error:
            raise self._mapped(error) from error
        connection.set_authorizer(_authorise)
        return connection

    def _mapped(self, error: sqlite3.Error) -> SiloError:
        name, text = self._settings.name, str(error)
        if text.startswith(("no such table", "no such column")):
            hint = "Run `rundblick catalog refresh`."
            return SchemaDrift(f"silo {name!r}: {text}", silo=name, hint=hint)
        if any(part in text for part in UNAVAILABLE):
            return SiloUnavailable(f"silo {name!r}: {text}", silo=name)
        return SiloQueryFailed(f"silo {name!r}: {text}", silo=name)

    def _tables(self, connection: sqlite3.Connection) -> Iterator[Table]:
        listed = "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')"
        rows = connection.execute(f"{listed} ORDER BY name").fetchall()
        columns, keys = _columns(connection, [name for name, _ in rows])
        references = _references(connection, keys)
        unique, indexes = _indexes(connection)
        for name, kind in rows:
            unreadable = name not in columns or name.startswith("sqlite_")
            if unreadable or not wanted(self._settings, SCHEMA, name):
                continue
            yield Table(
                silo=self._settings.name,
                schema=SCHEMA,
                name=name,
                columns=_with_collations(connection, name, columns[name]),
                kind=kind,
                primary_key=keys.get(name.lower(), ()),
                foreign_keys=tuple(references[name]),
                indexes=tuple(indexes[name]),
                unique_keys=tuple(unique[name]),
                row_estimate=_count(connection, name) if kind == "table" else None,
            )


def _end(connection: sqlite3.Connection) -> None:
    _run_own(connection, "ROLLBACK")


def _run_own(connection: sqlite3.Connection, command: str) -> None:
    """Run what no fragment may."""
    connection.set_authorizer(None)
    try:
        connection.execute(command)
    finally:
        connection.set_authorizer(_authorise)


def _authorise(action: int, first: str | None, second: str | None, *_: object) -> int:
    if action not in ALLOWED_ACTIONS:
        return sqlite3.SQLITE_DENY
    called = (second or "").lower() if action == sqlite3.SQLITE_FUNCTION else ""
    return sqlite3.SQLITE_DENY if called in FORBIDDEN_FUNCTIONS else sqlite3.SQLITE_OK


def _refuse_misfits(rows: list[tuple[object, ...]], schema: pa.Schema, silo: str) -> None:
    """SQLite keeps any value in any column; none may be read as something it is not.

    Raises:
        SiloQueryFailed: A value's own type is not one its column may hold, naming the column.
    """
    for values, field in zip(zip(*rows, strict=True), schema, strict=True):
        kinds = set(map(type, values)) - {type(None)}
        misfits = {kind.__name__ for kind in kinds if not _may_hold(field.type, kind)}
        fractions = pa.types.is_integer(field.type) and any(
            isinstance(value, float) and not value.is_integer() for value in values
        )
        if misfits or fractions:
            what = ", ".join(sorted(misfits)) or "a fraction"
            message = f"column {field.name!r} holds a value that does not fit {field.type}: {what}"
            raise SiloQueryFailed(message, silo=silo)


def _may_hold(target: pa.DataType, kind: type) -> bool:
    """False for bytes out of place, and for numbers in place of a day or time, unit unknown."""
    if pa.types.is_temporal(target):
        return kind is str
    return kind is not bytes or pa.types.is_binary(target)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _count(connection: sqlite3.Connection, table: str) -> int:
    rows: int = connection.execute(f"SELECT count(*) FROM {_quoted(table)}").fetchone()[0]
    return rows


def _columns(
    connection: sqlite3.Connection, tables: list[str]
) -> tuple[dict[str, list[Column]], dict[str, tuple[str, ...]]]:
    """Columns by table, primary keys by lower-case table.

    A view on something that is gone, or a table of a module not built in, is left out.
    """
    columns: dict[str, list[Column]] = {}
    keys: dict[str, tuple[str, ...]] = {}
    asked = 'SELECT name, type, "notnull", pk FROM pragma_table_xinfo(?) WHERE hidden <> 1'
    for table in tables:
        try:
            rows = connection.execute(asked, (table,)).fetchall()
        except sqlite3.OperationalError:
            continue
        columns[table] = [Column(n, canonical(kind), kind, not r) for n, kind, r, _ in rows]
        places = sorted((place, name) for name, *_, place in rows if place)
        keys[table.lower()] = tuple(name for _, name in places)
    return columns, keys


def canonical(declared: str) -> str:
    """The canonical type of a declared one; text for what SQLite would take as anything.

    UNKNOWN for a decimal of more digits than can travel.
    """
    decimal = DECIMAL.match(declared)
    if decimal:
        fits = int(decimal[1]) <= MAX_PRECISION
        return f"DECIMAL({decimal[1]}, {decimal[2] or 0})" if fits else "UNKNOWN"
    words = re.findall(r"[a-z]+", declared.lower())
    return TYPES.get(words[0], "VARCHAR") if words else "VARCHAR"


def _with_collations(
    connection: sqlite3.Connection, table: str, columns: list[Column]
) -> tuple[Column, ...]:
    """The columns, text with its collation; a view's columns have those they come from."""
    texts = [column for column in columns if column.type == "VARCHAR"]
    asked = [
        MERGED.format(column=_quoted(column.name), table=_quoted(table), other=other)
        for column in texts
        for other in ("A", "a ")
    ]
    try:
        counts = connection.execute(f"SELECT {', '.join(asked)}").fetchone() if asked else ()
    except sqlite3.OperationalError:
        # One of its columns has a collation only the program that made the file knows.
        return tuple(replace(c, collation=OTHER if c in texts else None) for c in columns)
    pairs = zip(counts[::2], counts[1::2], strict=True)
    found = {c.name: COLLATIONS.get(pair) for c, pair in zip(texts, pairs, strict=True)}
    return tuple(replace(column, collation=found.get(column.name)) for column in columns)


def _references(
    connection: sqlite3.Connection, keys: dict[str, tuple[str, ...]]
) -> dict[str, list[ForeignKey]]:
    """References by table; one that names no columns means the other table's primary key."""
    grouped: dict[tuple[str, int, str], list[tuple[str, str | None]]] = defaultdict(list)
    rows: list[tuple[Any, ...]] = connection.execute(
        'SELECT m.name, f.id, f."table", f."from", f."to"'
        " FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'"
        " ORDER BY m.name, f.id, f.seq"
    ).fetchall()
    for table, number, target, column, referenced in rows:
        grouped[table, number, target].append((column, referenced))
    found: dict[str, list[ForeignKey]] = defaultdict(list)
    for (table, _, target), pairs in grouped.items():
        own = tuple(column for column, _ in pairs)
        named = tuple(referenced for _, referenced in pairs if referenced is not None)
        other = named or keys.get(target.lower(), ())
        if len(own) == len(other):
            found[table].append(ForeignKey(own, f"{SCHEMA}.{target}", other))
    return found


def _indexes(
    connection: sqlite3.Connection,
) -> tuple[dict[str, list[tuple[str, ...]]], dict[str, list[tuple[str, ...]]]]:
    """Unique and plain indexes by table; those on expressions are left out."""
    grouped: dict[tuple[str, str, int], list[str | None]] = defaultdict(list)
    for table, index, unique, column in connection.execute(INDEXED):
        grouped[table, index, unique].append(column)
    both: tuple[dict[str, list[tuple[str, ...]]], ...] = (defaultdict(list), defaultdict(list))
    for (table, _, unique), columns in grouped.items():
        names = tuple(name for name in columns if name is not None)
        if len(names) == len(columns):
            both[0 if unique else 1][table].append(names)
    return both[0], both[1]
