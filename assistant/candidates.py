"""Candidates for verified questions from feedback: listed, accepted or rejected by a person.

A candidate is a question with the SQL of an answer that somebody called good, or with SQL somebody
wrote as a correction. Accepted ones go to `verified.yaml` among the semantic files.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from assistant.feedback import FILE
from catalog import semantic_writer
from catalog.semantic_files import load_semantic_model
from catalog.semantic_model import SemanticModel, VerifiedQuestion
from connectors.errors import ConfigurationError

DECIDED = "decided_questions.jsonl"
VERIFIED = "verified.yaml"
ID_LENGTH = 8


@dataclass(frozen=True)
class Candidate:
    """A question that may become a verified one.

    Attributes:
        good: How many people called an answer of this SQL good.
        bad: How many called it bad.
        corrected: The SQL is somebody's correction.
        asked: First day of a verdict, in UTC: relative periods of the question mean this day.
    """

    id: str
    question: str
    language: str
    sql: str
    good: int
    bad: int
    corrected: bool
    asked: date


def candidates(folder: Path, model: SemanticModel) -> tuple[Candidate, ...]:
    """What nobody has decided yet and no verified question says already, most liked first.

    Args:
        folder: Of the catalog, where feedback is kept.
        model: Its verified questions are left out.
    """
    known = {text for item in model.verified_questions for text in item.question.values()}
    decided = {str(line.get("id")) for line in _lines(folder / DECIDED)}
    found: dict[str, Candidate] = {}
    for line in _lines(folder / FILE):
        for candidate in _of(line):
            before = found.get(candidate.id)
            found[candidate.id] = _added(before, candidate) if before else candidate
    listed = (
        c
        for c in found.values()
        if (c.good or c.corrected) and c.id not in decided and c.question not in known
    )
    return tuple(sorted(listed, key=lambda c: (c.bad - c.good, c.id)))


def accept(candidate: Candidate, by: str, folder: Path, semantic: Path) -> Path:
    """Write a candidate to the verified questions, and that it is decided.

    Returns:
        The file it was written to.

    Raises:
        ConfigurationError: The semantic files do not load with it; nothing is changed then.
    """
    path = semantic / VERIFIED
    before = path.read_text(encoding="utf-8") if path.exists() else None
    verified = VerifiedQuestion(
        {candidate.language: candidate.question}, candidate.sql, by, candidate.asked
    )
    mine = [q for q in _in_file(semantic, before) if q.question != verified.question]
    content = semantic_writer.document("verified", questions=[*mine, verified])
    content.pop("semantic_model", None)
    path.write_text(semantic_writer.text(content, "Questions a person has checked."), "utf-8")
    try:
        load_semantic_model(semantic)
    except ConfigurationError:
        path.unlink() if before is None else path.write_text(before, "utf-8")
        raise
    _decide(candidate, folder, by, accepted=True)
    return path


def reject(candidate: Candidate, by: str, folder: Path) -> None:
    """Keep that a candidate is not wanted; it is not listed again."""
    _decide(candidate, folder, by, accepted=False)


def _in_file(semantic: Path, text: str | None) -> tuple[VerifiedQuestion, ...]:
    """The questions that stand in the file already."""
    if text is None:
        return ()
    model = load_semantic_model(semantic)
    mine = {
        json.dumps(q["question"], sort_keys=True) for q in model.raw[VERIFIED]["verified_questions"]
    }
    return tuple(
        q for q in model.verified_questions if json.dumps(dict(q.question), sort_keys=True) in mine
    )


def _of(line: Mapping[str, Any]) -> Iterator[Candidate]:
    """The candidates of one verdict: the answer's SQL and the correction."""
    question, language = str(line.get("question") or ""), str(line.get("language") or "")
    if not question or language not in ("de", "en"):
        return
    day = datetime.fromisoformat(str(line.get("at") or datetime.now(UTC).isoformat())).date()
    liked = line.get("verdict") == "good"
    if line.get("sql"):
        sql = str(line["sql"])
        yield Candidate(
            _id(question, sql), question, language, sql, int(liked), int(not liked), False, day
        )
    if line.get("correction"):
        sql = str(line["correction"])
        yield Candidate(_id(question, sql), question, language, sql, 0, 0, True, day)


def _added(one: Candidate, other: Candidate) -> Candidate:
    good, bad = one.good + other.good, one.bad + other.bad
    corrected, day = one.corrected or other.corrected, min(one.asked, other.asked)
    return Candidate(one.id, one.question, one.language, one.sql, good, bad, corrected, day)


def _id(question: str, sql: str) -> str:
    return hashlib.sha256(f"{question}\n{sql}".encode()).hexdigest()[:ID_LENGTH]


def _decide(candidate: Candidate, folder: Path, by: str, *, accepted: bool) -> None:
    at = datetime.now(UTC).isoformat()
    line = {"id": candidate.id, "accepted": accepted, "by": by, "at": at}
    with (folder / DECIDED).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _lines(path: Path) -> Iterator[Mapping[str, Any]]:
    """The objects of a file; a line that a crash cut short is passed over."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").split("\n"):
        try:
            found = json.loads(line)
        except json.JSONDecodeError:
            continue
        if isinstance(found, dict):
            yield found
