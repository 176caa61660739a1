"""What each column is for: key, time, measure, dimension, mark of deletion, or personal."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from catalog.proposal.codes import read_codes
from catalog.proposal.vocabulary import Part, Vocabulary
from catalog.semantic_model import Labels
from catalog.sensitivity import classify, fold
from connectors.schema import PERSONAL, Column, ColumnStats, Sensitivity, Table

Role = Literal[
    "key",
    "reference",
    "time",
    "measure",
    "score",
    "dimension",
    "name",
    "deleted",
    "personal",
    "other",
]
Family = Literal["integer", "decimal", "text", "time", "boolean", "other"]
INTEGERS = re.compile(r"U?(?:TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)")
INTEGER = re.compile(r"-?\d+")
KEY_WORDS = frozenset({"id", "number", "code"})
SCORES = frozenset({"score", "rating", "csat", "ces", "nps", "sentiment"})
NOT_MEASURED = frozenset(
    [
        "version",
        "position",
        "sort",
        "sorting",
        "sequence",
        "year",
        "month",
        "week",
        "quarter",
        "hour",
        "lat",
        "latitude",
        "lon",
        "lng",
        "longitude",
        "zip",
        "plz",
        "postcode",
        "port",
        "flags",
        "index",
        "rank",
        "hash",
        "epoch",
        "ordinal",
        "offset",
        "lft",
        "rgt",
        "width",
        "height",
        "timezone",
        "mask",
        "line",
        "row",
        "digit",
        "day",
        "occurred",
        "page",
        "weekday",
        "dow",
    ]
)
MOST_VALUES = 60
LEAST_ROWS_PER_VALUE = 5
EMPTY = ColumnStats()


@dataclass(frozen=True)
class ColumnRole:
    """A column with what it is for.

    Attributes:
        parts: The words of its name.
        codes: Stored value -> label, where they are known.
        personal: Its class in `PERSONAL`; such a column is never a dimension.
        reason: What the role was told from.
    """

    column: Column
    role: Role
    family: Family
    parts: tuple[Part, ...]
    stats: ColumnStats = EMPTY
    codes: Mapping[str, Labels] | None = None
    sensitivity: Sensitivity = "none"
    reason: str = ""

    @cached_property
    def keys(self) -> frozenset[str]:
        """The concepts of its name."""
        return frozenset(part.key for part in self.parts)

    @property
    def personal(self) -> bool:
        """Whether its values tell of one person."""
        return self.sensitivity in PERSONAL


def column_roles(table: Table, words: Vocabulary) -> tuple[ColumnRole, ...]:
    """A role for every readable column, in the table's order."""
    prefix = _prefix(table, words)
    # A class of today's rules counts too: the stored one may come from an older version.
    classes = {**classify(table), **table.sensitivity}
    referring = {name.lower() for key in table.foreign_keys for name in key.columns}
    found = []
    for column in table.columns:
        if column.type == "UNKNOWN":
            continue
        made = _Column(column, table, words.parts(column.name.removeprefix(prefix)), words)
        made.sensitivity = classes.get(column.name, "none")
        made.referring = column.name.lower() in referring
        found.append(made.role())
    return tuple(found)


