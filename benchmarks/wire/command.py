"""`python -m benchmarks wire`: the receipt's bytes against those a counting proxy saw."""

import argparse
from collections.abc import Sequence

from benchmarks.environment import FOLDER
from benchmarks.wire.shapes import ROWS, measure
from tests import servers


def main(arguments: Sequence[str]) -> int:
    """Print the table; 0 when every receipt agrees with the wire."""
    argparse.ArgumentParser(prog="python -m benchmarks wire", description=__doc__).parse_args(
        arguments
    )
    FOLDER.mkdir(parents=True, exist_ok=True)
    started = servers.start_missing(FOLDER / "servers")
    try:
        with servers.fresh_postgres() as postgres, servers.fresh_mysql() as mysql:
            found = list(measure(postgres, mysql))
    finally:
        servers.stop(started)
    print(f"{ROWS:,} rows in the table\n")
    print("| server | answer | rows | wire | receipt | receipt / wire | Arrow / wire |")
    print("|---|---|--:|--:|--:|--:|--:|")
    for one in found:
        print(
            f"| {one.server} | {one.shape} | {one.rows:,} | {one.wire:,} | {one.receipt:,} | "
            f"{one.receipt / one.wire:.2f} | {one.arrow / one.wire:.2f} |"
        )
    return 0 if all(one.agrees for one in found) else 1
