from datetime import date

import pytest

from assistant.metric_query import Period
from assistant.periods import add, further_periods, months, parse_period, previous
from connectors.clock import Clock

CLOCK = Clock(date(2026, 10, 31))


def read(question, language="de"):
    found = parse_period(question, CLOCK, language)
    assert found is not None, question
    return found


@pytest.mark.parametrize(
    ("question", "start", "end"),
    [
        ("gekündigt im letzten Quartal", (2026, 7, 1), (2026, 10, 1)),
        ("cancelled last quarter", (2026, 7, 1), (2026, 10, 1)),
        ("vorletztes Jahr", (2024, 1, 1), (2025, 1, 1)),
        ("last year", (2025, 1, 1), (2026, 1, 1)),
        ("letzte Woche", (2026, 10, 19), (2026, 10, 26)),
        ("last month", (2026, 9, 1), (2026, 10, 1)),
        ("in den letzten 12 Monaten", (2025, 11, 1), (2026, 11, 1)),
        ("past 30 days", (2026, 10, 2), (2026, 11, 1)),
        ("in den letzten drei Wochen", (2026, 10, 11), (2026, 11, 1)),
        ("dieses Jahr", (2026, 1, 1), (2026, 11, 1)),
        ("this month", (2026, 10, 1), (2026, 11, 1)),
        ("im März", (2026, 3, 1), (2026, 4, 1)),
        ("im Dezember", (2025, 12, 1), (2026, 1, 1)),
        ("in March 2025", (2025, 3, 1), (2025, 4, 1)),
        ("Q3 2026", (2026, 7, 1), (2026, 10, 1)),
        ("im 4. Quartal 2025", (2025, 10, 1), (2026, 1, 1)),
        ("in the 2nd quarter of 2026", (2026, 4, 1), (2026, 7, 1)),
        ("im dritten Quartal 2026", (2026, 7, 1), (2026, 10, 1)),
        ("in the third quarter of 2026", (2026, 7, 1), (2026, 10, 1)),
        ("im ersten Halbjahr 2026", (2026, 1, 1), (2026, 7, 1)),
        ("so far this year", (2026, 1, 1), (2026, 11, 1)),
        ("im laufenden Jahr bis heute", (2026, 1, 1), (2026, 11, 1)),
        ("seit Anfang 2025", (2025, 1, 1), (2026, 11, 1)),
        ("since the beginning of 2025", (2025, 1, 1), (2026, 11, 1)),
        ("vor 2022", (1900, 1, 1), (2022, 1, 1)),
        ("in KW 40", (2026, 9, 28), (2026, 10, 5)),
        ("in fiscal year 2025", (2025, 1, 1), (2026, 1, 1)),
        ("im letzten Geschäftsjahr", (2025, 1, 1), (2026, 1, 1)),
        ("FY25", (2025, 1, 1), (2026, 1, 1)),
        ("zwischen dem 1. und 15. Oktober 2026", (2026, 10, 1), (2026, 10, 16)),
        ("October 1 to 15, 2026", (2026, 10, 1), (2026, 10, 16)),
        ("on May 3, 2026", (2026, 5, 3), (2026, 5, 4)),
        ("von 2024 bis 2025", (2024, 1, 1), (2026, 1, 1)),
        ("Q1 bis Q2 2026", (2026, 1, 1), (2026, 7, 1)),
        ("vorgestern", (2026, 10, 29), (2026, 10, 30)),
        ("in May last year", (2025, 5, 1), (2025, 6, 1)),
        ("im Mai dieses Jahres", (2026, 5, 1), (2026, 6, 1)),
        ("im Jahr 2025", (2025, 1, 1), (2026, 1, 1)),
        ("seit März", (2026, 3, 1), (2026, 11, 1)),
        ("since June 2025", (2025, 6, 1), (2026, 11, 1)),
        ("seit 1. Juni 2026", (2026, 6, 1), (2026, 11, 1)),
        ("seit Jahresbeginn", (2026, 1, 1), (2026, 11, 1)),
        ("year to date", (2026, 1, 1), (2026, 11, 1)),
        ("zwischen 1.6.2026 und 30.6.2026", (2026, 6, 1), (2026, 7, 1)),
        ("between 2026-01-01 and 2026-02-15", (2026, 1, 1), (2026, 2, 16)),
        ("von Januar bis März 2026", (2026, 1, 1), (2026, 4, 1)),
        ("gestern", (2026, 10, 30), (2026, 10, 31)),
        ("today", (2026, 10, 31), (2026, 11, 1)),
        ("am 29.2.2024", (2024, 2, 29), (2024, 3, 1)),
    ],
)
def test_a_period_is_read_with_its_first_day_and_its_end(question, start, end):
    found = read(question)
    assert found.period is not None
    assert (found.period.start, found.period.end) == (date(*start), date(*end))


