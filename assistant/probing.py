"""Reads the distinct values of a column from its silo, within the policy and a bound."""

from collections.abc import Callable

from sqlglot import exp

from connectors.errors import RundblickError
from connectors.query import FragmentReceipt, QueryResult
from connectors.schema import PERSONAL, Table

MOST = 2_000
SECONDS = 5.0
Run = Callable[[str, str | None, int, float], QueryResult]
"""(SQL, role, most rows, seconds) -> result."""


class Prober:
    """Asks silos for distinct values; thread-safe, keeps nothing."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def values(
        self, table: Table, column: str, role: str | None
    ) -> tuple[tuple[str, ...], tuple[FragmentReceipt, ...]] | None:
        """All distinct values, sorted, with the receipt; None where they may not be read.

        Personal and free-text columns are never read, nor those with more than `MOST` values, nor
        what the role may not read. A silo that fails or is slow gives None: a probe must not fail
        a question.
        """
        found = table.column(column)
        if found is None or found.type != "VARCHAR":
            return None
        if table.sensitivity.get(found.name) in PERSONAL:
            return None
        try:
            result = self._run(_sql(table, found.name), role, MOST + 1, SECONDS)
        except RundblickError:
            return None
        if result.truncated or result.table.num_rows > MOST:
            return None
        values = sorted(str(row[0]) for row in result.rows() if row[0] is not None)
        return tuple(values), result.receipt.fragments


def _sql(table: Table, column: str) -> str:
    source = exp.table_(table.name, db=table.schema, catalog=table.silo, quoted=True)
    return exp.select(exp.column(column, quoted=True)).distinct().from_(source).sql("duckdb")
