"""A transaction on one connection, begun at first use: all that is read in it is of one moment."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import Generic, TypeVar

import pyarrow as pa

from connectors.clock import Cancellation, Deadline
from connectors.errors import SiloTimeout, SiloUnavailable
from connectors.silos._pool import Pool
from connectors.silos.base import Rows

C = TypeVar("C")


class _Lost(Exception):
    """Leaves the pool's lease so that it does not keep the connection."""


class Transaction(Generic[C]):
    """Thread-safe: statements take turns. A connection that was lost is not replaced.

    Attributes:
        tried: Set once the transaction stands, or could not be opened.
    """

    def __init__(
        self, silo: str, pool: Pool[C], begin: Callable[[C], None], end: Callable[[C], None]
    ) -> None:
        self._silo = silo
        self._pool = pool
        self._begin = begin
        self._end = end
        self._held = ExitStack()
        self._connection: C | None = None
        self._lost = False
        self._turn = threading.Lock()
        self.tried = threading.Event()

    @contextmanager
    def turn(self, deadline: Deadline) -> Iterator[C]:
        """The connection, for one statement.

        Raises:
            SiloTimeout: Its turn did not come before the deadline.
            SiloUnavailable: The connection broke, and the snapshot with it.
        """
        if not self._turn.acquire(timeout=deadline.left()):
            message = f"silo {self._silo!r}: its snapshot was busy until the deadline"
            raise SiloTimeout(message, silo=self._silo)
        with self._mine(deadline) as connection:
            yield connection

    @contextmanager
    def at_once(self, deadline: Deadline) -> Iterator[C | None]:
        """The connection, for one statement; None when another statement has it."""
        if not self._turn.acquire(blocking=False):
            yield None
            return
        with self._mine(deadline) as connection:
            yield connection

    @contextmanager
    def _mine(self, deadline: Deadline) -> Iterator[C]:
        try:
            yield self._open(deadline)
        except BaseException:
            self._lost = True
            raise
        finally:
            self._turn.release()

    def _open(self, deadline: Deadline) -> C:
        if self._lost:
            message = f"silo {self._silo!r} lost the connection that held the snapshot"
            raise SiloUnavailable(message, silo=self._silo)
        if self._connection is None:
            try:
                connection = self._held.enter_context(self._pool.lease(deadline))
                self._begin(connection)
            finally:
                self.tried.set()
            self._connection = connection
        return self._connection

    def close(self) -> None:
        """End the transaction and give the connection back; a lost one is closed, not kept."""
        with self._turn, suppress(_Lost), self._held:
            if self._lost:
                raise _Lost
            if self._connection is not None:
                self._end(self._connection)


class OneByOne(Generic[C]):
    """Reads of one moment that take turns on the connection of a transaction."""

    def __init__(
        self, transaction: Transaction[C], reading: Callable[..., AbstractContextManager[Rows]]
    ) -> None:
        self._transaction = transaction
        self._reading = reading

    @contextmanager
    def read(
        self, sql: str, schema: pa.Schema, deadline: Deadline, cancellation: Cancellation
    ) -> Iterator[Rows]:
        """Run one SELECT and stream its rows; see the protocol of a reader."""
        with (
            self._transaction.turn(deadline) as connection,
            self._reading(connection, sql, schema, deadline, cancellation) as rows,
        ):
            yield rows
