"""Customers, products or campaigns by what they did, have or lack."""

from dataclasses import dataclass, field, replace

from sqlglot import exp

from assistant.compiler.formulas import formula
from assistant.compiler.paths import path, reachable
from assistant.metric_query import Filter, Membership, Period
from assistant.understanding.aggregates import spent_by
from assistant.understanding.combining import merged
from assistant.understanding.heard import Heard, Spoken
from assistant.understanding.lexicon import Match
from assistant.understanding.made import beyond, with_made
from assistant.understanding.markers import BOTH, NEITHER, NOR, NOT
from assistant.understanding.roles import SPEND, Roles, entities
from assistant.understanding.thresholds import Threshold
from catalog.semantic_model import Metric, SemanticModel

MORE = frozenset({"mehr", "longer", "more", "laenger"})


@dataclass
class Event:
    """One thing the members did or have: a metric's rows, with conditions of its own."""

    metric: Metric
    match: Match | None
    negated: bool = False
    filters: list[Filter] = field(default_factory=list)
    period: Period | None = None
    limit: Threshold | None = None

    @property
    def place(self) -> int:
        """Where in the question it stands."""
        return self.match.first if self.match else 10_000


class Events:
    """The events of one question, gathered from its matches.

    `unsure` is set when a period or a threshold may belong to more than one of them.
    """

    def __init__(self, heard: Heard, roles: Roles, model: SemanticModel) -> None:
        self.heard = heard
        self.model = model
        self.entity = str(roles.entity)
        self.unsure = False
        self.both = False
        self.found: list[Event] = []
        self.beyond: list[Metric] = []
        for match in roles.events:
            self._add(match)
        self._limits()
        self._in_both()

    def _add(self, match: Match) -> None:
        metric = event_metric(match, self.model, self.entity)
        self.heard.use(match)
        if metric is None:
            self.unsure = True
            return
        place = self.heard.negation(match)
        neither = self.heard.marked(NEITHER)
        if place is None and neither:
            place = neither[0]
        if place is not None:
            self._use_negation(place)
        known = next((e for e in self.found if e.metric.name == metric.name), None)
        if known is None:
            self.found.append(Event(metric, match, place is not None))
        elif place is not None:
            known.negated = True

    def _use_negation(self, place: int) -> None:
        self.heard.used.add(place)
        for beside in (place - 1, place + 1):
            if self.heard.norm(beside) in MORE | NOT:
                self.heard.used.add(beside)

    def _limits(self) -> None:
        """Each threshold to the event beside it; one of money to what the members spent."""
        for limit in self.heard.thresholds:
            event = self._limited(limit)
            if event is None or event.limit is not None:
                self.unsure = True
            elif event.metric not in self.beyond:
                event.limit = limit

    def _limited(self, limit: Threshold) -> Event | None:
        if limit.unit is not None and limit.unit.isupper():
            return self._spent(limit)
        if limit.unit is not None:
            return None
        place = self.heard.place_of(limit.span[0])
        events = [e for e in self.found if not e.negated or len(self.found) == 1]
        return min(events, key=lambda e: abs(e.place - place), default=None)

    def _spent(self, limit: Threshold) -> Event | None:
        """A threshold of money: on what a member spent in all, or on the value of each row.

        „Eine Bestellung über 500 Franken" is one row; „mehr als 500 Franken ausgegeben" is all.
        """
        money = spent_by(self.entity, self.model)
        if money is None:
            return None
        place = self.heard.place_of(limit.span[0])
        spending = self.heard.marked(SPEND)
        same = next((e for e in self.found if _same_rows(e, money, self.model)), None)
        if spending or (same is not None and same.metric.name == money.name):
            self.heard.used.update(spending)
            if same is None:
                same = Event(money, None)
                self.found.append(same)
            same.metric = money
            return same
        if same is None or same.match is None or not 0 <= place - same.match.last - 1 <= 2:
            return None
        rows = beyond(same.metric.name, money.name, limit.limit, self.model)
        if rows is None:
            return None
        same.metric = replace(rows, name=f"{same.metric.name}_beyond")
        self.model = with_made(self.model, (same.metric,))
        self.beyond.append(same.metric)
        return same

    def _in_both(self) -> None:
        """„Sowohl im Webshop als auch in der Filiale": one event in two ways."""
        both = self.heard.marked(BOTH)
        if both:
            self.both = True
            self.heard.used.update(both)

    def divide_both(self) -> None:
        """Each value of „both … and" is an event of its own."""
        if not self.both:
            return
        divided: list[Event] = []
        for event in self.found:
            fields = [f.field for f in event.filters]
            twice = next((name for name in fields if fields.count(name) > 1), None)
            rest = [f for f in event.filters if f.field != twice]
            own = [f for f in event.filters if f.field == twice]
            divided += [replace(event, filters=[*rest, f]) for f in own] or [event]
        self.unsure = self.unsure or (len(divided) == len(self.found) and len(self.found) < 2)
        self.found = divided

    def _denied(self, match: Match) -> int | None:
        """Where a value of an event is denied; „weder … noch" denies the event itself."""
        if self.heard.marked(NEITHER):
            self.heard.used.update((*self.heard.marked(NEITHER), *self.heard.marked(NOR)))
            return None
        place = self.heard.negation(match)
        if place is not None:
            self.heard.used.add(place)
        return place

    def imply(self, match: Match) -> bool:
        """A value of rows that belong to the entity: „mit Plan Plus" is having such a row."""
        for meaning in match.of("value"):
            dataset = meaning.name.split(".")[0]
            metric = (
                _count_of(dataset, self.model) if path(self.model, dataset, self.entity) else None
            )
            if metric is not None and meaning.condition is not None and not match.of("metric"):
                place = self.heard.negation(match)
                if place is not None:
                    self._use_negation(place)
                event = Event(metric, match, place is not None, [meaning.condition])
                self.found.append(event)
                self.heard.use(match)
                return True
        return False

    def take_value(self, match: Match) -> bool:
        """Give a value to the event whose rows have it; False when none has."""
        events = sorted(self.found, key=lambda e: abs(e.place - match.first))
        for event in events:
            start = str(formula(event.metric.name, self.model).dataset)
            steps = reachable(self.model, start)
            for meaning in match.of("value"):
                dataset = meaning.name.split(".")[0]
                if dataset in steps and meaning.condition is not None:
                    place = self._denied(match)
                    operator = "!=" if place is not None else meaning.condition.operator
                    event.filters.append(replace(meaning.condition, operator=operator))
                    self.heard.use(match)
                    return True
        return False

    def take_periods(self, head: Metric | None, head_place: int) -> Period | None:
        """Give each period to what it places in time; the head's own period is returned."""
        spoken = list(self.heard.spoken)
        timed = [e for e in self.found if e.metric.time is not None]
        own = head is not None and head.time is not None
        if len(spoken) == 2 and not own and len(timed) == 1:
            self._twice(timed[0], spoken)
            return None
        if len(spoken) == 1:
            return self._one(spoken[0], timed, head_place if own else None)
        places = sorted([(e.place, e) for e in timed], key=lambda pair: pair[0])
        owners: list[Event | None] = [e for _, e in places]
        if own:
            owners = [None, *owners]
        if len(spoken) != len(owners):
            self.unsure = self.unsure or bool(spoken)
            return None
        period = None
        for said, owner in zip(spoken, owners, strict=True):
            if owner is None:
                period = said.period
            else:
                owner.period = said.period
        return period

    def _one(self, said: Spoken, timed: list[Event], head_place: int | None) -> Period | None:
        """One period: the head's when it stands by it, else that of every event."""
        first = min((e.place for e in timed), default=10_000)
        if head_place is not None and said.after <= first:
            return said.period
        if not timed:
            self.unsure = True
        last = max((e.place for e in timed), default=0)
        between = len(timed) > 1 and first < said.after <= last
        self.unsure = self.unsure or between
        for event in timed:
            event.period = said.period
        return None

    def _twice(self, event: Event, spoken: list[Spoken]) -> None:
        """„2025 bestellt, aber 2026 nicht mehr": the event in one period and not in the other."""
        denied = self.heard.marked(NOT)
        if len(denied) != 1:
            self.unsure = True
            return
        event.period, event.negated = spoken[0].period, False
        second = spoken[1]
        if denied[0] < second.after - 3 and not event.match:
            self.unsure = True
        self._use_negation(denied[0])
        self.found.append(replace(event, negated=True, period=second.period, limit=None))

    def memberships(self) -> tuple[Membership, ...]:
        """The events as conditions on the entity's rows."""
        key = entities(self.model)[self.entity].primary_key[0]
        return tuple(membership(event, self.entity, key) for event in self.found)


