"""How periods are written: one pattern and one maker for each form, longest forms first."""

import re
from collections.abc import Callable
from datetime import date, timedelta

from assistant.metric_query import Grain, Period
from assistant.period_words import (
    BEFORE,
    COUNT,
    COUNTS,
    DAY,
    FROM,
    HALF,
    LAST,
    MONTH,
    MONTH_NUMBERS,
    ORDINALS,
    QUARTER,
    THIS,
    TO_DATE,
    UNIT,
    UNITS,
    UNTIL,
    YEAR_BEHIND,
)

ONE_DAY = timedelta(days=1)
BEGINNING = date(1900, 1, 1)


def start_of(day: date, unit: Grain) -> date:
    """The first day of the unit a day is in; weeks begin on Monday."""
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


def full_before(today: date, unit: Grain, count: int) -> Period:
    """The full unit that ended `count` units ago."""
    end = add(start_of(today, unit), unit, 1 - count)
    return Period(add(end, unit, -1), end)


def _rolling(match: re.Match[str], today: date) -> Period:
    word = match[1]
    count = COUNTS.get(word) or int(word)
    end = today + ONE_DAY
    return Period(add(end, UNITS[match[2]], -count), end)


def _last(match: re.Match[str], today: date) -> Period:
    return full_before(today, UNITS[match[1]], 1)


def _prior_year(match: re.Match[str], today: date) -> Period:
    return full_before(today, "year", 1)


def _prior_month(match: re.Match[str], today: date) -> Period:
    return full_before(today, "month", 1)


def _prior_quarter(match: re.Match[str], today: date) -> Period:
    return full_before(today, "quarter", 1)


def _before_last(match: re.Match[str], today: date) -> Period:
    return full_before(today, UNITS[match[1] or match[2]], 2)


def _this(match: re.Match[str], today: date) -> Period:
    return Period(start_of(today, UNITS[match[1]]), today + ONE_DAY)


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


def _within_month(match: re.Match[str], today: date) -> Period | None:
    """„Zwischen dem 1. und 15. Oktober 2026"."""
    last = _day(match[2], today)
    try:
        first = last.replace(day=int(match[1])) if last else None
    except ValueError:
        return None
    return Period(first, last + ONE_DAY) if first and last and first <= last else None


def _month_first_range(match: re.Match[str], today: date) -> Period | None:
    """Of the form "October 1 to 15, 2026" or "May 3 to June 2"."""
    year = match[5] or ""
    first = _day(f"{match[2]} {match[1]} {year}".strip(), today)
    last = _day(f"{match[4]} {match[3] or match[1]} {year}".strip(), today)
    return Period(first, last + ONE_DAY) if first and last and first <= last else None


def _month_first(match: re.Match[str], today: date) -> Period | None:
    day = _day(f"{match[2]} {match[1]} {match[3]}", today)
    return Period(day, day + ONE_DAY) if day else None


def _before(match: re.Match[str], today: date) -> Period | None:
    """Everything before a year or a month of a year."""
    month = MONTH_NUMBERS[match[1]] if match[1] else 1
    end = date(int(match[2]), month, 1)
    return Period(BEGINNING, end)


def _until(match: re.Match[str], today: date) -> Period:
    """Everything to the end of a year."""
    return Period(BEGINNING, date(int(match[1]) + 1, 1, 1))


def _years(match: re.Match[str], today: date) -> Period | None:
    first, last = int(match[1]), int(match[2])
    return Period(date(first, 1, 1), date(last + 1, 1, 1)) if first <= last else None


def _quarters(match: re.Match[str], today: date) -> Period | None:
    first, last = int(match[1]), int(match[2])
    year = int(match[3]) if match[3] else today.year
    if first > last:
        return None
    start, end = (date(year, 3 * (number - 1) + 1, 1) for number in (first, last))
    return Period(start, add(end, "month", 3))


def _calendar_week(match: re.Match[str], today: date) -> Period | None:
    try:
        start = date.fromisocalendar(int(match[2] or today.year), int(match[1]), 1)
    except ValueError:
        return None
    return Period(start, start + timedelta(days=7))


def _short_year(match: re.Match[str], today: date) -> Period:
    year = 2000 + int(match[1]) % 100
    return Period(date(year, 1, 1), date(year + 1, 1, 1))


def _since_last(match: re.Match[str], today: date) -> Period:
    return Period(full_before(today, UNITS[match[1]], 1).start, today + ONE_DAY)


