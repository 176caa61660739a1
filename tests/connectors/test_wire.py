"""Sizes of rows on the wire, value by value."""

from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from connectors.wire import frame_bytes, wire_bytes

COPY = 7 + 4


def batch(values, kind=None):
    return pa.record_batch([pa.array(values, kind)], ["a"])


@pytest.mark.parametrize(
    ("values", "kind", "size"),
    [
        ([1, 2], pa.int64(), 8 + 8),
        ([1, None], pa.int32(), 4),
        ([True, False], pa.bool_(), 2),
        ([date(2026, 1, 1), None], pa.date32(), 4),
        ([datetime(2026, 1, 1)] * 2, pa.timestamp("us"), 16),
        (["Zürich", ""], pa.string(), 7),
        ([Decimal("0.00"), Decimal("1.25")], pa.decimal128(12, 2), 8 + 12),
        ([Decimal("10000.00"), Decimal("-12345.60")], pa.decimal128(12, 2), 10 + 14),
        ([None, None], pa.null(), 0),
    ],
)
def test_postgresql_copies_binary_values(values, kind, size):
    assert wire_bytes(batch(values, kind), "postgres") == 2 * COPY + size


def test_a_sample_stands_for_many_values():
    prices = batch([Decimal(n) for n in range(10_000, 90_000)], pa.decimal128(12, 2))
    assert wire_bytes(prices, "postgres") == pytest.approx(80_000 * (COPY + 12), rel=0.01)


def test_a_file_has_no_wire_its_size_is_arrow_s():
    numbers = batch([1, 2, 3], pa.int64())
    assert wire_bytes(numbers, "sqlite") == numbers.nbytes
    assert frame_bytes(["a"], "sqlite") == 0


def test_every_column_adds_to_the_frame():
    assert 0 < frame_bytes(["a"], "postgres") < frame_bytes(["a", "bb"], "postgres")


def test_no_rows_are_no_bytes():
    empty = batch([], pa.decimal128(12, 2))
    assert wire_bytes(empty, "postgres") == 0