def membership(event: Event, dataset: str, key: str) -> Membership:
    """One event as a condition on the rows of a dataset."""
    limit = event.limit.limit if event.limit else None
    return Membership(
        dataset=dataset,
        key=key,
        metric=event.metric.name,
        filters=tuple(merged(event.filters)),
        period=event.period,
        having=replace(limit, metric=event.metric.name) if limit else None,
        negated=event.negated,
    )


def event_metric(match: Match, model: SemanticModel, entity: str | None = None) -> Metric | None:
    """The metric whose rows an event is: the match's own count or sum, or its dataset's.

    With an `entity`, only one whose rows belong to rows of it.
    """
    for meaning in match.of("metric"):
        metric = model.metrics[meaning.name]
        made = formula(metric.name, model)
        if made.dataset is None or not isinstance(made.tree, (exp.Count, exp.Sum)):
            continue
        if entity is None or path(model, made.dataset, entity):
            return metric
    for meaning in match.of("dataset"):
        return _count_of(meaning.name, model)
    return None


def _count_of(dataset: str, model: SemanticModel) -> Metric | None:
    """What having a row of a dataset means: its plain count, else its state, else any count."""
    counts = [
        metric
        for metric in model.metrics.values()
        if formula(metric.name, model).dataset == dataset
        and isinstance(formula(metric.name, model).tree, exp.Count)
    ]
    labels = model.datasets[dataset].labels
    plain = [m for m in counts if m.labels == labels]
    states = [m for m in counts if m.time is None]
    return next(iter([*plain, *states, *counts]), None)


def _same_rows(event: Event, money: Metric, model: SemanticModel) -> bool:
    return formula(event.metric.name, model).dataset == formula(money.name, model).dataset
