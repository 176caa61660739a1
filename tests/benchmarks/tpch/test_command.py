"""The command measures only what is missing."""

from contextlib import contextmanager

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks.tpch import command
from benchmarks.tpch.results import Results
from tests.benchmarks.tpch.test_results import CELLS


@pytest.fixture
def measured(monkeypatch, tmp_path):
    """What the command would measure, without doing so: (placement, queries) in order."""
    asked = []

    @contextmanager
    def stores(scale):
        yield scale

    def measure(ready, placement, numbers, arguments, results):
        asked.append((placement, numbers))
        for number in numbers:
            results.keep(placement, number, CELLS["D1/01"])

    monkeypatch.setattr(command, "FOLDER", tmp_path)
    monkeypatch.setattr(command, "stores", stores)
    monkeypatch.setattr(command, "_measure", measure)
    monkeypatch.setattr(command.trino, "java_home", lambda: None)
    monkeypatch.setattr(command.signal, "signal", lambda *_: None)
    Results(tmp_path / "tpch_sf0.1_loopback_attach.json").keep("D1", 1, CELLS["D1/01"])
    return asked


def run(*words):
    return benchmarks.main(["tpch", *words])


def test_finished_cells_are_not_measured_again(measured, capsys):
    assert run("--placements", "D1", "--queries", "1,2") == 0
    assert measured == [("D1", [2])]
    assert "Q1 " in capsys.readouterr().out


def test_nothing_is_started_when_nothing_is_missing(measured, monkeypatch):
    monkeypatch.setattr(command, "stores", None)
    assert run("--placements", "D1", "--queries", "1") == 0


def test_again_measures_finished_cells_too(measured):
    run("--placements", "D1", "--queries", "1,2", "--again")
    assert measured == [("D1", [1, 2])]


def test_another_speed_of_the_line_has_cells_of_its_own(measured):
    run("--placements", "D1", "--queries", "1", "--megabits", "100")
    assert measured == [("D1", [1])]


def test_other_peers_have_cells_of_their_own(measured):
    run("--placements", "D1", "--queries", "1", "--peers", "none")
    run("--placements", "D1", "--queries", "1", "--peers", "attach,trino")
    assert measured == [("D1", [1]), ("D1", [1])]


def test_without_a_java_for_it_trino_is_left_out_and_that_is_said(measured, capsys):
    run("--placements", "D1", "--queries", "1")
    assert "without Trino: no JDK of 24 or later" in capsys.readouterr().err


def test_a_report_measures_nothing(measured, capsys):
    assert run("--placements", "D1", "--queries", "1,2", "--report", "summary") == 0
    assert measured == []
    assert "- D1: ours 1 of 1 right" in capsys.readouterr().out


@pytest.mark.parametrize("word", [["--peers", "presto"], ["--placements", "D9"]])
def test_an_unknown_word_names_those_there_are(measured, capsys, word):
    with pytest.raises(SystemExit):
        run(*word)
    assert "attach, trino" in capsys.readouterr().err or word[0] == "--placements"


def test_a_wrong_answer_shows_in_the_exit_code(measured, tmp_path):
    wrong = {**CELLS["D1/01"], "ours": {**CELLS["D1/01"]["ours"], "right": False}}
    Results(tmp_path / "tpch_sf0.1_loopback_attach.json").keep("D1", 1, wrong)
    assert run("--placements", "D1", "--queries", "1") == 1


def test_an_unknown_benchmark_names_those_there_are(capsys):
    assert benchmarks.main(["nothing"]) == 2
    assert "tpch" in capsys.readouterr().err
