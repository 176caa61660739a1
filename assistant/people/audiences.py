"""Audiences: from a group of people to those who may be contacted, with the count at each guard.

Guards, in this order: an address for the channel; consent in every silo that holds one, the most
restrictive wins; contacts of the last days below the channel's limit; no open complaint. Before
all of them: data of silos whose purpose does not allow it chooses nobody.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from assistant.compiler.blocks import literal, quoted
from assistant.people.facts import Facts, count, has, person_dataset, person_key, silos
from catalog.semantic_model import SemanticModel
from catalog.semantic_offers import Condition
from connectors.clock import Clock
from connectors.config import ActivationSettings, Settings
from connectors.errors import PolicyViolation
from connectors.federation import Federation
from connectors.query import QueryResult

GUARDS = ("address", "consent", "pressure", "complaint")
PURPOSE = "purpose"
PERSON = "person"
MAX_SELECTIONS, MAX_CONDITIONS, MAX_FLAGS = 20, 20, 30
Flag = Condition | tuple[str, str]


@dataclass(frozen=True)
class Selection:
    """People who meet all conditions, to be contacted on one channel."""

    conditions: tuple[Condition, ...]
    channel: str


@dataclass(frozen=True)
class GuardCount:
    """What one guard did: people before and after it."""

    guard: str
    before: int
    after: int


@dataclass(frozen=True)
class Audience:
    """How many people a selection reaches.

    Attributes:
        selected: People that meet the conditions.
        guards: In the order they were applied.
        sql: The canonical SELECT that counted; empty when the purpose forbids the selection.
    """

    selection: Selection
    selected: int
    guards: tuple[GuardCount, ...]
    sql: str
    silos: tuple[str, ...] = ()

    @property
    def reachable(self) -> int:
        """People left after all guards."""
        return self.guards[-1].after if self.guards else self.selected


@dataclass(frozen=True)
class People:
    """Ids of people a batch of selections reaches.

    Attributes:
        chosen: Per selection, in order, the ids of those who pass all guards.
    """

    chosen: tuple[tuple[str, ...], ...]
    results: tuple[QueryResult, ...] = field(repr=False, default=())


class Audiences:
    """Counts and lists audiences through the door, under one role.

    Args:
        settings: Limits per channel, purposes of silos.
    """

    def __init__(
        self,
        settings: Settings,
        model: SemanticModel,
        federation: Federation,
        clock: Clock,
        role: str | None = None,
    ) -> None:
        self.model = model
        self.rules: ActivationSettings = settings.activation
        self._purposes = {silo.name: silo.purpose for silo in settings.silos}
        self.federation = federation
        self._clock = clock
        self.role = role

    def count(self, selections: Sequence[Selection]) -> tuple[Audience, ...]:
        """The audiences, in order; only their counts leave the engine.

        Raises:
            ConfigurationError: The model says of no dataset that it holds persons, or a dataset
                has no link to them.
            RundblickError: The query was refused or failed.
        """
        found: list[Audience] = []
        for batch in self._batches(selections):
            found += self._counted(batch)
        return tuple(found)

    def people(self, selections: Sequence[Selection]) -> People:
        """Ids per selection, guards applied; a person may be in several.

        Raises:
            RundblickError: As for `count`.
        """
        allowed = [selection for selection in selections if not self.forbidden(selection)]
        wanted = dict.fromkeys(flag for selection in allowed for flag in _flags(selection))
        holders, results = self._holders(list(wanted))
        chosen = [
            sorted(set[str].intersection(*(holders[flag] for flag in _flags(selection))))
            if not self.forbidden(selection)
            else []
            for selection in selections
        ]
        return People(tuple(map(tuple, chosen)), tuple(results))

    def _holders(self, flags: Sequence[Flag]) -> tuple[dict[Flag, set[str]], list[QueryResult]]:
        """Ids of the people for whom each flag holds; several SELECTs where one would be too long.

        Only ids and flags leave the engine.
        """
        holders: dict[Flag, set[str]] = {}
        results = []
        for start in range(0, len(flags), MAX_FLAGS):
            part = flags[start : start + MAX_FLAGS]
            state = _State(self)
            names = [state.flag(flag) for flag in part]
            sql = state.select([PERSON, *names], f" WHERE {' OR '.join(names)}")
            result = self.run(sql)
            ids, *columns = (column.to_pylist() for column in result.table.columns)
            for flag, column in zip(part, columns, strict=True):
                holders[flag] = {str(i) for i, holds in zip(ids, column, strict=True) if holds}
            results.append(result)
        return holders, results

    def run(self, sql: str) -> QueryResult:
        """Run it, unless the role sees masked or filtered rows: a guard may then miss a person."""
        own = f"rows of {person_dataset(self.model).source} "
        notes = self.federation.secure(sql, role=self.role).notes
        hidden = [note for note in notes if not note.startswith(own)]
        if hidden:
            hint = "Ask with a role that may read keys, consents, contacts and complaints."
            raise PolicyViolation(f"the guards cannot be checked: {hidden[0]}", hint=hint)
        return self.federation.run(sql, role=self.role)

    def forbidden(self, selection: Selection) -> tuple[str, ...]:
        """Silos whose purpose does not allow to choose people by their data."""
        used = silos(self.model, (condition.dataset for condition in selection.conditions))
        return tuple(s for s in used if self._purposes.get(s) not in self.rules.purposes)

    def condition(self, facts: Facts, flag: Flag) -> str:
        """A condition of a selection, or a guard, over `facts`; never null."""
        if isinstance(flag, Condition):
            return self._selected(facts, flag)
        name, channel = flag
        make = {
            "address": self._address,
            "consent": self._consent,
            "pressure": self._pressure,
            "complaint": self._complaint,
        }[name]
        return make(facts, channel)

    def _selected(self, facts: Facts, condition: Condition) -> str:
        rows = condition.where
        if condition.time is not None and condition.days is not None:
            rows = f"({rows}) AND {self.since(condition.time, condition.days)}"
        if condition.time is not None and condition.until:
            rows += f" AND {condition.time} < {literal(self._day(condition.until))}"
        sql = f"{facts.sql(has(condition.dataset, rows))} IS NULL"
        return sql if condition.absent else f"NOT {sql}"

    def contacts(self, facts: Facts, channel: str) -> str | None:
        """The contacts of the channel's last days as SQL; None when no dataset holds any."""
        days = self.rules.channel(channel).days
        parts = []
        for dataset in self.model.datasets.values():
            contact = dataset.roles.contact
            if contact and channel in contact.channels:
                rows = f"({contact.channels[channel]}) AND {self.since(contact.time, days)}"
                parts.append(f"COALESCE({facts.sql(count(dataset.name, rows))}, 0)")
        return " + ".join(parts) if parts else None

    def _counted(self, batch: Sequence[Selection]) -> Iterator[Audience]:
        state = _State(self)
        steps = [state.steps(selection) for selection in batch]
        outputs = [
            f"COUNT(CASE WHEN {sql} THEN 1 END) AS {quoted(f's{n}_{name}')}"
            for n, flags in enumerate(steps)
            for name, sql in flags.items()
        ]
        result = self.run(state.select(outputs))
        (row,) = result.rows()
        counts = iter(int(str(cell)) for cell in row)
        read = tuple(dict.fromkeys(f.silo for f in result.receipt.fragments))
        for selection, flags in zip(batch, steps, strict=True):
            found = dict(zip(flags, counts, strict=False))
            yield self._audience(selection, found, result.sql, read)

    def _audience(
        self, selection: Selection, found: dict[str, int], sql: str, read: tuple[str, ...]
    ) -> Audience:
        selected = before = found["selected"]
        guards = []
        if self.forbidden(selection):
            guards.append(GuardCount(PURPOSE, before, 0))
            found = dict.fromkeys(found, 0)
            before = 0
        for name in GUARDS:
            guards.append(GuardCount(name, before, found[name]))
            before = found[name]
        return Audience(selection, selected, tuple(guards), sql, read)

    def _batches(self, selections: Sequence[Selection]) -> Iterator[list[Selection]]:
        """Selections in parts whose SELECT stays within what a query may be."""
        batch: list[Selection] = []
        conditions: set[Condition] = set()
        for selection in selections:
            more = conditions | set(selection.conditions)
            if batch and (len(batch) >= MAX_SELECTIONS or len(more) > MAX_CONDITIONS):
                yield batch
                batch, more = [], set(selection.conditions)
            batch.append(selection)
            conditions = more
        if batch:
            yield batch

    def _address(self, facts: Facts, channel: str) -> str:
        address = person_dataset(self.model).roles.addresses.get(channel)
        if address is None:
            return "FALSE"
        return f"NOT NULLIF(TRIM({facts.of_person(address)}), '') IS NULL"

    def _consent(self, facts: Facts, channel: str) -> str:
        """Forbidden by no silo, and permitted by one where any silo can permit.

        A channel of which no dataset says anything is closed.
        """
        given, denied = [], []
        for dataset in self.model.datasets.values():
            consent = dataset.roles.consent.get(channel)
            if consent is None:
                continue
            no = f"({consent.rows}) AND NOT COALESCE({consent.given}, FALSE)"
            denied.append(f"{facts.sql(has(dataset.name, no))} IS NULL")
            if consent.permits:
                yes = f"({consent.rows}) AND {consent.given}"
                given.append(f"NOT {facts.sql(has(dataset.name, yes))} IS NULL")
        if not denied:
            return "FALSE"
        permitted = [f"({' OR '.join(given)})"] if given else []
        return " AND ".join([*permitted, *denied])

    def _pressure(self, facts: Facts, channel: str) -> str:
        contacts = self.contacts(facts, channel)
        return "TRUE" if contacts is None else f"{contacts} < {self.rules.channel(channel).most}"

    def _complaint(self, facts: Facts, _: str) -> str:
        parts = [
            f"{facts.sql(has(dataset.name, dataset.roles.complaint))} IS NULL"
            for dataset in self.model.datasets.values()
            if dataset.roles.complaint
        ]
        return " AND ".join(parts) or "TRUE"

    def since(self, time: str, days: int) -> str:
        """In the last so many days, today included."""
        return f"{time} >= {literal(self._day(days))}"

    def _day(self, days: int) -> date:
        return self._clock.day() - timedelta(days=days)


