"""Thresholds in both languages: sign, number, unit."""

import pytest

from assistant.understanding.thresholds import thresholds


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("mehr als einmal bestellt", (">", 1, None, True)),
        ("mindestens drei Bestellungen", (">=", 3, None, False)),
        ("über 200 Franken", (">", 200, "CHF", False)),
        ("above CHF 200", (">", 200, "CHF", False)),
        ("länger als fünf Minuten", (">", 300, "seconds", False)),
        ("nur einmal", ("=", 1, None, True)),
        ("twice or more", (">=", 2, None, True)),
        ("two or more tickets", (">=", 2, None, False)),
        ("mehrmals angerufen", (">", 1, None, True)),
        ("at most 12", ("<=", 12, None, False)),
    ],
)
def test_a_threshold_has_sign_number_and_unit(text, found):
    (limit,) = thresholds(text)
    assert (limit.limit.operator, limit.limit.value, limit.unit, limit.times) == found


@pytest.mark.parametrize("text", ["nur zwei Regionen", "über eine Kampagne", "ab Mai", "unter uns"])
def test_other_words_are_no_threshold(text):
    assert thresholds(text) == ()
