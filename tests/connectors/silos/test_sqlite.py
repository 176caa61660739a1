import sqlite3
import time

import pytest

from connectors.arrow_types import arrow_schema
from connectors.clock import Cancellation, Deadline
from connectors.config import SiloSettings
from connectors.errors import (
    SiloCancelled,
    SiloError,
    SiloQueryFailed,
    SiloTimeout,
    SiloUnavailable,
)
from connectors.query import OutputColumn
from connectors.silos.sqlite import Connector, canonical
from tests.connectors.silos.conformance import (
    DAY,
    NOON,
    PRICE,
    ROWS,
    ConnectorConformance,
    Silo,
    SnapshotConformance,
    list_of,
)

SERIES = "WITH RECURSIVE r(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM r WHERE i < {n})"


class TestSQLite(SnapshotConformance, ConnectorConformance):
    prepare = "PRAGMA journal_mode = WAL"
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
        "sql",
        [
            "ATTACH 'x.db' AS x",
            "PRAGMA table_info(dinge)",
            "SELECT load_extension('x') AS n",
            "SELECT fts3_tokenizer('simple') AS n",
        ],
    )
    def test_the_authorizer_stops_everything_but_reading(self, connector, sql):
        with pytest.raises(SiloError):
            self.read(connector, sql, [OutputColumn("n", "BIGINT")])

    @pytest.mark.parametrize(
        ("text", "expected"),
        [("'08:30:15'", "08:30:15"), ("'08:30'", "08:30:00"), ("NULL", "None")],
    )
    def test_a_time_of_day_stored_as_text_is_a_time(self, connector, text, expected):
        rows = self.read(connector, f"SELECT {text} AS zeit", [OutputColumn("zeit", "TIME")])
        assert [str(value) for value in rows.column("zeit").to_pylist()] == [expected]

    def test_a_time_beyond_the_day_is_refused(self, connector):
        with pytest.raises(SiloQueryFailed, match="'zeit'"):
            self.read(connector, "SELECT '25:00:00' AS zeit", [OutputColumn("zeit", "TIME")])

    def test_a_value_of_another_type_is_refused_and_its_column_named(self, connector, silo):
        silo.run("CREATE TABLE IF NOT EXISTS wild (tag DATE)")
        silo.run("INSERT INTO wild VALUES ('gestern')")
        with pytest.raises(SiloQueryFailed, match="'tag'"):
            self.read(connector, "SELECT tag FROM wild", [OutputColumn("tag", "DATE")])

    @pytest.mark.parametrize(
        ("value", "declared", "canonical_type"),
        [
            ("1.5", "INTEGER", "BIGINT"),
            ("19000", "DATE", "DATE"),
            ("1700000000", "TIMESTAMP", "TIMESTAMP"),
            ("3600", "TIME", "TIME"),
            ("X'00'", "TEXT", "VARCHAR"),
        ],
    )
    def test_no_value_is_read_as_something_it_is_not(
        self, connector, silo, value, declared, canonical_type
    ):
        silo.run("DROP TABLE IF EXISTS fremd")
        silo.run(f"CREATE TABLE fremd (wert {declared})")
        silo.run(f"INSERT INTO fremd VALUES ({value})")
        with pytest.raises(SiloQueryFailed, match="'wert'"):
            self.read(connector, "SELECT wert FROM fremd", [OutputColumn("wert", canonical_type)])

    def test_keys_may_come_as_json(self, make, silo):
        fresh = make(silo.settings)
        sql = "SELECT id FROM dinge WHERE id IN (SELECT value FROM json_each('[1, 3]'))"
        schema = arrow_schema([OutputColumn("id", "BIGINT")])
        with fresh.snapshot() as moment:
            read = list_of(moment.read(sql, schema, Deadline.after(5), Cancellation()))
        assert [n for batch in read for n in batch.column(0).to_pylist()] == [1, 3]
        fresh.close()

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


@pytest.fixture
def introspected(tmp_path):
    """Tables of a file made by the statements, by name."""

    def made(statements: str):
        path = tmp_path / "b.db"
        connection = sqlite3.connect(path)
        connection.executescript(statements)
        connection.close()
        connector = Connector(SiloSettings(name="probe", url=f"sqlite:///{path}"))
        tables = {table.name: table for table in connector.introspect()}
        connector.close()
        return tables

    return made


def test_a_collation_is_found_wherever_it_is_declared(introspected):
    tables = introspected("""
        CREATE TABLE t (a VARCHAR(20) COLLATE NOCASE, "b c" TEXT NOT NULL DEFAULT 'x,y' COLLATE RTRIM,
            c TEXT /* COLLATE NOCASE */, d TEXT CHECK (d COLLATE NOCASE <> 'x'));
        CREATE VIEW v AS SELECT a AS anders, c FROM t""")
    assert [c.collation for c in tables["t"].columns] == ["NOCASE", "RTRIM", None, None]
    assert [c.collation for c in tables["v"].columns] == ["NOCASE", None]


def test_a_wide_table_has_its_collations_too(introspected):
    columns = ", ".join(f"c{number} TEXT COLLATE NOCASE" for number in range(400))
    assert {c.collation for c in introspected(f"CREATE TABLE t ({columns})")["t"].columns} == {
        "NOCASE"
    }


def test_a_collation_of_another_program_is_no_plain_one(tmp_path):
    path = tmp_path / "c.db"
    connection = sqlite3.connect(path)
    connection.create_collation("EIGEN", lambda a, b: (a > b) - (a < b))
    connection.execute("CREATE TABLE t (a TEXT COLLATE EIGEN, n INT)")
    connection.close()
    (table,) = Connector(SiloSettings(name="probe", url=f"sqlite:///{path}")).introspect()
    assert [c.collation for c in table.columns] == ["unknown", None]


def test_a_reference_without_columns_means_the_primary_key(introspected):
    tables = introspected("""
        CREATE TABLE eltern (a INT, b INT, PRIMARY KEY (b, a));
        CREATE TABLE kind (x INT, y INT, FOREIGN KEY (x, y) REFERENCES Eltern)""")
    (reference,) = tables["kind"].foreign_keys
    assert (reference.columns, reference.references) == (("x", "y"), ("b", "a"))


def test_a_broken_view_hides_no_other_table(introspected):
    tables = introspected("CREATE TABLE t (a INT); CREATE VIEW kaputt AS SELECT nix FROM t")
    assert list(tables) == ["t"]


def test_computed_columns_are_columns(introspected):
    tables = introspected("CREATE TABLE t (a INT, b INT GENERATED ALWAYS AS (a + 1))")
    assert [c.name for c in tables["t"].columns] == ["a", "b"]


def test_a_missing_file_is_not_made(tmp_path):
    path = tmp_path / "fehlt.db"
    with pytest.raises(SiloUnavailable) as caught:
        Connector(SiloSettings(name="probe", url=f"sqlite:///{path}")).ping()
    assert caught.value.silo == "probe"
    assert not path.exists()


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("VARCHAR(20)", "VARCHAR"), ("numeric(8)", "DECIMAL(8, 0)"), ("", "VARCHAR"),
        ("DOUBLE PRECISION", "DOUBLE"), ("NUMERIC", "DOUBLE"), ("UUID", "UUID"),
        ("DECIMAL(50, 2)", "UNKNOWN"),
    ],
)  # fmt: skip
def test_declared_types_have_a_canonical_form(declared, expected):
    assert canonical(declared) == expected