class _State:
    """One row per person with a flag per condition and guard, each worked out once."""

    def __init__(self, audiences: Audiences) -> None:
        self._audiences = audiences
        self._facts = Facts(audiences.model)
        self._flags: dict[str, str] = {}

    def flag(self, flag: Flag) -> str:
        """The column that says whether a condition or guard holds."""
        sql = self._audiences.condition(self._facts, flag)
        return self._flags.setdefault(sql, f"f{len(self._flags)}")

    def steps(self, selection: Selection) -> dict[str, str]:
        """What people have passed at each step as SQL, all earlier steps included."""
        *selected, address, consent, pressure, complaint = map(self.flag, _flags(selection))
        steps = {"selected": " AND ".join(selected) or "TRUE"}
        for name, flag in zip(GUARDS, (address, consent, pressure, complaint), strict=True):
            selected.append(flag)
            steps[name] = " AND ".join(selected)
        return steps

    def select(self, outputs: Sequence[str], tail: str = "") -> str:
        """The SELECT over the people's flags."""
        columns = [f"CAST({person_key(self._audiences.model)} AS VARCHAR) AS {PERSON}"]
        columns += [f"{sql} AS {name}" for sql, name in self._flags.items()]
        inner = self._facts.select(columns)
        return f"SELECT {', '.join(outputs)} FROM ({inner}) AS state{tail}"


def _flags(selection: Selection) -> tuple[Flag, ...]:
    """A selection's conditions, then the guards of its channel."""
    return (*selection.conditions, *((name, selection.channel) for name in GUARDS))
