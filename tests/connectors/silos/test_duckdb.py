import duckdb
import pytest

from connectors.config import SiloSettings
from connectors.errors import SiloError, SiloUnavailable
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
        ["SELECT * FROM read_csv('/etc/passwd')", "SELECT 1 AS n; SELECT 2 AS n", "INSTALL httpfs"],
    )
    def test_files_extensions_and_second_statements_are_refused(self, connector, sql):
        with pytest.raises(SiloError):
            self.read(connector, sql, [OutputColumn("n", "BIGINT")])

    def test_a_file_that_is_none_is_unavailable(self, tmp_path):
        path = tmp_path / "kaputt.duckdb"
        path.write_bytes(b"kein DuckDB" * 1000)
        with pytest.raises(SiloUnavailable):
            Connector(SiloSettings(name="probe", url=f"duckdb:///{path}")).ping()


@pytest.mark.parametrize(
    ("native", "expected"),
    [
        ("ENUM('a', 'b')", "VARCHAR"), ("TIMESTAMP_NS", "TIMESTAMP"), ("STRUCT(a INTEGER)", "UNKNOWN"),
        ("DECIMAL(5,2)", "DECIMAL(5, 2)"), ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ"),
    ],
)  # fmt: skip
def test_types_have_a_canonical_form_or_none(native, expected):
    assert canonical(native) == expected
