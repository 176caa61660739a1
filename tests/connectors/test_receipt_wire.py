"""The receipt's bytes agree with those that crossed the wire, seen by a counting proxy."""

import pytest

from benchmarks.wire.shapes import SHAPES, measure


@pytest.fixture(scope="module")
def measured(postgres_database, mysql_database):
    return {(one.server, one.shape): one for one in measure(postgres_database, mysql_database)}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("server", ["PostgreSQL", "MariaDB", "MariaDB, packed"])
def test_the_receipt_s_bytes_are_those_on_the_wire(measured, server, shape):
    one = measured[server, shape]
    assert one.wire > 0
    assert one.agrees, f"receipt {one.receipt:,}, wire {one.wire:,}"


def test_arrow_s_size_is_not_what_crosses_the_wire(measured):
    """Why the receipt counts by protocol: Arrow packs truth values into bits, rows on a wire do not."""
    one = measured["PostgreSQL", "truth values"]
    assert one.arrow < one.wire / 10