def _day_before_yesterday(match: re.Match[str], today: date) -> Period:
    return Period(today - 2 * ONE_DAY, today - ONE_DAY)


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
    (rf"\b{FROM}\s(?:dem\s|the\s)?(\d{{1,2}})\.?\s{UNTIL}\s(?:dem\s|the\s)?{DAY}",
     _within_month),
    (rf"\b(?:{FROM}\s)?{MONTH}\s(\d{{1,2}})(?:st|nd|rd|th)?\s{UNTIL}\s(?:{MONTH}\s)?(\d{{1,2}})"
     r"(?:st|nd|rd|th)?,?(?:\s(20\d{2}))?\b", _month_first_range),
    (rf"\b(?:on )?{MONTH}\s(\d{{1,2}})(?:st|nd|rd|th)?,?\s(20\d{{2}})\b", _month_first),
    (rf"\b{FROM}\s{MONTH}(?:\s(\d{{4}}))?\s{UNTIL}\s{MONTH}(?:\s(\d{{4}})\b)?", _months),
    (rf"\b(?:seit|ab|since)\s(?:dem\s)?{DAY}", _since),
    (rf"\b(?:seit|ab|since)\s(?:anfang\s)?{MONTH}(?:\s(\d{{4}})\b)?", _since_month),
    (r"\b(?:seit|ab|since)\s(?:dem\s)?(?:anfang|beginn|the (?:start|beginning) of)\s"
     r"(?:von\s|des jahres\s)?(20\d{2})\b", _since_year),
    (r"\b(?:seit jahresbeginn|seit anfang (?:des )?jahr(?:es)?|jahr bis heute|ytd"
     r"|year[ -]to[ -]date"
     r"|so far this year|since the (?:start|beginning) of the year|dieses jahr bisher"
     r"|(?:im laufenden|in diesem|dieses) jahr bis heute)\b",
     _year_to_date),
    (rf"\b(?:vor|before|prior to)\s(?:dem jahr |{MONTH}\s)?(20\d{{2}})\b", _before),
    (r"\b(?:bis ende|until the end of|bis und mit|up to the end of)\s(20\d{2})\b", _until),
    (r"\b(?:von |from |between |zwischen )?(20\d{2})\s?(?:bis|to|–|until|through)\s?(20\d{2})\b",
     _years),
    (r"\bq([1-4])\s?(?:bis|to|–|-|through|und|and)\s?q([1-4])(?:\s(20\d{2}))?\b", _quarters),
    (r"\b(?:in |im |der |the )*(?:kw|kalenderwoche|calendar week|week)\s?(\d{1,2})"
     r"(?:\s(?:of )?(20\d{2}))?\b",
     _calendar_week),
    (r"\b(?:im |in |the |of |des |in the )*(?:geschäftsjahr(?:es)?|fiscal year|financial year|fy)"
     r"[\s']?(?:20)?(\d{2})\b", _short_year),
    (rf"\b(?:seit|since)\s(?:dem\s|der\s|beginn des\s)?{LAST}\s{UNIT}\b", _since_last),
    (r"\b(?:seit|ab|since)\s(20\d{2})\b", _since_year),
    (rf"\b{BEFORE}?{LAST}\s{COUNT}\s{UNIT}\b", _rolling),
    (rf"\b(?:im |in |the |des |in the )?{QUARTER}{YEAR_BEHIND}\b", _quarter),
    (rf"\b(?:im |in |the |des |der |in the |in der )?{HALF}{YEAR_BEHIND}\b", _half),
    (rf"\b(?:im |in |of )?{MONTH}\s(?:of )?"
     r"(20\d{2}|this year|last year|(?:dieses|letzten|vergangenen) jahres)\b", _month),
    (rf"\b(?:im |in der |the )?(?:vorletzte[snmr]?\s{UNIT}|{UNIT} before last)\b", _before_last),
    (rf"\b(?:im |in der |am |des |in the |the )?{LAST}\s"
     rf"(?:geschäfts|fiscal |kalender|calendar )?{UNIT}\b", _last),
    (r"\b(?:im |in the |the |des )*(?:vorjahr(?:es)?|year before|prior year)\b", _prior_year),
    (r"\b(?:im |des )?(?:vormonat(?:s)?)\b", _prior_month),
    (r"\b(?:im |des )?(?:vorquartal(?:s)?)\b", _prior_quarter),
    (rf"\b(?:im |in |in der |des |during )?{THIS}\s"
     rf"(?:geschäfts|fiscal |kalender|calendar )?{UNIT}{TO_DATE}\b",
     _this),
    (rf"\b(?:am |on |vom )?{DAY}", _on_day),
    (rf"\b(?:im |in )(?:monat )?{MONTH}()(?!\w)", _month),
    (r"(?<![\w.-])(?:(?:im|des|für das|in) jahre?s? |in the year |of the year |year |jahr |in |im "
     r"|für |for |of |during |from |aus |von )?(20[12]\d)\b", _year),
    (r"\b(?:vorgestern|the day before yesterday)\b", _day_before_yesterday),
    (r"\b(?:von )?(?:gestern|yesterday)\b", _yesterday),
    (r"\b(?:heute|today)\b", _today),
)  # fmt: skip
