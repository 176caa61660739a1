"""Stops a statement for certain, whatever the moment the stop is asked for."""

import threading
from collections.abc import Callable
from types import TracebackType

AGAIN_S = 0.05


class Stop:
    """Interrupts the statement of a `with` block, again and again until the block is left.

    An interrupt that arrives before the statement has begun is lost on most drivers, and one that
    arrives after it has ended would hit the next statement on the same connection.
    """

    def __init__(self, interrupt: Callable[[], None]) -> None:
        self._interrupt = interrupt
        self._lock = threading.Lock()
        self._over = False
        self.asked = False

    def __enter__(self) -> "Stop":
        """The statement may be interrupted from now on."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """No interrupt is sent any more; one under way is awaited."""
        with self._lock:
            self._over = True

    def __call__(self) -> None:
        """Interrupt now, and until the block is left; safe from any thread."""
        self.asked = True
        with self._lock:
            if self._over:
                return
            self._interrupt()
        again = threading.Timer(AGAIN_S, self)
        again.daemon = True
        again.start()
