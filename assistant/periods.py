"""Periods in a question: „letztes Quartal", "since March", "Q3 2026", and what to compare with."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from assistant.metric_query import Grain, Period
from assistant.period_words import (
    ADVERBS,
    AGAINST,
    BEFORE,
    COMPARISONS,
    COUNT,
    COUNTS,
    DAY,
    FROM,
    HALF,
    LAST,
    MONTH,
    MONTH_NUMBERS,
    MONTHS,
    ORDINALS,
    OVER_TIME,
    QUARTER,
    THIS,
    UNIT,
    UNITS,
    UNTIL,
    YEAR_BEHIND,
)
from catalog.semantic_model import Language
from connectors.clock import Clock

ONE_DAY = timedelta(days=1)


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
    comparison = None if comparing else _compared(lowered, clock.day(), language, spans)
    period = _period(lowered, clock.day(), language, spans)
    assumed = comparing and period is None
    if comparing:
        period = period or _full_before(clock.day(), "month" if shift == "month" else "quarter", 1)
        period = replace(period, label=period.label or _label(period, language))
        comparison = shifted(period, shift, language)
    if period is None and grain is None:
        return None
    return PeriodMatch(period, comparison, grain, tuple(sorted(spans)), assumed, shift)


def _period(
    text: str, today: date, language: Language, spans: list[tuple[int, int]]
) -> Period | None:
    """The first period found, longest forms first; its place is added to `spans`."""
    for pattern, make in PATTERNS:
        for match in re.finditer(pattern, text):
            if any(a < match.end() and match.start() < b for a, b in spans):
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
        found = _period(text[against.end() :], today, language, inner)
        if (
            found is not None
            and inner[0][0] == 0
            and _period(text[: against.start()], today, language, [])
        ):
            spans.append((against.start(), against.end() + inner[0][1]))
            return found
    return None


def _start_of(day: date, unit: Grain) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return date(day.year, 1, 1) if unit == "year" else day


def add(day: date, unit: Grain, count: int) -> date:
    """A day moved by whole units; the 31st becomes the last day of a shorter month."""
    if unit in ("day", "week"):
        return day + timedelta(days=count * (7 if unit == "week" else 1))
    months = count * {"month": 1, "quarter": 3, "year": 12}[unit]
    total = day.year * 12 + day.month - 1 + months
    year, month = divmod(total, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - ONE_DAY).day
    return date(year, month + 1, min(day.day, last))


def _full_before(today: date, unit: Grain, count: int) -> Period:
    """The full unit that ended `count` units ago."""
    end = add(_start_of(today, unit), unit, 1 - count)
    return Period(add(end, unit, -1), end)


def _rolling(match: re.Match[str], today: date) -> Period:
    word = match[1]
    count = COUNTS.get(word) or int(word)
    end = today + ONE_DAY
    return Period(add(end, UNITS[match[2]], -count), end)


def _last(match: re.Match[str], today: date) -> Period:
    return _full_before(today, UNITS[match[1]], 1)


def _before_last(match: re.Match[str], today: date) -> Period:
    return _full_before(today, UNITS[match[1] or match[2]], 2)


def _this(match: re.Match[str], today: date) -> Period:
    return Period(_start_of(today, UNITS[match[1]]), today + ONE_DAY)


def _year_to_date(match: re.Match[str], today: date) -> Period:
    return Period(date(today.year, 1, 1), today + ONE_DAY)


def _quarter(match: re.Match[str], today: date) -> Period:
    return _part_of_year(match, today, 3)


def _half(match: re.Match[str], today: date) -> Period:
    return _part_of_year(match, today, 6)


def _part_of_year(match: re.Match[str], today: date, months: int) -> Period:
    """A numbered part of a year; without a year the last one that has begun."""
    word = next(group for group in match.groups()[:4] if group)
    number = ORDINALS.get(word) or int(word)
    year = _named_year(match.groups()[4], today)
    start = date(year or today.year, months * (number - 1) + 1, 1)
    if not year and start > today:
        start = add(start, "year", -1)
    return Period(start, add(start, "month", months))


def _named_year(text: str | None, today: date) -> int | None:
    """``2025``, „this year" or „letzten Jahres" as a number."""
    if not text:
        return None
    if text.isdigit():
        return int(text)
    return today.year if re.search(r"this|dieses", text) else today.year - 1


def _month(match: re.Match[str], today: date) -> Period:
    number, year = MONTH_NUMBERS[match[1]], _named_year(match[2], today)
    start = date(year or today.year, number, 1)
    if not year and start > today:
        start = add(start, "year", -1)
    return Period(start, add(start, "month", 1))


def _months(match: re.Match[str], today: date) -> Period:
    """From one month to another, both included."""
    last_year = int(match[4]) if match[4] else today.year
    end = add(date(last_year, MONTH_NUMBERS[match[3]], 1), "month", 1)
    start = date(int(match[2]) if match[2] else last_year, MONTH_NUMBERS[match[1]], 1)
    return Period(start if start < end else add(start, "year", -1), end)


def _year(match: re.Match[str], today: date) -> Period:
    year = int(match[1])
    return Period(date(year, 1, 1), date(year + 1, 1, 1))


def _since(match: re.Match[str], today: date) -> Period | None:
    day = _day(match[1], today)
    return Period(day, today + ONE_DAY) if day else None


def _since_month(match: re.Match[str], today: date) -> Period:
    return Period(_month(match, today).start, today + ONE_DAY)


def _since_year(match: re.Match[str], today: date) -> Period:
    return Period(date(int(match[1]), 1, 1), today + ONE_DAY)


def _between(match: re.Match[str], today: date) -> Period | None:
    days = [group for group in match.groups() if group and any(c.isdigit() for c in group)]
    first, last = _day(days[0], today), _day(days[-1], today)
    if first is None or last is None or last < first:
        return None
    return Period(first, last + ONE_DAY)


def _on_day(match: re.Match[str], today: date) -> Period | None:
    day = _day(match[1], today)
    return Period(day, day + ONE_DAY) if day else None


def _day(text: str, today: date) -> date | None:
    """A written day; without a year the last one that has come."""
    numbers = [int(part) for part in re.findall(r"\d+", text)]
    month = next((n for name, n in MONTH_NUMBERS.items() if re.search(rf"\b{name}\b", text)), 0)
    try:
        if re.match(r"\d{4}-", text):
            return date(*numbers)
        if not month:
            return date(numbers[2], numbers[1], numbers[0])
        if len(numbers) > 1:
            return date(numbers[1], month, numbers[0])
        day = date(today.year, month, numbers[0])
        return day if day <= today else add(day, "year", -1)
    except ValueError:
        return None


def _yesterday(match: re.Match[str], today: date) -> Period:
    return Period(today - ONE_DAY, today)


def _today(match: re.Match[str], today: date) -> Period:
    return Period(today, today + ONE_DAY)


Make = Callable[[re.Match[str], date], Period | None]
PATTERNS: tuple[tuple[str, Make], ...] = (
    (rf"\b{FROM}\s{DAY}\s{UNTIL}\s{DAY}", _between),
    (rf"\b{FROM}\s{MONTH}(?:\s(\d{{4}}))?\s{UNTIL}\s{MONTH}(?:\s(\d{{4}})\b)?", _months),
    (rf"\b(?:seit|ab|since)\s(?:dem\s)?{DAY}", _since),
    (rf"\b(?:seit|ab|since)\s(?:anfang\s)?{MONTH}(?:\s(\d{{4}})\b)?", _since_month),
    (r"\b(?:seit jahresbeginn|seit anfang jahr|jahr bis heute|year to date|ytd|so far this year)\b",
     _year_to_date),
    (r"\b(?:seit|ab|since)\s(20\d{2})\b", _since_year),
    (rf"\b{BEFORE}?{LAST}\s{COUNT}\s{UNIT}\b", _rolling),
    (rf"\b(?:im |in |the |des |in the )?{QUARTER}{YEAR_BEHIND}\b", _quarter),
    (rf"\b(?:im |in |the |des |der |in the |in der )?{HALF}{YEAR_BEHIND}\b", _half),
    (rf"\b(?:im |in |of )?{MONTH}\s(?:of )?"
     r"(20\d{2}|this year|last year|(?:dieses|letzten|vergangenen) jahres)\b", _month),
    (rf"\b(?:im |in der |the )?(?:vorletzte[snmr]?\s{UNIT}|{UNIT} before last)\b", _before_last),
    (rf"\b(?:im |in der |am |des |in the |the )?{LAST}\s{UNIT}\b", _last),
    (rf"\b(?:im |in |in der |des )?{THIS}\s{UNIT}\b",
     _this),
    (rf"\b(?:am |on |vom )?{DAY}", _on_day),
    (rf"\b(?:im |in )(?:monat )?{MONTH}()(?!\w)", _month),
    (r"(?<![\w.-])(?:im jahr |in |im |für |for |of )?(20[12]\d)\b", _year),
    (r"\b(?:gestern|yesterday)\b", _yesterday),
    (r"\b(?:heute|today)\b", _today),
)  # fmt: skip
GRAINS: tuple[tuple[str, Grain], ...] = (
    (r"\b(?:pro|je|nach|per|by|each|every|jeden?|jedes|jede)\s(?:dem\s)?{unit}\b", "month"),
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
            spans.append(match.span())
            return UNITS[match[1]]
    for match in re.finditer(r"\w+", text):
        if match[0] in ADVERBS:
            spans.append(match.span())
            return ADVERBS[match[0]]
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
        whole = _start_of(period.start, unit) == period.start
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
        end = add(_start_of(start, "month"), "month", 1)
        yield Period(start, min(end, period.end))
        start = end


__all__ = ["PeriodMatch", "add", "months", "parse_period", "previous", "shifted"]
