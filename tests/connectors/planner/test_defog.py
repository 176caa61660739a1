"""Public questions' gold SQL, every table of a database in another silo, equals one DuckDB."""

import pytest

from benchmarks.defog.command import main, run
from benchmarks.defog.questions import KINDS, load, placement, tables

DATABASES = ("academic", "advising", "atis", "broker", "ewallet", "geography")


@pytest.fixture
def folder(shared, mysql_database):
    return shared / "eval" / "defog"


@pytest.mark.parametrize("db", DATABASES)
def test_gold_sql_gives_the_central_answer_wherever_its_tables_live(folder, db):
    questions = [question for question in load(folder) if question.db == db]
    assert questions
    shift = DATABASES.index(db) % len(KINDS)
    found = list(run(folder, questions, shift))
    wrong = [(o.question.id, o.kind, o.reason) for o in found if o.kind != "equal"]
    assert wrong == []


def test_neighbouring_tables_live_in_different_silos(shared):
    names = tables(shared / "eval" / "defog", "broker")
    assert len(set(placement(names, 0).values())) == len(KINDS)
    assert all(placement(names, 0)[name] != placement(names, 1)[name] for name in names)


def test_missing_question_sets_are_named_with_the_way_to_give_them(tmp_path):
    with pytest.raises(SystemExit, match="set RUNDBLICK_SHARED"):
        main(["--folder", str(tmp_path)])