@pytest.mark.parametrize(
    ("question", "start", "end"),
    [
        ("im 3. Quartal 2026 im Vergleich zum Vorjahr", (2025, 7, 1), (2025, 10, 1)),
        ("last quarter compared with the previous quarter", (2026, 4, 1), (2026, 7, 1)),
        ("im Mai gegenüber Vormonat", (2026, 4, 1), (2026, 5, 1)),
        ("Q3 2026 vs last year", (2025, 7, 1), (2025, 10, 1)),
        ("im letzten Quartal gegenüber der Vorperiode", (2026, 4, 1), (2026, 7, 1)),
    ],
)
def test_a_comparison_is_the_same_span_earlier(question, start, end):
    found = read(question)
    assert found.comparison is not None
    assert (found.comparison.start, found.comparison.end) == (date(*start), date(*end))


@pytest.mark.parametrize(
    ("question", "grain"),
    [
        ("Umsatz pro Monat", "month"), ("revenue by week", "week"), ("Tickets je Quartal", "quarter"),
        ("daily visitors", "day"), ("Entwicklung der Tickets", "month"), ("how did calls develop", "month"),
        ("jährlich", "year"),
    ],
)  # fmt: skip
def test_steps_of_time_are_read(question, grain):
    assert read(question).grain == grain


@pytest.mark.parametrize(
    "question", ["Umsatz nach Region", "How many customers do we have?", "", "am 31.2.2026"]
)
def test_a_question_may_speak_of_no_time(question):
    found = parse_period(question, CLOCK, "de")
    assert found is None or found.period is None


def test_labels_speak_the_askers_language():
    assert read("letztes Quartal").period.label == "3. Quartal 2026"
    assert read("last quarter", "en").period.label == "Q3 2026"
    assert read("im März 2026").period.label == "März 2026"
    assert read("in March 2026", "en").period.label == "March 2026"


def test_what_was_understood_is_marked():
    question = "Wie viele haben im letzten Quartal gekündigt?"
    ((start, end),) = read(question).spans
    assert question[start:end] == "im letzten Quartal"


def test_months_end_where_they_end():
    assert add(date(2026, 1, 31), "month", 1) == date(2026, 2, 28)
    assert add(date(2024, 2, 29), "year", 1) == date(2025, 2, 28)
    assert previous(Period(date(2026, 7, 1), date(2026, 10, 1))) == Period(
        date(2026, 4, 1), date(2026, 7, 1)
    )
    assert previous(Period(date(2026, 7, 10), date(2026, 7, 20))) == Period(
        date(2026, 6, 30), date(2026, 7, 10)
    )
    assert [p.start.month for p in months(Period(date(2026, 7, 15), date(2026, 9, 2)))] == [7, 8, 9]


@pytest.mark.parametrize(
    ("question", "start"),
    [
        ("Q3 2026 compared with the same quarter last year", (2025, 7, 1)),
        ("Q3 2026 compared with the same quarter of the year before", (2025, 7, 1)),
        ("Umsatz 2026 im Vergleich zu 2025", (2025, 1, 1)),
    ],
)
def test_a_named_period_is_compared_with(question, start):
    comparison = read(question).comparison
    assert comparison is not None
    assert comparison.start == date(*start)


@pytest.mark.parametrize(
    ("question", "now", "before"),
    [
        ("von 2. auf 3. Quartal 2026 gewachsen", (2026, 7, 1), (2026, 4, 1)),
        ("grow from Q2 to Q3 2026", (2026, 7, 1), (2026, 4, 1)),
        ("von 2024 auf 2025 gestiegen", (2025, 1, 1), (2024, 1, 1)),
        ("Tickets im September im Vergleich zum August", (2026, 9, 1), (2026, 8, 1)),
    ],
)
def test_a_move_from_one_period_to_another_is_a_comparison(question, now, before):
    found = read(question)
    assert (found.period.start, found.comparison.start) == (date(*now), date(*before))


def test_periods_beside_the_first_are_found_and_that_quarter_is_the_first_again():
    question = "ordered in 2025 but not in 2026"
    (other,) = further_periods(question, read(question, "en"), CLOCK, "en")
    assert other[0].start == date(2026, 1, 1)
    question = "cancelled last quarter and had a ticket in that quarter"
    first = read(question, "en")
    assert [p for p, _ in further_periods(question, first, CLOCK, "en")] == [first.period]


def test_a_step_after_another_group_is_found():
    assert read("Bestellungen je Kanal und Quartal im Jahr 2025").grain == "quarter"
    assert read("Monatlicher Umsatz").grain == "month"
