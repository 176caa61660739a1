"""One person over all silos: who it is, what may be said to them, what happened, how they feel.

The person is found by any key that links a silo to the dataset of persons; each silo is then asked
for the rows of that key alone, all at the same time, under the asker's role.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from assistant.compiler.blocks import literal, over, quoted, source
from assistant.people.audiences import GUARDS, Audiences
from assistant.people.facts import Facts, key_columns, link, person_dataset, person_key
from assistant.people.mood import Judgement, Mood, mood
from catalog.normalisers import normalise
from catalog.semantic_model import Dataset, Field, SemanticModel
from catalog.semantic_roles import Roles
from connectors.errors import PolicyViolation
from connectors.query import QueryResult

MAX_PEOPLE = 5
MAX_EVENTS = 50
HIDDEN = frozenset({"free_text", "identifier", "contact", "name", "health", "credential"})
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Event:
    """Something that happened between the company and the person.

    Attributes:
        at: In UTC; None for what has no moment, such as a consent.
        details: Values by field, codes as stored.
    """

    at: datetime | None
    dataset: Dataset
    details: Row


@dataclass(frozen=True)
class Card:
    """One person.

    Attributes:
        person: Id in the silo that owns persons; None where the role does not see it.
        about: The person's own fields that may be grouped by, by name.
        guards: Per channel, which guards let a contact through.
        events: Newest first, at most `MAX_EVENTS` per dataset.
        hidden: What the role does not see: masked columns, tables it may not read.
    """

    person: str | None
    about: Row
    guards: Mapping[str, Mapping[str, bool]]
    events: tuple[Event, ...]
    mood: Mood
    hidden: tuple[str, ...]
    results: tuple[QueryResult, ...]


@dataclass(frozen=True)
class Found:
    """A person that was found: id, own fields and the keys of all links.

    Attributes:
        notes: What the policy hid of it.
    """

    row: Row
    result: QueryResult
    notes: tuple[str, ...]


class Cards:
    """Finds people and makes their cards."""

    def __init__(self, audiences: Audiences) -> None:
        self.audiences = audiences
        self.model: SemanticModel = audiences.model
        self.person = person_dataset(self.model)

    def find(self, key: str) -> list[Found]:
        """The persons a key fits, at most `MAX_PEOPLE`.

        Raises:
            RundblickError: The query was refused or failed.
        """
        columns = [f"CAST({person_key(self.model)} AS VARCHAR) AS person_id"]
        columns += [
            f"{over(field.expression, self.person.name)} AS {quoted(field.name)}"
            for field in self._own_fields()
        ]
        columns += [f"{sql} AS {quoted(name)}" for name, sql in self._keys().items()]
        conditions = [
            f"CAST({sql} AS VARCHAR) = {_of_literal(name, key)}"
            for name, sql in {**self._keys(), "exact": person_key(self.model)}.items()
        ]
        where = f"({' OR '.join(conditions)})"
        if self.person.always:
            where += f" AND ({over(self.person.always, self.person.name)})"
        sql = f"SELECT {', '.join(columns)} FROM {source(self.person)} WHERE {where}"
        federation, role = self.audiences.federation, self.audiences.role
        result = federation.run(sql, role=role, max_rows=MAX_PEOPLE)
        notes = federation.secure(sql, role=role).notes
        names = [column.name for column in result.columns]
        rows = [dict(zip(names, row, strict=True)) for row in result.rows()]
        return [Found(row, result, notes) for row in rows]

    def card(self, found: Found, today: date) -> Card:
        """The card of one person that `find` gave.

        Raises:
            RundblickError: A query failed; what a role may not read is left out and named.
        """
        datasets = [d for d in self.model.datasets.values() if self._belongs(d)]
        with ThreadPoolExecutor(len(datasets) + 1) as pool:
            guards = pool.submit(self._guards, found.row)
            parts = list(pool.map(lambda dataset: self._part(dataset, found.row), datasets))
        events = sorted(
            (event for part in parts for event in part.events),
            key=lambda event: event.at or datetime.min.replace(tzinfo=UTC),
            reverse=True,
        )
        judged = [judgement for part in parts for judgement in part.judgements]
        known, guard_results, guard_hidden = guards.result()
        own = {field.name: found.row[field.name] for field in self._own_fields()}
        hidden = [*found.notes, *guard_hidden, *(note for part in parts for note in part.hidden)]
        return Card(
            found.row["person_id"],
            own,
            known,
            tuple(events),
            mood(judged, today),
            tuple(dict.fromkeys(hidden)),
            (found.result, *guard_results, *(r for part in parts for r in part.results)),
        )

    def _own_fields(self) -> list[Field]:
        return [field for field in self.person.fields if field.dimension]

    def _keys(self) -> dict[str, str]:
        """The person's side of every link, by a name made of normaliser and column."""
        found = {}
        for step in self.model.relationships:
            if step.to_dataset == self.person.name and len(step.to_columns) == 1:
                block, _ = key_columns(self.model, step.from_dataset)
                side = block.side(step.to_dataset, step.to_columns[0], step)
                found[_key_name(step.normaliser, step.to_columns[0])] = side
        return found

    def _belongs(self, dataset: Dataset) -> bool:
        """A dataset with something to show of a person."""
        steps = link(self.model, dataset.name)
        return bool(steps) and bool(dataset.entity or dataset.roles != Roles())

    def _part(self, dataset: Dataset, found: Row) -> "_Part":
        steps = link(self.model, dataset.name) or ()
        value = found.get(_key_name(steps[-1].normaliser, steps[-1].to_columns[0]))
        if value is None:
            return _Part(hidden=(f"{dataset.source}: –",))
        fields = [f for f in dataset.fields if f.sensitivity not in HIDDEN and not f.is_time]
        return self._read(dataset, self._sql(dataset, fields, str(value)), fields)

    def _sql(self, dataset: Dataset, fields: Sequence[Field], value: str) -> str:
        """The newest rows of one key: moment, fields, score, whether an open complaint."""
        block, keys = key_columns(self.model, dataset.name)
        moment, rating = _moment(dataset), dataset.roles.rating
        expressions = {
            "at_moment": moment or "NULL",
            **{field.name: field.expression for field in fields},
            "judged_score": rating.score if rating else "NULL",
            "open_complaint": dataset.roles.complaint or "FALSE",
        }
        outputs = [
            f"{over(sql, dataset.name)} AS {quoted(name)}" for name, sql in expressions.items()
        ]
        where = [f"CAST({keys[0]} AS VARCHAR) = {literal(value)}"]
        if dataset.always:
            where.append(f"({over(dataset.always, dataset.name)})")
        order = " ORDER BY at_moment DESC NULLS LAST" if moment else ""
        return (
            f"SELECT {', '.join(outputs)} FROM {source(dataset)}{block.joins()}"
            f" WHERE {' AND '.join(where)}{order} LIMIT {MAX_EVENTS}"
        )

    def _read(self, dataset: Dataset, sql: str, fields: Sequence[Field]) -> "_Part":
        federation, role = self.audiences.federation, self.audiences.role
        try:
            notes = federation.secure(sql, role=role).notes
            result = federation.run(sql, role=role)
        except PolicyViolation as refused:
            return _Part(hidden=(refused.message,))
        names = [field.name for field in fields]
        events, judgements = [], []
        for row in result.rows():
            at, *values, score, is_open = row
            moment = _utc(at)
            events.append(Event(moment, dataset, dict(zip(names, values, strict=True))))
            judgements += list(_judgements(dataset, moment, score, bool(is_open)))
        return _Part(tuple(events), tuple(judgements), tuple(notes), (result,))

    def _guards(
        self, found: Row
    ) -> tuple[dict[str, dict[str, bool]], list[QueryResult], list[str]]:
        """Which guards let each channel through; none where the role cannot see them."""
        facts = Facts(self.model)
        channels = list(self.person.roles.addresses)
        pairs = [(guard, channel) for channel in channels for guard in GUARDS]
        outputs = [
            f"CASE WHEN {self.audiences.condition(facts, pair)} THEN 1 ELSE 0 END AS g{n}"
            for n, pair in enumerate(pairs)
        ]
        where = f"CAST({person_key(self.model)} AS VARCHAR) = {literal(str(found['person_id']))}"
        try:
            result = self.audiences.run(facts.select(outputs, [where]))
        except PolicyViolation as refused:
            return {}, [], [refused.message]
        known: dict[str, dict[str, bool]] = {channel: {} for channel in channels}
        for row in result.rows()[:1]:
            for (guard, channel), cell in zip(pairs, row, strict=True):
                known[channel][guard] = bool(cell)
        return known, [result], []


