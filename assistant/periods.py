"""Periods in a question: „letztes Quartal", "since March", "Q3 2026", and what to compare with."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from assistant.metric_query import Grain, Period
from assistant.period_forms import ONE_DAY, PATTERNS, add, full_before, start_of
from assistant.period_words import (
    ADVERBS,
    AGAINST,
    COMPARISONS,
    GROWING,
    MONTH,
    MONTHS,
    OVER_TIME,
    SAME,
    UNIT,
    UNITS,
)
from catalog.semantic_model import Language
from connectors.clock import Clock

PLAIN = rf"(?:(?:q[1-4]|[1-4]\.\s?quartal|{MONTH})(?:\s20\d\d)?|20\d\d)"
MOVES = (
    r"\bvo[nm] (?P<before>[1-4]\.) (?:auf|zum) (?:das |dem )?"
    r"(?P<now>[1-4]\.\s?quartal(?:\s20\d\d)?)",
    rf"\b(?:von|vom|from|between|zwischen)\s(?:dem |the )?(?P<before>{PLAIN})"
    rf"\s(?:auf|to|zum|and|und|bis)\s(?:das |dem |the )?(?P<now>{PLAIN})",
)


@dataclass(frozen=True)
class PeriodMatch:
    """What a question says about time.

    Attributes:
        period: None when it names only a grain.
        comparison: The period to compare with, when one is asked for.
        grain: Steps asked for, such as „pro Monat".
        spans: Places of the question that were understood, (start, end).
        assumed: True when only a comparison was named and `period` is the last full unit.
        shift: How far before the period the comparison lies; None for its own length.
    """

    period: Period | None
    comparison: Period | None = None
    grain: Grain | None = None
    spans: tuple[tuple[int, int], ...] = ()
    assumed: bool = False
    shift: Grain | None = None


def parse_period(question: str, clock: Clock, language: Language) -> PeriodMatch | None:
    """The period, comparison and grain of a question; None when it speaks of no time.

    Periods end before their `end`. „Last quarter" is the last full one; „last 12 months" are
    rolling and end today.
    """
    lowered = question.lower()
    spans: list[tuple[int, int]] = []
    comparing, shift = _comparison(lowered, spans)
    grain = _grain(lowered, spans)
    moved = None if comparing else _moved(lowered, clock.day(), language, spans)
    if moved is not None:
        return PeriodMatch(*moved, grain, tuple(sorted(spans)))
    comparison = None if comparing else _compared(lowered, clock.day(), language, spans)
    period = _period(lowered, clock.day(), language, spans)
    assumed = comparing and period is None
    if comparing:
        period = period or full_before(clock.day(), "month" if shift == "month" else "quarter", 1)
        period = replace(period, label=period.label or _label(period, language))
        comparison = shifted(period, shift, language)
    if period is None and grain is None:
        return None
    return PeriodMatch(period, comparison, grain, tuple(sorted(spans)), assumed, shift)


def further_periods(
    question: str, match: PeriodMatch | None, clock: Clock, language: Language
) -> list[tuple[Period, tuple[int, int]]]:
    """Periods named beside the first one, with their places; „that quarter" is the first again."""
    text = question.lower()
    spans = list(match.spans) if match else []
    found: list[tuple[Period, tuple[int, int]]] = []
    if match is not None and match.period is not None:
        for same in re.finditer(SAME, text):
            if not _taken(same, spans):
                spans.append(same.span())
                found.append((match.period, same.span()))
    while (period := _period(text, clock.day(), language, spans)) is not None:
        found.append((period, spans[-1]))
    return found


def _moved(
    text: str, today: date, language: Language, spans: list[tuple[int, int]]
) -> tuple[Period, Period] | None:
    """„Von Q2 auf Q3 2026 gewachsen": the later period and the one it is compared with."""
    if not re.search(GROWING, text):
        return None
    for pattern in MOVES:
        match = re.search(pattern, text)
        if match is None:
            continue
        before, now = match["before"], match["now"]
        if before.endswith("."):
            before += " quartal"
        year = re.search(r"20\d{2}", now)
        if year and not re.search(r"20\d{2}", before):
            before = f"{before} {year[0]}"
        periods = [_period(f"in {p}", today, language, []) for p in (now, before)]
        if periods[0] is not None and periods[1] is not None:
            spans.append(match.span())
            return periods[0], periods[1]
    return None


def _taken(match: re.Match[str], spans: list[tuple[int, int]]) -> bool:
    return any(a < match.end() and match.start() < b for a, b in spans)


def _period(
    text: str, today: date, language: Language, spans: list[tuple[int, int]]
) -> Period | None:
    """The first period found, longest forms first; its place is added to `spans`."""
    for pattern, make in PATTERNS:
        for match in re.finditer(pattern, text):
            if _taken(match, spans):
                continue
            period = make(match, today)
            if period is not None:
                spans.append(match.span())
                return replace(period, label=_label(period, language))
    return None


