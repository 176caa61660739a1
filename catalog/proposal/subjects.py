"""Tables as subjects: what a row is about, which key, which time and which rows count."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from catalog.proposal.naming import column_sql, free, identifier, labels
from catalog.proposal.roles import ColumnRole, column_roles
from catalog.proposal.vocabulary import Part, Vocabulary
from catalog.semantic_model import Labels
from catalog.sensitivity import fold
from connectors.schema import Table

PEOPLE = ("customer", "contact", "person", "member", "subscriber", "lead", "user", "visitor")
PERSONS = frozenset((*PEOPLE, "agent", "caller"))
NO_SUBJECT = re.compile(
    r"(?:^|_)(?:tmp|temp|bak|backup|archiv|archive|old|migrations?|schema_versions?|"
    r"ar_internal_metadata|caches?|locks?|cron|sequences?|alembic_version)(?:_|$)"
)
# Which moment places a row in a period: the one of what the row is about, not of its upkeep.
TIME_WEIGHTS: Mapping[str, float] = {
    "ordered": 8, "sent": 8, "asked": 8, "submitted": 7, "occurred": 6, "day": 5, "started": 6,
    "created": 6, "published": 6, "seen": 4, "processed": 3, "replied": 0, "opened": -2,
    "clicked": -2, "closed": -2, "resolved": -2, "ended": -4, "cancelled": -3, "due": -6,
    "changed": -7, "synced": -10, "deleted": -20, "first": 1,
}  # fmt: skip
ALMOST_ALL = 0.93
MOSTLY_EMPTY = 0.5


@dataclass(frozen=True)
class Subject:
    """A table that becomes a dataset.

    Attributes:
        name: The dataset's name.
        kind: The silo's kind, such as crm.
        parts: The words of the table's name; `concept` is the last one when it is an entity.
        key: Columns that tell rows apart; empty when unknown.
        key_reason: What the key was told from.
    """

    table: Table
    name: str
    kind: str
    parts: tuple[Part, ...]
    roles: tuple[ColumnRole, ...]
    key: tuple[str, ...] = ()
    key_reason: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def concept(self) -> str | None:
        """What a row is about, such as order; None when no word of the name tells."""
        kept = [p for p in self.parts if p.key not in ("history", "archive")]
        last = kept[-1].concept if kept else None
        return last.key if last is not None and last.kind == "entities" else None

    @cached_property
    def words(self) -> frozenset[str]:
        """The concepts of the table's name."""
        return frozenset(part.key for part in self.parts)

    @property
    def of_person(self) -> bool:
        """Whether a row is a person."""
        return self.concept in PERSONS

    @cached_property
    def labels(self) -> Labels:
        """The rows' name per language, plural."""
        kept = [p for p in self.parts if p.key not in ("history", "archive", "at")]
        return labels(kept or self.parts, plural=True)

    @cached_property
    def by_column(self) -> Mapping[str, ColumnRole]:
        """Roles by lower-case column name."""
        return {role.column.name.lower(): role for role in self.roles}

    def of(self, *roles: str) -> list[ColumnRole]:
        """Columns of these roles, in the table's order."""
        return [role for role in self.roles if role.role in roles]

    def reference(self, column: str) -> str:
        """``dataset.field`` of a column."""
        return f"{self.name}.{self.fields[column]}"

    def named(self, *concepts: str, roles: Iterable[str] = ()) -> ColumnRole | None:
        """The column whose name holds a concept: of the first concept the shortest name."""
        wanted = set(roles)
        for concept in concepts:
            fitting = [r for r in self.roles if not wanted or r.role in wanted]
            found = [role for role in fitting if concept in role.keys]
            if found:
                return min(found, key=lambda role: len(role.parts))
        return None

    @cached_property
    def time(self) -> ColumnRole | None:
        """The column that places a row in a period."""
        times = self.of("time")
        return max(times, key=_time_weight) if times else None

    @cached_property
    def always(self) -> tuple[str, str] | None:
        """Which rows count, as canonical SQL, and why; None when all do."""
        found = [(_not_deleted(role), role.column.name) for role in self.of("deleted")]
        active = self.by_column.get("_fivetran_active")
        if active is not None and active.family == "boolean":
            found.append((column_sql(active.column.name), active.column.name))
        if self.concept in ("order", "line", "invoice", "payment"):
            flags = [r for r in self.of("dimension") if r.family == "boolean"]
            found += [(_untrue(r), r.column.name) for r in flags if "cancelled" in r.keys]
        if not found:
            return None
        names = ", ".join(name for _, name in found)
        return " AND ".join(sql for sql, _ in found), f"rows marked by {names} do not count"

    @cached_property
    def latest(self) -> tuple[tuple[str, ...], str] | None:
        """(Key, order) when the table keeps older versions of a row."""
        if self.always is not None and "_fivetran_active" in self.always[0]:
            return None
        moments = [c for c in self.table.primary_key if self.by_column[c.lower()].family == "time"]
        others = tuple(c for c in self.table.primary_key if c not in moments)
        versions = len(moments) == 1 and others and "history" in self.words
        return (others, moments[0]) if versions else None

    @property
    def score(self) -> float:
        """How sure it is that this is a subject of questions."""
        score = 0.5 + 0.25 * (self.concept is not None) + 0.15 * bool(self.key)
        return round(score - 0.2 * (self.table.row_estimate == 0), 2)


