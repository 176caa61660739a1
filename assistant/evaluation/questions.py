"""Question files: what is asked in which language, and what a right answer holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from catalog.semantic_model import Language
from catalog.yaml_nodes import Node, nearest, read_document
from connectors.errors import ConfigurationError

Expected = Literal["answered", "clarify", "refused"]
Split = Literal["dev", "test"]
LANGUAGES: tuple[Language, ...] = ("de", "en")
EXPECTED: tuple[Expected, ...] = ("answered", "clarify", "refused")
SPLITS: tuple[Split, ...] = ("dev", "test")
GOLDS = ("gold", "gold_sql", "gold_rows")
KEYS = ("id", *LANGUAGES, *GOLDS, "status", "kind", "split", "silos", "ordered", "note")
Rows = tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Question:
    """One question in one or two languages.

    Attributes:
        texts: The question by language, at least one.
        expected: Status a right answer has.
        gold: SQL over the truth, in DuckDB's dialect; None when another gold or none is given.
        gold_sql: Canonical SQL, run through the federation.
        gold_rows: The rows themselves.
        kind: What sort of question it is, such as ``total`` or ``top``; '' when not said.
        silos: How many silos the answer must read; 0 when not said.
        ordered: The order of the rows is part of the answer.
    """

    id: str
    texts: dict[Language, str]
    expected: Expected = "answered"
    gold: str | None = None
    gold_sql: str | None = None
    gold_rows: Rows | None = None
    kind: str = ""
    split: Split | None = None
    silos: int = 0
    ordered: bool = False


@dataclass(frozen=True)
class QuestionFile:
    """A checked question file.

    Attributes:
        truth: DuckDB file `gold` is read from, relative to silos.yaml; None when there is none.
    """

    path: Path
    questions: tuple[Question, ...]
    truth: str | None = None

    def chosen(
        self, only: Sequence[str] = (), split: str | None = None, limit: int | None = None
    ) -> tuple[Question, ...]:
        """The questions with these ids and of this split, the first `limit` of them, in order.

        Raises:
            ConfigurationError: The file has no such id, or nothing is left.
        """
        known = [question.id for question in self.questions]
        for name in only:
            if name not in known:
                raise _node(self.path).unknown(name, known)
        found = [q for q in self.questions if not only or q.id in only]
        found = [q for q in found if split is None or q.split == split]
        if not found:
            raise ConfigurationError(f"{self.path.name}: no question is left to ask")
        return tuple(found[:limit])


class _QuestionNode(Node):
    """A question of the file; what it reads it also checks."""

    def question(self) -> Question:
        self.only(*KEYS)
        expected = cast("Expected", self.choice("status", EXPECTED) or "answered")
        self._one_gold(expected)
        return Question(
            id=self.needed("id"),
            texts=self._texts(),
            expected=expected,
            gold=self.text("gold"),
            gold_sql=self.text("gold_sql"),
            gold_rows=self._rows(),
            kind=self.text("kind") or "",
            split=cast("Split | None", self.choice("split", SPLITS)),
            silos=int(self.number("silos") or 0),
            ordered=bool(self.value("ordered", bool)),
        )

    def _texts(self) -> dict[Language, str]:
        found = {language: self.text(language) for language in LANGUAGES}
        texts = {language: text for language, text in found.items() if text}
        if not texts:
            raise self.error("", "asks nothing", "Give the question as 'de', as 'en', or both.")
        return texts

    def _one_gold(self, expected: Expected) -> None:
        given = [key for key in GOLDS if self.data.get(key) is not None]
        if expected == "answered" and len(given) != 1:
            problem = f"has {' and '.join(given) or 'no gold'}"
            raise self.error("", problem, f"Give exactly one of {', '.join(GOLDS)}.")
        if expected != "answered" and given:
            raise self.error(given[0], f"a question to be met with {expected!r} has no gold")

    def _rows(self) -> Rows | None:
        found = self.value("gold_rows", list)
        if found is None:
            return None
        if not all(isinstance(row, list) for row in found):
            raise self.error("gold_rows", "expected a list of rows, each a list of cells")
        if len({len(row) for row in found}) > 1:
            raise self.error("gold_rows", "the rows are not equally long")
        return tuple(tuple(row) for row in found)


class _FileNode(Node):
    """The whole file."""

    def unknown(self, name: str, known: Sequence[str]) -> ConfigurationError:
        return self.error("questions", f"no question {name!r}", nearest(name, known))

    def questions(self) -> tuple[Question, ...]:
        self.only("truth", "questions")
        given = self.data.get("questions")
        if not isinstance(given, list) or not given:
            raise self.error("questions", "expected a list of questions")
        read = [self._question(place, item) for place, item in enumerate(given, start=1)]
        ids = [question.id for question in read]
        double = next((name for name in ids if ids.count(name) > 1), None)
        if double is not None:
            raise self.error("questions", f"two questions have the id {double!r}")
        return tuple(read)

    def _question(self, place: int, item: object) -> Question:
        name = item.get("id", place) if isinstance(item, dict) else place
        return _QuestionNode(self.file, f"questions.{name}", item).question()


def _node(path: Path) -> _FileNode:
    return _FileNode(path.name, "", {})


def load_questions(path: Path) -> QuestionFile:
    """Read and check a question file.

    Raises:
        ConfigurationError: The file cannot be read, or a key is unknown, missing or wrong; the
            message names the file, the question and the key.
    """
    document = read_document(path)
    node = _FileNode(document.file, "", document.data)
    return QuestionFile(path, node.questions(), node.text("truth"))
