"""Rows are compared as people would: any order, any rounding, labels anywhere."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import Answer, ModelUse
from assistant.evaluation.scoring import Difference, difference, outcome, same

LABELS = st.one_of(st.none(), st.sampled_from(["Zürich", "Bern", "Genève"]), st.dates())
NUMBERS = st.one_of(
    st.integers(-(10**6), 10**6), st.floats(-1e6, 1e6), st.decimals(-99, 99, places=2)
)
TABLES = st.lists(st.tuples(LABELS, LABELS, NUMBERS, NUMBERS), max_size=8)


@given(TABLES, st.randoms(use_true_random=False))
def test_rows_are_the_same_in_any_order(rows, chance):
    mixed = chance.sample(rows, len(rows))
    assert difference(mixed, rows) is None


@given(TABLES)
def test_numbers_may_differ_by_a_millionth_of_their_size(rows):
    nudged = [(a, b, float(x) * (1 + 5e-7), float(y) * (1 - 5e-7)) for a, b, x, y in rows]
    assert difference(nudged, rows) is None


@given(TABLES)
def test_columns_of_labels_may_stand_anywhere(rows):
    assert difference([(x, b, y, a) for a, b, x, y in rows], rows) is None


@given(TABLES.filter(bool), NUMBERS)
def test_one_other_number_is_a_difference(rows, by):
    (a, b, x, y), *others = rows
    found = difference([(a, b, float(x) + abs(float(by)) + 10, y), *others], rows)
    assert found is not None
    assert len(found.missing) == len(found.extra) >= 1


@given(TABLES.filter(bool))
def test_a_row_too_many_or_too_few_is_a_difference(rows):
    assert difference([*rows, rows[0]], rows) is not None
    assert difference(rows[1:], rows) is not None


def test_a_label_gold_lacks_is_allowed_a_number_is_not():
    gold = [("BE", 5), ("ZH", 7)]
    assert same([("Bern", "BE", 5), ("Zürich", "ZH", 7)], gold)
    assert not same([("BE", 5, 41.7), ("ZH", 7, 58.3)], gold)


def test_numbers_stand_in_golds_order():
    assert not same([("BE", 4, 5)], [("BE", 5, 4)])


def test_labels_swapped_within_a_row_are_a_difference():
    gold = [("a", "b", 1), ("b", "a", 2), ("a", "a", 3)]
    assert same([("b", "a", 1), ("a", "b", 2), ("a", "a", 3)], gold)  # the two columns, swapped
    assert not same([("b", "a", 1), ("b", "a", 2), ("a", "a", 3)], gold)


def test_order_counts_only_when_the_question_is_ordered():
    assert difference([("b", 1), ("a", 2)], [("a", 2), ("b", 1)]) is None
    found = difference([("b", 1), ("a", 2)], [("a", 2), ("b", 1)], ordered=True)
    assert found == Difference((("a", 2.0), ("b", 1.0)), (("b", 1.0), ("a", 2.0)), 2, 2)


@pytest.mark.parametrize(
    ("value", "like"),
    [
        (Decimal("1.50"), 1.5),
        (datetime(2026, 7, 1), date(2026, 7, 1)),
        (date(2026, 7, 1), "2026-07-01"),
        (True, "True"),
        (float("nan"), None),
    ],
)
def test_a_value_may_have_another_type(value, like):
    assert same([(value,)], [(like,)])


def test_null_is_neither_zero_nor_empty_text():
    assert not same([(None,)], [(0,)])
    assert not same([(None,)], [("",)])
    assert not same([(None,)], [("None",)])


def test_no_rows_are_only_no_rows():
    assert same([], [])
    assert not same([], [(1,)])
    assert not same([(1,)], [])


@pytest.mark.parametrize(
    ("status", "expected", "differs", "named"),
    [
        ("answered", "answered", None, "right"),
        ("answered", "answered", Difference((), (), 1, 2), "wrong"),
        ("refused", "answered", None, "refused"),
        ("clarify", "answered", None, "clarified"),
        ("error", "answered", None, "error"),
        ("answered", "refused", None, "wrong"),
        ("refused", "refused", None, "right"),
        ("clarify", "clarify", None, "right"),
        ("refused", "clarify", None, "refused"),
        ("clarify", "refused", None, "clarified"),
        ("error", "refused", None, "error"),
    ],
)
def test_an_outcome_follows_from_status_and_rows(status, expected, differs, named):
    answer = Answer(status, "Was?", "de", "", "t", ModelUse("none"))
    assert outcome(answer, expected, differs) == named
