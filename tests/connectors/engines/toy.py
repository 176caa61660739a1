"""A toy engine that opens the silos' DuckDB files itself. A test drops it into the folder of engines."""

import time
from datetime import UTC, datetime

import duckdb

from connectors.engines.base import EngineResult
from connectors.engines.duckdb import Engine as Embedded
from connectors.query import FragmentReceipt


class Engine(Embedded):
    name = "toy"

    def takes(self, query):
        return {table.silo for table in query.tables} <= set(self._settings.options["files"])

    def run(self, query, max_rows, deadline, cancellation):
        began, files = time.monotonic(), self._settings.options["files"]
        with duckdb.connect() as connection:
            for silo in {table.silo for table in query.tables}:
                connection.execute(f"ATTACH '{files[silo]}' AS {silo} (READ_ONLY)")
            table = connection.sql(query.sql).to_arrow_table()
        ms = (time.monotonic() - began) * 1000
        taken = tuple(
            FragmentReceipt(t.silo, "duckdb", query.sql, 0, 0, 0, (), ms, datetime.now(UTC), (), ())
            for t in query.tables
        )
        cut = table if max_rows is None else table.slice(0, max_rows)
        return EngineResult(cut, cut.num_rows < table.num_rows, ms, taken)
