"""Key columns as salted hashes, made in memory and forgotten there: how links are measured."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from connectors.errors import EngineError

Hashes = npt.NDArray[np.uint64]
Counts = npt.NDArray[np.int64]
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
    "memory_limit": "512MB",
    "threads": 1,
}
# Keys are grouped first: hashing is the dear part, and a key often stands in many rows.
HASHED = """
    SELECT CAST('0x' || substr(sha256($salt || key), 1, 16) AS UBIGINT) AS hash, rows
    FROM (SELECT CAST({key} AS VARCHAR) AS key, count(*) AS rows FROM batch GROUP BY ALL)
    WHERE key IS NOT NULL
"""


@dataclass(frozen=True)
class KeyCounts:
    """Distinct hashed keys of some rows, in no order, and in how many of them each stands."""

    hashes: Hashes
    rows: Counts


class KeyHasher:
    """Computes canonical key expressions over batches of rows. For one thread; close it.

    The same expressions define the joins, so what is measured is what is joined.
    """

    def __init__(self, keys: Sequence[str], salt: str) -> None:
        """Take canonical expressions over the batches' columns, and a salt kept nowhere else."""
        self._statements = [HASHED.format(key=key) for key in keys]
        self._salt = salt
        self._engine = duckdb.connect(":memory:", config=SETTINGS)
        self._engine.execute("SET TimeZone = 'UTC'")

    def hashed(self, batch: pa.RecordBatch) -> Iterator[KeyCounts]:
        """The keys of a batch, one entry per expression; rows whose key is null are left out.

        Raises:
            EngineError: An expression cannot be computed over these columns; no value is named.
        """
        self._engine.register("batch", pa.Table.from_batches([batch]))
        try:
            for statement in self._statements:
                yield self._counted(statement)
        finally:
            self._engine.unregister("batch")

    def _counted(self, statement: str) -> KeyCounts:
        try:
            found: dict[str, Any] = self._engine.execute(
                statement, {"salt": self._salt}
            ).fetchnumpy()
        except duckdb.Error as error:
            # The engine's own message may quote a value of the column.
            message = f"a key of a link cannot be computed ({type(error).__name__})"
            raise EngineError(message) from None
        return KeyCounts(np.asarray(found["hash"], np.uint64), np.asarray(found["rows"], np.int64))

    def close(self) -> None:
        """Forget all."""
        self._engine.close()
