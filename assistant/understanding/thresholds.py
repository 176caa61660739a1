"""Thresholds of a question: „mehr als einmal", "at least three", „über 200 Franken"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from assistant.metric_query import MetricFilter
from assistant.understanding.markers import NUMBERS
from assistant.understanding.words import fold

Sign = Literal["<", "<=", ">", ">=", "="]
TIMES = {
    "einmal": 1, "einziges mal": 1, "einzige": 1, "once": 1, "zweimal": 2, "twice": 2,
    "dreimal": 3, "viermal": 4, "fuenfmal": 5, "zehnmal": 10,
}  # fmt: skip
ONE = {"ein": 1, "eine": 1, "einer": 1, "einem": 1, "einen": 1, "one": 1, "a": 1}
UNIT_SIZES = {
    "sekunde": ("seconds", 1), "second": ("seconds", 1), "minute": ("seconds", 60),
    "stunde": ("seconds", 3600), "hour": ("seconds", 3600), "franken": ("CHF", 1),
    "franc": ("CHF", 1), "chf": ("CHF", 1),
}  # fmt: skip
SIGNS: dict[str, Sign] = {
    "mehr als": ">", "länger als": ">", "höher als": ">", "grösser als": ">", "über": ">",
    "mindestens": ">=", "wenigstens": ">=", "ab": ">=", "weniger als": "<", "kürzer als": "<",
    "tiefer als": "<", "kleiner als": "<", "unter": "<", "höchstens": "<=", "maximal": "<=",
    "genau": "=", "nur": "=", "exakt": "=", "bis zu": "<=",
    "more than": ">", "longer than": ">", "higher than": ">", "greater than": ">",
    "larger than": ">", "over": ">", "above": ">", "at least": ">=", "a minimum of": ">=",
    "less than": "<", "fewer than": "<", "shorter than": "<", "lower than": "<", "below": "<",
    "under": "<", "at most": "<=", "no more than": "<=", "up to": "<=", "exactly": "=",
    "only": "=", "just": "=",
}  # fmt: skip
# „nur zwei Regionen" may be a choice of two: these need a word that counts times.
TIMES_ONLY = frozenset({"nur", "only", "just", "ab"})
SPELLED = "|".join(["fünf", "zwölf", "fünfmal", *NUMBERS, *TIMES, *ONE])
WORDS = "|".join(sorted(SIGNS, key=len, reverse=True))
UNITS = r"sekunde|second|minute|stunde|hour|franken|franc|chf"
LIMIT = re.compile(
    rf"\b(?P<word>{WORDS})\s+(?:von\s)?(?P<currency>chf\s)?(?P<number>\d[\d.,]*|(?:{SPELLED})\b)"
    rf"(?![\w-])(?:\s(?P<times>mal|times)\b)?(?:\s(?P<unit>{UNITS})[ns]?\b)?",
    re.IGNORECASE,
)
BARE_TIMES = re.compile(
    r"\b(?P<number>zweimal|dreimal|viermal|twice"
    r"|(?:\d+|two|three|four|zwei|drei|vier) ?(?:mal|times))"
    r"(?P<more>\s(?:oder (?:mehr|öfter|häufiger)|or more))?\b",
    re.IGNORECASE,
)
OR_MORE = re.compile(rf"\b(?P<number>\d+|{SPELLED})\s(?:oder mehr|or more)\b", re.IGNORECASE)
AGAIN = re.compile(
    r"\b(?:mehrfach|mehrmals|wiederholt|nochmals|repeatedly|multiple times|several times"
    r"|more than a single time)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Threshold:
    """„Länger als fünf Minuten": the sign, the number in its unit, and the place in the text.

    Attributes:
        limit: The filter, on a metric still to be named.
        unit: ``seconds``, a currency or None when none was said; the number is in it.
        times: True for „once" or „zweimal".
    """

    limit: MetricFilter
    unit: str | None
    times: bool
    span: tuple[int, int]


def thresholds(question: str) -> tuple[Threshold, ...]:
    """All thresholds of a question in order of place; none overlap."""
    found: list[Threshold] = []
    for threshold in _all(question):
        inside = any(a < threshold.span[1] and threshold.span[0] < b for a, b in _spans(found))
        if not inside:
            found.append(threshold)
    return tuple(sorted(found, key=lambda t: t.span))


def _spans(found: list[Threshold]) -> list[tuple[int, int]]:
    return [threshold.span for threshold in found]


def _all(question: str) -> Iterator[Threshold]:
    for match in BARE_TIMES.finditer(question):
        word = re.sub(r" ?(mal|times)$", "", match["number"].lower()) or match["number"]
        sign: Sign = ">=" if match["more"] else "="
        yield Threshold(MetricFilter("", sign, _number(word)), None, True, match.span())
    for match in OR_MORE.finditer(question):
        yield Threshold(MetricFilter("", ">=", _number(match["number"])), None, False, match.span())
    for match in LIMIT.finditer(question):
        made = _limit(match)
        if made is not None:
            yield made
    for match in AGAIN.finditer(question):
        yield Threshold(MetricFilter("", ">", 1), None, True, match.span())


def _limit(match: re.Match[str]) -> Threshold | None:
    word, said = match["word"].lower(), fold(match["number"])
    times = said in TIMES or bool(match["times"])
    if (word in TIMES_ONLY or said in ONE) and not (times or said in ("one", "1")):
        return None
    if word in TIMES_ONLY and not times:
        return None
    unit, size = UNIT_SIZES.get(
        (match["unit"] or match["currency"] or "").strip().lower(), (None, 1)
    )
    if word in ("über", "unter", "over", "under") and unit is None and said in ONE:
        return None  # „über eine Kampagne"
    return Threshold(MetricFilter("", SIGNS[word], size * _number(said)), unit, times, match.span())


def _number(said: str) -> float:
    said = fold(said)
    spelled = NUMBERS.get(said, TIMES.get(said, ONE.get(said)))
    if spelled is not None:
        return float(spelled)
    if said.removesuffix("mal") in NUMBERS:
        return float(NUMBERS[said.removesuffix("mal")])
    digits = re.sub(r"['’,]|\.(?=\d{3}\b)", "", said.rstrip(".,"))
    return float(digits)
