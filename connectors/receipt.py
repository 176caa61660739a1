"""What a fragment gives, counted on the way, kept within its silo's limits, and told afterwards."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from connectors.config import Limits
from connectors.errors import BudgetExceeded
from connectors.planner.plan import Fragment
from connectors.query import FragmentReceipt
from connectors.silos.base import Rows
from connectors.wire import frame_bytes, wire_bytes


@dataclass
class Counter:
    """Rows and bytes of one fragment so far; the bytes are those its receipt will say."""

    fragment: Fragment
    limits: Limits
    rows: int = 0
    sized: int = 0
    source: Rows | None = None

    @property
    def bytes(self) -> int:
        """Bytes on the wire: counted by the connector, else by the protocol the silo speaks."""
        counted = self.source.received if self.source is not None else None
        return self.sized if counted is None else counted

    def through(self, batches: Iterable[pa.RecordBatch], source: Rows) -> Iterator[pa.RecordBatch]:
        """The batches as they come, until they are too many.

        Raises:
            BudgetExceeded: More rows or bytes than the silo may give.
        """
        self.source = source
        fragment, limits = self.fragment, self.limits
        self.sized = frame_bytes([c.name for c in fragment.columns], fragment.dialect)
        for batch in batches:
            self.rows += batch.num_rows
            if source.received is None:
                self.sized += wire_bytes(batch, fragment.dialect)
            if self.rows > limits.max_rows or self.bytes > limits.max_bytes:
                raise too_much(fragment.silo, limits)
            yield batch


def too_much(silo: str, limits: Limits) -> BudgetExceeded:
    """The error of a fragment that gave more than its silo may."""
    return BudgetExceeded(
        f"silo {silo!r} would send more than {limits.max_rows:,} rows or "
        f"{limits.max_bytes:,} bytes",
        silo=silo,
        hint="Narrow the question, or raise the silo's limits in silos.yaml.",
    )


def fragment_receipt(
    counter: Counter,
    sql: str,
    keys: int,
    began: float,
    read_at: datetime,
    *,
    snapshot: bool = True,
) -> FragmentReceipt:
    """What left the silo: `began` is the monotonic moment it was asked, `keys` those sent up."""
    fragment = counter.fragment
    return FragmentReceipt(
        silo=fragment.silo,
        dialect=fragment.dialect,
        sql=sql,
        rows=counter.rows,
        bytes=counter.bytes,
        keys_sent=keys,
        columns=tuple(column.name for column in fragment.columns),
        ms=(time.monotonic() - began) * 1000,
        read_at=read_at,
        pushed=fragment.pushed,
        kept=fragment.kept,
        estimated_rows=fragment.estimated_rows,
        estimated_bytes=fragment.estimated_bytes,
        snapshot=snapshot,
    )
