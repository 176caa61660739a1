"""An engine is one file; one that reaches the silos itself gets whole queries, as the guard let them pass."""

import shutil
import sys
from pathlib import Path

import duckdb
import pytest

from connectors import engines
from connectors.config import EngineSettings, Limits, SiloSettings
from connectors.engines import load_engine
from connectors.engines.base import WholeQueryEngine
from connectors.federation import Federation
from connectors.policy import load_policy
from connectors.schema import SiloSchema
from connectors.silos import connect
from tests.connectors.company import CLOCK

POLICY = """
default_role: chef
roles:
  chef: {read: ["*"]}
  gast: {read: ["*"], columns: {"crm.main.kunde.name": {constant: wer}}}
"""
JOIN = """SELECT k.name, sum(b.betrag) AS s FROM kunde k JOIN kauf b ON b.kunde = k.id
    GROUP BY k.name ORDER BY 1"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of engines, and a toy in it."""
    shutil.copy(Path(__file__).with_name("toy.py"), tmp_path / "toy.py")
    monkeypatch.setattr(engines, "__path__", [*engines.__path__, str(tmp_path)])
    yield tmp_path
    sys.modules.pop("connectors.engines.toy", None)


@pytest.fixture
def opened(folder):
    """A federation over two files; `reached` are those the toy opens itself."""
    files = {"crm": folder / "crm.duckdb", "shop": folder / "shop.duckdb"}
    with duckdb.connect(str(files["crm"])) as connection:
        connection.execute(
            "CREATE TABLE kunde AS SELECT range AS id, 'K' || range AS name FROM range(9)"
        )
    with duckdb.connect(str(files["shop"])) as connection:
        connection.execute(
            "CREATE TABLE kauf AS SELECT range % 9 AS kunde, 2 AS betrag FROM range(90)"
        )
    made = []

    def open_with(engine, reached):
        silos = {n: connect(SiloSettings(name=n, url=f"duckdb:///{p}")) for n, p in files.items()}
        schema = SiloSchema(table for silo in silos.values() for table in silo.introspect())
        for silo in silos.values():
            silo.close()
        options = {"files": {name: str(files[name]) for name in reached}}
        made.append(
            Federation(
                silos, load_engine(EngineSettings(name=engine, options=options), {}), policy(folder),
                CLOCK, lambda: schema, dict.fromkeys(silos, Limits()), 30,
            )
        )  # fmt: skip
        return made[-1]

    yield open_with
    for federation in made:
        federation.close()


def policy(folder):
    path = folder / "policy.yaml"
    path.write_text(POLICY)
    return load_policy(path)


def test_a_file_dropped_into_the_folder_is_an_engine(folder):
    assert engines.engines() == ("duckdb", "toy")


def test_it_gets_the_whole_query_and_gives_the_same_rows(opened):
    whole = opened("toy", ("crm", "shop")).run(JOIN)
    assert whole.receipt.engine == "toy"
    assert {f.silo for f in whole.receipt.fragments} == {"crm", "shop"}
    assert whole.rows() == opened("duckdb", ()).run(JOIN).rows()
    assert whole.tables == ("crm.main.kunde", "shop.main.kauf")


def test_masks_stand_in_the_query_it_gets(opened):
    masked = opened("toy", ("crm", "shop")).run(JOIN, role="gast").rows()
    assert masked == opened("duckdb", ()).run(JOIN, role="gast").rows()
    assert masked == [["wer", 180]]


def test_rows_are_cut(opened):
    result = opened("toy", ("crm", "shop")).run(JOIN, max_rows=4)
    assert (len(result.rows()), result.truncated) == (4, True)


def test_a_query_it_does_not_take_is_split_as_for_any_engine(opened):
    split = opened("toy", ("crm",)).run(JOIN)
    assert {f.silo: f.rows > 0 for f in split.receipt.fragments} == {"crm": True, "shop": True}
    assert split.rows() == opened("duckdb", ()).run(JOIN).rows()


def test_the_embedded_engine_reaches_no_silo(opened):
    assert not isinstance(opened("duckdb", ()).engine, WholeQueryEngine)
