"""Stops knocking at a silo that is down: after three refusals in a row, a pause."""

import threading
import time

from connectors.errors import SiloUnavailable

FAILURES = 3
PAUSE_S = 15.0


class CircuitBreaker:
    """Counts refusals per silo; thread-safe. A success forgets them."""

    def __init__(self, failures: int = FAILURES, pause_s: float = PAUSE_S) -> None:
        self._failures = failures
        self._pause = pause_s
        self._counts: dict[str, int] = {}
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def check(self, silo: str) -> None:
        """Let a statement through, or refuse it at once.

        Raises:
            SiloUnavailable: The silo has just refused several times.
        """
        with self._lock:
            left = self._until.get(silo, 0.0) - time.monotonic()
        if left > 0:
            message = f"silo {silo!r} did not answer {self._failures} times in a row"
            raise SiloUnavailable(message, silo=silo, hint=f"It is tried again in {left:.0f} s.")

    def failed(self, silo: str) -> None:
        """The silo could not be reached."""
        with self._lock:
            self._counts[silo] = self._counts.get(silo, 0) + 1
            if self._counts[silo] >= self._failures:
                self._until[silo] = time.monotonic() + self._pause

    def worked(self, silo: str) -> None:
        """The silo answered."""
        with self._lock:
            self._counts.pop(silo, None)
            self._until.pop(silo, None)
