"""The truth of the demo: the generator's own rows with true keys, in one DuckDB file.

Gold figures come from here. Every row about a person carries ``customer_no``, so no key has to be
cleaned and nothing goes the product's way.
"""

from pathlib import Path

import duckdb

from demo.stores import write_duckdb
from demo.world import World

FILE = "truth.duckdb"


def write_truth(folder: Path, world: World) -> None:
    """Write the file."""
    write_duckdb(folder / FILE, world.tables)


def open_truth(folder: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the truth of a built demo; moments are UTC."""
    connection = duckdb.connect(str(folder / FILE), read_only=True)
    connection.execute("SET TimeZone = 'UTC'")
    return connection
