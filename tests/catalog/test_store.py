"""The store keeps versions, whole or not at all."""

import json
import os
import threading
from pathlib import Path

import pytest

from catalog.store import KEPT, Snapshot, Store
from connectors.errors import CatalogError, CatalogMissing
from connectors.schema import ColumnStats, ForeignKey, SiloSchema, Table
from tests.catalog.places import MOMENT, table

FULL = table(
    "crm.main.kunden",
    "id BIGINT",
    "größe DECIMAL(4, 1)",
    kind="view",
    comment="Wer kauft – «alle»",
    primary_key=("id",),
    foreign_keys=(ForeignKey(("id",), "main.other", ("key",)),),
    indexes=(("id", "größe"),),
    unique_keys=(("größe",),),
    row_estimate=7,
    stats={"größe": ColumnStats(0.25, 3, "1.5", "2.0", ("a",))},
    sensitivity={"id": "identifier"},
    newest=MOMENT,
)


def snapshot(*tables: Table) -> Snapshot:
    return Snapshot(0, MOMENT, SiloSchema(tables), {"crm": MOMENT})


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    store = Store(tmp_path / "new" / "folder")
    written = store.write(snapshot(FULL))
    read = store.latest()
    assert written.version == read.version == 1
    assert tuple(read.schema) == (FULL,)
    assert (read.read_at, read.silos) == (MOMENT, {"crm": MOMENT})


def test_no_version_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CatalogMissing) as caught:
        Store(tmp_path / "none").latest()
    assert caught.value.hint == "Run `rundblick catalog refresh`"


def test_versions_are_kept_up_to_a_number(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for _ in range(KEPT + 2):
        store.write(snapshot())
    assert store.versions() == tuple(range(3, KEPT + 3))
    assert not list(tmp_path.glob("*.part"))


def test_writers_at_once_each_get_a_version(tmp_path: Path) -> None:
    threads = [
        threading.Thread(target=Store(tmp_path).write, args=(snapshot(FULL),)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Store(tmp_path).versions() == tuple(range(1, 9))


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 9}', '{"format": 1, "tables": [{}]}'])
def test_a_broken_version_is_named(tmp_path: Path, text: str) -> None:
    store = Store(tmp_path)
    store.write(snapshot(FULL))
    (tmp_path / "catalog-000001.json").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError, match=r"catalog-000001\.json"):
        store.latest()


def test_a_half_written_file_is_no_version(tmp_path: Path) -> None:
    (tmp_path / "x.part").write_text("{", encoding="utf-8")
    (tmp_path / "feedback.jsonl").write_text("{}", encoding="utf-8")
    assert Store(tmp_path).versions() == ()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(CatalogError, match="cannot write"):
        Store(tmp_path / "file").write(snapshot())


def test_a_version_is_plain_json(tmp_path: Path) -> None:
    Store(tmp_path).write(snapshot(FULL))
    data = json.loads((tmp_path / "catalog-000001.json").read_text(encoding="utf-8"))
    assert data["tables"][0]["columns"][1]["name"] == "größe"


def test_what_a_killed_writer_left_is_dropped_in_time(tmp_path: Path) -> None:
    store = Store(tmp_path)
    old, young = tmp_path / "old.part", tmp_path / "young.part"
    old.write_text("{", encoding="utf-8")
    young.write_text("{", encoding="utf-8")
    os.utime(old, (0, 0))
    store.write(snapshot())
    assert (old.exists(), young.exists()) == (False, True)
