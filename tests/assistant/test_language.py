import re
import tomllib
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

import connectors.errors as errors
from assistant.language import detect_language, format_number, format_value, text

LOCALES = Path(__file__).parents[2] / "assistant" / "locales"


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Wie viele Kundinnen und Kunden haben gekündigt?", "de"),
        ("Umsatz pro Monat", "de"),
        ("Kündigungen", "de"),
        ("Tickets nach Region", "de"),
        ("How many customers cancelled last quarter?", "en"),
        ("Revenue by month", "en"),
        ("NPS", "de"),
        ("Which campaigns brought the most revenue per franc?", "en"),
    ],
)
def test_a_question_shows_its_language(question, language):
    assert detect_language(question) == language


@pytest.mark.parametrize(
    ("value", "unit", "german", "english"),
    [
        (1234567, "count", "1’234’567", "1,234,567"),
        (12.345, "percent", "12,3\u202f%", "12.3%"),
        (Decimal("1234.5"), "CHF", "CHF 1’235", "CHF 1,235"),
        (Decimal("99.5"), "CHF", "CHF 99,50", "CHF 99.50"),
        (8.987, "ratio", "8,99", "8.99"),
        (-0.0001, "points", "0,0", "0.0"),
        (75, "seconds", "75,0 Sekunden", "75.0 seconds"),
        (None, "count", "–", "–"),
        (3, None, "3", "3"),
    ],
)
def test_numbers_are_said_as_people_say_them(value, unit, german, english):
    assert format_number(value, unit, "de") == german
    assert format_number(value, unit, "en") == english


@pytest.mark.parametrize(
    ("value", "german", "english"),
    [
        (date(2026, 10, 31), "31. Okt. 2026", "31 Oct 2026"),
        (datetime(2026, 1, 2, 3, 4), "2. Jan. 2026 03:04", "2 Jan 2026 03:04"),
        (True, "ja", "yes"),
        (timedelta(seconds=5), "5,0 Sekunden", "5.0 seconds"),
        ("Romandie", "Romandie", "Romandie"),
    ],
)
def test_other_values_too(value, german, english):
    assert format_value(value, None, "de") == german
    assert format_value(value, None, "en") == english


def flat(language):
    raw = tomllib.loads((LOCALES / f"{language}.toml").read_text(encoding="utf-8"))
    return {f"{part}.{key}": value for part, texts in raw.items() for key, value in texts.items()}


def test_both_languages_say_the_same_things_with_the_same_placeholders():
    german, english = flat("de"), flat("en")
    assert german.keys() == english.keys()
    for key in german:
        assert set(re.findall(r"{(\w+)}", german[key])) == set(
            re.findall(r"{(\w+)}", english[key])
        ), key


def test_every_error_has_words_in_both_languages():
    codes = {
        e.code
        for e in vars(errors).values()
        if isinstance(e, type) and issubclass(e, errors.RundblickError)
    }
    for code in codes:
        assert text(f"errors.{code}", "de", silo="crm")
        assert text(f"errors.{code}", "en", silo="crm")


def test_an_unknown_key_is_an_error_of_ours():
    with pytest.raises(KeyError):
        text("nichts.da", "de")
