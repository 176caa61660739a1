"""Runs a plan: fragments side by side in their silos, the remainder in the engine.

Rows stream from a silo into the engine batch by batch and are counted on the way. The first
failure stops everything else, at the servers too.
"""

import threading
import time
from collections import Counter as Counts
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain
from typing import TypeVar

import pyarrow as pa

from connectors.arrow_types import arrow_schema
from connectors.breaker import CircuitBreaker
from connectors.clock import Cancellation, Deadline
from connectors.config import Limits
from connectors.engines.base import Engine, EngineSession, WholeQueryEngine
from connectors.errors import (
    BudgetExceeded,
    RundblickError,
    SiloLoginFailed,
    SiloTimeout,
    SiloUnavailable,
)
from connectors.guard import SecuredQuery
from connectors.planner import with_keys, with_limit
from connectors.planner.plan import FederatedPlan, Fragment, KeySource
from connectors.query import FragmentReceipt, OutputColumn, QueryResult, Receipt
from connectors.receipt import Counter, fragment_receipt
from connectors.silos.base import Connector, Reader, Rows

Value = TypeVar("Value")
CLEARLY = 1.5
MOST_TEXTS = 50_000  # whole numbers travel as one array, texts as a list that servers parse slowly
DOWN = (SiloUnavailable, SiloTimeout, SiloLoginFailed)


def execute(
    plan: FederatedPlan,
    *,
    connectors: Mapping[str, Connector],
    engine: Engine,
    limits: Mapping[str, Limits],
    deadline: Deadline,
    cancellation: Cancellation,
    max_rows: int | None = None,
    partial_ok: bool = False,
    breaker: CircuitBreaker | None = None,
) -> QueryResult:
    """Run a plan.

    At most `max_rows` rows come back; `truncated` says when there are more. With `partial_ok` a
    silo that is down counts as empty and is named in `missing_silos`.

    Raises:
        SiloError: A silo failed; the others are stopped.
        BudgetExceeded: A silo sent more than its limits allow, or the deadline passed.
        EngineError: The remainder failed.
    """
    if plan.remainder is not None or max_rows is None:
        _within_budget(plan, limits)
    run = _Run(plan, connectors, limits, deadline, cancellation, breaker or CircuitBreaker())
    if plan.remainder is None:
        return run.whole(max_rows)
    with engine.session(deadline, cancellation) as session:
        receipts, missing = run.load_all(session, partial_ok)
        result = session.finish(plan.remainder, max_rows)
    receipt = Receipt(receipts, engine.name, result.ms)
    table = _named(result.table, plan.columns)
    return QueryResult(
        table, plan.columns, plan.sql, receipt, result.truncated, missing, plan.tables
    )


def execute_whole(
    engine: WholeQueryEngine,
    query: SecuredQuery,
    *,
    deadline: Deadline,
    cancellation: Cancellation,
    max_rows: int | None = None,
) -> QueryResult:
    """Have an engine that reaches the silos itself run a query it takes.

    Raises:
        BudgetExceeded: The deadline passed.
        EngineError: The engine failed.
    """
    result = engine.run(query, max_rows, deadline, cancellation)
    receipt = Receipt(result.fragments, engine.name, result.ms)
    tables = tuple(table.full_name for table in query.tables)
    table = _named(result.table, query.columns)
    return QueryResult(table, query.columns, query.sql, receipt, result.truncated, tables=tables)


def _within_budget(plan: FederatedPlan, limits: Mapping[str, Limits]) -> None:
    """Refuse before anything is read what would clearly be too much.

    Only scans that nothing restricts are judged: there the dictionary's count is no guess.
    """
    for fragment in plan.fragments:
        rows, most = fragment.unrestricted_rows, limits[fragment.silo].max_rows
        if rows is not None and rows > most * CLEARLY:
            tables = ", ".join(fragment.tables)
            raise BudgetExceeded(
                f"silo {fragment.silo!r} would send about {rows:,} rows of {tables}; "
                f"it may send {most:,}",
                silo=fragment.silo,
                hint="Narrow the question, or raise the silo's limits in silos.yaml.",
            )


def _named(table: pa.Table, columns: tuple[OutputColumn, ...]) -> pa.Table:
    return table.rename_columns([column.name for column in columns])


@dataclass(frozen=True)
class _Loaded:
    """A fragment whose rows are in the engine; `missing` when its silo was left out."""

    receipt: FragmentReceipt
    missing: bool = False


