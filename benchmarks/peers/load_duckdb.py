"""Loads the Parquet files of FOLDER into FOLDER/all.duckdb, in the older version's format."""

import sys
from pathlib import Path

import duckdb

folder = Path(sys.argv[1])
(folder / "all.duckdb").unlink(missing_ok=True)
with duckdb.connect(str(folder / "all.duckdb")) as connection:
    for parquet in sorted(folder.glob("*.parquet")):
        connection.execute(f"CREATE TABLE {parquet.stem} AS FROM '{parquet}'")
