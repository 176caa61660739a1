"""Trino's configuration and the Java it needs; no server is started and nothing fetched."""

import tarfile

import pytest

from benchmarks import trino
from benchmarks.tpch import contenders
from benchmarks.tpch.placements import PLACEMENTS
from benchmarks.tpch.stores import Stores


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.setattr(trino, "FOLDER", tmp_path)
    for name in trino.JAVA_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def jdk(place, version):
    (place / "bin").mkdir(parents=True)
    (place / "bin" / "java").touch()
    (place / "release").write_text(f'IMPLEMENTOR="X"\nJAVA_VERSION="{version}"\n')
    return place


def test_the_newest_java_of_the_usual_folders_is_taken(folder, monkeypatch):
    monkeypatch.setattr(trino, "JAVA_FOLDERS", (str(folder / "jvm"),))
    assert trino.java_home() is None
    jdk(folder / "jvm" / "old", "17.0.9")
    assert trino.java_home() is None
    newest = jdk(folder / "jvm" / "new", "25.0.1")
    jdk(folder / "jvm" / "other", "24")
    assert trino.java_home() == newest


def test_a_named_java_comes_first_when_it_is_new_enough(folder, monkeypatch):
    monkeypatch.setattr(trino, "JAVA_FOLDERS", (str(folder / "jvm"),))
    found = jdk(folder / "jvm" / "new", "25")
    monkeypatch.setenv("JAVA_HOME", str(jdk(folder / "old", "17.0.9")))
    assert trino.java_home() == found
    monkeypatch.setenv("RUNDBLICK_JAVA", str(jdk(folder / "mine", "24.0.2")))
    assert trino.java_home() == folder / "mine"


def test_a_folder_without_a_release_file_is_no_java(tmp_path):
    assert trino.java_version(tmp_path) == 0


def test_only_what_is_needed_is_unpacked(folder):
    archive = folder / "trino" / "trino-server-476.tar.gz"
    source = folder / "made" / "trino-server-476"
    for name in ("lib/a.jar", "plugin/mariadb/b.jar", "plugin/hive/c.jar", "secrets-plugin/d.jar"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).touch()
    archive.parent.mkdir()
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(source, "trino-server-476")
    home = trino.server_home()
    found = {str(path.relative_to(home)) for path in home.rglob("*.jar")}
    assert found == {"lib/a.jar", "plugin/mariadb/b.jar", "secrets-plugin/d.jar"}


def test_without_maven_it_is_said_where_the_archive_goes(folder, monkeypatch):
    monkeypatch.setattr(trino.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match=r"put trino-server-476.tar.gz into"):
        trino.server_home()


def test_the_configuration_is_one_node_with_a_file_for_each_catalog(folder):
    (folder / "trino" / "trino-server-476").mkdir(parents=True)
    (folder / "trino" / "trino-server-476" / ".ready").touch()
    main = trino.configure(folder / "etc", 8081, {"pg": {"connector.name": "postgresql"}})
    lines = main.read_text().splitlines()
    assert "discovery.uri=http://127.0.0.1:8081" in lines
    assert "node-scheduler.include-coordinator=true" in lines
    assert f"catalog.config-dir={folder / 'etc' / 'catalog'}" in lines
    catalog = folder / "etc" / "catalog" / "pg.properties"
    assert catalog.read_text() == "connector.name=postgresql\n"


class Line:
    def __init__(self, port):
        self.port = port


def test_catalogs_reach_the_servers_through_the_proxies_and_a_copy_of_the_file(tmp_path):
    (tmp_path / "all.duckdb").write_bytes(b"rows")
    stores = Stores(1, 2, tmp_path / "all.sqlite", tmp_path / "all.duckdb", "tpch_1_0")
    lines = {"postgresql": Line(71), "mysql": Line(72)}
    made = contenders.catalogs(stores, PLACEMENTS["D1"], lines)
    assert made["pg"]["connection-url"] == "jdbc:postgresql://127.0.0.1:71/tpch_1_0"
    assert made["my"]["connection-url"] == "jdbc:mariadb://127.0.0.1:72"
    assert made["my"]["connector.name"] == "mariadb"
    assert made["du"]["connection-url"] == f"jdbc:duckdb:{tmp_path / 'trino.duckdb'}"
    assert (tmp_path / "trino.duckdb").read_bytes() == b"rows"
    assert not any("password" in key for catalog in made.values() for key in catalog)


def test_trino_takes_no_part_where_a_table_lies_in_sqlite():
    asked = ["ours", "attach", "trino"]
    assert contenders.sides_for(PLACEMENTS["D1"], asked) == asked
    assert contenders.sides_for(PLACEMENTS["D3"], asked) == ["ours", "attach"]
