"""`python -m benchmarks placement`: what is done is kept, what differs is told."""

import signal
from contextlib import contextmanager

import pytest

from benchmarks.placement import command, worker
from benchmarks.placement.state import Chunk, State
from benchmarks.placement.worker import CHUNK, Pauses, minimal
from tests.connectors.planner.answers import Verdict
from tests.connectors.planner.generate import Case
from tests.connectors.planner.world import build

CHUNKS = ["--cases", str(2 * CHUNK), "--jobs", "1"]


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "FOLDER", tmp_path)
    return State(tmp_path / f"placement_{command._version()}.jsonl")


@pytest.fixture
def nothing_runs(monkeypatch):
    def refuse(*_):
        raise AssertionError("a chunk ran again")

    monkeypatch.setattr(command, "_collect", refuse)


def test_a_finished_run_is_summed_up_without_running_again(state, nothing_runs, capsys):
    state.keep(Chunk(0, CHUNK, 3))
    state.keep(Chunk(CHUNK, CHUNK, 0))
    assert command.main(CHUNKS) == 0
    assert "200 cases: 197 compared, 3 DuckDB itself refuses, 0 differ" in capsys.readouterr().out


def test_what_differs_ends_with_1_and_its_minimal_case(state, nothing_runs, capsys):
    state.keep(Chunk(0, CHUNK, 0, {"7": "different: ..."}, "seed 7, SELECT 1"))
    state.keep(Chunk(CHUNK, CHUNK, 0))
    assert command.main(CHUNKS) == 1
    assert "1 differ\na minimal failing case:\nseed 7, SELECT 1" in capsys.readouterr().out


def test_only_missing_chunks_run(state, monkeypatch):
    state.keep(Chunk(0, CHUNK, 0))
    wanted = []
    monkeypatch.setattr(command.multiprocessing, "get_context", lambda _: Context(wanted))
    monkeypatch.setattr(command, "_collect", lambda *_: None)
    command.main(CHUNKS)
    assert wanted == [[CHUNK]]


class Context:
    """Notes which chunks a worker would get."""

    def __init__(self, wanted):
        self.wanted = wanted

    def Queue(self):
        return None

    def Process(self, target, args):
        self.wanted.append(args[0])
        return self

    def start(self):
        """Nothing runs."""

    terminate = start

    def join(self, seconds):
        """Nothing ran."""


def test_a_wrong_answer_is_found_and_made_small(postgres_database, mysql_database, tmp_path):
    """A central database that misses a row stands for a planner that is wrong."""
    sql = (
        "SELECT k.name, t.id FROM kunden AS k RIGHT JOIN tickets AS t ON t.kunde = k.id"
        " WHERE t.id < 9 AND (t.id > 1 OR k.ja) ORDER BY t.id"
    )
    placement = {"kunden": "pg", "bestellungen": "my", "tickets": "lite"}
    with contextmanager(build)(postgres_database, mysql_database, tmp_path) as world:
        world.whole.execute("DELETE FROM tickets WHERE id = 5")
        small = minimal(world, Case(sql, placement, ordered=True), 1).splitlines()
    assert small[0] == f"seed 1, {dict.fromkeys(placement, 'duck')}"
    assert small[1] == "SELECT k.name FROM kunden AS k RIGHT JOIN tickets AS t ON t.kunde = k.id"


@pytest.mark.parametrize(("stopped", "kinds"), [(True, ["refused", "equal"]), (False, ["refused"])])
def test_a_case_that_fails_while_the_process_is_stopped_is_run_again(monkeypatch, stopped, kinds):
    pauses, left = Pauses(), list(kinds)

    def judge(world, case, seed):
        if seed > 0:
            return Verdict("equal")
        if stopped and len(left) == len(kinds):
            pauses.count += 1
        return Verdict(left.pop(0))

    monkeypatch.setattr(worker, "judge", judge)
    made = worker._chunk(None, 0, pauses)
    assert left == []
    assert list(made.wrong) == ([] if stopped else ["0"])


def test_going_on_after_a_stop_is_counted():
    pauses, before = Pauses(), signal.getsignal(signal.SIGCONT)
    pauses.watch()
    try:
        signal.raise_signal(signal.SIGCONT)
    finally:
        signal.signal(signal.SIGCONT, before)
    assert pauses.count == 1
