"""The vector index is a cache: built when missing, rebuilt when broken."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from catalog.documents import Document
from catalog.embeddings import Vectors
from catalog.vector_index import VectorIndex

DOCUMENTS = tuple(
    Document(kind, name, (name,), text, frozenset(tables))
    for kind, name, text, tables in (
        ("table", "crm.main.a", "aaaa", {"crm.main.a"}),
        ("table", "crm.main.b", "bbbb", {"crm.main.b"}),
        ("metric", "both", "aabb", {"crm.main.a", "crm.main.b"}),
        ("term", "word", "cccc", set()),
    )
)


class Letters:
    """Counts letters, and how often it was asked for documents."""

    name = "letters"
    built = 0

    def passages(self, texts: Sequence[str]) -> Vectors:
        self.built += 1
        return np.stack([self.query(text) for text in texts])

    def query(self, text: str) -> Vectors:
        counts = np.array([text.count(letter) + 0.01 for letter in "abc"], dtype=np.float32)
        return counts / np.linalg.norm(counts)


def opened(
    folder: Path, embedder: Letters, documents: tuple[Document, ...] = DOCUMENTS
) -> VectorIndex:
    index = VectorIndex(folder, embedder, documents)
    index.open()
    return index


def test_the_nearest_comes_first(tmp_path: Path) -> None:
    index = opened(tmp_path, Letters())
    assert index.ranked("aaa", None, 2) == [0, 2]
    assert index.ranked("c", None, 9)[0] == 3
    index.close()


def test_only_documents_whose_every_table_is_readable_are_found(tmp_path: Path) -> None:
    index = opened(tmp_path, Letters())
    assert index.ranked("aaa", frozenset({"crm.main.b"}), 9) == [1, 3]
    assert index.ranked("aaa", frozenset(), 9) == [3]
    index.close()


def test_a_second_opening_builds_nothing(tmp_path: Path) -> None:
    opened(tmp_path, Letters()).close()
    embedder = Letters()
    index = opened(tmp_path, embedder)
    assert embedder.built == 0
    assert index.ranked("b", None, 1) == [1]
    index.close()


def test_other_documents_or_another_model_have_an_index_of_their_own(tmp_path: Path) -> None:
    opened(tmp_path, Letters()).close()
    fewer, other = Letters(), Letters()
    other.name = "other"
    opened(tmp_path, fewer, DOCUMENTS[:2]).close()
    opened(tmp_path, other).close()
    assert (fewer.built, other.built) == (0, 1)  # vectors are kept per model and text


def test_a_missing_or_broken_index_is_rebuilt(tmp_path: Path) -> None:
    opened(tmp_path, Letters()).close()
    (path,) = (tmp_path / "vectors").glob("v-*")
    (path / "chroma.sqlite3").write_bytes(b"no database" * 500)
    embedder = Letters()
    index = opened(tmp_path, embedder)
    assert embedder.built == 0  # its vectors were kept apart
    assert index.ranked("b", None, 1) == [1]
    index.close()
    shutil.rmtree(tmp_path / "vectors")
    opened(tmp_path, embedder).close()
    assert embedder.built == 1


def test_no_documents_are_no_index(tmp_path: Path) -> None:
    index = opened(tmp_path, Letters(), ())
    assert index.ranked("a", None, 5) == []
    assert not (tmp_path / "vectors").exists()


def test_a_closed_index_finds_nothing(tmp_path: Path) -> None:
    index = opened(tmp_path, Letters())
    index.close()
    index.close()
    assert index.ranked("a", None, 5) == []


def test_documents_of_bare_names_are_left_to_the_words(tmp_path: Path) -> None:
    bare = Document("columns", "crm.main.a", ("x",), "aaaa", frozenset(), meaning=False)
    index = opened(tmp_path, Letters(), (bare, *DOCUMENTS))
    assert index.ranked("aaa", None, 2) == [1, 3]
    index.close()
