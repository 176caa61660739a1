"""Every number of a narration is found in a cell, and every planted one is not: both languages."""

import random
import re
from datetime import date

import pytest

from assistant.answer import ModelUse
from assistant.draft import Draft
from assistant.metric_query import Dimension, MetricQuery, Period
from assistant.narration import NUMBER, PERIODS, check_numbers, narrate
from connectors.query import OutputColumn
from tests.assistant.test_saying import result

UNITS = ("count", "CHF", "percent", "points", "ratio", "seconds", "days")
PERIOD = Period(date(2026, 7, 1), date(2026, 10, 1))
LABELS = {"de": ("3. Quartal 2026", "September 2026", "1.6.2026 – 31.10.2026", "2025"),
          "en": ("Q3 2026", "September 2026", "1 June 2026 – 31 October 2026", "2025")}  # fmt: skip
REGION = OutputColumn("region", "VARCHAR", None, "Region")
DAY = OutputColumn("tag", "DATE", None, "Monat")
PLANTS_A_NUMBER = 3


def value(chance: random.Random, unit: str) -> float:
    if unit == "count":
        return chance.choice([chance.randint(0, 40), chance.randint(1_000, 3_000_000)])
    top = 100 if unit in ("percent", "points") else chance.choice([9, 900, 90_000, 9_000_000])
    return round(chance.uniform(0, top), 4)


def narrations(language):
    """Texts of random results of every shape and unit, with their cells."""
    chance = random.Random(7)
    for unit in UNITS * 6:
        shape = chance.choice(("figure", "groups", "series", "change"))
        period = Period(PERIOD.start, PERIOD.end, chance.choice(LABELS[language]))
        column = OutputColumn("n", "DOUBLE", unit, "Wert")
        rows, columns, dimensions, extra = [[value(chance, unit)]], [column], (), ()
        if shape == "groups":
            columns, dimensions = [REGION, column], (Dimension("k", "region"),)
            rows = [[f"Gruppe {letter}", value(chance, unit)] for letter in "abcde"]
        elif shape == "series":
            columns, dimensions = [DAY, column], (Dimension("k", "tag", "month"),)
            rows = [[date(2026, month, 1), value(chance, unit)] for month in range(1, 7)]
        elif shape == "change":
            columns += [
                OutputColumn("n_previous", "DOUBLE", unit),
                OutputColumn("n_change", "DOUBLE", "percent"),
            ]
            rows = [[*rows[0], value(chance, unit), chance.uniform(-90, 300)]]
        query = MetricQuery(
            ("n",), dimensions, period=period, comparison=PERIOD if shape == "change" else None
        )
        draft = Draft("sql", ModelUse("semantic"), sql="SELECT", query=query)
        cells = [cell for row in rows for cell in row if isinstance(cell, (int, float))]
        said = narrate(result(columns, rows), draft, extra, language)
        yield said, [*cells, sum(cells)]


def printed(said: str) -> list[re.Match[str]]:
    """The numbers of a text that are no part of a period."""
    veiled = PERIODS.sub(lambda m: "#" * len(m[0]), said)
    return list(NUMBER.finditer(veiled))


def planted(said: str, at: re.Match[str], chance: random.Random) -> str:
    """The text with one digit of a number changed, or one put before it."""
    number = at.group()
    digits = [place for place, letter in enumerate(number) if letter.isdigit()]
    place = chance.choice(digits)
    other = chance.choice([d for d in "123456789" if d != number[place]])
    changed = number[:place] + other + number[place + 1 :]
    return said[: at.start()] + changed + said[at.end() :]


@pytest.mark.parametrize("language", ["de", "en"])
def test_no_right_number_is_taken_for_a_wrong_one(language):
    for said, cells in narrations(language):
        assert check_numbers(said, cells) == [], said


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_planted_number_is_found(language):
    chance = random.Random(11)
    plants = 0
    for said, cells in narrations(language):
        for at in printed(said):
            for _ in range(PLANTS_A_NUMBER):
                wrong = planted(said, at, chance)
                right_by_chance = not check_numbers(wrong, cells)
                assert not right_by_chance or _another_cell(wrong, at, cells), (said, wrong)
                plants += 1
    assert plants >= 250, plants


def _another_cell(said: str, at: re.Match[str], cells: list[float]) -> bool:
    """The planted digits happen to print another cell of the same result."""
    changed = said[at.start() : at.end()]
    return any(not check_numbers(changed, [cell]) for cell in cells)
