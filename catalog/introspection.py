"""Reads what the silos hold, all of them at once; one that fails does not stop the others."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from catalog.journal import Journal, bare
from catalog.profiles import profile
from catalog.sensitivity import classify, protect
from connectors.clock import Cancellation, Deadline
from connectors.config import SiloSettings
from connectors.errors import RundblickError, SiloCancelled, SiloError
from connectors.schema import Sensitivity, Table
from connectors.silos import connect
from connectors.silos.base import Connector

MOST_SILOS_AT_ONCE = 16
PROFILES_AT_ONCE = 2
Declared = Mapping[tuple[str, str], Sensitivity]


@dataclass(frozen=True)
class Progress:
    """How far a refresh is. `total` grows as tables are found; `what` is for people."""

    done: int
    total: int
    what: str


@dataclass(frozen=True)
class SiloRead:
    """What came of one silo.

    Attributes:
        tables: What it holds; empty when it failed.
        error: Why it could not be read; None when it could.
        unprofiled: Problem by full name of a table whose statistics could not be read.
        resumed: Its tables come from a refresh that was killed; the silo was not asked again.
    """

    silo: str
    tables: tuple[Table, ...] = ()
    error: RundblickError | None = None
    unprofiled: Mapping[str, str] = field(default_factory=dict)
    resumed: bool = False


class Meter:
    """Counts steps from many threads and reports each."""

    def __init__(self, report: Callable[[Progress], None] | None) -> None:
        self._report = report
        self._lock = threading.Lock()
        self._done = 0
        self._total = 0

    def expect(self, steps: int) -> None:
        """So many steps more are to come."""
        with self._lock:
            self._total += steps

    def step(self, what: str) -> None:
        """One step is done; reported while locked, so that reports never run backwards."""
        with self._lock:
            self._done += 1
            if self._report is not None:
                self._report(Progress(self._done, self._total, what))


@dataclass(frozen=True)
class Reading:
    """How silos are read: with statistics or without, and what the semantic files declare.

    Attributes:
        journal: Remembers what was read, for when this process is killed; None remembers nothing.
    """

    profile: bool
    declared: Declared
    meter: Meter
    cancellation: Cancellation
    journal: Journal | None = None

    def all(self, silos: Sequence[SiloSettings]) -> list[SiloRead]:
        """Read all silos in parallel, in their order.

        Raises:
            SiloCancelled: On cancel; whatever was read is dropped.
        """
        self.meter.expect(len(silos))
        with ThreadPoolExecutor(min(len(silos), MOST_SILOS_AT_ONCE) or 1, "catalog") as pool:
            found = list(pool.map(self._silo, silos))
        if self.cancellation.requested:
            raise SiloCancelled("reading the catalog was cancelled")
        return found

    def _silo(self, settings: SiloSettings) -> SiloRead:
        kept = self.journal.whole(settings) if self.journal else None
        if kept is not None:
            self.meter.step(settings.name)
            return SiloRead(settings.name, kept, resumed=True)
        try:
            connector = connect(settings)
        except RundblickError as error:
            return self._failed(settings.name, error)
        try:
            tables = self._tables(connector)
            self.meter.step(settings.name)
            found = self._profiled(connector, settings, tables)
            if self.journal and not self.cancellation.requested:
                self.journal.add(settings, found.tables)
                self.journal.end(settings)
            return found
        except RundblickError as error:
            return self._failed(settings.name, error)
        finally:
            connector.close()

    def _failed(self, silo: str, error: RundblickError) -> SiloRead:
        self.meter.step(silo)
        return SiloRead(silo, error=error)

    def _tables(self, connector: Connector) -> list[Table]:
        if self.cancellation.requested:
            raise SiloCancelled("reading the catalog was cancelled")
        found = sorted(connector.introspect(), key=lambda table: table.full_name)
        return [protect(replace(t, sensitivity=classify(t)), self.declared) for t in found]

    def _profiled(
        self, connector: Connector, settings: SiloSettings, tables: list[Table]
    ) -> SiloRead:
        if not self.profile:
            return SiloRead(settings.name, tuple(tables))
        self.meter.expect(len(tables))
        before = self.journal.tables(settings) if self.journal else {}

        def one(table: Table) -> tuple[Table, str | None]:
            kept = before.get(table.full_name)
            if kept is not None and bare(kept) == bare(table):
                self.meter.step(table.full_name)
                return kept, None
            return self._one(connector, settings, table)

        at_once = min(settings.limits.concurrency, PROFILES_AT_ONCE)
        with ThreadPoolExecutor(at_once, f"profile-{settings.name}") as pool:
            results = list(pool.map(one, tables))
        problems = {table.full_name: problem for table, problem in results if problem}
        return SiloRead(settings.name, tuple(t for t, _ in results), unprofiled=problems)

    def _one(
        self, connector: Connector, settings: SiloSettings, table: Table
    ) -> tuple[Table, str | None]:
        """The table with statistics; or as it is, and the problem."""
        if self.cancellation.requested:
            return table, "cancelled"
        deadline = Deadline.after(settings.limits.timeout_s)
        try:
            found = profile(connector, table, deadline, self.cancellation)
            if self.journal:
                self.journal.add(settings, [found])
            return found, None
        except SiloError as error:
            return table, error.message
        finally:
            self.meter.step(table.full_name)
