"""Vectors are computed once per model and text, whatever happens to the file."""

from pathlib import Path

import numpy as np
import pytest

from catalog.catalog import Catalog
from catalog.embedding_cache import BATCH, KEPT_PER_WANTED, EmbeddingCache
from catalog.refresh import refresh
from tests.catalog.places import settings, sqlite_silo
from tests.catalog.test_vector_index import Letters


def test_only_new_texts_are_computed(tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path / "new" / "e.sqlite3")
    first, computed = cache.passages(Letters(), ["aa", "b", "aa"])
    again, more = cache.passages(Letters(), ["c", "b", "aa"])
    assert (computed, more) == (2, 1)
    assert np.array_equal(first[0], first[2])
    assert np.array_equal(first[1], again[1])
    assert again[0].argmax() == 2


def test_another_model_has_vectors_of_its_own(tmp_path: Path) -> None:
    cache, other = EmbeddingCache(tmp_path / "e.sqlite3"), Letters()
    other.name = "other"
    cache.passages(Letters(), ["a"])
    assert cache.passages(other, ["a"])[1] == 1


def test_a_broken_file_is_computed_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cache = EmbeddingCache(tmp_path / "e.sqlite3")
    cache.passages(Letters(), ["a"])
    (tmp_path / "e.sqlite3").write_bytes(b"no database" * 500)
    assert cache.passages(Letters(), ["a"])[1] == 1
    assert cache.passages(Letters(), ["a"])[1] == 0
    assert "are broken" in caplog.text


def test_finished_batches_stay_when_the_model_fails_later(tmp_path: Path) -> None:
    class Failing(Letters):
        def passages(self, texts: list[str]) -> np.ndarray:  # type: ignore[override]
            if self.built:
                raise RuntimeError("down")
            return super().passages(texts)

    cache, texts = EmbeddingCache(tmp_path / "e.sqlite3"), [f"a{n}" for n in range(BATCH + 5)]
    with pytest.raises(RuntimeError):
        cache.passages(Failing(), texts)
    assert cache.passages(Letters(), texts)[1] == 5


def test_vectors_nobody_asks_for_leave_in_time(tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path / "e.sqlite3")
    cache.passages(Letters(), [f"a{n}" for n in range(KEPT_PER_WANTED * BATCH + 1)])
    cache.passages(Letters(), ["a1"])
    assert cache.passages(Letters(), ["a1", "a2"])[1] == 1


def test_one_changed_table_is_one_document_to_embed(tmp_path: Path) -> None:
    tables = [f"CREATE TABLE t{n} (name TEXT)" for n in range(5)]
    made = settings(tmp_path, sqlite_silo(tmp_path, "crm", *tables))
    assert refresh(made, profile=False).embedded == 5
    assert refresh(made, profile=False).embedded == 0
    sqlite_silo(tmp_path, "crm", "ALTER TABLE t3 ADD COLUMN umsatz REAL")
    assert refresh(made, profile=False).embedded == 1
    catalog = Catalog.open(made)
    assert catalog.search("umsatz", "de", limit=1).tables[0].name == "t3"
    catalog.close()
