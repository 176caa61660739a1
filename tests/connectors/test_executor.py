"""Plans run on real files: receipts, limits, failures, keys, partial answers."""

import sqlite3
from contextlib import contextmanager
from dataclasses import replace

import duckdb
import pytest

from connectors.breaker import CircuitBreaker
from connectors.clock import Cancellation
from connectors.config import EngineSettings, Limits, SiloSettings
from connectors.engines import load_engine
from connectors.errors import BudgetExceeded, SchemaDrift, SiloUnavailable, UsageError
from connectors.federation import Federation
from connectors.planner import explain
from connectors.policy import load_policy
from connectors.schema import SiloSchema
from connectors.silos import connect
from connectors.silos.base import Rows
from tests.connectors.company import CLOCK


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("executor")
    with duckdb.connect(str(folder / "a.duckdb")) as connection:
        connection.execute(
            "CREATE TABLE kauf AS SELECT range AS id, range % 50 AS kunde, range * 1.5 AS betrag FROM range(5000)"
        )
    connection = sqlite3.connect(folder / "b.db")
    connection.execute("CREATE TABLE kunde (id INTEGER PRIMARY KEY, name TEXT)")
    connection.executemany("INSERT INTO kunde VALUES (?, ?)", [(n, f"K{n}") for n in range(2000)])
    connection.commit()
    connection.close()
    return folder


@pytest.fixture
def federation(files):
    silos = {
        "shop": connect(SiloSettings(name="shop", url=f"duckdb:///{files / 'a.duckdb'}")),
        "crm": connect(SiloSettings(name="crm", url=f"sqlite:///{files / 'b.db'}")),
    }
    schema = SiloSchema(table for silo in silos.values() for table in silo.introspect())
    made = Federation(
        silos, load_engine(EngineSettings(memory_mb=256), {}), load_policy(None), CLOCK,
        lambda: schema, dict.fromkeys(silos, Limits()), 30,
    )  # fmt: skip
    yield made
    made.close()


JOIN = "SELECT k.name, sum(b.betrag) AS s FROM kauf b JOIN kunde k ON k.id = b.kunde WHERE b.id < 100 GROUP BY 1 ORDER BY 1"


def test_the_receipt_says_what_left_which_silo(federation):
    result = federation.run(JOIN)
    receipts = {f.silo: f for f in result.receipt.fragments}
    assert receipts["shop"].rows == 100
    assert receipts["shop"].bytes > 0
    assert receipts["shop"].columns == ("kunde", "betrag")
    assert any("b.id < 100" in phrase for phrase in receipts["shop"].pushed)
    assert result.receipt.engine == "duckdb"
    assert result.receipt.rows_persisted == 0


def test_the_small_side_s_keys_restrict_the_large_one(federation):
    few = JOIN.replace("b.id < 100", "b.id = 7")
    result = federation.run(few)
    receipts = {f.silo: f for f in result.receipt.fragments}
    assert receipts["crm"].keys_sent == 1
    assert receipts["crm"].rows == 1
    assert "IN (7)" in receipts["crm"].sql
    assert result.rows() == [["K7", result.rows()[0][1]]]


def test_no_keys_at_all_mean_no_rows_not_all_rows(federation):
    result = federation.run(JOIN.replace("b.id < 100", "b.id = -1"))
    assert result.rows() == []
    assert {f.silo: f.rows for f in result.receipt.fragments}["crm"] == 0


def test_one_silo_runs_its_query_whole(federation):
    result = federation.run("SELECT count(*) AS n FROM kunde WHERE id < 10")
    assert result.rows() == [[10]]
    assert result.receipt.engine == "none"
    assert result.receipt.fragments[0].rows == 1


@pytest.mark.parametrize(
    "sql", ["SELECT id FROM kunde", "SELECT k.id FROM kunde k JOIN kauf b ON b.kunde = k.id"]
)
def test_rows_are_cut_and_said_to_be(federation, sql):
    result = federation.run(sql, max_rows=5)
    assert (len(result.rows()), result.truncated) == (5, True)


def test_max_rows_must_be_a_number_from_one(federation):
    with pytest.raises(UsageError):
        federation.run("SELECT 1 AS x", max_rows=0)


def test_a_scan_that_is_clearly_too_large_is_refused_before_it_starts(federation):
    few = dict.fromkeys(federation.connectors, Limits(max_rows=1_000))
    limited = replace(federation, limits=few)
    with pytest.raises(BudgetExceeded) as caught:
        limited.run("SELECT count(*) AS n FROM kauf b JOIN kunde k ON k.name = b.id::VARCHAR")
    assert "would send about" in caught.value.message
    assert limited.run("SELECT id FROM kauf", max_rows=3).truncated


@pytest.mark.parametrize("limits", [Limits(max_rows=50), Limits(max_bytes=100)])
def test_a_silo_that_would_send_too_much_is_stopped_and_named(federation, limits):
    small = replace(federation, limits={**federation.limits, "shop": limits})
    with pytest.raises(BudgetExceeded) as caught:
        small.run(JOIN)
    assert caught.value.silo == "shop"


