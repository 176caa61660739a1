"""Misspelt words, real words, compounds."""

import pytest

from assistant.understanding.spelling import split_compounds
from assistant.understanding.words import tokens
from tests.assistant.understanding.demo_reader import READER, clear, read

SPELLER = READER.speller


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("Umsaz nach Regoin", "umsatz nach region"),
        ("Kündigugen im letzen Monat", "kuendigungen im letzten Monat"),
        ("revnue last quarter", "revenue last quarter"),
    ],
)
def test_misspelt_words_are_set_right(written, read_as):
    assert SPELLER.correct(written).text == read_as


@pytest.mark.parametrize(
    "word", ["Marge", "Bewerbungen", "Germany", "profit", "Reisen", "gestartet", "Kunst"]
)
def test_a_real_word_is_no_misspelling(word):
    assert SPELLER.correct(word).changes == ()


@pytest.mark.parametrize(
    ("word", "parts"),
    [("Umsatzanteil", ["Umsatz", "anteil"]), ("Gesamtumsatz", ["umsatz"]), ("Mitarbeiter", None)],
)
def test_compounds_of_known_words_are_their_parts(word, parts):
    found = [token.text for token in split_compounds(tokens(word), SPELLER)]
    assert found == (parts or [word])


def test_a_correction_is_told():
    reading = read("Umsaz nach Region")
    assert clear(reading)
    assert reading.corrected == (("Umsaz", "umsatz"),)
    assert reading.signals.corrected == 1