class _Column:
    """One column being judged; the first rule that fits decides."""

    def __init__(
        self, column: Column, table: Table, parts: tuple[Part, ...], words: Vocabulary
    ) -> None:
        self.column = column
        self.table = table
        self.parts = parts
        self.words = words
        self.keys = frozenset(part.key for part in parts)
        self.stats = table.stats.get(column.name, EMPTY)
        self.family = family(column.type)
        self.sensitivity: Sensitivity = "none"
        self.referring = False
        self.codes: Mapping[str, Labels] | None = None

    def role(self) -> ColumnRole:
        role, reason = self._judged()
        return ColumnRole(
            self.column,
            role,
            self.family,
            self.parts,
            self.stats,
            self.codes,
            self.sensitivity,
            reason,
        )

    def _judged(self) -> tuple[Role, str]:
        if self.column.name in self.table.primary_key:
            return "key", "primary key"
        if self.referring:
            return "reference", "foreign key"
        if self._deleted():
            return "deleted", f"named {self.column.name}"
        if self.sensitivity in PERSONAL:
            return "personal", f"class {self.sensitivity}"
        if self._refers():
            return "reference", f"named {self.column.name}"
        if self.family == "time":
            return "time", f"type {self.column.type}"
        if self.family in ("integer", "text"):
            told = read_codes(self.column, self.stats, self.words, self.keys) or {}
            numbers = all(INTEGER.fullmatch(value) for value in told)
            self.codes = told if numbers or self.family == "text" else None
        return self._valued()

    def _deleted(self) -> bool:
        last = self.parts[-1].key if self.parts else ""
        named = "deleted" in self.keys and self.keys <= {
            "deleted",
            "at",
            "synced",
            "is",
            "occurred",
        }
        return named and last in ("deleted", "at", "occurred") and self.family in (
            "time", "boolean", "integer"
        )  # fmt: skip

    def _refers(self) -> bool:
        last = self.parts[-1].key if self.parts else ""
        many = self.family in ("text", "integer") or self.column.type == "UUID"
        return many and (last == "id" or (last == "number" and len(self.parts) > 1))

    def _valued(self) -> tuple[Role, str]:
        if "synced" in self.keys:
            return "other", ""
        if self.family == "boolean" or self.codes:
            return "dimension", "codes known" if self.codes else "true or false"
        if self.family in ("integer", "decimal"):
            return self._numeric()
        return self._textual() if self.family == "text" else ("other", "")

    def _numeric(self) -> tuple[Role, str]:
        if self.keys & SCORES and not self.keys & {"count", "rate"}:
            return "score", f"named {self.column.name}"
        few = self.stats.distinct is None or self.stats.distinct <= MOST_VALUES
        last = self.parts[-1].concept if self.parts else None
        if self.family == "integer" and few and last and last.kind == "attributes":
            return "dimension", "an integer named like a category"
        if self.keys & (NOT_MEASURED | KEY_WORDS) or {"first", "last"} & self.keys:
            return "other", ""
        if last is not None and last.kind == "attributes":
            return "other", ""
        if self.keys & {"deleted", "synced", "changed"}:
            return "other", ""
        return "measure", "a number that is no key"

    def _textual(self) -> tuple[Role, str]:
        last = self.parts[-1].concept if self.parts else None
        if self.stats.values:
            return "dimension", f"{len(self.stats.values)} different values"
        if last is not None and last.key == "name":
            return "name", "the name of a thing"
        category = last is not None and last.kind == "attributes"
        distinct = self.stats.distinct
        if category and (not distinct or distinct <= MOST_VALUES):
            return "dimension", "named like a category"
        return "other", ""


def family(canonical: str) -> Family:
    """The family of a canonical type."""
    if INTEGERS.match(canonical):
        return "integer"
    if canonical.startswith(("DECIMAL", "DOUBLE", "FLOAT")):
        return "decimal"
    if canonical.startswith(("DATE", "TIMESTAMP")):
        return "time"
    if canonical.startswith("VARCHAR"):
        return "text"
    return "boolean" if canonical == "BOOLEAN" else "other"


def _prefix(table: Table, words: Vocabulary) -> str:
    """A short start most column names share, such as ``ss_``: it says nothing of a column."""
    starts = [column.name.split("_")[0] for column in table.columns if "_" in column.name]
    if len(table.columns) < 4 or not starts:
        return ""
    most = max(set(starts), key=starts.count)
    common = starts.count(most) >= 0.8 * len(table.columns)
    return f"{most}_" if common and len(most) <= 4 and not words.concept(fold(most)) else ""
