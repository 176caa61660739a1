"""Connections of one silo, kept and reused, never more than its limit at once."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from connectors.clock import Deadline
from connectors.errors import SiloTimeout, SiloUnavailable

C = TypeVar("C")


class Pool(Generic[C]):
    """Thread-safe. A connection left by an exception, or early, is closed instead of kept.

    `ready` makes a connection fit for statements until a deadline; it says False of one that is
    gone, so that no connection needs a question of its own whether it is still there.
    """

    def __init__(
        self,
        silo: str,
        size: int,
        connect: Callable[[], C],
        close: Callable[[C], None],
        ready: Callable[[C, Deadline], bool],
    ) -> None:
        self._silo = silo
        self._connect = connect
        self._close = close
        self._ready = ready
        self._free: list[C] = []
        self._lock = threading.Lock()
        self._places = threading.Semaphore(size)

    @contextmanager
    def lease(self, deadline: Deadline, *, patient: bool = True) -> Iterator[C]:
        """A connection for one statement; without patience none is waited for.

        Raises:
            SiloTimeout: None was free before the deadline.
        """
        if not self._places.acquire(timeout=deadline.left() if patient else 0):
            message = f"silo {self._silo!r}: all connections were busy until the deadline"
            raise SiloTimeout(message, silo=self._silo)
        try:
            connection = self._take(deadline)
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

    def _take(self, deadline: Deadline) -> C:
        while (kept := self._kept()) is not None:
            if self._ready(kept, deadline):
                return kept
            self._close(kept)
        made = self._connect()
        if not self._ready(made, deadline):
            self._close(made)
            message = f"silo {self._silo!r} cannot be reached"
            raise SiloUnavailable(message, silo=self._silo)
        return made

    def _kept(self) -> C | None:
        with self._lock:
            return self._free.pop() if self._free else None
