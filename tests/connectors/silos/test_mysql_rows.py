"""Rows of the text protocol become the columns that were written, whatever their lengths."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import SiloQueryFailed
from connectors.silos._mysql_rows import batch_of_block
from connectors.silos._mysql_wire import PAD, Block

LENGTHS = (0, 1, 4, 5, 11, 12, 13, 250, 251, 252, 65_535, 65_536)


def written(value: bytes | None) -> bytes:
    """A value as the server writes it."""
    if value is None:
        return b"\xfb"
    size = len(value)
    if size < 251:
        return bytes([size]) + value
    width, code = (2, 252) if size < 1 << 16 else (3, 253)
    return bytes([code]) + size.to_bytes(width, "little") + value


def block(rows) -> Block:
    data, starts = bytearray(), []
    for row in rows:
        packet = b"".join(map(written, row))
        data += len(packet).to_bytes(3, "little") + b"\x01"
        starts.append(len(data))
        data += packet
    return Block(data + PAD, starts)


def column(values, kind) -> list:
    schema = pa.schema([pa.field("a", kind)])
    return batch_of_block(block([(v,) for v in values]), schema, "probe").column(0).to_pylist()


VALUES = st.none() | st.sampled_from(LENGTHS).map(lambda n: b"x" * n) | st.binary(max_size=20)


@given(st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=12))
def test_bytes_arrive_as_they_were_written(rows):
    schema = pa.schema([pa.field(name, pa.binary()) for name in "abc"])
    batch = batch_of_block(block(rows), schema, "probe")
    batch.validate(full=True)
    assert list(zip(*(c.to_pylist() for c in batch.columns), strict=True)) == rows


@given(st.lists(st.none() | st.text(max_size=300), min_size=1))
def test_texts_arrive_as_they_were_written(texts):
    assert column([t if t is None else t.encode() for t in texts], pa.string()) == texts


@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_numbers_arrive_as_they_were_written(numbers):
    texts = [n if n is None else str(n).encode() for n in numbers]
    assert column(texts, pa.int64()) == numbers


@given(st.lists(st.none() | st.decimals(-(10**9), 10**9, places=6), min_size=1))
def test_decimals_keep_every_digit(numbers):
    texts = [n if n is None else f"{n:f}".encode() for n in numbers]
    assert column(texts, pa.decimal128(38, 6)) == numbers


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (b"0000-00-00", pa.date32()),
        (b"2026-02-00", pa.date32()),
        (b"838:59:59", pa.time64("us")),
        (b"-01:00:00", pa.time64("us")),
        (b"2", pa.bool_()),
        (b"300", pa.int8()),
        (b"1.005", pa.decimal128(5, 2)),
        (b"\xff\xfe", pa.string()),
    ],
)
def test_a_value_that_does_not_fit_is_refused_and_its_column_named(value, kind):
    with pytest.raises(SiloQueryFailed, match="'a'"):
        column([value], kind)


def test_no_rows_are_an_empty_batch():
    assert column([], pa.int64()) == []
