"""What a fragment gives is counted, and stopped where it is too much."""

import pyarrow as pa
import pytest
import sqlglot

from connectors.config import Limits
from connectors.errors import BudgetExceeded
from connectors.planner.plan import Fragment
from connectors.query import OutputColumn
from connectors.receipt import Counter
from connectors.silos.base import Rows
from connectors.wire import frame_bytes, wire_bytes

BATCH = pa.record_batch([pa.array([1, 2, 3])], ["a"])


def fragment(dialect: str) -> Fragment:
    tree = sqlglot.parse_one("SELECT a FROM t")
    return Fragment("f1", "crm", dialect, tree, "", tree, (OutputColumn("a", "BIGINT"),))


def counted(dialect: str, limits: Limits, rows: Rows) -> Counter:
    counter = Counter(fragment(dialect), limits)
    for _ in counter.through(rows, rows):
        pass
    return counter


def test_a_connector_that_counts_is_believed():
    came = iter([70, 90, 90, 90, 90])
    counter = counted("mysql", Limits(), Rows(iter([BATCH]), lambda: next(came)))
    assert (counter.rows, counter.bytes) == (3, 90)


def test_without_its_count_the_protocol_tells():
    counter = counted("postgres", Limits(), Rows(iter([BATCH, BATCH])))
    assert counter.bytes == 2 * wire_bytes(BATCH, "postgres") + frame_bytes(["a"], "postgres")


@pytest.mark.parametrize(
    "limits", [Limits(max_rows=5), Limits(max_bytes=2 * wire_bytes(BATCH, "sqlite") - 1)]
)
def test_the_batch_that_is_too_much_is_not_passed_on(limits):
    counter, passed = Counter(fragment("sqlite"), limits), []
    rows = Rows(iter([BATCH, BATCH]))

    def take():
        passed.extend(counter.through(rows, rows))

    with pytest.raises(BudgetExceeded, match="'crm'"):
        take()
    assert passed == [BATCH]
    assert counter.rows == 6


def test_bytes_that_crossed_the_wire_count_against_the_limit():
    with pytest.raises(BudgetExceeded):
        counted("mysql", Limits(max_bytes=1_000), Rows(iter([BATCH]), lambda: 1_001))
