"""The question sets: gold SQL, tables with their types, rows as CSV."""

import csv
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import sqlglot

SHARED_VARIABLE = "RUNDBLICK_SHARED"
KINDS = ("postgresql", "mysql", "sqlite", "duckdb")
Columns = Mapping[str, str]


@dataclass(frozen=True)
class Question:
    """One question; `sql` is its gold query in DuckDB's dialect."""

    id: str
    db: str
    text: str
    sql: str

    def canonical(self) -> str:
        """The gold query as canonical SQL: parsed and written again, without comments."""
        return sqlglot.transpile(self.sql, read="duckdb", write="duckdb", comments=False)[0]


def default_folder() -> Path:
    """Where the question sets are, by RUNDBLICK_SHARED or beside the project."""
    beside = Path(__file__).parents[3] / "shared"
    return Path(os.environ.get(SHARED_VARIABLE, beside)) / "eval" / "defog"


def load(folder: Path) -> list[Question]:
    """All questions.

    Raises:
        SystemExit: There is no question file; the message says how to name the folder.
    """
    file = folder / "questions.jsonl"
    if not file.exists():
        raise SystemExit(f"no question sets at {folder}: set {SHARED_VARIABLE} to their folder")
    lines = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return [Question(q["id"], q["db"], q["question"], q["sql"]) for q in lines]


def tables(folder: Path, db: str) -> dict[str, Columns]:
    """Column names and canonical types of each table of a database."""
    found: dict[str, dict[str, str]] = {}
    with (folder / db / "columns.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            found.setdefault(row["table"], {})[row["column"]] = row["type"]
    return dict(found)


def placement(names: Mapping[str, Columns], shift: int) -> dict[str, str]:
    """The kind of silo of each table, in turns; `shift` gives every table another one."""
    return {table: KINDS[(i + shift) % len(KINDS)] for i, table in enumerate(sorted(names))}


def fill(connection: duckdb.DuckDBPyConnection, folder: Path, db: str, wanted: set[str]) -> None:
    """Make the wanted tables in a DuckDB, with their rows; an empty cell is null."""
    for table, columns in tables(folder, db).items():
        if table in wanted:
            body = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
            connection.execute(f'CREATE TABLE "{table}" ({body})')
            source = folder / db / f"{table}.csv"
            connection.execute(f"COPY \"{table}\" FROM '{source}' (FORMAT csv, HEADER true)")
