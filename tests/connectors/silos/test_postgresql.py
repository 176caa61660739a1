import psycopg
import pytest

from connectors.config import SiloSettings
from connectors.errors import SiloLoginFailed, SiloQueryFailed
from connectors.query import OutputColumn
from connectors.silos._postgresql_dictionary import canonical
from connectors.silos.postgresql import Connector
from tests.connectors.silos.conformance import (
    DAY,
    NOON,
    PRICE,
    ROWS,
    ServerConformance,
    Silo,
    SnapshotConformance,
)


class TestPostgreSQL(SnapshotConformance, ServerConformance):
    create = """CREATE TABLE dinge (id integer PRIMARY KEY, wort varchar(20), text text, fest char(4),
        preis numeric(12, 2), zahl double precision, gross bigint, ja boolean, tag date,
        moment timestamptz, ortszeit timestamp, kennung uuid, dokument jsonb)"""
    fill = f"""
        INSERT INTO dinge VALUES (1, 'Grüße', E'a\\nb', 'ab', 12345678.91, 0.1, 9223372036854775807, true,
            '2026-10-31', '2026-10-31 14:30:15+02', '2026-10-31 12:30:15',
            '00000000-0000-0000-0000-000000000001', '{{"a": 1}}');
        INSERT INTO dinge (id) SELECT generate_series(2, {ROWS});
        COMMENT ON COLUMN dinge.wort IS 'ein Wort'; ANALYZE dinge"""
    slow = "SELECT count(*) AS n FROM generate_series(1, 100000000) a, generate_series(1, 1000) b"
    active = "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%100000000) a%' AND pid <> pg_backend_pid()"
    number = "SELECT pg_backend_pid() AS n"
    end = "SELECT pg_terminate_backend({})"
    connections = "SELECT pid FROM pg_stat_activity"
    unreachable = "postgresql://jemand:geheim@127.0.0.1:9/nichts"
    types = {
        "id": "INTEGER", "wort": "VARCHAR", "text": "VARCHAR", "fest": "VARCHAR",
        "preis": "DECIMAL(12, 2)", "zahl": "DOUBLE", "gross": "BIGINT", "ja": "BOOLEAN",
        "tag": "DATE", "moment": "TIMESTAMPTZ", "ortszeit": "TIMESTAMP", "kennung": "UUID",
        "dokument": "JSON",
    }  # fmt: skip
    first_row = (
        1, "Grüße", "a\nb", "ab", PRICE, 0.1, 2**63 - 1, True, DAY, NOON, NOON.replace(tzinfo=None),
        "00000000-0000-0000-0000-000000000001", '{"a": 1}',
    )  # fmt: skip

    @pytest.fixture(scope="class")
    @classmethod
    def silo(cls, postgres_database):
        def run(sql: str) -> None:
            with psycopg.connect(postgres_database, autocommit=True) as connection:
                connection.execute(sql)

        def rows(sql: str) -> list[tuple]:
            with psycopg.connect(postgres_database, autocommit=True) as connection:
                return connection.execute(sql).fetchall()

        return Silo(SiloSettings(name="probe", url=postgres_database), run, rows)

    @pytest.fixture(scope="class")
    @classmethod
    def make(cls):
        return Connector

    def test_comments_and_estimates_are_read(self, connector):
        table = next(t for t in connector.introspect() if t.name == "dinge")
        assert table.by_name["wort"].comment == "ein Wort"
        assert table.row_estimate == ROWS

    def test_a_role_that_is_not_there_is_a_failed_login(self, silo):
        url = silo.settings.url.replace("postgres@", "niemand:geheim@")
        with pytest.raises(SiloLoginFailed) as caught:
            Connector(silo.settings.model_copy(update={"url": url})).ping()
        assert "geheim" not in str(caught.value)

    def test_a_value_that_does_not_fit_names_its_column(self, connector):
        with pytest.raises(SiloQueryFailed, match="'gross'"):
            self.read(
                connector,
                "SELECT gross FROM dinge WHERE id = 1",
                [OutputColumn("gross", "SMALLINT")],
            )

    def test_two_statements_are_one_too_many(self, connector):
        from connectors.errors import SiloError

        with pytest.raises(SiloError):
            self.read(connector, "SELECT 1 AS n; SELECT 2 AS n", [OutputColumn("n", "INTEGER")])


@pytest.mark.parametrize(
    ("base", "native", "expected"),
    [
        ("numeric", "numeric", "DECIMAL(38, 10)"),
        ("numeric", "numeric(5,0)", "DECIMAL(5, 0)"),
        ("numeric", "numeric(50,2)", "UNKNOWN"),
        ("numeric", "numeric(5,-2)", "UNKNOWN"),
        ("enum", "stimmung", "VARCHAR"),
        ("_int4", "integer[]", "UNKNOWN"),
        ("int4range", "int4range", "UNKNOWN"),
    ],
)
def test_types_have_a_canonical_form_or_none(base, native, expected):
    assert canonical(base, native) == expected
