"""Keys become salted hashes; values stay behind."""

from collections.abc import Sequence

import pyarrow as pa
import pytest

from connectors.errors import EngineError
from connectors.keys import KeyHasher


def hashed(values: Sequence[object], key: str = "k", salt: str = "s") -> dict[int, int]:
    hasher = KeyHasher([key], salt)
    batch = pa.RecordBatch.from_pydict({"k": pa.array(values)})
    (found,) = hasher.hashed(batch)
    hasher.close()
    return dict(zip(found.hashes.tolist(), found.rows.tolist(), strict=True))


def test_equal_keys_have_one_hash_and_their_rows() -> None:
    assert sorted(hashed(["a", "b", "a", None]).values()) == [1, 2]
    assert hashed(["a"]).keys() < hashed(["a", "b"]).keys()


def test_a_key_of_another_type_is_the_same_as_text() -> None:
    assert hashed([7]) == hashed(["7"])


def test_an_expression_brings_two_spellings_together() -> None:
    assert hashed([" A", "a "], "lower(trim(k))").keys() == hashed(["a"]).keys()


def test_another_salt_makes_other_hashes() -> None:
    assert not hashed(["a", "b"]).keys() & hashed(["a", "b"], salt="t").keys()


def test_nothing_and_nulls_have_no_keys() -> None:
    assert hashed(pa.array([], pa.string())) == {}  # type: ignore[arg-type]
    assert hashed(pa.array([None, None], pa.string())) == {}  # type: ignore[arg-type]


def test_a_failure_names_no_value() -> None:
    with pytest.raises(EngineError) as caught:
        hashed(["secret-value"], "CAST(k AS INTEGER)")
    assert "secret-value" not in f"{caught.value!r} {caught.value.__cause__!r}"


def test_no_file_is_reached() -> None:
    with pytest.raises(EngineError):
        hashed(["a"], "(SELECT content FROM read_text('/etc/hostname'))")
