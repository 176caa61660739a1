"""What every engine is: where fragments meet and the remainder runs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

import pyarrow as pa

from connectors.clock import Cancellation, Deadline
from connectors.config import EngineSettings
from connectors.guard import SecuredQuery
from connectors.query import FragmentReceipt


@dataclass(frozen=True)
class EngineResult:
    """Rows of the remainder, cut at the limit; `truncated` when more exist; ms in the engine.

    An engine that reached the silos itself says in `fragments` what it took from each.
    """

    table: pa.Table
    truncated: bool
    ms: float
    fragments: tuple[FragmentReceipt, ...] = ()


class EngineSession(Protocol):
    """One query's life in the engine. `load` may be called from several threads at once."""

    def load(self, name: str, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> None:
        """Stream a fragment's rows into the relation `name`; returns when all are in."""

    def keys(self, name: str, column: str, limit: int) -> pa.Array | None:
        """Distinct non-null values of a loaded relation's column; None when more than `limit`."""

    def finish(self, remainder: str, max_rows: int | None) -> EngineResult:
        """Run the remainder over the loaded relations."""

    def __enter__(self) -> Self:
        """Open the session."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Free everything; stop what still runs."""


class Engine(Protocol):
    """Opens sessions. One file in this folder; its class is named `Engine`."""

    name: str

    def __init__(self, settings: EngineSettings, silos: Mapping[str, str]) -> None:
        """Keep the settings; `silos` maps each silo's name to its scheme."""

    def session(self, deadline: Deadline, cancellation: Cancellation) -> EngineSession:
        """A fresh session, isolated from all others."""

    def close(self) -> None:
        """Stop idle helpers."""


@runtime_checkable
class WholeQueryEngine(Protocol):
    """What an engine is besides when it reaches silos itself, such as a cluster beside them.

    Queries it does not take are split, and their fragments come as to any engine.
    """

    name: str

    def takes(self, query: SecuredQuery) -> bool:
        """True when it reaches every silo of the query and its answer would be the same."""

    def run(
        self,
        query: SecuredQuery,
        max_rows: int | None,
        deadline: Deadline,
        cancellation: Cancellation,
    ) -> EngineResult:
        """Run a query that passed the guard; masks and row filters stand in its SQL.

        Columns come in order, at most `max_rows` rows. Limits of silos are the engine's to keep.

        Raises:
            BudgetExceeded: The deadline passed.
            EngineError: It failed, or was cancelled.
        """
