"""What looking for causes may cost: queries at the silos, bytes out of them, seconds."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from assistant.insights.base import Evidence
from assistant.metric_query import MetricQuery
from connectors.errors import BudgetExceeded
from connectors.query import QueryResult, Receipt


@dataclass(frozen=True)
class Limits:
    """The most that may be used."""

    fragments: int = 60
    bytes: int = 10_000_000
    seconds: float = 15.0


@dataclass(frozen=True)
class Spent:
    """What was used; `fragments` are queries at a silo."""

    queries: int
    fragments: int
    bytes: int
    seconds: float


@dataclass
class Budget:
    """Counts what queries cost and says when it is used up; may be shared by threads.

    Attributes:
        largest: Bytes of the largest query; the next one may be as large.
    """

    limits: Limits = Limits()
    began: float = field(default_factory=time.monotonic)
    queries: int = 0
    fragments: int = 0
    bytes: int = 0
    largest: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def seconds_left(self) -> float:
        """Seconds; 0 or less when the time is used up."""
        return self.limits.seconds - (time.monotonic() - self.began)

    def check(self, needed: int = 2) -> None:
        """Raises BudgetExceeded unless `needed` more queries at a silo may be made."""
        with self._lock:
            over = self.fragments + needed > self.limits.fragments
            heavy = self.bytes + self.largest > self.limits.bytes
            if over or heavy or self.limits.bytes <= 0 or self.seconds_left <= 0:
                raise BudgetExceeded("the budget for looking for causes is used up")

    def add(self, receipt: Receipt) -> None:
        """Count one query's receipt."""
        with self._lock:
            self.queries += 1
            self.fragments += len(receipt.fragments)
            size = sum(fragment.bytes for fragment in receipt.fragments)
            self.bytes += size
            self.largest = max(self.largest, size)

    def spent(self) -> Spent:
        """What was used up to now."""
        seconds = time.monotonic() - self.began
        return Spent(self.queries, self.fragments, self.bytes, round(seconds, 3))


def counted(
    run: Callable[[MetricQuery, float], QueryResult], budget: Budget
) -> Callable[[MetricQuery], Evidence]:
    """Runs a metric query within the budget; gives its rows as evidence.

    Args:
        run: Compiles and runs a query through the guard, within so many seconds.
        budget: Checked before, counted after.
    """

    def evidence(query: MetricQuery) -> Evidence:
        budget.check()
        result = run(query, budget.seconds_left)
        budget.add(result.receipt)
        silos = tuple(dict.fromkeys(f.silo for f in result.receipt.fragments))
        names = tuple(column.name for column in result.columns)
        return Evidence(names, result.rows(), result.sql, silos)

    return evidence
