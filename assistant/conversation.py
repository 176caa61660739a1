"""Conversations: the last turns of each, in memory only, the oldest forgotten first."""

import threading
from collections import OrderedDict

from assistant.draft import Turn

MAX_CONVERSATIONS = 1_000
MAX_TURNS = 8


class Conversations:
    """Turns by conversation id; thread-safe, bounded."""

    def __init__(self, limit: int = MAX_CONVERSATIONS) -> None:
        self._limit = limit
        self._turns: OrderedDict[str, tuple[Turn, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def history(self, conversation: str | None) -> tuple[Turn, ...]:
        """Earlier turns, oldest first; empty for an unknown or no conversation."""
        with self._lock:
            return self._turns.get(conversation or "", ())

    def add(self, conversation: str | None, turn: Turn) -> None:
        """Remember a turn; nothing without an id."""
        if not conversation:
            return
        with self._lock:
            turns = (*self._turns.pop(conversation, ()), turn)
            self._turns[conversation] = turns[-MAX_TURNS:]
            while len(self._turns) > self._limit:
                self._turns.popitem(last=False)
