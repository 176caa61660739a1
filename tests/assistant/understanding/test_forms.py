"""Means, extremes, quotients, changes, lists and numbers of things, over the demo's model."""

from datetime import date

import pytest

from assistant.compiler import compile_query
from tests.assistant.understanding.demo_reader import MODEL, clear, read


def query(question, language="de"):
    reading = read(question, language)
    assert clear(reading), reading
    return reading.query


@pytest.mark.parametrize(
    ("question", "language", "expression"),
    [
        ("Wie viele Tickets pro Bestellung hatten wir?", "de", "1.0 * tickets / orders"),
        ("Tickets per 100 orders", "en", "100.0 * tickets / orders"),
        ("Verhältnis von Anrufen zu Tickets", "de", "1.0 * calls / tickets"),
        ("Ad spend per new customer in 2026", "en", "1.0 * ad_spend / new_customers"),
        ("Wie viele Bestellungen kommen auf einen Kunden?", "de", "1.0 * orders / buyers"),
        ("How much does a customer spend on average?", "en", "1.0 * revenue / buyers"),
    ],
)
def test_a_quotient_of_two_metrics(question, language, expression):
    assert query(question, language).made[-1].expression == expression


def test_a_state_is_not_held_to_the_period_of_what_is_divided_by_it():
    made = query("Wie viele Kündigungen hatten wir im letzten Quartal pro 1000 aktive Abos?")
    sql = compile_query(made, MODEL, "de").sql
    state = sql.split('"abos_1_now" AS (')[1].split(")")[0]
    assert ">=" not in state


@pytest.mark.parametrize(
    ("question", "function"),
    [
        ("Was war die längste Wartezeit im Oktober 2026?", "MAX("),
        ("Wie hoch war die grösste Bestellung im Jahr 2026?", "MAX("),
        ("Median der Wartezeit nach Linie", "MEDIAN("),
        ("Wann ging die letzte Bestellung ein?", "MAX("),
        ("Wie lange dauerte der längste Anruf?", "MAX("),
    ],
)
def test_extremes_medians_and_moments(question, function):
    assert function in compile_query(query(question), MODEL, "de").sql


def test_a_mean_over_time_is_a_mean_of_its_steps():
    assert query("Durchschnittlicher Tagesumsatz im September 2026").mean_over == "day"
    assert query("How many orders do we get per month on average?", "en").mean_over == "month"


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Durchschnittlicher Umsatz nach Region", "de"),
        ("Average revenue by region", "en"),
        ("Umsatz ohne nach Region", "de"),
        ("Welcher Anteil Umsatz?", "de"),
        ("Erste Bestellungen nach Region", "de"),
    ],
)
def test_a_word_that_changes_a_figure_is_never_passed_over(question, language):
    assert not clear(read(question, language))


@pytest.mark.parametrize(
    "question",
    [
        "Aktive Kunden nach Region",
        "Wie viele treue Kunden haben wir?",
        "Umsatz netto im Jahr 2025",
        "Unique revenue by region",
        "Umsatz mit Bewerbungen",
    ],
)
def test_a_word_nobody_knows_is_named(question):
    assert read(question).uncovered


def test_how_many_of_a_percentage_is_its_count():
    made = query("Wie viele Anrufe wurden im Oktober 2026 abgebrochen?").made
    assert made[-1].unit == "count"


def test_the_unit_asked_for_chooses_among_the_meanings_of_a_word():
    assert query("Wie viele Schuhe haben wir 2026 verkauft?").metrics == ("items_sold",)
    assert query("How much did we sell last week?", "en").metrics == ("revenue",)
    assert query("Umsatz nach Produktkategorie").metrics == ("product_revenue",)


def test_growth_is_a_comparison():
    grown = query("Um wie viel Prozent ist der Umsatz von 2. auf 3. Quartal 2026 gewachsen?")
    assert (grown.period.start, grown.comparison.start) == (date(2026, 7, 1), date(2026, 4, 1))
    fastest = query("Welche Region ist im letzten Quartal beim Umsatz am stärksten gewachsen?")
    assert (fastest.order, fastest.limit) == ("revenue_change", 1)


def test_two_values_compared_are_two_rows():
    made = query("Ist der NPS bei Premium höher als bei Standard?")
    assert [d.field for d in made.dimensions] == ["segment"]
    assert made.filters[0].values == ("Premium", "Standard")


def test_which_month_is_one_row_of_a_series():
    made = query("In welchem Monat des Jahres 2025 war der Umsatz am höchsten?")
    assert (made.dimensions[0].grain, made.limit) == ("month", 1)


def test_numbers_of_things_and_their_names():
    assert "COUNT(DISTINCT" in compile_query(query("Wie viele Marken haben wir?"), MODEL, "de").sql
    running = query("Welche Kampagnen liefen im August 2026?")
    assert [(f.field, f.operator) for f in running.filters] == [("start", "<"), ("end", ">=")]
    assert [f.field for f in query("Welche Kampagnen endeten im Mai 2026?").filters] == ["end"] * 2


def test_a_name_of_a_single_thing_is_taken_as_written():
    made = query("Umsatz der Kampagne Herbst-Trail 2026")
    assert made.filters[0].values == ("Herbst-Trail 2026",)
    assert made.period is None


def test_a_value_in_capitals_is_no_other_word():
    made = query("What percentage of calls goes to the ORDER line?", "en")
    assert "'ORDER'" in made.made[-1].expression


@pytest.mark.parametrize(
    ("question", "refusal"),
    [
        ("Wie viele Umsätze werden wir nächstes Jahr machen?", "future"),
        ("Forecast of cancellations for next quarter", "future"),
        ("Wie ist die Telefonnummer von Herrn Keller?", "personal"),
        ("Give me the email addresses of the premium customers", "personal"),
    ],
)
def test_the_future_and_details_of_people_are_refused(question, refusal):
    assert read(question).refusal == refusal


def test_what_a_question_is_about_may_be_unknown():
    assert read("Wie hoch ist die Marge nach Produkt?").head_unknown
    assert not read("Wie hoch ist der Umsatz nach Wetter?").head_unknown