@dataclass(frozen=True)
class _Part:
    """What one dataset knows of the person."""

    events: tuple[Event, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    hidden: tuple[str, ...] = ()
    results: tuple[QueryResult, ...] = ()


def _key_name(normaliser: str, column: str) -> str:
    return f"key {normaliser} {column}"


def _of_literal(name: str, key: str) -> str:
    """The asked key in the form of one link; as it is for the primary key."""
    normaliser = name.split(" ")[1] if " " in name else "exact"
    return f"CAST({normalise(normaliser, literal(key.strip()))} AS VARCHAR)"


def _moment(dataset: Dataset) -> str | None:
    """When a row of the dataset happened; None when it has no moment."""
    roles = dataset.roles
    for role in (roles.contact, roles.purchase, roles.rating, roles.step):
        if role is not None:
            return role.time
    return next((field.expression for field in dataset.fields if field.is_time), None)


def _utc(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return None


def _judgements(
    dataset: Dataset, at: datetime | None, score: object, is_open: bool
) -> Iterator[Judgement]:
    rating = dataset.roles.rating
    if rating is not None and score is not None and at is not None:
        middle, half = (rating.best + rating.worst) / 2, (rating.best - rating.worst) / 2
        yield Judgement(at.date(), (float(str(score)) - middle) / half)
    if is_open:
        yield Judgement(at.date() if at else date.min, -1.0, current=True)