@dataclass
class _Run:
    """One plan on its way."""

    plan: FederatedPlan
    connectors: Mapping[str, Connector]
    limits: Mapping[str, Limits]
    deadline: Deadline
    cancellation: Cancellation
    breaker: CircuitBreaker
    stop: Cancellation = field(default_factory=Cancellation)
    readers: dict[str, Reader] = field(default_factory=dict)
    torn: set[str] = field(default_factory=set)
    failed: RundblickError | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def whole(self, max_rows: int | None) -> QueryResult:
        """The only fragment's rows are the answer; reading stops at the limit."""
        (fragment,) = self.plan.fragments
        self.cancellation.on_cancel(self.stop.cancel)
        table, receipt = self._again(lambda c: self._collect(fragment, max_rows, c), fragment)
        more = max_rows is not None and table.num_rows > max_rows
        if more:
            table = table.slice(0, max_rows)
        answer = Receipt((receipt,), "none", 0.0)
        named = _named(table, self.plan.columns)
        plan = self.plan
        return QueryResult(named, plan.columns, plan.sql, answer, more, tables=plan.tables)

    def _collect(
        self, fragment: Fragment, max_rows: int | None, counter: Counter
    ) -> tuple[pa.Table, FragmentReceipt]:
        began, read_at = time.monotonic(), datetime.now(UTC)
        batches = []
        sql = fragment.sql if max_rows is None else with_limit(fragment, max_rows + 1)
        with self._read(fragment, sql) as stream:
            for batch in counter.through(stream, stream):
                batches.append(batch)
                if max_rows is not None and counter.rows > max_rows:
                    break
        table = pa.Table.from_batches(batches, arrow_schema(fragment.columns))
        return table, fragment_receipt(counter, sql, 0, began, read_at)

    def _read(self, fragment: Fragment, sql: str) -> AbstractContextManager[Rows]:
        limits = self.limits[fragment.silo]
        deadline = self.deadline.capped(limits.timeout_s)
        schema = arrow_schema(fragment.columns)
        reader = self.readers.get(fragment.silo) or self.connectors[fragment.silo]
        return reader.read(sql, schema, deadline, self.stop)

    def load_all(
        self, session: EngineSession, partial_ok: bool
    ) -> tuple[tuple[FragmentReceipt, ...], tuple[str, ...]]:
        """Load every fragment, each as soon as those it takes keys from are in."""
        self.cancellation.on_cancel(self.stop.cancel)
        futures: dict[str, Future[_Loaded]] = {}
        with (
            ExitStack() as held,
            ThreadPoolExecutor(max(1, len(self.plan.fragments)), "fragment") as pool,
        ):
            self._hold_snapshots(held)
            for fragment in self.plan.fragments:
                sources = [futures[name] for key in fragment.keys for name in key.waits_for]
                futures[fragment.name] = pool.submit(
                    self._load, fragment, sources, session, partial_ok
                )
        if self.failed is not None:
            raise self.failed
        loaded = [future.result() for future in futures.values()]
        missing = dict.fromkeys(f.receipt.silo for f in loaded if f.missing)
        return tuple(f.receipt for f in loaded), tuple(missing)

    def _hold_snapshots(self, held: ExitStack) -> None:
        """Where a silo gives several fragments, let it give them as of one moment if it can."""
        for silo, count in Counts(f.silo for f in self.plan.fragments).items():
            connector = self.connectors[silo]
            if count > 1 and connector.capabilities.snapshot:
                self.readers[silo] = held.enter_context(connector.snapshot())
            elif count > 1:
                self.torn.add(silo)

    def _load(
        self,
        fragment: Fragment,
        sources: Sequence[Future[_Loaded]],
        session: EngineSession,
        partial_ok: bool,
    ) -> _Loaded:
        """One fragment; a failure is kept if it is the first, and stops the others."""
        wait(sources)
        try:
            if self.failed is not None:
                raise self.failed
            return self._into(session, fragment)
        except DOWN as error:
            if not partial_ok or self.stop.requested:
                self._fail(error)
                raise
            schema = arrow_schema(fragment.columns)
            session.load(fragment.name, schema, iter(()))
            counter = Counter(fragment, self.limits[fragment.silo])
            now = time.monotonic(), datetime.now(UTC)
            return _Loaded(fragment_receipt(counter, fragment.sql, 0, *now), missing=True)
        except RundblickError as error:
            self._fail(error)
            raise

    def _fail(self, error: RundblickError) -> None:
        with self.lock:
            self.failed = self.failed or error
        self.stop.cancel()

    def _into(self, session: EngineSession, fragment: Fragment) -> _Loaded:
        keys, dropped = self._keys(session, fragment)
        sql = with_keys(fragment, keys) if keys else fragment.sql
        schema = arrow_schema(fragment.columns)

        def load(counter: Counter) -> tuple[None, FragmentReceipt]:
            began, read_at = time.monotonic(), datetime.now(UTC)
            with self._read(fragment, sql) as stream:
                first = next(stream, None)
                batches = () if first is None else chain((first,), stream)
                session.load(fragment.name, schema, counter.through(batches, stream))
            sent = sum(len(values) for values in keys.values())
            counter.fragment = replace(fragment, kept=(*fragment.kept, *dropped))
            shared = fragment.silo not in self.torn
            return None, fragment_receipt(counter, sql, sent, began, read_at, snapshot=shared)

        return _Loaded(self._again(load, fragment)[1])

    def _keys(
        self, session: EngineSession, fragment: Fragment
    ) -> tuple[dict[KeySource, pa.Array], list[str]]:
        """Keys for each source that has few enough; what was dropped, with the reason."""
        found: dict[KeySource, pa.Array] = {}
        dropped = []
        for source in fragment.keys:
            values = session.keys(source.fragment, source.key, source.limit)
            if values is None:
                dropped.append(f"keys of {source.fragment}: more than {source.limit:,}")
            elif len(values) > MOST_TEXTS and not pa.types.is_integer(values.type):
                dropped.append(f"keys of {source.fragment}: more than {MOST_TEXTS:,} texts")
            else:
                found[source] = values
        return found, dropped

    def _again(
        self, work: Callable[[Counter], tuple[Value, FragmentReceipt]], fragment: Fragment
    ) -> tuple[Value, FragmentReceipt]:
        """Run a fragment; once more when the silo was away before it gave anything."""
        silo = fragment.silo
        self.breaker.check(silo)
        counter = Counter(fragment, self.limits[silo])
        try:
            try:
                result = work(counter)
            except SiloUnavailable:
                if self.stop.requested or counter.rows:
                    raise
                result = work(counter)
        except SiloUnavailable:
            self.breaker.failed(silo)
            raise
        self.breaker.worked(silo)
        return result
