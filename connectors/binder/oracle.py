"""Asks DuckDB itself what a query returns, over empty tables of the catalog's types."""

import re
import threading
from functools import cache
from typing import NoReturn

import duckdb
from sqlglot import exp

from connectors.errors import (
    AmbiguousName,
    BindError,
    ConfigurationError,
    TypeMismatch,
    UnknownColumn,
    UnknownFunction,
)
from connectors.query import OutputColumn
from connectors.schema import Table
from connectors.trees import copied

UNREADABLE = "UNKNOWN"
PATIENCE_S = 5
MOST_COPIES = 10_000
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "256MB",
    "threads": 1,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
    "enable_external_access": False,
    "lock_configuration": True,
}
KINDS: tuple[tuple[str, type[BindError]], ...] = (
    (r"Function with name .* does not exist|Catalog Error", UnknownFunction),
    (r"Referenced (column|table)|does not have a column|not found in FROM", UnknownColumn),
    (r"Ambiguous reference", AmbiguousName),
    (r"No function matches|Conversion Error|[Cc]annot (compare|mix|cast)|Mismatch", TypeMismatch),
)
ALIASES = {"TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ", "TIME WITH TIME ZONE": "TIMETZ"}


@cache
def shared_oracle() -> "TypeOracle":
    """One for the process: starting a DuckDB takes longer than binding a query."""
    return TypeOracle()


class TypeOracle:
    """An in-process DuckDB that holds empty copies of the tables asked about; thread-safe.

    It runs nothing but DESCRIBE, sees no file and no network, and has no rows. A table is copied
    once for each list of columns it ever had; above `most_copies` it begins anew.
    """

    def __init__(self, most_copies: int = MOST_COPIES) -> None:
        self._most_copies = most_copies
        self._lock = threading.Lock()
        self._begin()

    def _begin(self) -> None:
        self._connection = duckdb.connect(":memory:", config=SETTINGS)
        self._names: dict[tuple[object, ...], str] = {}

    def columns(self, tree: exp.Query, tables: tuple[Table, ...]) -> tuple[OutputColumn, ...]:
        """Output columns of a bound tree.

        Raises:
            BindError: DuckDB cannot bind it; the class says whether name, type or function.
        """
        with self._lock:
            if len(self._names) + len(tables) > self._most_copies:
                self._connection.close()
                self._begin()
            names = {table.full_name.lower(): self._copy(table) for table in tables}
            sql = _renamed(tree, names).sql("duckdb", comments=False, copy=False)
            # DuckDB folds some constants while it binds; an attacker's may take long.
            timer = threading.Timer(PATIENCE_S, self._connection.interrupt)
            timer.start()
            try:
                rows = self._connection.execute(f"DESCRIBE {sql}").fetchall()
            except duckdb.Error as error:
                _raise(error)
            finally:
                timer.cancel()
        return tuple(OutputColumn(row[0], canonical(row[1])) for row in rows)

    def value(self, constant: exp.Expr) -> str | None:
        """A constant expression's value as text; None when it has none, such as a bad date."""
        sql = constant.sql("duckdb", comments=False)
        with self._lock:
            try:
                row = self._connection.execute(f"SELECT CAST({sql} AS VARCHAR)").fetchone()
            except duckdb.Error:
                return None
        return row[0] if row else None

    def _copy(self, table: Table) -> str:
        columns = tuple((c.name, c.type) for c in table.by_name.values() if c.type != UNREADABLE)
        key = (table.full_name.lower(), columns)
        if key not in self._names:
            name = f"t{len(self._names)}"
            self._create(name, table, columns)
            self._names[key] = name
        return self._names[key]

    def _create(self, name: str, table: Table, columns: tuple[tuple[str, str], ...]) -> None:
        parts = ", ".join(f"{exp.to_identifier(c, quoted=True).sql()} {t}" for c, t in columns)
        try:
            self._connection.execute(f"CREATE TABLE {name} ({parts or '_ INTEGER'})")
        except duckdb.Error as error:
            message = f"a column of {table.full_name!r} has no canonical type: {_first(error)}"
            raise ConfigurationError(message, hint="Run `rundblick catalog refresh`.") from error


def _renamed(tree: exp.Query, names: dict[str, str]) -> exp.Query:
    copy = copied(tree)
    for node in list(copy.find_all(exp.Table)):
        if node.args.get("catalog"):
            written = ".".join(part.name for part in node.parts).lower()
            alias = node.args.get("alias")
            node.replace(exp.Table(this=exp.to_identifier(names[written]), alias=alias))
    return copy


def canonical(described: str) -> str:
    """A type as the catalog spells it: ``DECIMAL(12, 2)``, ``TIMESTAMPTZ``."""
    text = re.sub(r"DECIMAL\((\d+),\s*(\d+)\)", r"DECIMAL(\1, \2)", described)
    for long, short in ALIASES.items():
        text = text.replace(long, short)
    return text.replace('"NULL"', "INTEGER")


def _raise(error: duckdb.Error) -> NoReturn:
    text = str(error)
    kind = next((kind for pattern, kind in KINDS if re.search(pattern, text)), BindError)
    raise kind(_first(error)) from error


def _first(error: duckdb.Error) -> str:
    """DuckDB's message without its error class, candidates and the picture of the line."""
    lines = [line.strip() for line in str(error).split("\n\nLINE")[0].splitlines()]
    kept = [line for line in lines if line and not line.startswith("Candidate functions")]
    text = re.sub(r"^\w+( \w+)* Error: ", "", kept[0]) if kept else "DuckDB refuses it"
    suggestion = next((line for line in kept[1:] if line.startswith("Did you mean")), "")
    return f"{text} {suggestion}".strip()
