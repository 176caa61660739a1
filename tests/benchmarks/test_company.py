"""The second company: its questions have gold, both languages and one right answer each."""

import re
from pathlib import Path

import duckdb
import pytest

from benchmarks.company.questions import at_day, questions
from benchmarks.company.rows import make_truth
from benchmarks.company.silos import PLACES
from benchmarks.defog.questions import default_folder

GERMAN = Path("benchmarks/company/questions.yaml")
FEWEST = 40


@pytest.fixture(scope="module")
def truth(tmp_path_factory):
    path = tmp_path_factory.mktemp("company") / "truth.duckdb"
    make_truth(default_folder(), path)
    with duckdb.connect(path, read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def asked():
    return list(questions(default_folder(), GERMAN))


def test_there_are_enough_questions_each_once_and_in_both_languages(asked):
    assert len({question["id"] for question in asked}) == len(asked) >= FEWEST
    assert all(question["de"] and question["en"] != question["de"] for question in asked)


def test_every_gold_has_rows_and_a_limit_cuts_no_tie(truth, asked):
    for question in asked:
        gold = question["gold"]
        assert truth.execute(gold).fetchall(), question["id"]
        limit = re.search(r"ORDER BY (?:\w+\.)?(\w+).*LIMIT (\d+)$", gold)
        if limit:
            place = [c[0].lower() for c in truth.execute(gold).description].index(limit[1].lower())
            rows = truth.execute(gold.removesuffix(f" LIMIT {limit[2]}")).fetchall()
            edge = int(limit[2])
            assert len(rows) <= edge or rows[edge - 1][place] != rows[edge][place], question["id"]


def test_most_questions_need_two_silos(asked):
    silo_of = {table.lower(): silo for silo, tables in PLACES.items() for table in tables}
    crossing = 0
    for question in asked:
        words = set(re.findall(r"\w+", question["gold"].lower()))
        crossing += len({silo for table, silo in silo_of.items() if table in words}) > 1
    assert crossing > len(asked) / 2


def test_gold_does_not_move_with_the_day_it_is_read():
    assert at_day("SELECT current_date - 7 AS d").upper().count("CURRENT_DATE") == 0
