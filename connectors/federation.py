"""The handle of the only door to data: bind, secure, plan and execute behind one call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from connectors.binder import bind
from connectors.breaker import CircuitBreaker
from connectors.clock import Cancellation, Clock, Deadline
from connectors.config import Limits, Settings
from connectors.engines import load_engine
from connectors.engines.base import Engine, WholeQueryEngine
from connectors.errors import ConfigurationError, UsageError
from connectors.executor import execute, execute_whole
from connectors.guard import SecuredQuery, secure
from connectors.planner import plan
from connectors.planner.plan import FederatedPlan
from connectors.policy import Policy, load_policy
from connectors.query import QueryResult
from connectors.schema import SiloSchema
from connectors.silos import connect
from connectors.silos.base import Connector


@dataclass(frozen=True)
class Federation:
    """All silos behind one call. Thread-safe: every question has its own values.

    Attributes:
        connectors: By silo name; connections open at first use.
        engine: Where fragments meet.
        policy: Roles, masks, row filters.
        clock: The reference day.
        schema: Gives the catalog's tables as they are now, anew for each question.
        limits: What one question may take, by silo name.
        timeout_s: Seconds one question may take in all.
    """

    connectors: Mapping[str, Connector]
    engine: Engine
    policy: Policy
    clock: Clock
    schema: Callable[[], SiloSchema]
    limits: Mapping[str, Limits]
    timeout_s: float
    breaker: CircuitBreaker = field(default_factory=CircuitBreaker)

    @classmethod
    def open(
        cls, settings: Settings, schema: Callable[[], SiloSchema], *, clock: Clock | None = None
    ) -> "Federation":
        """A federation over the silos of silos.yaml; nothing is connected yet.

        Raises:
            ConfigurationError: The policy, a silo's scheme or the engine is wrong.
        """
        policy = load_policy(settings.policy)
        return cls(
            connectors={silo.name: connect(silo) for silo in settings.silos},
            engine=load_engine(settings.engine, {s.name: s.scheme for s in settings.silos}),
            policy=policy,
            clock=clock or Clock.from_environment(settings.today),
            schema=schema,
            limits={silo.name: silo.limits for silo in settings.silos},
            timeout_s=settings.engine.timeout_s,
        )

    def run(
        self,
        sql: str,
        *,
        role: str | None = None,
        max_rows: int | None = None,
        partial_ok: bool = False,
        cancellation: Cancellation | None = None,
        timeout_s: float | None = None,
    ) -> QueryResult:
        """Run one canonical SELECT.

        Args:
            sql: The SELECT, in DuckDB's dialect.
            role: Requested role; narrows the policy's default role.
            max_rows: Most rows returned; the result says when there are more.
            partial_ok: Leave out silos that are down, and name them in the result.
            cancellation: Stops the question from another thread.
            timeout_s: Seconds it may take; never more than the engine's own limit.

        Raises:
            UsageError: The SQL or an argument is wrong.
            PolicyViolation: Refused; no silo was reached.
            BudgetExceeded: More rows, bytes or seconds than allowed.
            SiloError: A silo failed, and `partial_ok` is not set.
            EngineError: The remainder failed.
        """
        if max_rows is not None and max_rows < 1:
            raise UsageError(f"max_rows is {max_rows}, not a number of rows from 1")
        deadline = Deadline.after(self.timeout_s).capped(timeout_s or self.timeout_s)
        stop = cancellation or Cancellation()
        secured = self.secure(sql, role=role)
        if isinstance(self.engine, WholeQueryEngine) and self.engine.takes(secured):
            return execute_whole(
                self.engine, secured, deadline=deadline, cancellation=stop, max_rows=max_rows
            )
        return execute(
            self._plan(secured),
            connectors=self.connectors,
            engine=self.engine,
            limits=self.limits,
            deadline=deadline,
            cancellation=stop,
            max_rows=max_rows,
            partial_ok=partial_ok,
            breaker=self.breaker,
        )

    def explain(self, sql: str, *, role: str | None = None) -> FederatedPlan:
        """The plan of one canonical SELECT; no silo is reached.

        Raises:
            UsageError: The SQL does not parse or bind.
            PolicyViolation: The role may not run it.
        """
        return self._plan(self.secure(sql, role=role))

    def _plan(self, secured: SecuredQuery) -> FederatedPlan:
        capabilities = {name: silo.capabilities for name, silo in self.connectors.items()}
        return plan(secured, capabilities)

    def secure(self, sql: str, *, role: str | None = None) -> SecuredQuery:
        """Bind one canonical SELECT and pass it through the guard.

        Raises:
            UsageError: The SQL does not parse or bind.
            PolicyViolation: The role may not run it.
        """
        secured = secure(bind(sql, self.schema(), self.clock), self.policy, role)
        missing = {table.silo for table in secured.tables} - set(self.connectors)
        if missing:
            name = min(missing)
            message = f"the catalog knows the silo {name!r}, the configuration does not"
            raise ConfigurationError(message, silo=name, hint="Run `rundblick catalog refresh`.")
        return secured

    def readable(self, role: str | None = None) -> frozenset[str]:
        """Three-part names of the tables the role may read.

        Raises:
            PolicyViolation: There is no such role.
        """
        rights = self.policy.rights(role)
        return frozenset(table.full_name for table in self.schema() if rights.reads(table))

    def close(self) -> None:
        """Close all connections and stop the engine."""
        for connector in self.connectors.values():
            connector.close()
        self.engine.close()

    def __enter__(self) -> Self:
        """Use as a context manager; closes on leaving."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close everything."""
        self.close()