def _compared(
    text: str, today: date, language: Language, spans: list[tuple[int, int]]
) -> Period | None:
    """The period right behind „im Vergleich zu" or „than in"; its place is added to `spans`."""
    for against in re.finditer(AGAINST + r"\s", text):
        inner: list[tuple[int, int]] = []
        behind = text[against.end() :]
        if re.match(rf"{MONTH}", behind):
            behind = f"in {behind}"
            inner_shift = 3
        else:
            inner_shift = 0
        found = _period(behind, today, language, inner)
        if (
            found is not None
            and inner[0][0] == 0
            and _period(text[: against.start()], today, language, [])
        ):
            spans.append((against.start(), against.end() + inner[0][1] - inner_shift))
            return found
    return None


GRAINS: tuple[tuple[str, Grain], ...] = (
    (r"\b(?:pro|je|nach|per|by|each|every|jeden?|jedes|jede)\s(?:dem\s)?{unit}\b", "month"),
    (
        r"\b(?:pro|je|nach|per|by)\s[\w-]+(?:\s[\w-]+)?\s(?:und|and)\s(?P<last>(?:pro\s|je\s|nach\s|by\s|per\s)?{unit})\b",
        "month",
    ),
)


def _comparison(text: str, spans: list[tuple[int, int]]) -> tuple[bool, Grain | None]:
    """Whether a comparison is asked for, and by which unit; None means the period's own length."""
    for pattern, unit in COMPARISONS:
        match = re.search(pattern, text)
        if match:
            spans.append(match.span())
            return True, unit
    return False, None


def _grain(text: str, spans: list[tuple[int, int]]) -> Grain | None:
    for pattern, _ in GRAINS:
        match = re.search(pattern.replace("{unit}", UNIT), text)
        if match:
            also = re.search(OVER_TIME, text)
            spans += [also.span()] if also else []
            spans.append(match.span("last" if "last" in match.groupdict() else 0))
            return UNITS[
                match[match.lastindex or 1] if "last" not in match.groupdict() else match[2]
            ]
    for match in re.finditer(r"\w+", text):
        adverb = match[0] if match[0] in ADVERBS else re.sub(r"e[rsnm]?$", "", match[0])
        if adverb in ADVERBS:
            spans.append(match.span())
            return ADVERBS[adverb]
    match = re.search(OVER_TIME, text)
    if match:
        spans.append(match.span())
        return "month"
    return None


def shifted(period: Period, unit: Grain | None, language: Language) -> Period:
    """The same span one unit earlier; without a unit, the span right before."""
    if unit is None:
        earlier = previous(period)
    else:
        earlier = Period(add(period.start, unit, -1), add(period.end, unit, -1))
    return replace(earlier, label=_label(earlier, language))


def previous(period: Period) -> Period:
    """The period of the same length right before: whole months before whole months."""
    months = (period.end.year - period.start.year) * 12 + period.end.month - period.start.month
    if period.start.day == 1 and period.end.day == 1 and months:
        return Period(add(period.start, "month", -months), period.start)
    return Period(period.start - (period.end - period.start), period.start)


def _label(period: Period, language: Language) -> str:
    """The period as one says it: „3. Quartal 2026", "March 2026", "1.6.2026 – 31.10.2026"."""
    for unit in ("year", "quarter", "month"):
        whole = start_of(period.start, unit) == period.start
        if whole and add(period.start, unit, 1) == period.end:
            return _unit_label(period.start, unit, language)
    last = period.end - ONE_DAY
    parts = list(dict.fromkeys(_said(day, language) for day in (period.start, last)))
    return " – ".join(parts)


def _unit_label(start: date, unit: Grain, language: Language) -> str:
    if unit == "year":
        return str(start.year)
    if unit == "quarter":
        number = (start.month + 2) // 3
        return f"{number}. Quartal {start.year}" if language == "de" else f"Q{number} {start.year}"
    name = MONTHS[start.month - 1][0 if language == "de" else _english(start.month)]
    return f"{name.capitalize()} {start.year}"


def _english(month: int) -> int:
    """Place of the full English name among a month's names."""
    return {3: 2, 4: 0, 8: 0, 9: 0, 11: 0}.get(month, 1)


def _said(day: date, language: Language) -> str:
    if language == "de":
        return f"{day.day}.{day.month}.{day.year}"
    name = MONTHS[day.month - 1][_english(day.month)]
    return f"{day.day} {name.capitalize()} {day.year}"


def months(period: Period) -> Iterator[Period]:
    """The whole months that begin in a period."""
    start = period.start
    while start < period.end:
        end = add(start_of(start, "month"), "month", 1)
        yield Period(start, min(end, period.end))
        start = end


__all__ = [
    "PeriodMatch",
    "add",
    "further_periods",
    "months",
    "parse_period",
    "previous",
    "shifted",
]
