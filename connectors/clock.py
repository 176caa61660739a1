"""One clock: the reference day of every relative period, and monotonic deadlines."""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from connectors.errors import ConfigurationError

TODAY_VARIABLE = "RUNDBLICK_TODAY"


@dataclass(frozen=True)
class Clock:
    """The reference day of relative periods, ``now()`` and ``current_date``.

    Attributes:
        today: Fixed day; None means the real one, in UTC.
    """

    today: date | None = None

    @classmethod
    def from_environment(cls, configured: date | None) -> "Clock":
        """The environment variable RUNDBLICK_TODAY wins over the configured day."""
        text = os.environ.get(TODAY_VARIABLE)
        if not text:
            return cls(configured)
        try:
            return cls(date.fromisoformat(text))
        except ValueError as error:
            message = f"{TODAY_VARIABLE} is {text!r}, not a day like 2026-10-31"
            raise ConfigurationError(message) from error

    def day(self) -> date:
        """The reference day."""
        return self.today or datetime.now(UTC).date()

    def now(self) -> datetime:
        """The reference instant, in UTC: midnight after the fixed day, or the real time."""
        if self.today is None:
            return datetime.now(UTC)
        return datetime(self.today.year, self.today.month, self.today.day, tzinfo=UTC) + timedelta(
            hours=23, minutes=59, seconds=59
        )


@dataclass
class Cancellation:
    """Carries a cancel request from any thread to everything a question has started."""

    _event: threading.Event = field(default_factory=threading.Event)
    _callbacks: list[Callable[[], None]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def requested(self) -> bool:
        """True once `cancel` was called."""
        return self._event.is_set()

    def cancel(self) -> None:
        """Ask everything that registered to stop; safe to call from any thread, any number."""
        with self._lock:
            self._event.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def on_cancel(self, callback: Callable[[], None]) -> None:
        """Call back once on cancel; at once when already cancelled."""
        with self._lock:
            if not self._event.is_set():
                self._callbacks.append(callback)
                return
        callback()

    def forget(self, callback: Callable[[], None]) -> None:
        """Do not call this back any more."""
        with self._lock:
            if callback in self._callbacks:
                self._callbacks.remove(callback)


@dataclass(frozen=True)
class Deadline:
    """A point of monotonic time; never moved by a clock change."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """The deadline this many seconds from now."""
        return cls(time.monotonic() + seconds)

    def left(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self.at - time.monotonic())

    def capped(self, seconds: float) -> "Deadline":
        """The nearer of this deadline and one this many seconds from now."""
        return Deadline(min(self.at, time.monotonic() + seconds))
