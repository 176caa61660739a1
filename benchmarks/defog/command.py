"""`python -m benchmarks defog`: gold SQL over spread tables gives what one DuckDB gives."""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from benchmarks.defog.questions import KINDS, Question, default_folder, fill, load, tables
from benchmarks.defog.stores import federated
from benchmarks.environment import FOLDER
from benchmarks.tpch.answers import difference, same
from benchmarks.tpch.queries import order_columns
from connectors.errors import PolicyViolation, RundblickError, UsageError
from connectors.federation import Federation
from tests import servers


@dataclass(frozen=True)
class Outcome:
    """What became of a question: `equal`, `not accepted`, `different`, `failed`, `not central`."""

    question: Question
    kind: str
    reason: str = ""


def main(arguments: Sequence[str]) -> int:
    """Print the counts and every question that is not equal; 0 when all accepted are equal."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks defog", description=__doc__)
    parser.add_argument("--folder", type=Path, default=default_folder())
    parser.add_argument("--shifts", type=int, default=len(KINDS), help="placements, 1 to 4")
    parser.add_argument("--db", help="only this database")
    asked = parser.parse_args(arguments)
    FOLDER.mkdir(parents=True, exist_ok=True)
    questions = [q for q in load(asked.folder) if asked.db in (None, q.db)]
    started = servers.start_missing(FOLDER / "servers")
    try:
        found = [list(run(asked.folder, questions, shift)) for shift in range(asked.shifts)]
    finally:
        servers.stop(started)
    for shift, outcomes in enumerate(found):
        _report(shift, outcomes)
    wrong = {"different", "failed"}
    return 1 if any(o.kind in wrong for outcomes in found for o in outcomes) else 0


def _report(shift: int, outcomes: Sequence[Outcome]) -> None:
    counts = {kind: sum(o.kind == kind for o in outcomes) for kind in ("equal", "not accepted")}
    central = sum(o.kind != "not central" for o in outcomes)
    print(
        f"placement {shift}: {central} of {len(outcomes)} run centrally, "
        f"{central - counts['not accepted']} of {central} accepted, "
        f"{counts['equal']} of {central} equal"
    )
    for outcome in outcomes:
        if outcome.kind != "equal":
            print(f"  {outcome.question.db} {outcome.question.id} {outcome.kind}: {outcome.reason}")


def run(folder: Path, questions: Sequence[Question], shift: int) -> Iterator[Outcome]:
    """Every question over its database, whose tables lie where `shift` puts them."""
    for db in dict.fromkeys(question.db for question in questions):
        print(f"placement {shift}, {db}", file=sys.stderr, flush=True)
        with (
            tempfile.TemporaryDirectory() as scratch,
            duckdb.connect() as central,
            federated(folder, db, shift, Path(scratch)) as federation,
        ):
            fill(central, folder, db, set(tables(folder, db)))
            for question in questions:
                if question.db == db:
                    yield judge(question, federation, central)


def judge(
    question: Question, federation: Federation, central: duckdb.DuckDBPyConnection
) -> Outcome:
    """Compare one question's federated rows with the central ones."""
    try:
        expected = [list(map(_text, row)) for row in central.execute(question.sql).fetchall()]
    except duckdb.Error as error:
        return Outcome(question, "not central", str(error).splitlines()[0])
    try:
        result = federation.run(question.canonical())
    except (UsageError, PolicyViolation) as error:
        return Outcome(question, "not accepted", f"{type(error).__name__}: {error}")
    except RundblickError as error:
        return Outcome(question, "failed", f"{type(error).__name__}: {error}")
    got = [list(map(_text, row)) for row in result.rows()]
    order = order_columns(question.sql, [column.name for column in result.columns])
    if same(got, expected, order):
        return Outcome(question, "equal")
    return Outcome(question, "different", difference(got, expected))


def _text(value: object) -> str:
    """A value as text; an interval as DuckDB's Python values have it, a month as 30 days."""
    if isinstance(value, pa.MonthDayNano):
        days = value.months * 30 + value.days
        return str(timedelta(days=days, microseconds=value.nanoseconds // 1000))
    return str(value)
