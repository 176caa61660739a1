import pymysql
import pytest
from sqlalchemy import make_url

from connectors.config import SiloSettings
from connectors.errors import SiloLoginFailed, SiloQueryFailed
from connectors.query import OutputColumn
from connectors.silos._mysql_dictionary import canonical
from connectors.silos.mysql import Connector
from tests.connectors.silos.conformance import (
    DAY,
    NOON,
    PRICE,
    ROWS,
    ServerConformance,
    Silo,
    SnapshotConformance,
)


class TestMariaDB(SnapshotConformance, ServerConformance):
    create = """CREATE TABLE dinge (id INT PRIMARY KEY, wort VARCHAR(20) COMMENT 'ein Wort', lang TEXT,
        preis DECIMAL(12, 2), zahl DOUBLE, gross BIGINT UNSIGNED, ja TINYINT(1), tag DATE,
        moment TIMESTAMP NULL, ortszeit DATETIME, roh VARBINARY(10)) CHARACTER SET utf8mb4"""
    fill = f"""
        SET time_zone = '+00:00';
        INSERT INTO dinge VALUES (1, 'Grüße', 'a\nb', 12345678.91, 0.1, 18446744073709551615, 1,
            '2026-10-31', '2026-10-31 12:30:15', '2026-10-31 12:30:15', X'00FF');
        INSERT INTO dinge (id, moment) SELECT seq, NULL FROM seq_2_to_{ROWS}; ANALYZE TABLE dinge"""
    slow = "SELECT count(*) AS n FROM seq_1_to_100000 a, seq_1_to_100000 b WHERE a.seq + b.seq = 7"
    active = "SELECT id FROM information_schema.processlist WHERE info LIKE '%a.seq + b.seq = 7%' AND id <> CONNECTION_ID()"
    number = "SELECT CONNECTION_ID() AS n"
    end = "KILL CONNECTION {}"
    connections = "SELECT id FROM information_schema.processlist"
    unreachable = "mysql://jemand:geheim@127.0.0.1:9/nichts"
    types = {
        "id": "INTEGER", "wort": "VARCHAR", "lang": "VARCHAR", "preis": "DECIMAL(12, 2)",
        "zahl": "DOUBLE", "gross": "UBIGINT", "ja": "BOOLEAN", "tag": "DATE",
        "moment": "TIMESTAMPTZ", "ortszeit": "TIMESTAMP", "roh": "BLOB",
    }  # fmt: skip
    first_row = (
        1, "Grüße", "a\nb", PRICE, 0.1, 2**64 - 1, True, DAY, NOON, NOON.replace(tzinfo=None), b"\x00\xff",
    )  # fmt: skip

    @pytest.fixture(scope="class")
    @classmethod
    def silo(cls, mysql_database):
        url = make_url(mysql_database)
        connection = pymysql.connect(
            host=url.host, port=url.port, user=url.username, password=str(url.password or ""),
            database=url.database, autocommit=True, charset="utf8mb4",
        )  # fmt: skip

        def run(sql: str) -> None:
            with connection.cursor() as cursor:
                cursor.execute(sql)

        def rows(sql: str) -> list[tuple]:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return list(cursor.fetchall())

        yield Silo(SiloSettings(name="probe", url=mysql_database), run, rows)
        connection.close()

    @pytest.fixture(scope="class")
    @classmethod
    def make(cls):
        return Connector

    def test_text_columns_name_their_collation(self, connector):
        table = next(t for t in connector.introspect() if t.name == "dinge")
        assert (table.by_name["wort"].collation or "").startswith("utf8mb4")
        assert table.by_name["wort"].comment == "ein Wort"
        assert table.by_name["roh"].collation is None

    def test_a_wrong_password_is_a_failed_login(self, silo):
        url = make_url(silo.settings.url).set(username="niemand", password="geheim")
        settings = silo.settings.model_copy(update={"url": url.render_as_string(False)})
        with pytest.raises(SiloLoginFailed) as caught:
            Connector(settings).ping()
        assert "geheim" not in str(caught.value)

    def test_the_server_knows_the_deadline(self, connector):
        asked = "SELECT CAST(@@max_statement_time AS DOUBLE) AS s"
        for seconds in (3.0, 30.0, 3.0):
            (limit,) = self.read(connector, asked, [OutputColumn("s", "DOUBLE")], seconds)["s"]
            assert seconds <= limit.as_py() <= 2 * seconds + 2

    def test_a_statement_costs_the_server_nothing_besides(self, connector):
        asked = """SELECT CAST(variable_value AS SIGNED) AS n FROM information_schema.session_status
            WHERE variable_name = 'QUESTIONS'"""
        columns = [OutputColumn("n", "BIGINT")]
        first, second = (self.read(connector, asked, columns)["n"][0].as_py() for _ in "12")
        assert second == first + 1

    def test_a_connection_not_used_for_long_is_asked_first(self, connector, monkeypatch):
        monkeypatch.setattr("connectors.silos._mysql_wire.SILENT_S", -1.0)
        columns = [OutputColumn("n", "INTEGER")]
        first, second = (self.read(connector, self.number, columns)["n"][0] for _ in "12")
        assert first == second

    def test_a_zero_date_is_refused_and_its_column_named(self, connector, silo):
        silo.run("CREATE OR REPLACE TABLE alt (id INT, tag DATE)")
        silo.run("SET sql_mode = ''")
        silo.run("INSERT INTO alt VALUES (1, '0000-00-00')")
        silo.run("INSERT INTO alt VALUES (2, '2026-02-00')")
        for number in (1, 2):
            sql = f"SELECT tag FROM alt WHERE id = {number}"
            with pytest.raises(SiloQueryFailed, match="'tag'"):
                self.read(connector, sql, [OutputColumn("tag", "DATE")])


@pytest.mark.parametrize(
    ("base", "native", "precision", "expected"),
    [
        ("tinyint", "tinyint(1)", None, "BOOLEAN"),
        ("tinyint", "tinyint(1) unsigned", None, "UTINYINT"),
        ("tinyint", "tinyint(4)", None, "TINYINT"),
        ("decimal", "decimal(65,2)", 65, "UNKNOWN"),
        ("bit", "bit(1)", None, "BLOB"),
        ("enum", "enum('a','b')", None, "VARCHAR"),
        ("geometry", "geometry", None, "UNKNOWN"),
    ],
)
def test_types_have_a_canonical_form_or_none(base, native, precision, expected):
    assert canonical(base, native, precision, 2) == expected
