"""Writes the TPC-H tables as Parquet: SCALE FOLDER."""

import sys
from pathlib import Path

import duckdb

TABLES = ["customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier"]


def extension(name: str) -> Path:
    """Path of an extension's binary inside its wheel."""
    package = __import__(f"duckdb_extension_{name}")
    return next(Path(package.__path__[0]).rglob("*.duckdb_extension"))


def main() -> None:
    """Generate, export, done."""
    scale, folder = float(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    connection.execute(f"LOAD '{extension('tpch')}'")
    connection.execute(f"CALL dbgen(sf={scale})")
    for table in TABLES:
        connection.execute(f"COPY {table} TO '{folder / table}.parquet' (FORMAT parquet)")


main()
