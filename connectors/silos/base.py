"""What every connector is: how a silo is reached, what it can do, how its rows arrive."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import ClassVar, Protocol

import pyarrow as pa

from connectors.clock import Cancellation, Deadline
from connectors.config import SiloSettings
from connectors.schema import Table


@dataclass(frozen=True)
class Capabilities:
    """What the planner may expect of a kind of silo. Declared, never guessed.

    Attributes:
        dialect: sqlglot dialect fragments are rendered in.
        pushdown: Name of its allow-list in `connectors.planner.pushdown`; ``ansi`` is the least.
        joins: Joins inside the silo may be pushed.
        aggregates: Aggregates may be pushed.
        max_keys: Most keys a fragment may be sent, as a list or an array.
        cancel: A running statement can be stopped at the server.
        deadline: The server itself stops a statement at its deadline.
        snapshot: Several fragments of one query can read one snapshot.
    """

    dialect: str
    pushdown: str = "ansi"
    joins: bool = True
    aggregates: bool = True
    max_keys: int = 1_000
    cancel: bool = False
    deadline: bool = False
    snapshot: bool = False


class Rows(Iterator[pa.RecordBatch]):
    """The rows of one statement, batch by batch; `received` counts their bytes on the wire."""

    def __init__(
        self, batches: Iterator[pa.RecordBatch], received: Callable[[], int] | None = None
    ) -> None:
        self._batches = batches
        self._received = received

    def __next__(self) -> pa.RecordBatch:
        return next(self._batches)

    @property
    def received(self) -> int | None:
        """Bytes that crossed the wire for the statement so far; None where nobody counts."""
        return self._received() if self._received is not None else None


class Reader(Protocol):
    """Gives rows of SELECTs."""

    def read(
        self, sql: str, schema: pa.Schema, deadline: Deadline, cancellation: Cancellation
    ) -> AbstractContextManager[Rows]:
        """Run one rendered SELECT, read-only and prepared, and stream its rows.

        Batches arrive in bounded memory and in exactly `schema` (lossless: a value that does not
        fit raises SiloQueryFailed naming the column). The statement is stopped at the server when
        the deadline passes, on cancel, or when the context is left early.
        """


class Connector(Reader, Protocol):
    """One reachable silo. Thread-safe; opens connections lazily, holds at most its limit."""

    capabilities: ClassVar[Capabilities]

    def __init__(self, settings: SiloSettings) -> None:
        """Keep the settings; open nothing."""

    def ping(self) -> None:
        """Raise SiloError when the silo cannot be reached or refuses the login."""

    def introspect(self) -> list[Table]:
        """Tables and views the login may read, by bulk reads of the server's own dictionary."""

    def snapshot(self) -> AbstractContextManager[Reader]:
        """Reads that all see the silo as it was at the first of them; opened by that one.

        Only asked of silos whose capabilities say so.
        """

    def close(self) -> None:
        """Close all connections; the connector may be used again."""
