"""SQLite files, opened read-only."""

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import pyarrow as pa

from connectors.clock import Cancellation, Deadline
from connectors.config import SiloSettings
from connectors.errors import SchemaDrift, SiloError, SiloQueryFailed, SiloUnavailable
from connectors.schema import Column, ForeignKey, Table
from connectors.silos._conform import batch_of
from connectors.silos._names import wanted
from connectors.silos._pool import Pool
from connectors.silos._watch import watched
from connectors.silos.base import Capabilities

SCHEMA = "main"
BATCH = 20_000
FORBIDDEN_FUNCTIONS = frozenset({"load_extension", "readfile", "writefile", "edit"})
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
COLLATED = re.compile(r"^\s*[\"`\[]?(\w+)[\"`\]]?[^,]*?\bCOLLATE\s+(NOCASE|RTRIM)\b", re.IGNORECASE)
INDEXED = "SELECT m.name, l.name, l.\"unique\", i.name FROM sqlite_master m, pragma_index_list(m.name) l, pragma_index_info(l.name) i WHERE m.type = 'table' ORDER BY 1, 2, i.seqno"  # noqa: E501


class Connector:
    """One SQLite file. Thread-safe."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        dialect="sqlite", pushdown="sqlite", max_keys=10_000, cancel=True
    )

    def __init__(self, settings: SiloSettings) -> None:
        self._settings = settings
        self._pool: Pool[sqlite3.Connection] = Pool(
            settings.name,
            settings.limits.concurrency,
            self._connect,
            lambda connection: connection.close(),
            lambda connection: True,
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
    ) -> Iterator[Iterator[pa.RecordBatch]]:
        """Run one SELECT and stream its rows; see the protocol."""
        with (
            self._pool.lease(deadline) as connection,
            watched(self._settings.name, connection.interrupt, deadline, cancellation) as watch,
        ):
            try:
                cursor = connection.execute(sql)
                yield self._batches(cursor, schema)
                cursor.close()
            except sqlite3.Error as error:
                raise watch.explain(self._mapped(error)) from error

    def close(self) -> None:
        """Close idle connections."""
        self._pool.close()

    def _batches(self, cursor: sqlite3.Cursor, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        while rows := cursor.fetchmany(BATCH):
            yield batch_of(rows, schema, self._settings.name)

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
        except sqlite3.Error as error:
            raise self._mapped(error) from error
        connection.set_authorizer(_authorise)
        return connection

    def _mapped(self, error: sqlite3.Error) -> SiloError:
        name, text = self._settings.name, str(error)
        if text.startswith(("no such table", "no such column")):
            hint = "Run `rundblick catalog refresh`."
            return SchemaDrift(f"silo {name!r}: {text}", silo=name, hint=hint)
        if "unable to open" in text or "not a database" in text:
            return SiloUnavailable(f"silo {name!r}: {text}", silo=name)
        return SiloQueryFailed(f"silo {name!r}: {text}", silo=name)

    def _tables(self, connection: sqlite3.Connection) -> Iterator[Table]:
        columns, keys, texts = _columns(connection)
        references = _references(connection)
        unique, indexes = _indexes(connection)
        listed = "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')"
        for name, kind in connection.execute(f"{listed} ORDER BY name").fetchall():
            if name.startswith("sqlite_") or not wanted(self._settings, SCHEMA, name):
                continue
            counted = None
            if kind == "table":
                quoted = name.replace('"', '""')
                counted = connection.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0]
            yield Table(
                silo=self._settings.name,
                schema=SCHEMA,
                name=name,
                columns=tuple(_with_collation(columns[name], texts.get(name) or "")),
                kind=kind,
                primary_key=tuple(keys[name]),
                foreign_keys=tuple(references[name]),
                indexes=tuple(indexes[name]),
                unique_keys=tuple(unique[name]),
                row_estimate=counted,
            )


def _authorise(action: int, first: str | None, second: str | None, *_: object) -> int:
    if action not in ALLOWED_ACTIONS:
        return sqlite3.SQLITE_DENY
    called = (second or "").lower() if action == sqlite3.SQLITE_FUNCTION else ""
    return sqlite3.SQLITE_DENY if called in FORBIDDEN_FUNCTIONS else sqlite3.SQLITE_OK


def _columns(
    connection: sqlite3.Connection,
) -> tuple[dict[str, list[Column]], dict[str, list[str]], dict[str, str]]:
    """Columns, primary keys and the CREATE text, by table."""
    columns: dict[str, list[Column]] = defaultdict(list)
    keys: dict[str, list[tuple[int, str]]] = defaultdict(list)
    texts: dict[str, str] = {}
    rows = connection.execute(
        'SELECT m.name, m.sql, c.name, c.type, c."notnull", c.pk'
        " FROM sqlite_master m, pragma_table_info(m.name) c"
        " WHERE m.type IN ('table', 'view') ORDER BY m.name, c.cid"
    )
    for table, text, name, declared, required, key in rows:
        texts[table] = text
        columns[table].append(Column(name, canonical(declared), declared, not required))
        if key:
            keys[table].append((key, name))
    ordered = {table: [name for _, name in sorted(found)] for table, found in keys.items()}
    return columns, defaultdict(list, ordered), texts


def canonical(declared: str) -> str:
    """The canonical type of a declared one; text for what SQLite would take as anything."""
    decimal = DECIMAL.match(declared)
    if decimal:
        return f"DECIMAL({decimal[1]}, {decimal[2] or 0})"
    words = re.findall(r"[a-z]+", declared.lower())
    return TYPES.get(words[0], "VARCHAR") if words else "VARCHAR"


def _with_collation(columns: list[Column], text: str) -> Iterator[Column]:
    parts = (COLLATED.match(part) for part in re.split(r"[,(]", text))
    collated = {match[1].lower(): match[2].upper() for match in parts if match}
    for column in columns:
        collation = collated.get(column.name.lower())
        yield Column(column.name, column.type, column.native_type, column.nullable, "", collation)


def _references(connection: sqlite3.Connection) -> dict[str, list[ForeignKey]]:
    grouped: dict[tuple[str, int, str], list[tuple[str, str]]] = defaultdict(list)
    rows: list[tuple[Any, ...]] = connection.execute(
        'SELECT m.name, f.id, f."table", f."from", f."to"'
        " FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'"
        " ORDER BY m.name, f.id, f.seq"
    ).fetchall()
    for table, number, target, column, referenced in rows:
        grouped[table, number, target].append((column, referenced or column))
    found: dict[str, list[ForeignKey]] = defaultdict(list)
    for (table, _, target), pairs in grouped.items():
        own, other = zip(*pairs, strict=True)
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
