"""Conversations: the last turns of each, in memory only, forgotten when idle or when too many."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from assistant.draft import Turn

MAX_CONVERSATIONS = 1_000
MAX_TURNS = 8
IDLE_SECONDS = 2 * 3600.0


@dataclass(frozen=True)
class _Kept:
    """Turns and when the last of them was added."""

    turns: tuple[Turn, ...]
    at: float


class Conversations:
    """Turns by owner and conversation id; thread-safe, bounded.

    Args:
        limit: Conversations kept; the one idle longest goes first.
        idle: Seconds after which a conversation that nobody went on with is forgotten.
        now: The time in seconds, from any beginning.
    """

    def __init__(
        self,
        limit: int = MAX_CONVERSATIONS,
        idle: float = IDLE_SECONDS,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = limit
        self._idle = idle
        self._now = now
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def history(self, conversation: str | None, owner: str | None = None) -> tuple[Turn, ...]:
        """Earlier turns, oldest first; empty for an unknown, idle or no conversation.

        `owner` is who asks: the same id of another owner is another conversation.
        """
        with self._lock:
            self._forget()
            kept = self._kept.get((owner or "", conversation or ""))
            return kept.turns if kept is not None else ()

    def add(self, conversation: str | None, turn: Turn, owner: str | None = None) -> None:
        """Remember a turn; nothing without an id."""
        if not conversation:
            return
        key = (owner or "", conversation)
        with self._lock:
            self._forget()
            earlier = self._kept.pop(key, None)
            turns = (*(earlier.turns if earlier else ()), turn)
            self._kept[key] = _Kept(turns[-MAX_TURNS:], self._now())
            while len(self._kept) > self._limit:
                self._kept.popitem(last=False)

    def _forget(self) -> None:
        """Drop what has been idle too long; the oldest stand first."""
        border = self._now() - self._idle
        while self._kept and next(iter(self._kept.values())).at < border:
            self._kept.popitem(last=False)
