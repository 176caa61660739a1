"""MariaDB's zero dates, which are no dates: named where they are read, never taken for NULL."""

from contextlib import closing

import pymysql
import pytest
from sqlalchemy import make_url

from connectors.config import EngineSettings, Limits, SiloSettings
from connectors.engines import load_engine
from connectors.errors import SiloQueryFailed
from connectors.federation import Federation
from connectors.policy import load_policy
from connectors.schema import SiloSchema
from connectors.silos import connect
from tests.connectors.planner.world import CLOCK


@pytest.fixture(scope="module")
def federation(mysql_database):
    parts = make_url(mysql_database)
    server = {"host": parts.host, "port": parts.port, "user": parts.username}
    connection = pymysql.connect(
        **server, password=parts.password or "", database=parts.database, autocommit=True
    )
    with closing(connection), connection.cursor() as cursor:
        cursor.execute("SET sql_mode = ''")
        cursor.execute("CREATE TABLE alt (id INT PRIMARY KEY, tag DATE NOT NULL, m DATETIME)")
        cursor.execute(
            "INSERT INTO alt VALUES (1, '0000-00-00', NULL), (2, '2026-03-01', '0000-00-00'),"
            " (3, '2026-04-01', '2026-04-01 10:00:00')"
        )
    silo = connect(SiloSettings(name="my", url=mysql_database))
    schema = SiloSchema(silo.introspect())
    made = Federation(
        connectors={"my": silo}, engine=load_engine(EngineSettings(memory_mb=512), {}),
        policy=load_policy(None), clock=CLOCK, schema=lambda: schema, limits={"my": Limits()},
        timeout_s=30,
    )  # fmt: skip
    with made:
        yield made


@pytest.mark.parametrize(
    ("sql", "column"),
    [
        ("SELECT id, tag FROM alt", "tag"),
        ("SELECT min(tag) AS erster FROM alt", "erster"),
        ("SELECT m FROM alt WHERE id = 2", "m"),
        ("SELECT tag, count(*) AS n FROM alt GROUP BY tag", "tag"),
        ("SELECT id FROM alt WHERE md5(CAST(tag AS VARCHAR)) = 'x'", "tag"),
    ],
)
def test_where_it_is_read_the_query_fails_and_names_the_column(federation, sql, column):
    with pytest.raises(SiloQueryFailed, match=f"'{column}'"):
        federation.run(sql)


def test_rows_without_one_are_read(federation):
    rows = federation.run("SELECT id FROM alt WHERE tag > DATE '2026-03-15' AND m IS NOT NULL")
    assert rows.rows() == [[3]]


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        ("tag IS NULL", []),
        ("m IS NULL", [1]),
        ("NOT tag IS NULL", [1, 2, 3]),
        ("tag < DATE '2026-01-01'", [1]),
    ],
)
def test_a_condition_over_it_alone_counts_it_as_a_very_early_day(federation, condition, ids):
    assert federation.run(f"SELECT id FROM alt WHERE {condition}").rows() == [[n] for n in ids]
