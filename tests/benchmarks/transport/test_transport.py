"""The ways read the same rows, and the table says whose share is what."""

import duckdb
import pytest

from benchmarks.transport.command import Line, Speed, table
from benchmarks.transport.ways import COLUMNS, measure, statement


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    path = tmp_path_factory.mktemp("transport") / "all.duckdb"
    with duckdb.connect(str(path)) as connection:
        columns = ", ".join(f"range AS {name}" for name in COLUMNS)
        connection.execute(f"CREATE TABLE lineitem AS SELECT {columns} FROM range(1000)")
    return f"duckdb:///{path}"


@pytest.mark.parametrize("way", ["executor", "engine", "duckdb"])
def test_every_way_reads_the_rows_that_were_asked_for(url, way):
    found = measure(way, url, 99)
    assert found["rows"] == 100
    assert found["seconds"] > 0
    assert found["mb"] >= 0


def test_the_statement_asks_for_a_range_of_orders():
    assert statement(7).endswith("FROM lineitem WHERE l_orderkey <= 7")


def test_the_share_is_that_of_the_fastest_driver():
    line = Line(
        "MariaDB",
        Speed(10, 90.0, 1.0),
        {"slow": Speed(10, 10.0, 0.0), "fast": Speed(10, 100.0, 0.0)},
        Speed(30, 50.0, 25.0),
    )
    assert line.share == 0.9
    assert table([line]).splitlines()[-1] == (
        "| MariaDB | 10 | 90/s | slow 10/s, fast 100/s | 0.90 | 30 | 50 | +25 MB |"
    )
