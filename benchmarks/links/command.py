"""`python -m benchmarks links`: are the links found that real systems declare, but hide from us?"""

import argparse
import sys
import time
from collections.abc import Sequence
from functools import reduce
from operator import add

from benchmarks.links.score import Score, mistakes, score
from benchmarks.links.stores import silos
from benchmarks.links.truth import System, declaring_systems
from catalog.introspection import Meter, Reading
from catalog.links import Link
from catalog.links_inside import inside_silos
from catalog.links_reading import KeyReader
from connectors.clock import Cancellation, Deadline
from connectors.config import CatalogSettings, Settings
from connectors.schema import SiloSchema

LEAST_F1 = 0.95
DEADLINE_S = 300


def main(arguments: Sequence[str]) -> int:
    """Print precision, recall and F1; 0 when F1 over all systems is high enough."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks links", description=__doc__)
    parser.add_argument("--mistakes", action="store_true", help="say what was wrong or missed")
    parser.add_argument("--seed", type=int, default=1, help="of the rows")
    asked = parser.parse_args(arguments)
    systems = declaring_systems()
    begin = time.perf_counter()
    found = _found(systems, asked.seed)
    seconds = time.perf_counter() - begin
    scores = {system.name: score(system, found[system.name]) for system in systems}
    print("| system | declared | precision | recall | F1 | not declared, by hand |")
    print("|---|---|---|---|---|---|")
    for name, figures in scores.items():
        print(_row(name, figures))
    whole = reduce(add, scores.values())
    print(_row("all", whole))
    print(f"\n{seconds:.1f} s with reading the dictionaries", file=sys.stderr)
    if asked.mistakes:
        for system in systems:
            for line in mistakes(system, found[system.name]):
                print(f"{system.name}: {line}", file=sys.stderr)
    return 0 if whole.f1 >= LEAST_F1 else 1


def _row(name: str, figures: Score) -> str:
    shares = f"{figures.precision:.3f} | {figures.recall:.3f} | {figures.f1:.3f}"
    declared = figures.right + figures.missed
    return f"| {name} | {declared} | {shares} | {figures.also} of {figures.labelled} |"


def _found(systems: Sequence[System], seed: int) -> dict[str, list[Link]]:
    with silos(systems, seed) as settings:
        cancellation = Cancellation()
        read = Reading(False, {}, Meter(None), cancellation).all(settings)
        schema = SiloSchema(table for silo in read for table in silo.tables)
        whole = Settings(path=CatalogSettings().path, silos=settings)
        reader = KeyReader(whole, cancellation)
        try:
            names = [system.name for system in systems]
            limit, problems = Deadline.after(DEADLINE_S), dict[str, str]()
            links = inside_silos(schema, names, reader, limit, problems)
        finally:
            reader.close()
    return {name: [link for link in links if name in link.silos] for name in names}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