def test_the_budget_counts_the_bytes_the_receipt_says(federation):
    (size,) = (f.bytes for f in federation.run(JOIN).receipt.fragments if f.silo == "shop")
    for limit, fits in ((size, True), (size - 1, False)):
        limits = {**federation.limits, "shop": Limits(max_bytes=limit)}
        limited = replace(federation, limits=limits)
        if fits:
            assert limited.run(JOIN).rows()
        else:
            with pytest.raises(BudgetExceeded, match=f"{limit:,} bytes"):
                limited.run(JOIN)


class Flaky:
    """A connector whose silo goes away: before its first batch or after it, so many times."""

    def __init__(self, inner, times, after_rows):
        self.inner, self.times, self.after_rows = inner, times, after_rows
        self.capabilities, self.reads = inner.capabilities, 0

    @contextmanager
    def read(self, *arguments):
        self.reads += 1
        with self.inner.read(*arguments) as rows:
            yield Rows(self._broken(rows) if self.reads <= self.times else rows)

    def _broken(self, rows):
        if self.after_rows:
            yield next(rows)
        raise SiloUnavailable("gone", silo="crm")

    def close(self):
        self.inner.close()


@pytest.mark.parametrize("sql", [JOIN, "SELECT id FROM kunde WHERE id < 3"])
@pytest.mark.parametrize(
    ("times", "after_rows", "reads", "answers"),
    [(1, False, 2, True), (2, False, 2, False), (1, True, 1, False)],
)
def test_a_silo_is_asked_once_more_only_when_it_gave_nothing(
    federation, sql, times, after_rows, reads, answers
):
    flaky = Flaky(federation.connectors["crm"], times, after_rows)
    shaky = replace(federation, connectors={**federation.connectors, "crm": flaky})
    if answers:
        assert shaky.run(sql).rows()
    else:
        with pytest.raises(SiloUnavailable):
            shaky.run(sql)
    assert flaky.reads == reads


def test_too_many_texts_are_no_keys_and_the_receipt_says_so(federation, monkeypatch):
    monkeypatch.setattr("connectors.executor.MOST_TEXTS", 0)
    named = (
        "SELECT count(*) AS n FROM kauf b JOIN kunde k ON k.name = 'K' || b.kunde WHERE b.id < 3"
    )
    result = federation.run(named)
    assert result.rows() == [[3]]
    assert all(fragment.keys_sent == 0 for fragment in result.receipt.fragments)


@pytest.fixture
def broken(federation):
    gone = connect(SiloSettings(name="crm", url="sqlite:////nicht/da.db"))
    return replace(federation, connectors={**federation.connectors, "crm": gone})


def test_a_silo_that_is_down_fails_the_whole_and_is_named(broken):
    with pytest.raises(SiloUnavailable) as caught:
        broken.run(JOIN)
    assert caught.value.silo == "crm"


def test_a_partial_answer_names_who_is_missing(broken):
    result = broken.run(JOIN.replace("JOIN", "LEFT JOIN"), partial_ok=True)
    assert result.missing_silos == ("crm",)
    assert result.rows()[0][0] is None


def test_after_three_refusals_a_silo_gets_a_pause(broken):
    patient = replace(broken, breaker=CircuitBreaker(failures=2, pause_s=60))
    for _ in range(2):
        with pytest.raises(SiloUnavailable):
            patient.run("SELECT id FROM kunde")
    with pytest.raises(SiloUnavailable, match="in a row"):
        patient.run("SELECT id FROM kunde")


def test_a_pause_ends_and_success_forgets():
    breaker = CircuitBreaker(failures=1, pause_s=0)
    breaker.failed("crm")
    breaker.check("crm")
    breaker.worked("crm")
    breaker.check("crm")


def test_a_changed_silo_asks_for_a_refresh(federation, files):
    connection = sqlite3.connect(files / "b.db")
    connection.execute("CREATE TABLE fort (id INTEGER)")
    connection.commit()
    fresh = connect(SiloSettings(name="crm", url=f"sqlite:///{files / 'b.db'}"))
    schema = SiloSchema(fresh.introspect())
    connection.execute("DROP TABLE fort")
    connection.commit()
    connection.close()
    with pytest.raises(SchemaDrift):
        replace(federation, schema=lambda: schema).run("SELECT id FROM fort")
    fresh.close()


def test_a_cancelled_question_reaches_no_silo_any_more(federation):
    cancellation = Cancellation()
    cancellation.cancel()
    from connectors.errors import RundblickError

    with pytest.raises(RundblickError):
        federation.run(JOIN, cancellation=cancellation)


def test_explain_shows_plan_and_truth(federation):
    result = federation.run(JOIN)
    text = explain(federation.explain(JOIN), result.receipt)
    assert "pushed: filter b.id < 100" in text
    (shop,) = (f for f in result.receipt.fragments if f.silo == "shop")
    assert f"   rows:   {shop.estimated_rows:,} expected, 100 came" in text
    assert f"   bytes:  {shop.estimated_bytes:,} expected, {shop.bytes:,} came" in text
    assert "remainder: SELECT" in text
    plan = federation.explain(JOIN).to_json()
    assert {f["silo"] for f in plan["fragments"]} == {"shop", "crm"}
    assert [f["estimated_bytes"] for f in plan["fragments"] if f["silo"] == "shop"] == [
        shop.estimated_bytes
    ]
