"""How a row finds its row of another subject: declared, named alike, or by e-mail and phone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from catalog.proposal.naming import free
from catalog.proposal.roles import ColumnRole
from catalog.proposal.subjects import PEOPLE, Subject
from catalog.semantic_model import Proposal, Relationship
from catalog.words import stems
from connectors.schema import ForeignKey

HOMES: Mapping[str, tuple[str, ...]] = {
    "person": ("crm", "cdp", "shop", "dwh"),
    "other": ("shop", "dwh", "campaign", "crm", "service"),
}
COUNTRIES = {"Zurich": "CH", "Berlin": "DE", "Busingen": "DE", "Vienna": "AT", "London": "GB"}
NO_PHONE_WORDS = frozenset({"type", "status", "count"})


@dataclass(frozen=True)
class Step:
    """A relationship before it has a name."""

    start: Subject
    goal: Subject
    columns: tuple[str, ...]
    references: tuple[str, ...]
    normaliser: str
    score: float
    reason: str


def relationships(
    subjects: Sequence[Subject], zones: Mapping[str, str]
) -> tuple[Relationship, ...]:
    """Relationships between the subjects; a pair of datasets by the same columns once.

    Args:
        subjects: All subjects of the proposal.
        zones: Each silo's time zone, which tells the country of its telephone numbers.
    """
    finder = _Finder(subjects, zones)
    taken: list[str] = []
    found = []
    for step in finder.steps():
        taken.append(free(f"{step.start.name}_to_{step.goal.name}", taken))
        found.append(_relationship(step, taken[-1]))
    return tuple(found)


def _relationship(step: Step, name: str) -> Relationship:
    return Relationship(
        name=name,
        from_dataset=step.start.name,
        to_dataset=step.goal.name,
        from_columns=tuple(step.start.fields[column] for column in step.columns),
        to_columns=tuple(step.goal.fields[column] for column in step.references),
        normaliser=step.normaliser,
        proposed=Proposal(step.score, step.reason),
    )


class _Finder:
    def __init__(self, subjects: Sequence[Subject], zones: Mapping[str, str]) -> None:
        self.subjects = subjects
        self.zones = zones
        self.by_table = {subject.table.full_name.lower(): subject for subject in subjects}
        self.person = _home([s for s in subjects if s.concept in PEOPLE], "person")
        self.by_name: dict[tuple[str, str], list[Subject]] = {}
        self.by_key: dict[tuple[str, str], list[Subject]] = {}
        for subject in subjects:
            word = _stem(tuple(part.text for part in subject.parts))
            self.by_name.setdefault((subject.table.silo, word), []).append(subject)
            if len(subject.key) == 1:
                key = (subject.table.silo, subject.key[0].lower())
                self.by_key.setdefault(key, []).append(subject)

    def steps(self) -> Iterator[Step]:
        for start in self.subjects:
            used: set[tuple[str, ...]] = set()
            for step in (*self._declared(start), *self._inferred(start)):
                if step.columns not in used:
                    used.add(step.columns)
                    yield step
            yield from self._to_person(start, used)

    def _declared(self, start: Subject) -> Iterator[Step]:
        for key in start.table.foreign_keys:
            goal = self.by_table.get(f"{start.table.silo}.{key.table}".lower())
            if goal is not None and goal is not start and self._readable(start, goal, key):
                columns, references = _spelled(start, key.columns), _spelled(goal, key.references)
                yield Step(start, goal, columns, references, "exact", 1.0, "declared foreign key")

    def _readable(self, start: Subject, goal: Subject, key: ForeignKey) -> bool:
        mine = all(name.lower() in start.by_column for name in key.columns)
        return mine and all(name.lower() in goal.by_column for name in key.references)

    def _inferred(self, start: Subject) -> Iterator[Step]:
        for role in start.roles:
            if role.parts and role.parts[-1].key in ("id", "number"):
                step = self._by_key(start, role) or self._across(start, role)
                if step is not None:
                    yield step

    def _by_key(self, start: Subject, role: ColumnRole) -> Step | None:
        """A table of the same silo whose key is named like the column, or which it names."""
        name = role.column.name
        if len(role.parts) < 2 or start.key == (name,):
            return None
        keyed = self.by_key.get((start.table.silo, name.lower()), ())
        same = [s for s in keyed if s is not start and _alike(role, s)]
        if len(same) == 1:
            reason = f"{name} is the key of {same[0].name}"
            return Step(start, same[0], (name,), same[0].key, "exact", 0.9, reason)
        before = tuple(part.text for part in role.parts[:-1])
        for word in (_stem(before), _stem(before[-1:])):
            named = [s for s in self.by_name.get((start.table.silo, word), ()) if s is not start]
            goals = [s for s in named if len(s.key) == 1 and _alike(role, s)]
            if len(goals) == 1:
                reason = f"{name} names {goals[0].name}"
                return Step(start, goals[0], (name,), goals[0].key, "exact", 0.8, reason)
        return None

    def _across(self, start: Subject, role: ColumnRole) -> Step | None:
        """The table of another silo that is about what the column names."""
        named = role.parts[-2] if len(role.parts) > 1 else None
        if named is None or named.concept is None or named.key == start.concept:
            return None
        about = "person" if named.key in PEOPLE else "other"
        home = _home([s for s in self.subjects if s.concept == named.key], about)
        if home is None or home.table.silo == start.table.silo:
            return None
        return _numbered(start, role, home)

    def _to_person(self, start: Subject, used: set[tuple[str, ...]]) -> Iterator[Step]:
        """By e-mail, its hash or the telephone, when no key leads to the person."""
        home = self.person
        if home is None or start is home or any(_of_person(start, columns) for columns in used):
            return
        email, phone = _contact(home, "email"), _contact(home, "phone")
        mine = _contact(start, "email")
        if mine is not None and email is not None:
            how = "sha256" if "hash" in mine.keys | email.keys else "lower(trim)"
            yield _contact_step(start, home, (mine, email), how)
            return
        number = _contact(start, "phone") or _caller_number(start)
        if number is not None and phone is not None and number.family == phone.family == "text":
            country = COUNTRIES.get(self.zones.get(home.table.silo, "").rpartition("/")[2], "DE")
            yield _contact_step(start, home, (number, phone), f"e164({country})")


def _contact_step(
    start: Subject, home: Subject, pair: tuple[ColumnRole, ColumnRole], how: str
) -> Step:
    mine, theirs = (role.column.name for role in pair)
    reason = f"{mine} and {theirs} tell a person; not measured"
    return Step(start, home, (mine,), (theirs,), how, 0.6, reason)


def _of_person(start: Subject, columns: tuple[str, ...]) -> bool:
    return bool(start.by_column[columns[0].lower()].keys & set(PEOPLE))


def _numbered(start: Subject, role: ColumnRole, home: Subject) -> Step | None:
    """By the home's key or another unique key whose name and type fit."""
    name = role.column.name
    unique = [key[0] for key in (home.key, *home.table.unique_keys) if len(key) == 1]
    for column in dict.fromkeys(unique):
        other = home.by_column.get(column.lower())
        if other is None or other.family != role.family or not _same_number(role, other, home):
            continue
        if role.family == "integer" and not _within(role, other):
            continue
        how = "strip_hash" if role.family == "text" else "exact"
        reason = f"{name} and {home.table.full_name}.{column} are named alike; not measured"
        return Step(start, home, (name,), (other.column.name,), how, 0.65, reason)
    return None


