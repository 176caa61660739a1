"""The folder is the registry: a file more is a connector more."""

import sys

import pytest

from connectors import silos
from connectors.arrow_types import arrow_schema
from connectors.clock import Cancellation, Deadline
from connectors.config import SiloSettings
from connectors.errors import ConfigurationError, SiloUnavailable
from connectors.query import OutputColumn
from connectors.silos.mysql import Connector as MySQL
from connectors.silos.sqlalchemy import Connector as AnyDialect


def settings(url: str) -> SiloSettings:
    return SiloSettings(name="probe", url=url)


def test_every_scheme_has_a_connector():
    assert silos.schemes() == ("duckdb", "mysql", "postgresql", "sqlite")


@pytest.mark.parametrize("scheme", ["mysql", "mariadb", "mysql+pymysql", "mariadb+pymysql"])
def test_a_scheme_may_have_other_names(scheme):
    assert isinstance(silos.connect(settings(f"{scheme}://x@localhost/y")), MySQL)


def test_another_dialect_is_reached_by_sqlalchemy():
    assert isinstance(silos.connect(settings("mssql://x@localhost/y")), AnyDialect)


def test_an_unknown_scheme_names_the_nearest():
    with pytest.raises(ConfigurationError) as caught:
        silos.connect(settings("postgre://x@localhost/y"))
    assert "postgresql" in (caught.value.hint or "")


def test_one_file_dropped_into_the_folder_is_a_connector(tmp_path, monkeypatch):
    (tmp_path / "spielzeug.py").write_text(
        "class Connector:\n    def __init__(self, settings):\n        self.settings = settings\n"
    )
    monkeypatch.setattr(silos, "__path__", [*silos.__path__, str(tmp_path)])
    assert "spielzeug" in silos.schemes()
    made = silos.connect(settings("spielzeug://x"))
    assert type(made).__name__ == "Connector"
    sys.modules.pop("connectors.silos.spielzeug", None)


class TestAnyDialect:
    """SQLAlchemy's way to PostgreSQL, where the same table has its own connector too."""

    @pytest.fixture
    def connector(self, postgres_database):
        import psycopg

        with psycopg.connect(postgres_database, autocommit=True) as connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS drei (id int PRIMARY KEY, n numeric(8, 2), u uuid)"
            )
            connection.execute("TRUNCATE drei")
            connection.execute(
                "INSERT INTO drei VALUES (1, 1.5, gen_random_uuid()), (2, NULL, NULL)"
            )
        url = postgres_database.replace("postgresql://", "postgresql+psycopg://")
        made = AnyDialect(settings(url))
        yield made
        made.close()

    def test_it_reads_tables_and_rows(self, connector):
        (table,) = [t for t in connector.introspect() if t.name == "drei"]
        assert [c.type for c in table.columns] == ["INTEGER", "DECIMAL(8, 2)", "UUID"]
        assert table.primary_key == ("id",)
        schema = arrow_schema([OutputColumn(c.name, c.type) for c in table.columns])
        sql = "SELECT * FROM public.drei ORDER BY id"
        with connector.read(sql, schema, Deadline.after(5), Cancellation()) as batches:
            rows = [row for batch in batches for row in batch.to_pylist()]
        assert [str(row["n"]) for row in rows] == ["1.50", "None"]

    def test_only_the_least_is_pushed(self, connector):
        assert connector.capabilities.pushdown == "ansi"
        assert not connector.capabilities.aggregates

    def test_an_unreachable_one_is_named(self):
        with pytest.raises(SiloUnavailable) as caught:
            AnyDialect(settings("postgresql+psycopg://x:geheim@127.0.0.1:9/y")).ping()
        assert "geheim" not in str(caught.value)
