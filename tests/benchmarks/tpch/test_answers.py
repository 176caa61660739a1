"""Two answers are the same when only ties and the last digits of sums differ."""

import pytest

from benchmarks.tpch.answers import difference, same


def test_numbers_may_differ_in_their_last_digits_only():
    assert same([["a", "1.00000000001"]], [["a", "1"]], [])
    assert not same([["a", "1.0001"]], [["a", "1"]], [])


def test_rows_without_an_order_may_change_places():
    assert same([["a"], ["b"]], [["b"], ["a"]], [])


def test_rows_with_an_order_may_change_places_only_when_they_tie():
    tied = [["x", "1"], ["y", "1"]]
    assert same(tied, tied[::-1], [1])
    assert not same([["x", "1"], ["y", "2"]], [["y", "2"], ["x", "1"]], [1])


@pytest.mark.parametrize("got", [[["a"]], [["a"], ["b"], ["b"]], [["a"], ["B"]]])
def test_missing_further_and_other_rows_are_seen(got):
    assert not same(got, [["a"], ["b"]], [])


def test_a_row_twice_is_not_two_rows():
    assert not same([["a"], ["a"], ["b"]], [["a"], ["b"], ["b"]], [])


def test_a_difference_names_a_row_of_each_side():
    assert difference([["a"], ["c"]], [["a"], ["b"]]) == (
        "2 rows, expected 2; only here ('c',); missing ('b',)"
    )


def test_a_rounded_answer_counts_to_the_digits_it_has():
    assert same([["a", "25.51"]], [["a", "25.5132"]], [], rounded=True)
    assert not same([["a", "25.51"]], [["a", "25.5132"]], [])
    assert not same([["a", "25.52"]], [["a", "25.5132"]], [], rounded=True)
    assert not same([["a", "25"]], [["a", "25.4"]], [], rounded=True)
