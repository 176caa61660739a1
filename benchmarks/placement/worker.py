"""One process of the long run, with databases of its own in the four stores."""

import multiprocessing
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.placement.state import Chunk
from tests import servers
from tests.connectors.planner.answers import judge
from tests.connectors.planner.generate import Case, Generator
from tests.connectors.planner.shrink import shrink
from tests.connectors.planner.world import World, build

CHUNK = 100
SIMPLEST = "duck"
STOPPED = ("refused", "failed")


@contextmanager
def own_world() -> Iterator[World]:
    """Databases of this process alone; dropped at the end."""
    with (
        servers.fresh_postgres() as postgres,
        servers.fresh_mysql() as mysql,
        tempfile.TemporaryDirectory() as folder,
    ):
        yield from build(postgres, mysql, Path(folder))


@dataclass
class Pauses:
    """How often this process was stopped and went on."""

    count: int = 0

    def watch(self) -> None:
        """Count from now on."""
        signal.signal(signal.SIGCONT, self._went_on)

    def _went_on(self, *_: object) -> None:
        self.count += 1


def work(chunks: Sequence[int], queue: "multiprocessing.Queue[Chunk]") -> None:
    """Run chunks of seeds; the first wrong case is made small."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    pauses = Pauses()
    pauses.watch()
    shrunk = False
    with own_world() as world:
        for first in chunks:
            made = _chunk(world, first, pauses)
            if made.wrong and not shrunk:
                shrunk = True
                seed = int(next(iter(made.wrong)))
                made = replace(made, small=minimal(world, Generator(seed).case(), seed))
            queue.put(made)


def _chunk(world: World, first: int, pauses: Pauses) -> Chunk:
    """Run neighbouring seeds; a case that fails while the process was stopped is run again.

    Deadlines pass meanwhile, and refuse what is right.
    """
    invalid, wrong = 0, {}
    for seed in range(first, first + CHUNK):
        before = pauses.count
        verdict = judge(world, Generator(seed).case(), seed)
        while verdict.kind in STOPPED and pauses.count != before:
            before = pauses.count
            verdict = judge(world, Generator(seed).case(), seed)
        invalid += verdict.kind == "invalid"
        if verdict.wrong:
            wrong[str(seed)] = f"{verdict.kind}: {verdict.text}"
    return Chunk(first, CHUNK, invalid, wrong)


def minimal(world: World, case: Case, seed: int) -> str:
    """The case with everything dropped that its failure does not need."""
    kind = judge(world, case, seed).kind

    def fails(sql: str) -> bool:
        return judge(world, replace(case, sql=sql, ordered=False), seed).kind == kind

    if fails(case.sql):
        case = replace(case, sql=shrink(case.sql, fails), ordered=False)
    for table in case.placement:
        simpler = replace(case, placement={**case.placement, table: SIMPLEST})
        if judge(world, simpler, seed).kind == kind:
            case = simpler
    return f"seed {seed}, {judge(world, case, seed).text}"


def explain_seed(seed: int) -> int:
    """Print what becomes of one seed; its minimal case when it is wrong. 0 when it is right."""
    with own_world() as world:
        case = Generator(seed).case()
        verdict = judge(world, case, seed)
        print(f"seed {seed}: {verdict.kind}\n{verdict.text or case.sql}")
        if verdict.wrong:
            print(f"\nminimal:\n{minimal(world, case, seed)}")
    return 1 if verdict.wrong else 0