def _within(mine: ColumnRole, theirs: ColumnRole) -> bool:
    """Whether measured numbers lie among the other's: two systems count from 1 on their own."""
    ends = (mine.stats.minimum, mine.stats.maximum, theirs.stats.minimum, theirs.stats.maximum)
    if None in ends:
        return False
    low, high, least, most = (float(str(end)) for end in ends)
    return least <= low and high <= most


def _same_number(mine: ColumnRole, theirs: ColumnRole, home: Subject) -> bool:
    """``kunde_nr`` fits ``kundennummer``, ``campaign_id`` fits ``id`` of campaigns."""
    if mine.parts[-1].key != theirs.parts[-1].key:
        return False
    return len(theirs.parts) == 1 or theirs.parts[-2].key in (mine.parts[-2].key, home.concept)


def _alike(role: ColumnRole, goal: Subject) -> bool:
    other = goal.by_column[goal.key[0].lower()]
    return other.family == role.family and (
        other.family != "other" or other.column.type == role.column.type
    )


def _home(candidates: Sequence[Subject], about: str) -> Subject | None:
    """Where such things are kept: the silo's kind decides, then the word, then the rows."""
    kinds = HOMES[about]

    def rank(subject: Subject) -> tuple[float, ...]:
        kind = kinds.index(subject.kind) if subject.kind in kinds else len(kinds)
        word = PEOPLE.index(subject.concept) if subject.concept in PEOPLE else 0
        plain = len(subject.parts)
        return (kind, word, plain, -(subject.table.row_estimate or 0))

    keyed = [s for s in candidates if len(s.key) == 1]
    return min(keyed, key=rank, default=None)


def _contact(subject: Subject, kind: str) -> ColumnRole | None:
    found = [r for r in subject.roles if r.personal and kind in r.keys and r.family == "text"]
    plain = [r for r in found if not r.keys & NO_PHONE_WORDS]
    return min(plain, key=lambda role: len(role.parts), default=None)


def _caller_number(subject: Subject) -> ColumnRole | None:
    return next((r for r in subject.roles if {"caller", "number"} <= r.keys), None)


@lru_cache(maxsize=10_000)
def _stem(texts: tuple[str, ...]) -> str:
    return "_".join(min(stems(text)) for text in texts)


def _spelled(subject: Subject, columns: Iterable[str]) -> tuple[str, ...]:
    """The columns as the table spells them; a dictionary may fold the case of references."""
    return tuple(subject.by_column[name.lower()].column.name for name in columns)
