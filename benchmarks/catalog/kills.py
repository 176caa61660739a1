"""Kills refreshes at random moments and looks at the catalog each leaves: the old or the new one.

Processes are forked, so that only the first one loads the program; this one must stay without
threads and never opens the catalog itself.
"""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from catalog.catalog import Catalog
from catalog.refresh import refresh
from catalog.store import Store
from connectors.config import Settings

GOOD, BAD = 0, 1


@dataclass(frozen=True)
class Outcome:
    """What one kill left.

    Attributes:
        after_s: How long the refresh had run.
        finished: It was done before it was killed.
        versions: Newest version before and after.
        intact: The newest version is the old or the next one; it can be read and searched.
    """

    after_s: float
    finished: bool
    versions: tuple[int, int]
    intact: bool

    def line(self) -> str:
        """One line for people."""
        end = "had finished" if self.finished else "was killed"
        state = "intact" if self.intact else "BROKEN"
        old, new = self.versions
        return f"{end} after {self.after_s:.2f} s: version {old} → {new}, {state}"


def kill_refreshes(
    settings: Settings, change: Callable[[int], object], points: int, seed: int = 1
) -> Iterator[Outcome]:
    """Change the silos, start a refresh, kill it; as often as asked.

    Args:
        settings: Silos and catalog; the catalog is refreshed whole first.
        change: Changes the silos; given the number of the round, from 0.
        points: Number of kills, spread at random over the time a whole refresh takes.
        seed: Of the random moments.
    """
    chance = random.Random(seed)
    whole = _timed(settings)
    change(-1)
    whole = max(0.1, min(whole, _timed(settings)))
    for number in range(points):
        change(number)
        before = _newest(settings)
        after_s = chance.uniform(0, whole)
        finished = _killed(settings, after_s)
        newest = _newest(settings)
        intact = newest in (before, before + 1) and _in_child(lambda: _searched(settings)) == GOOD
        yield Outcome(after_s, finished, (before, newest), intact)


def _timed(settings: Settings) -> float:
    begin = time.perf_counter()
    if _in_child(lambda: _refreshed(settings)) != GOOD:
        raise SystemExit("the refresh does not even work when nobody kills it")
    return time.perf_counter() - begin


def _newest(settings: Settings) -> int:
    return Store(settings.catalog.path).versions()[-1]


def _killed(settings: Settings, after_s: float) -> bool:
    """Whether the refresh was done before its time was up."""
    child = _forked(lambda: _refreshed(settings))
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFEXITED(status)


def _refreshed(settings: Settings) -> int:
    return GOOD if refresh(settings, profile=False).tables else BAD


def _searched(settings: Settings) -> int:
    """Good when the newest version has tables, and words and vectors both find some."""
    catalog = Catalog.open(settings)
    found = catalog.search("Welche Kampagnen laufen?", "de")
    catalog.close()
    return GOOD if len(catalog.schema) and found.tables and catalog.build_index() == 0 else BAD


def _in_child(work: Callable[[], int]) -> int:
    _, status = os.waitpid(_forked(work), 0)
    return os.waitstatus_to_exitcode(status)


def _forked(work: Callable[[], int]) -> int:
    """Number of a new process that does the work and ends with its code, at once."""
    child = os.fork()
    if child == 0:
        code = BAD
        try:
            code = work()
        finally:
            os._exit(code)
    return child
