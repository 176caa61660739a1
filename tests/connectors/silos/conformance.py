"""What every connector promises; each connector's test inherits it and runs on its real database."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from connectors.arrow_types import arrow_schema
from connectors.clock import Cancellation, Deadline
from connectors.config import Limits, SiloSettings
from connectors.errors import SchemaDrift, SiloCancelled, SiloError, SiloTimeout, SiloUnavailable
from connectors.query import OutputColumn
from connectors.silos.base import Connector

ROWS = 100_000
PARTS = """CREATE TABLE teile (nr integer PRIMARY KEY, ding integer, marke varchar(20),
    UNIQUE (marke), FOREIGN KEY (ding) REFERENCES dinge (id))"""
VIEW = "CREATE VIEW sicht AS SELECT id FROM dinge"


@dataclass(frozen=True)
class Silo:
    """A database prepared for a test: its settings, and a way to run statements as its owner."""

    settings: SiloSettings
    run: Callable[[str], None]
    rows: Callable[[str], list[tuple]] = lambda sql: []


class ConnectorConformance:
    """Inherit, give the fixtures `silo` and `make`, and the SQL that differs by dialect."""

    table = "dinge"
    create = ""
    fill = ""
    slow = ""
    unreachable = ""
    types: dict[str, str] = {}
    first_row: tuple = ()
    lossless: tuple = ()  # (expression, canonical type, value)

    @pytest.fixture(scope="class")
    @classmethod
    def connector(cls, silo, make):
        """The connector over `dinge` with ROWS rows, the first as `first_row`, `teile` and `sicht`."""
        silo.run(cls.create)
        for statement in cls.fill.split(";"):
            if statement.strip():
                silo.run(statement)
        silo.run(PARTS)
        silo.run(VIEW)
        made = make(silo.settings)
        yield made
        made.close()

    def read(self, connector: Connector, sql: str, columns, seconds=30.0, cancellation=None):
        schema = arrow_schema(columns)
        with connector.read(
            sql, schema, Deadline.after(seconds), cancellation or Cancellation()
        ) as batches:
            found = list(batches)
        assert all(batch.schema.equals(schema) for batch in found)
        return pa.Table.from_batches(found, schema)

    def columns(self, connector: Connector) -> list[OutputColumn]:
        table = next(t for t in connector.introspect() if t.name == self.table)
        return [OutputColumn(c.name, c.type) for c in table.columns]

    def full_name(self, connector: Connector) -> str:
        table = next(t for t in connector.introspect() if t.name == self.table)
        return f"{table.schema}.{table.name}"

    def test_ping_reaches_it(self, connector):
        connector.ping()

    def test_introspection_finds_types_and_keys(self, connector):
        table = next(t for t in connector.introspect() if t.name == self.table)
        assert {c.name: c.type for c in table.columns} == self.types
        if table.primary_key:
            assert table.primary_key == ("id",)
        assert table.kind == "table"

    def test_introspection_finds_references_and_unique_keys(self, connector):
        table = next(t for t in connector.introspect() if t.name == "teile")
        assert table.primary_key == ("nr",)
        assert ("marke",) in table.unique_keys
        (key,) = table.foreign_keys
        assert (key.columns, key.references) == (("ding",), ("id",))
        assert key.table == self.full_name(connector)

    def test_a_view_is_told_from_a_table(self, connector):
        view = next(t for t in connector.introspect() if t.name == "sicht")
        assert view.kind == "view"
        assert [c.name for c in view.columns] == ["id"]
        assert view.primary_key == ()

    def test_the_ends_of_every_type_travel_lossless(self, connector):
        for expression, kind, value in self.lossless:
            sql = f"SELECT {expression} AS x"
            assert self.read(connector, sql, [OutputColumn("x", kind)])["x"].to_pylist() == [value]

    def test_rows_travel_lossless(self, connector):
        name = self.full_name(connector)
        columns = self.columns(connector)
        table = self.read(connector, f"SELECT * FROM {name} WHERE id = 1", columns)
        assert tuple(table.to_pylist()[0].values()) == self.first_row

    def test_a_null_stays_a_null_in_every_type(self, connector):
        columns = self.columns(connector)
        name = self.full_name(connector)
        table = self.read(connector, f"SELECT * FROM {name} WHERE id = 2", columns)
        row = table.to_pylist()[0]
        assert row.pop("id") == 2
        assert set(row.values()) == {None}

    def test_many_rows_stream_in_batches(self, connector):
        schema = arrow_schema(self.columns(connector))
        sql = f"SELECT * FROM {self.full_name(connector)}"
        with connector.read(sql, schema, Deadline.after(30), Cancellation()) as batches:
            found = [(batch.num_rows, batch.schema.equals(schema)) for batch in batches]
        assert sum(rows for rows, _ in found) == ROWS
        assert len(found) > 1
        assert all(same for _, same in found)

    def test_an_empty_result_is_no_error(self, connector):
        columns = self.columns(connector)
        sql = f"SELECT * FROM {self.full_name(connector)} WHERE id < 0"
        assert self.read(connector, sql, columns).num_rows == 0

    @pytest.mark.parametrize(
        "verb", ["INSERT INTO {t} (id) VALUES (-1)", "DELETE FROM {t}", "DROP TABLE {t}"]
    )
    def test_writing_is_refused(self, connector, verb):
        name = self.full_name(connector)
        with pytest.raises(SiloError):
            self.read(connector, verb.format(t=name), [OutputColumn("x", "BIGINT")])
        columns = [c for c in self.columns(connector) if c.name == "id"]
        assert self.read(connector, f"SELECT id FROM {name} WHERE id = 1", columns).num_rows == 1

    @pytest.mark.parametrize("sql", ["SELECT nix FROM {t}", "SELECT id FROM {t}_fort"])
    def test_a_missing_name_means_the_catalog_is_old(self, connector, sql):
        with pytest.raises(SchemaDrift) as caught:
            self.read(
                connector, sql.format(t=self.full_name(connector)), [OutputColumn("id", "BIGINT")]
            )
        assert "refresh" in (caught.value.hint or "")

    def test_a_deadline_stops_the_statement(self, connector):
        began = time.monotonic()
        with pytest.raises(SiloTimeout) as caught:
            self.read(connector, self.slow, [OutputColumn("n", "BIGINT")], seconds=0.5)
        assert time.monotonic() - began < 2.0
        assert caught.value.silo == "probe"

    def test_a_cancel_stops_the_statement(self, connector):
        cancellation = Cancellation()
        timer = threading.Timer(0.3, cancellation.cancel)
        timer.start()
        began = time.monotonic()
        with pytest.raises(SiloCancelled):
            self.read(
                connector, self.slow, [OutputColumn("n", "BIGINT")], cancellation=cancellation
            )
        assert time.monotonic() - began < 1.8

    def test_a_question_already_cancelled_asks_nothing(self, connector):
        cancellation = Cancellation()
        cancellation.cancel()
        began = time.monotonic()
        with pytest.raises(SiloCancelled):
            self.read(
                connector, self.slow, [OutputColumn("n", "BIGINT")], cancellation=cancellation
            )
        assert time.monotonic() - began < 1.5

    def test_a_deadline_already_passed_asks_nothing(self, connector):
        began = time.monotonic()
        with pytest.raises(SiloTimeout):
            self.read(connector, self.slow, [OutputColumn("n", "BIGINT")], seconds=0)
        assert time.monotonic() - began < 1.5

    def test_a_cancel_between_batches_stops_the_stream(self, connector):
        cancellation = Cancellation()
        schema = arrow_schema([OutputColumn("n", "BIGINT")])
        sql = self.endless(connector)

        def cancel_on_the_way() -> None:
            with connector.read(sql, schema, Deadline.after(20), cancellation) as batches:
                for _ in batches:
                    cancellation.cancel()

        with pytest.raises(SiloCancelled):
            cancel_on_the_way()

    def test_it_works_again_after_a_stop(self, connector):
        columns = [c for c in self.columns(connector) if c.name == "id"]
        sql = f"SELECT id FROM {self.full_name(connector)} WHERE id = 1"
        assert self.read(connector, sql, columns).num_rows == 1

    def endless(self, connector: Connector) -> str:
        """A SELECT of ten thousand million rows, streamed from the first on."""
        name = self.full_name(connector)
        return f"SELECT a.id + b.id AS n FROM {name} a, {name} b"

    def test_leaving_early_frees_the_connection(self, silo, make, connector):
        settings = silo.settings.model_copy(update={"limits": Limits(concurrency=1)})
        narrow = make(settings)
        schema = arrow_schema([OutputColumn("n", "BIGINT")])
        sql = self.endless(connector)
        began = time.monotonic()
        for _ in range(3):
            with narrow.read(sql, schema, Deadline.after(10), Cancellation()) as batches:
                assert next(batches).num_rows
        narrow.close()
        assert time.monotonic() - began < 5

    def test_the_readers_own_error_stays_its_own(self, connector):
        schema = arrow_schema([OutputColumn("id", "BIGINT")])
        sql = f"SELECT id FROM {self.full_name(connector)}"

        def fail_on_the_way() -> None:
            with connector.read(sql, schema, Deadline.after(10), Cancellation()) as batches:
                next(batches)
                raise OSError("disk full")

        with pytest.raises(OSError, match="disk full"):
            fail_on_the_way()

    def test_more_readers_than_places_all_finish(self, silo, make, connector):
        name = self.full_name(connector)
        columns = [c for c in self.columns(connector) if c.name == "id"]
        settings = silo.settings.model_copy(update={"limits": Limits(concurrency=2)})
        narrow = make(settings)
        results: list[int] = []

        def work() -> None:
            table = self.read(narrow, f"SELECT id FROM {name} WHERE id <= 10", columns)
            results.append(table.num_rows)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        narrow.close()
        assert results == [10] * 8

    def test_an_unreachable_database_is_named(self, make, silo):
        gone = make(silo.settings.model_copy(update={"url": self.unreachable}))
        with pytest.raises(SiloUnavailable) as caught:
            gone.ping()
        gone.close()
        assert caught.value.silo == "probe"
        assert_no_secret(caught.value)

    @pytest.mark.parametrize(
        ("changes", "found"),
        [
            ({"include": ("ding*",)}, True),
            ({"exclude": ("ding*",)}, False),
            ({"include": ("x*",)}, False),
        ],
    )
    def test_settings_choose_the_tables(self, make, silo, connector, changes, found):
        chosen = make(silo.settings.model_copy(update=changes))
        assert any(t.name == self.table for t in chosen.introspect()) is found
        chosen.close()


class SnapshotConformance:
    """What connectors promise that can read several times as of one moment, while others write."""

    prepare = ""

    def count(self, reader) -> int:
        schema = arrow_schema([OutputColumn("n", "BIGINT")])
        sql = "SELECT count(*) AS n FROM wandel"
        with reader.read(sql, schema, Deadline.after(10), Cancellation()) as batches:
            return sum(batch.column(0)[0].as_py() for batch in batches)

    @pytest.fixture
    def changing(self, silo):
        if self.prepare:
            silo.run(self.prepare)
        silo.run("CREATE TABLE wandel (id integer PRIMARY KEY)")
        silo.run("INSERT INTO wandel VALUES (1)")
        yield
        silo.run("DROP TABLE wandel")

    def test_reads_of_a_snapshot_are_of_one_moment(self, connector, silo, changing):
        with connector.snapshot() as moment:
            assert self.count(moment) == 1
            silo.run("INSERT INTO wandel VALUES (2)")
            assert self.count(connector) == 2
            assert self.count(moment) == 1
        with connector.snapshot() as moment:
            assert self.count(moment) == 2

    def test_reads_at_the_same_time_see_the_same(self, connector, silo, changing):
        with connector.snapshot() as moment:
            assert self.count(moment) == 1
            silo.run("INSERT INTO wandel VALUES (3)")
            with ThreadPoolExecutor(6) as pool:
                assert list(pool.map(lambda _: self.count(moment), range(12))) == [1] * 12

    def test_one_connection_is_enough_for_a_snapshot(self, silo, make, changing):
        narrow = make(silo.settings.model_copy(update={"limits": Limits(concurrency=1)}))
        with narrow.snapshot() as moment, ThreadPoolExecutor(4) as pool:
            assert list(pool.map(lambda _: self.count(moment), range(4))) == [1] * 4
        assert self.count(narrow) == 1
        narrow.close()

    def test_a_snapshot_that_broke_is_not_opened_anew(self, connector, silo, changing):
        schema = arrow_schema([OutputColumn("n", "BIGINT")])
        with connector.snapshot() as moment:
            assert self.count(moment) == 1
            with pytest.raises(SiloError):
                list_of(moment.read("SELECT nix", schema, Deadline.after(5), Cancellation()))
            with pytest.raises(SiloUnavailable):
                self.count(moment)
        assert self.count(connector) == 1

    def test_the_connection_of_a_broken_snapshot_serves_no_other(self, silo, make, changing):
        schema = arrow_schema([OutputColumn("n", "BIGINT")])
        narrow = make(silo.settings.model_copy(update={"limits": Limits(concurrency=1)}))
        for _ in range(2):
            with narrow.snapshot() as moment, pytest.raises(SiloError):
                list_of(moment.read("SELECT nix", schema, Deadline.after(5), Cancellation()))
        with narrow.snapshot() as moment:
            assert self.count(moment) == 1
        narrow.close()

    def test_a_snapshot_nobody_reads_opens_nothing(self, make, silo):
        gone = make(silo.settings.model_copy(update={"url": self.unreachable}))
        with gone.snapshot() as moment:
            pass
        with gone.snapshot() as moment, pytest.raises(SiloUnavailable):
            self.count(moment)


def list_of(reading) -> list:
    with reading as batches:
        return list(batches)


def wait_until(happened: Callable[[], bool], seconds: float = 5.0) -> float:
    """Ask again and again until it has happened; the seconds that took."""
    began, pause = time.monotonic(), threading.Event()
    while not happened():
        assert time.monotonic() - began < seconds, "it did not happen"
        pause.wait(0.01)
    return time.monotonic() - began


class ServerConformance(ConnectorConformance):
    """What connectors to servers promise besides."""

    active = ""  # a SELECT of the statements the server runs that are like `slow`

    @pytest.mark.parametrize("how", ["cancel", "deadline"])
    def test_what_is_stopped_is_gone_at_the_server(self, connector, silo, how):
        cancellation, errors = Cancellation(), []

        def work() -> None:
            with pytest.raises(SiloError) as caught:
                self.read(
                    connector,
                    self.slow,
                    [OutputColumn("n", "BIGINT")],
                    seconds=2.0 if how == "deadline" else 60.0,
                    cancellation=cancellation,
                )
            errors.append(type(caught.value))

        thread = threading.Thread(target=work)
        thread.start()
        wait_until(lambda: len(silo.rows(self.active)) == 1)
        if how == "cancel":
            cancellation.cancel()
        else:
            thread.join(10)
        assert wait_until(lambda: silo.rows(self.active) == []) < 1.5
        thread.join(10)
        assert errors == [SiloCancelled if how == "cancel" else SiloTimeout]

    def test_a_connection_the_server_closed_is_replaced(self, connector, silo):
        def number() -> int:
            columns = [OutputColumn("n", "INTEGER")]
            return self.read(connector, self.number, columns)["n"].to_pylist()[0]

        first = number()
        assert number() == first
        silo.run(self.end.format(first))
        wait_until(lambda: first not in [row[0] for row in silo.rows(self.connections)])
        assert number() != first

    number = ""  # a SELECT of the connection's number, as `n`
    end = ""  # ends the connection of a number
    connections = ""  # a SELECT of the numbers of all connections


def assert_no_secret(error: BaseException | None) -> None:
    """Neither the error nor what caused it shows the password ``geheim``."""
    while error is not None:
        shown = f"{error!r} {error} {getattr(error, 'hint', '')}"
        assert "geheim" not in shown
        error = error.__cause__ or error.__context__


NOON = datetime(2026, 10, 31, 12, 30, 15, tzinfo=UTC)
DAY = date(2026, 10, 31)
PRICE = Decimal("12345678.91")
