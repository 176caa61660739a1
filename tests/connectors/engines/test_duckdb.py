"""The engine's child: loads, joins, refuses the outside, and dies with its query."""

import threading
import time

import psutil
import pyarrow as pa
import pytest

from connectors.arrow_types import arrow_schema
from connectors.clock import Cancellation, Deadline
from connectors.config import EngineSettings
from connectors.engines import engines, load_engine
from connectors.errors import BudgetExceeded, ConfigurationError, EngineError, EngineOutOfMemory
from connectors.query import OutputColumn

SCHEMA = arrow_schema([OutputColumn("id", "BIGINT"), OutputColumn("word", "VARCHAR")])


def batch(first, count):
    return pa.RecordBatch.from_arrays(
        [pa.array(range(first, first + count)), pa.array([f"w{n % 7}" for n in range(count)])],
        schema=SCHEMA,
    )


@pytest.fixture(scope="module")
def engine():
    made = load_engine(EngineSettings(memory_mb=256), {})
    yield made
    made.close()


def session(engine, seconds=30.0, cancellation=None):
    return engine.session(Deadline.after(seconds), cancellation or Cancellation())


def children():
    return [p for p in psutil.Process().children() if "_duckdb_child" in " ".join(p.cmdline())]


def test_fragments_meet(engine):
    with session(engine) as run:
        run.load("f1", SCHEMA, iter([batch(0, 10), batch(10, 10)]))
        run.load("f2", SCHEMA, iter([batch(5, 10)]))
        result = run.finish(
            "SELECT count(*) AS n, sum(a.id) AS s FROM f1 a JOIN f2 b USING (id)", None
        )
    assert result.table.to_pylist() == [{"n": 10, "s": 95}]
    assert not result.truncated
    assert result.ms > 0


def test_rows_are_cut_at_the_limit_and_said_to_be(engine):
    with session(engine) as run:
        run.load("f1", SCHEMA, iter([batch(0, 10)]))
        assert run.finish("SELECT * FROM f1", 10).truncated is False
    with session(engine) as run:
        run.load("f1", SCHEMA, iter([batch(0, 10)]))
        result = run.finish("SELECT * FROM f1", 4)
    assert (result.table.num_rows, result.truncated) == (4, True)


def test_keys_are_distinct_without_null_and_none_when_too_many(engine):
    with session(engine) as run:
        run.load("f1", SCHEMA, iter([batch(0, 20)]))
        assert sorted(run.keys("f1", "lower(word)", 7).to_pylist()) == [f"w{n}" for n in range(7)]
        assert run.keys("f1", "word", 6) is None
        assert len(run.keys("f1", "NULLIF(word, 'w0')", 10)) == 6


def test_a_query_without_tables_needs_no_rows(engine):
    with session(engine) as run:
        assert run.finish("SELECT 1 AS x", None).table.to_pylist() == [{"x": 1}]


def test_uuid_and_json_keep_their_type_in_the_engine(engine):
    schema = arrow_schema([OutputColumn("u", "UUID"), OutputColumn("j", "JSON")])
    rows = pa.RecordBatch.from_arrays(
        [pa.array(["00000000-0000-0000-0000-00000000000A"]), pa.array(['{"a": {"b": 2}}'])],
        schema=schema,
    )
    with session(engine) as run:
        run.load("f1", schema, iter([rows]))
        sql = "SELECT typeof(u) AS t, u = '00000000-0000-0000-0000-00000000000a' AS same, j ->> '$.a.b' AS b FROM f1"
        assert run.finish(sql, None).table.to_pylist() == [{"t": "UUID", "same": True, "b": "2"}]


def test_loads_of_several_threads_do_not_mix(engine):
    with session(engine) as run:
        threads = [
            threading.Thread(
                target=run.load, args=(f"f{n}", SCHEMA, (batch(i * 50, 50) for i in range(20)))
            )
            for n in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        counts = " UNION ALL ".join(f"SELECT count(DISTINCT id) AS n FROM f{n}" for n in range(4))
        assert run.finish(counts, None).table["n"].to_pylist() == [1000] * 4


@pytest.mark.parametrize(
    "sql",
    ["SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM glob('/*')", "ATTACH '/tmp/x.db'",
     "COPY (SELECT 1) TO '/tmp/x.csv'", "SET memory_limit = '9GB'", "INSTALL httpfs"],
)  # fmt: skip
def test_the_child_reaches_nothing_outside(engine, sql):
    with session(engine) as run, pytest.raises(EngineError):
        run.finish(sql, None)


def test_more_memory_than_allowed_ends_the_query_and_nothing_else(engine):
    with session(engine) as run, pytest.raises(EngineOutOfMemory) as caught:
        run.finish("SELECT list(range) AS l FROM range(300000000)", None)
    assert "memory_mb" in (caught.value.hint or "")
    with session(engine) as run:
        assert run.finish("SELECT 2 AS x", None).table.num_rows == 1


def test_a_sort_larger_than_memory_spills(engine):
    with session(engine, 60) as run:
        run.load("f1", SCHEMA, (batch(n * 100_000, 100_000) for n in range(30)))
        result = run.finish("SELECT id FROM f1 ORDER BY word, id DESC", 3)
    assert result.table.num_rows == 3


def test_the_deadline_ends_the_child(engine):
    began = time.monotonic()
    with session(engine, 0.4) as run, pytest.raises(BudgetExceeded):
        run.finish(
            "SELECT count(*) AS n FROM range(1000000000) a, range(100000) b WHERE a.range * b.range = 7",
            None,
        )
    assert time.monotonic() - began < 2


def test_a_cancel_ends_the_child(engine):
    cancellation = Cancellation()
    threading.Timer(0.3, cancellation.cancel).start()
    began = time.monotonic()
    with session(engine, 30, cancellation) as run, pytest.raises(EngineError):
        run.finish(
            "SELECT count(*) AS n FROM range(1000000000) a, range(100000) b WHERE a.range * b.range = 7",
            None,
        )
    assert time.monotonic() - began < 2


def test_children_wait_for_the_next_query_until_the_engine_closes():
    own = load_engine(EngineSettings(memory_mb=128), {})
    before = len(children())
    for _ in range(3):
        with session(own) as run:
            run.finish("SELECT 1 AS x", None)
    waiting = {child.pid for child in children()}
    assert len(waiting) == before + 2
    with session(own) as run:
        run.finish("SELECT 1 AS x", None)
    assert {child.pid for child in children()} == waiting
    own.close()
    assert len(children()) == before


def test_a_child_knows_nothing_of_an_earlier_query():
    own = load_engine(EngineSettings(memory_mb=128), {})
    for _ in range(4):
        with session(own) as run:
            run.load("secret", SCHEMA, iter([batch(0, 10)]))
            run.finish("SELECT * FROM secret", None)
    known = "SELECT count(*) AS n FROM duckdb_tables() WHERE table_name = 'secret'"
    with session(own) as run:
        assert run.finish(known, None).table.to_pylist() == [{"n": 0}]
    own.close()


def test_a_child_whose_query_failed_serves_no_other():
    own = load_engine(EngineSettings(memory_mb=128), {})
    with session(own) as run:
        used = {child.pid for child in children()}
        with pytest.raises(EngineError):
            run.finish("SELECT nothing FROM nowhere", None)
    assert len({child.pid for child in children()} & used) == len(used) - 1
    own.close()


def test_the_folder_is_the_registry():
    assert engines() == ("duckdb",)
    with pytest.raises(ConfigurationError) as caught:
        load_engine(EngineSettings(name="duckdbb"), {})
    assert "duckdb" in (caught.value.hint or "")
