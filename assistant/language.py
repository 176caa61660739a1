"""Words and numbers in German and English: which language a question has, how values are said."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal

from catalog.semantic_model import Language

LOCALES = Path(__file__).parent / "locales"
BABEL = {"de": "de_CH", "en": "en_GB"}
CURRENCY = re.compile(r"[A-Z]{3}")
Number = int | float | Decimal
NOTHING = "–"
WORD = re.compile(r"[a-zäöüß]+")
GERMAN_WORDS = """
    der die das den dem des ein eine einen einem einer eines und oder wie viel viele was wer wo wann
    warum welche welcher welches welchen ist sind war waren haben hat hatten hatte wir uns unsere im
    am vom zum zur mit ohne nach pro je für von aus bei über unter letzten letztes letzte letzter
    dieses diesem jahr monat quartal woche gab gibt zeige zeig nenne anzahl umsatz kunden seit bis
    nicht auch noch nur mehr weniger als sich wurden wurde werden entwickelt entwickelten
"""
ENGLISH_WORDS = """
    the a an and or how many much what who where when why which is are was were have has had we our
    us in on at of for from with without by per to last this previous year month quarter week show
    list give number revenue customers since until not also only more less than did do does been be
    between compared versus our their most least
"""
GERMAN, ENGLISH = frozenset(GERMAN_WORDS.split()), frozenset(ENGLISH_WORDS.split())
GERMAN_ENDINGS = ("ungen", "ung", "keit", "schaft", "innen", "heit")


def detect_language(question: str) -> Language:
    """The language of a question by its function words and letters; German on a tie."""
    words = WORD.findall(question.lower())
    german = sum(word in GERMAN or word.endswith(GERMAN_ENDINGS) for word in words)
    german += 2 * any(letter in question.lower() for letter in "äöüß")
    english = sum(word in ENGLISH for word in words)
    return "en" if english > german else "de"


def text(key: str, language: Language, /, **values: object) -> str:
    """A text of the locale files, its placeholders filled.

    Raises:
        KeyError: The files have no such key, or a placeholder has no value.
    """
    return _texts(language)[key].format(**values)


def has_text(key: str, language: Language) -> bool:
    """True when the locale files have the key."""
    return key in _texts(language)


@cache
def _texts(language: Language) -> Mapping[str, str]:
    files = sorted(LOCALES.glob(f"*{language}.toml"))
    read = [tomllib.loads(file.read_text(encoding="utf-8")) for file in files]
    parts = [(part, texts) for raw in read for part, texts in raw.items()]
    return {f"{part}.{key}": value for part, texts in parts for key, value in texts.items()}


def format_number(value: Number | None, unit: str | None, language: Language) -> str:
    """A number as it is said: ``12,3 %``, ``CHF 1’235``, ``4,2``; a dash for null.

    Units are those of metrics: count, percent (0 to 100), ratio, points, days, seconds, or an ISO
    currency code.
    """
    if value is None:
        return NOTHING
    if unit is not None and CURRENCY.fullmatch(unit):
        digits = 0 if abs(float(value)) >= 1_000 else 2
        return f"{unit} {_digits(value, digits, language)}"
    if unit == "percent":
        space = "\u202f" if language == "de" else ""
        return f"{_digits(value, 1, language)}{space}%"
    if unit in ("days", "seconds"):
        return text(f"unit.{unit}", language, value=_digits(value, 1, language))
    return _digits(value, _decimals(value, unit), language)


def _decimals(value: Number, unit: str | None) -> int:
    if unit == "count":
        return 0
    if unit == "points":
        return 1
    return 0 if value == int(value) else 2


def _digits(value: Number, digits: int, language: Language) -> str:
    pattern = "#,##0" + (f".{'0' * digits}" if digits else "")
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    if not rounded:
        rounded = abs(rounded)  # no minus before a zero
    said: str = format_decimal(rounded, format=pattern, locale=BABEL[language])
    return said.replace(".", ",") if language == "de" else said


def format_value(value: Any, unit: str | None, language: Language) -> str:
    """Any cell as it is said; numbers by their unit, days in words, null as a dash."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return text("value.true" if value else "value.false", language)
    if isinstance(value, (int, float, Decimal)):
        return format_number(value, unit, language)
    if isinstance(value, datetime):
        return f"{format_value(value.date(), None, language)} {value:%H:%M}"
    if isinstance(value, date):
        return str(
            format_date(
                value, format="d. MMM y" if language == "de" else "d MMM y", locale=BABEL[language]
            )
        )
    if isinstance(value, timedelta):
        return format_number(value.total_seconds(), "seconds", language)
    return str(value)