def subjects(
    tables: Iterable[Table], kinds: Mapping[str, str], words: Vocabulary
) -> tuple[list[Subject], dict[str, str]]:
    """The tables that become datasets, and why the others do not, by full name."""
    every = list(tables)
    shorts = [identifier(table.name) for table in every]
    counts = Counter(shorts)
    taken: list[str] = []
    found: list[Subject] = []
    left: dict[str, str] = {}
    for table, short in zip(every, shorts, strict=True):
        reason = _no_subject(table)
        if reason:
            left[table.full_name] = reason
            continue
        name = short if counts[short] == 1 else f"{table.silo}_{fold(table.name)}"
        taken.append(free(name, taken))
        found.append(_subject(table, taken[-1], kinds.get(table.silo, "database"), words))
    for subject in list(found):
        if not subject.of("time", "measure", "score", "dimension", "name") and not subject.key:
            left[subject.table.full_name] = "no key, time, number or category"
            found.remove(subject)
    return found, left


def _no_subject(table: Table) -> str | None:
    if NO_SUBJECT.search(fold(table.name)):
        return "named like an archive or like upkeep"
    readable = any(column.type != "UNKNOWN" for column in table.columns)
    return None if readable else "no readable column"


def _subject(table: Table, name: str, kind: str, words: Vocabulary) -> Subject:
    roles = column_roles(table, words)
    key, reason = _key(table, roles)
    fields: dict[str, str] = {}
    for role in roles:
        fields[role.column.name] = free(identifier(role.column.name), fields.values())
    # Camel-case table names are split by the vocabulary; a silo's own prefix says nothing.
    parts = words.parts(_unprefixed(table, roles))
    return Subject(table, name, kind, parts, roles, key, reason, fields)


def _unprefixed(table: Table, roles: Sequence[ColumnRole]) -> str:
    plain = table.name.removeprefix(f"{table.silo}_").removeprefix(f"{table.schema}_")
    return plain or table.name


def _key(table: Table, roles: Sequence[ColumnRole]) -> tuple[tuple[str, ...], str]:
    readable = {role.column.name for role in roles}
    if table.primary_key and set(table.primary_key) <= readable:
        return table.primary_key, "primary key"
    for unique in table.unique_keys:
        if set(unique) <= readable:
            return unique, "unique key"
    first = next((r for r in roles if r.parts and r.parts[-1].key == "id"), None)
    distinct = first.stats.distinct if first else None
    if first is None or first is not roles[0] or not distinct or not table.row_estimate:
        return (), ""
    if distinct >= ALMOST_ALL * table.row_estimate:
        return (first.column.name,), "first column, a value for each row"
    return (), ""


def _time_weight(role: ColumnRole) -> float:
    weight = max((TIME_WEIGHTS.get(key, 0) for key in role.keys), default=0.0)
    weight += min((TIME_WEIGHTS.get(key, 0) for key in role.keys), default=0.0)
    if role.stats.null_share is not None and role.stats.null_share > MOSTLY_EMPTY:
        weight -= 5
    return weight - 0.5 * role.column.nullable


def _not_deleted(role: ColumnRole) -> str:
    name = column_sql(role.column.name)
    if role.family == "time":
        return f"{name} IS NULL"
    return _untrue(role) if role.family == "boolean" else f"COALESCE({name}, 0) = 0"


def _untrue(role: ColumnRole) -> str:
    name = column_sql(role.column.name)
    filled = not role.column.nullable or role.stats.null_share == 0
    return f"NOT {name}" if filled else f"NOT COALESCE({name}, FALSE)"
