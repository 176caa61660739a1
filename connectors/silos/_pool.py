"""Connections of one silo, kept and reused, never more than its limit at once."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from connectors.clock import Deadline
from connectors.errors import SiloTimeout

C = TypeVar("C")


class Pool(Generic[C]):
    """Thread-safe. A connection left by an exception, or early, is closed instead of kept."""

    def __init__(
        self,
        silo: str,
        size: int,
        connect: Callable[[], C],
        close: Callable[[C], None],
        alive: Callable[[C], bool],
    ) -> None:
        self._silo = silo
        self._connect = connect
        self._close = close
        self._alive = alive
        self._free: list[C] = []
        self._lock = threading.Lock()
        self._places = threading.Semaphore(size)

    @contextmanager
    def lease(self, deadline: Deadline) -> Iterator[C]:
        """A connection for one statement.

        Raises:
            SiloTimeout: None was free before the deadline.
        """
        if not self._places.acquire(timeout=deadline.left()):
            message = f"silo {self._silo!r}: all connections were busy until the deadline"
            raise SiloTimeout(message, silo=self._silo)
        try:
            connection = self._take()
            try:
                yield connection
            except BaseException:
                self._close(connection)
                raise
            with self._lock:
                self._free.append(connection)
        finally:
            self._places.release()

    def close(self) -> None:
        """Close what is idle."""
        with self._lock:
            idle, self._free = self._free, []
        for connection in idle:
            self._close(connection)

    def _take(self) -> C:
        while True:
            with self._lock:
                if not self._free:
                    break
                connection = self._free.pop()
            if self._alive(connection):
                return connection
            self._close(connection)
        return self._connect()
