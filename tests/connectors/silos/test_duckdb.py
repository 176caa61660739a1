import subprocess
import sys
import threading
import time

import duckdb
import pytest

from connectors.clock import Cancellation
from connectors.config import SiloSettings
from connectors.errors import SiloCancelled, SiloError, SiloTimeout, SiloUnavailable
from connectors.query import OutputColumn
from connectors.silos.duckdb import Connector, canonical
from tests.connectors.silos.conformance import DAY, NOON, PRICE, ROWS, ConnectorConformance, Silo


class TestDuckDB(ConnectorConformance):
    create = """CREATE TABLE dinge (id INTEGER PRIMARY KEY, wort VARCHAR, preis DECIMAL(12, 2), zahl DOUBLE,
        gross HUGEINT, ja BOOLEAN, tag DATE, moment TIMESTAMPTZ, ortszeit TIMESTAMP, kennung UUID,
        dokument JSON, worte VARCHAR[])"""
    fill = f"""
        SET TimeZone = 'UTC';
        INSERT INTO dinge VALUES (1, 'Grüße', 12345678.91, 0.1, 99999999999999999999, true, '2026-10-31',
            '2026-10-31 12:30:15+00', '2026-10-31 12:30:15', '00000000-0000-0000-0000-000000000001',
            '{{"a": 1}}', ['x', 'y']);
        INSERT INTO dinge (id) SELECT unnest(range(2, {ROWS + 1}));
        COMMENT ON TABLE dinge IS 'Dinge'"""
    slow = (
        "SELECT count(*) AS n FROM range(1000000000) a, range(100000) b WHERE a.range + b.range = 3"
    )
    unreachable = "duckdb:////nicht/da.duckdb"
    types = {
        "id": "INTEGER", "wort": "VARCHAR", "preis": "DECIMAL(12, 2)", "zahl": "DOUBLE",
        "gross": "HUGEINT", "ja": "BOOLEAN", "tag": "DATE", "moment": "TIMESTAMPTZ",
        "ortszeit": "TIMESTAMP", "kennung": "UUID", "dokument": "JSON", "worte": "VARCHAR[]",
    }  # fmt: skip
    first_row = (
        1, "Grüße", PRICE, 0.1, 99999999999999999999, True, DAY, NOON, NOON.replace(tzinfo=None),
        "00000000-0000-0000-0000-000000000001", '{"a": 1}', ["x", "y"],
    )  # fmt: skip

    @pytest.fixture(scope="class")
    @classmethod
    def silo(cls, tmp_path_factory):
        path = tmp_path_factory.mktemp("duckdb") / "a.duckdb"

        def run(sql: str) -> None:
            with duckdb.connect(str(path)) as connection:
                connection.execute(sql)

        return Silo(SiloSettings(name="probe", url=f"duckdb:///{path}"), run)

    @pytest.fixture(scope="class")
    @classmethod
    def make(cls):
        return Connector

    @pytest.mark.parametrize(
        "sql",
        [
            "SELECT * FROM read_csv('/etc/passwd')",
            "SELECT 1 AS n; SELECT 2 AS n",
            "INSTALL httpfs",
            "SET threads = 1",
            "CREATE TEMP TABLE neu (n BIGINT)",
            "PRAGMA database_list",
            "BEGIN",
            "",
        ],
    )
    def test_files_extensions_and_second_statements_are_refused(self, connector, sql):
        with pytest.raises(SiloError):
            self.read(connector, sql, [OutputColumn("n", "BIGINT")])

    def test_no_setting_can_be_changed(self, connector):
        columns = [OutputColumn("zone", "VARCHAR"), OutputColumn("fest", "BOOLEAN")]
        sql = "SELECT current_setting('TimeZone') AS zone, current_setting('lock_configuration') AS fest"
        assert self.read(connector, sql, columns).to_pylist() == [{"zone": "UTC", "fest": True}]

    def test_a_question_cancelled_before_its_statement_is_stopped(self, connector):
        cancellation = Cancellation()
        cancellation.cancel()
        began = time.monotonic()
        with pytest.raises(SiloCancelled):
            self.read(
                connector, self.slow, [OutputColumn("n", "BIGINT")], cancellation=cancellation
            )
        assert time.monotonic() - began < 1

    def test_a_deadline_already_over_stops_the_statement(self, connector):
        with pytest.raises(SiloTimeout):
            self.read(connector, self.slow, [OutputColumn("n", "BIGINT")], seconds=0)

    def test_two_connectors_may_open_one_file_at_once(self, connector, silo):
        failed: list[SiloError] = []

        def open_it() -> None:
            other = Connector(silo.settings)
            try:
                other.ping()
            except SiloError as error:
                failed.append(error)
            finally:
                other.close()

        threads = [threading.Thread(target=open_it) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert failed == []
        connector.ping()

    def test_a_file_that_is_none_is_unavailable(self, tmp_path):
        path = tmp_path / "kaputt.duckdb"
        path.write_bytes(b"kein DuckDB" * 1000)
        with pytest.raises(SiloUnavailable):
            Connector(SiloSettings(name="probe", url=f"duckdb:///{path}")).ping()


def test_a_missing_file_is_not_made(tmp_path):
    path = tmp_path / "fehlt.duckdb"
    with pytest.raises(SiloUnavailable) as caught:
        Connector(SiloSettings(name="probe", url=f"duckdb:///{path}")).ping()
    assert caught.value.silo == "probe"
    assert not path.exists()


def test_a_file_another_process_writes_is_unavailable(tmp_path):
    path = tmp_path / "b.duckdb"
    script = f"import duckdb; k = duckdb.connect({str(path)!r}); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        with pytest.raises(SiloUnavailable) as caught:
            Connector(SiloSettings(name="probe", url=f"duckdb:///{path}")).ping()
        writer.communicate(b"\n")
    assert "writing" in (caught.value.hint or "")


def test_a_file_this_process_has_open_otherwise_is_unavailable(tmp_path):
    path = tmp_path / "c.duckdb"
    with duckdb.connect(str(path)), pytest.raises(SiloUnavailable) as caught:
        Connector(SiloSettings(name="probe", url=f"duckdb:///{path}")).ping()
    assert "This process" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("native", "expected"),
    [
        ("ENUM('a', 'b')", "VARCHAR"), ("TIMESTAMP_NS", "TIMESTAMP"), ("STRUCT(a INTEGER)", "UNKNOWN"),
        ("DECIMAL(5,2)", "DECIMAL(5, 2)"), ("ENUM('a', 'b')[]", "VARCHAR[]"),
        ("TIMESTAMP_NS[]", "TIMESTAMP[]"), ("STRUCT(a INTEGER)[]", "UNKNOWN"), ("DATE[][]", "DATE[][]"),
        ("MAP(VARCHAR, INTEGER)", "UNKNOWN"), ("UHUGEINT", "UNKNOWN"), ("TIMESTAMP_S", "TIMESTAMP"), ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ"),
    ],
)  # fmt: skip
def test_types_have_a_canonical_form_or_none(native, expected):
    assert canonical(native) == expected
