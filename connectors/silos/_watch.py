"""Stops a running statement when its deadline passes or its question is cancelled."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from connectors.clock import Cancellation, Deadline
from connectors.errors import SiloCancelled, SiloError, SiloTimeout


class Watch:
    """Why a statement was stopped, if it was."""

    def __init__(self, silo: str, cancel: Callable[[], None]) -> None:
        self._silo = silo
        self._cancel = cancel
        self._reason: type[SiloError] | None = None

    def stop(self, reason: type[SiloError]) -> None:
        """Stop the statement at the server, for this reason."""
        self._reason = self._reason or reason
        self._cancel()

    def explain(self, error: SiloError) -> SiloError:
        """The reason it was stopped, in place of the driver's own error."""
        if self._reason is SiloTimeout:
            message = f"silo {self._silo!r} did not answer before its deadline"
            return SiloTimeout(message, silo=self._silo, hint="Ask for less, or raise limits.")
        if self._reason is SiloCancelled:
            return SiloCancelled(f"the statement on {self._silo!r} was cancelled", silo=self._silo)
        return error


@contextmanager
def watched(
    silo: str, cancel: Callable[[], None], deadline: Deadline, cancellation: Cancellation
) -> Iterator[Watch]:
    """Call `cancel`, once, on deadline or cancel, while the body runs."""
    watch = Watch(silo, cancel)
    timer = threading.Timer(deadline.left(), watch.stop, (SiloTimeout,))
    timer.daemon = True

    def cancelled() -> None:
        watch.stop(SiloCancelled)

    timer.start()
    cancellation.on_cancel(cancelled)
    try:
        yield watch
    finally:
        timer.cancel()
        cancellation.forget(cancelled)
