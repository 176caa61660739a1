"""Sizes of rows on the wire, value by value."""

from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from connectors.wire import frame_bytes, wire_bytes

COPY = 7 + 4
TEXT = 4 + 1


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


@pytest.mark.parametrize(
    ("values", "kind", "size"),
    [
        ([1, -20], pa.int64(), 1 + 3),
        ([1, None], pa.int32(), 1),
        ([True, None], pa.bool_(), 1),
        ([date(2026, 1, 1), None], pa.date32(), 10),
        ([datetime(2026, 1, 1), None], pa.timestamp("us"), 19),
        ([datetime(2026, 1, 1, 1, 1, 1, 5), None], pa.timestamp("us"), 26),
        (["Zürich", "x" * 300], pa.string(), 7 + 302),
        ([Decimal("0.00"), Decimal("-1.25")], pa.decimal128(12, 2), 4 + 5),
        ([0.5, 1 / 3], pa.float64(), 3 + 18),
        ([None, None], pa.null(), 0),
    ],
)
def test_mariadb_sends_values_as_text(values, kind, size):
    assert wire_bytes(batch(values, kind), "mysql") == 2 * TEXT + size


def test_a_sample_stands_for_many_values():
    numbers = batch(list(range(10_000, 90_000)), pa.int64())
    assert wire_bytes(numbers, "mysql") == 80_000 * (TEXT + 5)


def test_a_file_has_no_wire_its_size_is_arrow_s():
    numbers = batch([1, 2, 3], pa.int64())
    assert wire_bytes(numbers, "sqlite") == numbers.nbytes
    assert frame_bytes(["a"], "sqlite") == 0


@pytest.mark.parametrize("dialect", ["postgres", "mysql"])
def test_every_column_adds_to_the_frame(dialect):
    assert 0 < frame_bytes(["a"], dialect) < frame_bytes(["a", "bb"], dialect)


def test_no_rows_are_no_bytes():
    empty = batch([], pa.decimal128(12, 2))
    assert wire_bytes(empty, "postgres") == wire_bytes(empty, "mysql") == 0
