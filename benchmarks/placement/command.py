"""`python -m benchmarks placement`: many random queries, each federated and central; 0 differ.

Resumable: finished chunks of this version of the code are kept in RUNDBLICK_BENCH, not run again.
"""

import argparse
import hashlib
import multiprocessing
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.environment import FOLDER
from benchmarks.placement.state import Chunk, State
from benchmarks.placement.worker import CHUNK, explain_seed, work
from tests import servers

ROOT = Path(__file__).parents[2]


def main(arguments: Sequence[str]) -> int:
    """Run what is missing, print the sum; 0 when no case differs."""
    asked = _asked(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    FOLDER.mkdir(parents=True, exist_ok=True)
    started = servers.start_missing(FOLDER / "servers")
    try:
        if asked.seed is not None:
            return explain_seed(asked.seed)
        state = State(FOLDER / f"placement_{_version()}.jsonl")
        _run(asked, state)
    finally:
        servers.stop(started)
    return _summary(state, asked)


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks placement", description=__doc__)
    parser.add_argument("--cases", type=int, default=50_000, help="seeds to run, in all")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--jobs", type=int, default=2, help="processes, each with own databases")
    parser.add_argument("--seed", type=int, help="run this seed alone and make its case small")
    return parser.parse_args(arguments)


def _version() -> str:
    """Names the code that was tested: a change of planner or generator starts anew."""
    files = sorted((ROOT / "connectors").rglob("*.py"))
    files += [ROOT / f"tests/connectors/planner/{name}.py" for name in ("generate", "world")]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:10]


def _wanted(asked: argparse.Namespace) -> list[int]:
    return list(range(asked.first, asked.first + asked.cases, CHUNK))


def _run(asked: argparse.Namespace, state: State) -> None:
    done = {chunk.first for chunk in state.chunks()}
    missing = [first for first in _wanted(asked) if first not in done]
    if not missing:
        return
    context = multiprocessing.get_context("spawn")
    queue: multiprocessing.Queue[Chunk] = context.Queue()
    jobs = min(asked.jobs, len(missing))
    workers = [
        context.Process(target=work, args=(missing[job::jobs], queue)) for job in range(jobs)
    ]
    for worker in workers:
        worker.start()
    try:
        _collect(queue, workers, len(missing), state)
    finally:
        for worker in workers:
            worker.terminate()
            worker.join(30)


def _collect(
    queue: "multiprocessing.Queue[Chunk]", workers: Sequence[object], wanted: int, state: State
) -> None:
    """Keep each chunk as it comes; ends early when every worker has died."""
    began, cases = time.monotonic(), 0
    for number in range(1, wanted + 1):
        while queue.empty():
            if not any(worker.is_alive() for worker in workers):  # type: ignore[attr-defined]
                raise SystemExit("every worker has ended before its work was done")
            time.sleep(0.2)
        chunk = queue.get()
        state.keep(chunk)
        cases += chunk.ran
        speed = cases / (time.monotonic() - began)
        print(f"{number}/{wanted} chunks, {speed:.1f} cases/s", file=sys.stderr, flush=True)
        for seed, text in chunk.wrong.items():
            print(f"seed {seed}: {text}\n", file=sys.stderr, flush=True)


def _summary(state: State, asked: argparse.Namespace) -> int:
    wanted = set(_wanted(asked))
    chunks = [chunk for chunk in state.chunks() if chunk.first in wanted]
    wrong = {seed: text for chunk in chunks for seed, text in chunk.wrong.items()}
    ran = sum(chunk.ran for chunk in chunks)
    invalid = sum(chunk.invalid for chunk in chunks)
    print(f"{ran:,} cases: {ran - invalid:,} compared, {invalid:,} DuckDB itself refuses, ", end="")
    print(f"{len(wrong):,} differ")
    small = next((chunk.small for chunk in chunks if chunk.small), None)
    if small:
        print(f"a minimal failing case:\n{small}")
    print(state.path, file=sys.stderr)
    return 1 if wrong else 0
