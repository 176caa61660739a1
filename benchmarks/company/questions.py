"""The question file of the company: English and gold from the sources, German from here."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import sqlglot
import yaml
from sqlglot import exp

from benchmarks.company.rows import DATABASES, TODAY


def write_questions(source: Path, german: Path, truth: Path, path: Path) -> None:
    """Write the questions in the evaluation's form; gold is over the truth, at a fixed day."""
    written = {"truth": truth.name, "questions": list(questions(source, german))}
    text = yaml.safe_dump(written, sort_keys=False, allow_unicode=True, width=120)
    path.write_text(text, encoding="utf-8")


def questions(source: Path, german: Path) -> Iterator[dict[str, Any]]:
    """One mapping a question, in the order of the German file."""
    lines = (source / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    known = {q["id"]: q for q in map(json.loads, lines) if q["db"] in DATABASES}
    for entry in yaml.safe_load(german.read_text(encoding="utf-8")):
        yield _question(entry, known[entry["id"]])


def _question(entry: Mapping[str, Any], origin: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": entry["id"],
        "kind": origin["db"],
        "de": entry["de"],
        "en": entry.get("en", origin["question"]),
        "gold": at_day(entry.get("gold", origin["sql"])),
    }


def at_day(sql: str) -> str:
    """The SQL with the reference day in place of `current_date`."""
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    day = exp.cast(exp.Literal.string(TODAY.isoformat()), "DATE")
    return tree.transform(lambda n: day.copy() if isinstance(n, exp.CurrentDate) else n).sql(
        "duckdb"
    )
