"""Sketches tell match rate and fan-out, exactly for small sets and closely for large ones."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.links_sketch import Figures, KeySketch, Tally
from connectors.keys import KeyCounts

K = 256


def counted(keys: np.ndarray) -> KeyCounts:
    """Numbers spread over the whole range, as a hash spreads keys."""
    mixed = keys.astype(np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    hashes, rows = np.unique(mixed, return_counts=True)
    return KeyCounts(hashes, rows.astype(np.int64))


def sketch(keys: np.ndarray, most: int = K, batch: int = 1_000) -> KeySketch:
    made = KeySketch(most, 4 * most)
    for start in range(0, len(keys), batch):
        made.add(counted(keys[start : start + batch]))
    return made


def figures(left: np.ndarray, right: np.ndarray, most: int = K) -> Figures:
    asked = sketch(left, most)
    tally = Tally(asked.wanted())
    for start in range(0, len(right), 1_000):
        tally.add(counted(right[start : start + 1_000]))
    return asked.figures(tally)


LISTS = st.lists(st.integers(1, 60), max_size=150)


@given(left=LISTS, right=LISTS)
def test_a_small_set_is_measured_exactly(left: list[int], right: list[int]) -> None:
    found = figures(np.array(left), np.array(right))
    matched = [key for key in left if key in right]
    distinct = set(left)
    assert found.method == "exact"
    assert found.match_rate == (len(matched) / len(left) if left else None)
    assert found.key_match_rate == (len(distinct & set(right)) / len(distinct) if left else None)
    partners = sum(right.count(key) for key in matched)
    assert found.fan_out == (pytest.approx(partners / len(matched)) if matched else None)


@settings(max_examples=40, deadline=None)
@given(share=st.floats(0, 1), fan_out=st.integers(1, 4), size=st.integers(5_000, 30_000))
def test_a_large_set_is_measured_within_its_error(share: float, fan_out: int, size: int) -> None:
    known = round(size * share)
    found = figures(np.arange(1, size + 1), np.repeat(np.arange(1, known + 1), fan_out))
    truth = known / size
    spread = sqrt(truth * (1 - truth))
    assert found.method == "sketch"
    # Six standard errors: one example in some hundred million goes beyond.
    assert found.key_match_rate == pytest.approx(truth, abs=6 * spread / sqrt(K) + 0.02)
    assert found.match_rate == pytest.approx(truth, abs=6 * spread / sqrt(4 * K) + 0.02)
    assert found.fan_out in (fan_out, None)


@settings(max_examples=40, deadline=None)
@given(left=st.integers(0, 5_000), both=st.integers(0, 5_000), right=st.integers(0, 5_000))
def test_two_sketches_estimate_containment_both_ways(left: int, both: int, right: int) -> None:
    a = sketch(np.arange(1, left + both + 1), 1_024)
    b = sketch(np.arange(left + 1, left + both + right + 1), 1_024)
    for one, other, size in ((a, b, left + both), (b, a, both + right)):
        found = one.contained_in(other)
        if size == 0:
            assert found is None
        elif found is not None:
            compared = max(1.0, 1_024 * size / (left + both + right))
            assert found == pytest.approx(both / size, abs=3 / sqrt(compared) + 0.02)


@settings(max_examples=40, deadline=None)
@given(size=st.integers(0, 30_000))
def test_distinct_keys_are_estimated(size: int) -> None:
    made = sketch(np.arange(1, size + 1))
    assert made.whole == (size <= K)
    assert made.distinct == pytest.approx(size, rel=0 if made.whole else 6 / sqrt(K))


@given(keys=st.lists(st.integers(1, 40), max_size=80), batch=st.integers(1, 80))
def test_the_batches_do_not_matter(keys: list[int], batch: int) -> None:
    whole, parted = sketch(np.array(keys), 8), sketch(np.array(keys), 8, batch)
    assert (whole.hashes == parted.hashes).all()
    assert (whole.counts == parted.counts).all()
    assert whole.rows == parted.rows == len(keys)


def test_a_key_in_a_third_of_all_rows_is_not_missed() -> None:
    left = np.concatenate([np.arange(2, 20_002), np.repeat(1, 10_000)])
    found = figures(left, np.array([1]))
    assert found.match_rate == pytest.approx(1 / 3, abs=0.09)
    assert found.key_match_rate == pytest.approx(0, abs=0.02)


def test_a_small_left_side_is_measured_against_a_huge_right_one() -> None:
    assert figures(np.arange(1, 41), np.arange(21, 50_000)).match_rate == 0.5


def test_a_set_is_contained_in_itself() -> None:
    made = sketch(np.arange(1, 9_000))
    assert made.contained_in(made) == 1
    assert figures(np.arange(1, 9_000), np.arange(1, 9_000)) == Figures(1, 1, 1, "sketch")


def test_an_empty_side_has_no_figures() -> None:
    assert figures(np.array([]), np.arange(9)) == Figures(None, None, None, "exact")
    assert figures(np.arange(1, 9), np.array([])) == Figures(0, 0, None, "exact")
    assert KeySketch().contained_in(KeySketch()) is None
    assert KeySketch().distinct == 0
