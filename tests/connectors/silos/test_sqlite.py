import sqlite3

import pytest

from connectors.config import SiloSettings
from connectors.errors import SiloError, SiloQueryFailed
from connectors.query import OutputColumn
from connectors.silos.sqlite import Connector, canonical
from tests.connectors.silos.conformance import DAY, NOON, PRICE, ROWS, ConnectorConformance, Silo

SERIES = "WITH RECURSIVE r(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM r WHERE i < {n})"


class TestSQLite(ConnectorConformance):
    create = """CREATE TABLE dinge (id INTEGER PRIMARY KEY, wort TEXT COLLATE NOCASE, preis DECIMAL(12, 2),
        zahl REAL, ja BOOLEAN, tag DATE, ortszeit TIMESTAMP, roh BLOB)"""
    fill = f"""
        INSERT INTO dinge VALUES (1, 'Grüße', 12345678.91, 0.1, 1, '2026-10-31', '2026-10-31 12:30:15', X'00FF');
        INSERT INTO dinge (id) {SERIES.format(n=ROWS)} SELECT i FROM r"""
    slow = "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT count(*) AS n FROM r"
    unreachable = "sqlite:////nicht/da.db"
    types = {
        "id": "BIGINT", "wort": "VARCHAR", "preis": "DECIMAL(12, 2)", "zahl": "DOUBLE",
        "ja": "BOOLEAN", "tag": "DATE", "ortszeit": "TIMESTAMP", "roh": "BLOB",
    }  # fmt: skip
    first_row = (1, "Grüße", PRICE, 0.1, True, DAY, NOON.replace(tzinfo=None), b"\x00\xff")

    @pytest.fixture(scope="class")
    @classmethod
    def silo(cls, tmp_path_factory):
        path = tmp_path_factory.mktemp("sqlite") / "a b.db"

        def run(sql: str) -> None:
            connection = sqlite3.connect(path)
            connection.execute(sql)
            connection.commit()
            connection.close()

        return Silo(SiloSettings(name="probe", url=f"sqlite:///{path}"), run)

    @pytest.fixture(scope="class")
    @classmethod
    def make(cls):
        return Connector

    def test_collations_and_counts_are_read(self, connector):
        table = next(t for t in connector.introspect() if t.name == "dinge")
        assert table.by_name["wort"].collation == "NOCASE"
        assert table.row_estimate == ROWS

    @pytest.mark.parametrize(
        "sql", ["ATTACH 'x.db' AS x", "PRAGMA table_info(dinge)", "SELECT load_extension('x') AS n"]
    )
    def test_the_authorizer_stops_everything_but_reading(self, connector, sql):
        with pytest.raises(SiloError):
            self.read(connector, sql, [OutputColumn("n", "BIGINT")])

    def test_a_value_of_another_type_is_refused_and_its_column_named(self, connector, silo):
        silo.run("CREATE TABLE IF NOT EXISTS wild (tag DATE)")
        silo.run("INSERT INTO wild VALUES ('gestern')")
        with pytest.raises(SiloQueryFailed, match="'tag'"):
            self.read(connector, "SELECT tag FROM wild", [OutputColumn("tag", "DATE")])


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("VARCHAR(20)", "VARCHAR"), ("numeric(8)", "DECIMAL(8, 0)"), ("", "VARCHAR"),
        ("DOUBLE PRECISION", "DOUBLE"), ("NUMERIC", "DOUBLE"), ("UUID", "UUID"),
    ],
)  # fmt: skip
def test_declared_types_have_a_canonical_form(declared, expected):
    assert canonical(declared) == expected
