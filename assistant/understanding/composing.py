"""Puts the parts of a question together to a metric query."""

from dataclasses import dataclass, field, replace
from datetime import date

from assistant.compiler.blocks import find_field
from assistant.compiler.formulas import formula
from assistant.metric_query import Dimension, Membership, MetricQuery, Part, Period
from assistant.understanding.aggregates import counted_column, persons
from assistant.understanding.combining import continued, merged
from assistant.understanding.fields import FAR, Fields, bases_of
from assistant.understanding.figures import Figures, entity_count
from assistant.understanding.heard import Heard
from assistant.understanding.leftovers import used_by_result, words_left
from assistant.understanding.lexicon import Match
from assistant.understanding.listing import naming, running_today, span
from assistant.understanding.made import share_of, with_made
from assistant.understanding.markers import RUNNING, SHARE
from assistant.understanding.roles import Roles, assign, counts_entity, entities
from assistant.understanding.sets import Events, membership
from assistant.understanding.shaping import Shape
from assistant.understanding.signals import Signals
from catalog.semantic_model import Language, Metric, SemanticModel


@dataclass
class Composed:
    """A query in the making, with what stands in its way."""

    query: MetricQuery | None = None
    metrics: tuple[str, ...] = ()
    uncovered: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    unreachable: list[str] = field(default_factory=list)
    timeless: bool = False
    ambiguous: bool = False
    reused: bool = False
    choices: tuple[str, ...] = ()
    close: int = 0

    def signals(self, heard: Heard) -> Signals:
        """What tells how sure the reading is."""
        query = self.query or MetricQuery(())
        members = len(query.members) + sum(len(part.members) for part in query.parts)
        silent = len(heard.words) - sum(m.last - m.first + 1 for m in heard.matches)
        filler = silent / len(heard.words) if heard.words else 0.0
        return Signals(
            corrected=len(heard.corrected),
            filler=round(filler, 3),
            made=len(query.made),
            members=members,
            choices=self.close,
            reused=self.reused,
            conditions=len(query.filters),
            timed=query.period is not None,
            compared=query.comparison is not None,
            listed=not query.metrics,
        )


class Composer:
    """One question becoming a query."""

    def __init__(
        self,
        heard: Heard,
        model: SemanticModel,
        language: Language,
        today: date,
        earlier: MetricQuery | None,
    ) -> None:
        self.today = today
        self.heard = heard
        self.model = model
        self.language = language
        self.earlier = earlier
        self.roles: Roles = assign(heard, model)
        self.made: list[Metric] = []
        self.out = Composed()
        self.sharing = bool(heard.marked(SHARE))
        if self.roles.per is not None:
            heard.use(self.roles.per)
            heard.used.update(self.roles.per_places)

    def compose(self) -> Composed:
        """The query; what stands in its way is named beside it."""
        if self.roles.entity is not None and self.roles.head is not None:
            query = self._set_question(self.roles.head)
        else:
            query = self._figure_question()
        if query is None:
            for match in self.heard.matches:
                self.heard.use(match)
        else:
            used_by_result(self.heard, query, self.model)
            self.out.query = query
            self.out.metrics = query.metrics
        named = [*self.out.metrics, *(m.metric for m in query.members)] if query else ()
        self.out.uncovered, self.out.unclear = words_left(self.heard, named, self.model)
        return self.out

    # ---- what members of an entity did or have

    def _set_question(self, head: Match) -> MetricQuery | None:
        """Customers who …, counted, listed or as a share."""
        events = Events(self.heard, self.roles, self.model)
        metric = self._head_metric(head)
        self._use(*events.beyond)
        behind = self._behind(metric, events)
        self._use(*([behind] if behind else []))
        bases = bases_of([behind.name], self.model) if behind else (str(self.roles.entity),)
        fields = self._fields(bases, None if behind else events)
        events.divide_both()
        period = events.take_periods(metric, head.first)
        self.out.ambiguous = self.out.ambiguous or events.unsure or bool(self.roles.things)
        if self.out.ambiguous or not events.found:
            self.out.ambiguous = True
            self._use(metric)
            return self._query((metric.name,), fields)
        if self.roles.listing and not self.roles.counting:
            return self._listed(fields, events, period)
        if self.sharing:
            return self._share_of(metric, fields, events, period)
        if behind is not None:
            return self._single(behind, events, fields)
        self._use(metric)
        members = events.memberships()
        return self._query((metric.name,), fields, period=period, members=members)

    def _head_metric(self, head: Match) -> Metric:
        """What counts the entity: the metric the question names, or its plain count."""
        entity = str(self.roles.entity)
        for match in (head, *self.roles.mentions):
            if match.of("dataset") or match.of("metric"):
                self.heard.use(match)
        names = [m.name for m in head.of("metric")]
        named = [n for n in names if counts_entity(n, self.model) == entity]
        if named:
            return self.model.metrics[named[0]]
        return entity_count(entities(self.model)[entity], self.model)

    def _use(self, *metrics: Metric) -> None:
        """Make metrics of this question known to the model."""
        new = [m for m in metrics if m.name not in self.model.metrics]
        self.made += new
        self.model = with_made(self.model, tuple(new))

    def _behind(self, metric: Metric, events: Events) -> Metric | None:
        """One thing they did: counted by its own rows, where these tell customers apart."""
        twice = len(self.heard.spoken) > 1
        if len(events.found) != 1 or metric.time or self.sharing or self.roles.listing or twice:
            return None
        event = events.found[0]
        return (
            None
            if event.negated or events.both
            else persons(event.metric, str(self.roles.entity), self.model)
        )

    def _single(self, behind: Metric, events: Events, fields: Fields) -> MetricQuery:
        """The customers behind one event; those beyond a threshold of it."""
        event = events.found[0]
        members: tuple[Membership, ...] = ()
        if event.limit is not None:
            dataset = bases_of([behind.name], self.model)[0]
            members = (membership(event, dataset, counted_column(behind)),)
        members = tuple(replace(m, filters=tuple(merged(fields.filters))) for m in members)
        return self._query((behind.name,), fields, period=event.period, members=members)

    def _share_of(
        self, metric: Metric, fields: Fields, events: Events, period: Period | None
    ) -> MetricQuery:
        """Percent of the entity's rows that did or have it."""
        self.heard.used.update(self.heard.marked(SHARE))
        part = replace(metric, name=f"{metric.name}_part", synonyms=(), source="question")
        share = share_of(metric, f"100.0 * {part.name} / {metric.name}")
        self._use(metric, part, share)
        parts = (Part(part.name, (), events.memberships()),)
        return self._query((share.name,), fields, period=period, parts=parts)

    def _listed(self, fields: Fields, events: Events, period: Period | None) -> MetricQuery | None:
        """The names of the entity's rows."""
        label = naming(entities(self.model)[str(self.roles.entity)])
        self.out.ambiguous = self.out.ambiguous or label is None or period is not None
        if label is None:
            return None
        dimensions = tuple(dict.fromkeys((label, *fields.dimensions)))
        members = events.memberships()
        return MetricQuery((), dimensions, tuple(merged(fields.filters)), members=members)

    # ---- figures

    def _figure_question(self) -> MetricQuery | None:
        figures = Figures(self.heard, self.roles, self.model, sharing=self.sharing)
        names = figures.find()
        self._use(*figures.made)
        self.out.ambiguous = figures.ambiguous
        if not names and self.roles.listing:
            return self._list_question()
        if not names and self.earlier is not None and (self.heard.matches or self.heard.period):
            names = list(self.earlier.metrics)
            self._use(*self.earlier.made)
            self.out.reused = True
        return self._figure(names, figures.subjects) if names else None

    def _figure(self, names: list[str], subjects: list[str]) -> MetricQuery:
        events = self._qualified(names)
        fields = self._fields(bases_of(names, self.model), events)
        names = self._retimed(names, fields.time)
        shape = Shape(self.heard, self.model, self.roles, fields, self.language, self.sharing)
        shaped = shape.apply(names, subjects, reused=self.out.reused)
        self._use(*shaped.made)
        self.out.ambiguous = self.out.ambiguous or shape.ambiguous
        query = replace(
            shaped,
            dimensions=tuple(fields.dimensions),
            filters=tuple(merged(fields.filters)),
            members=events.memberships() if events else (),
            made=tuple(self.made),
        )
        if self.out.reused and self.earlier is not None:
            query = continued(self.earlier, query)
        query = self._running(query)
        if query.period is not None and not self._timed(query) and self._is_today(query.period):
            query = replace(query, period=None)  # a state is as of today
        self.out.timeless = query.period is not None and not self._timed(query)
        return query

    def _is_today(self, period: Period) -> bool:
        return period.start == self.today

    def _retimed(self, names: list[str], time: str | None) -> list[str]:
        """The first metric by another day of its rows: tickets by the day they were resolved."""
        if time is None or self.model.metrics[names[0]].time == time:
            return names
        metric = self.model.metrics[names[0]]
        placed = replace(metric, name=f"{metric.name}_by_{time.split('.')[1]}", time=time)
        self._use(placed)
        return [placed.name, *names[1:]]

    def _running(self, query: MetricQuery) -> MetricQuery:
        """„Wie viele Kampagnen liefen im August": those that touch the period."""
        owner = self.model.datasets[bases_of(list(query.metrics), self.model)[0]]
        spanned = owner.field("start") is not None and owner.field("end") is not None
        if query.period is None or not spanned or not self.heard.marked(RUNNING):
            return query
        touching = span(self.heard, owner, query.period) or ()
        return replace(query, period=None, filters=(*query.filters, *touching))

    def _qualified(self, names: list[str]) -> Events | None:
        """„Umsatz mit Kunden, die …": conditions on the customers behind a figure."""
        entity = self.roles.entity
        if entity is None:
            return None
        for match in self.roles.mentions:
            if not match.of("value"):
                self.heard.use(match)
        events = Events(self.heard, self.roles, self.model)
        reached = Fields(self.heard, self.model, bases_of(names, self.model)).distance(entity)
        unclear = events.unsure or reached >= FAR or not self._periods(events, names)
        self.out.ambiguous = self.out.ambiguous or unclear
        return events

    def _periods(self, events: Events, names: list[str]) -> bool:
        """Give the second of two periods to what the customers did; False when it is not clear."""
        spoken = self.heard.spoken
        timed = [e for e in events.found if e.metric.time is not None]
        main = any(self.model.metrics[i].time for n in names for i in formula(n, self.model).inputs)
        if len(spoken) < 2:
            return True
        if len(spoken) > 2 or len(timed) != 1 or not main or self.heard.period is None:
            return False
        near = min(spoken, key=lambda said: abs(said.after - timed[0].place))
        other = next(said for said in spoken if said is not near)
        timed[0].period = near.period
        self.heard.period = replace(self.heard.period, period=other.period)
        self.heard.further = []
        return True

    def _list_question(self) -> MetricQuery | None:
        """Names of things: „Welche Marken führen wir?", "which campaigns ran in August"."""
        label = self._listed_label()
        if label is None:
            return None
        fields = self._fields((label.dataset,), None)
        fields.dimensions = [label, *(d for d in fields.dimensions if d != label)]
        period = self.heard.period.period if self.heard.period else None
        filters = list(fields.filters)
        if period is not None:
            days = span(self.heard, self.model.datasets[label.dataset], period, fields.time)
            self.out.timeless = days is None
            filters += days or ()
        elif self.heard.marked(RUNNING):
            filters += running_today(self.heard, self.model.datasets[label.dataset], self.today)
        blocked = self.heard.thresholds or self.heard.further or self.heard.ranking or self.sharing
        self.out.ambiguous = self.out.ambiguous or bool(blocked)
        return MetricQuery((), tuple(fields.dimensions), tuple(merged(filters)))

    def _listed_label(self) -> Dimension | None:
        """What names the things asked for: the first field, or the first entity's name."""
        known = entities(self.model)
        for match in self.heard.matches:
            for meaning in match.of("dataset"):
                found = naming(known[meaning.name]) if meaning.name in known else None
                if found is not None:
                    self.heard.use(match)
                    return found
            for meaning in match.of("field"):
                dataset, _, name = meaning.name.partition(".")
                label = Dimension(dataset, name)
                if find_field(self.model, label.dataset, label.field).is_time:
                    continue
                self.heard.use(match)
                return label
        return None

    def _fields(self, datasets: tuple[str, ...], events: Events | None) -> Fields:
        """All phrases that are left: what to split by, what to filter by, what an event has."""
        fields = Fields(self.heard, self.model, datasets)
        fields.take_literals()
        for match in self.heard.matches:
            if self.heard.is_used(match):
                continue
            if (
                events is not None
                and fields.nearest(match) is None
                and (events.take_value(match) or events.imply(match))
            ):
                continue
            if fields.names_value(match):
                self.heard.use(match)
                continue
            fields.take(match)
        compared = fields.compare_values()
        if not compared:
            named = {(f.dataset, f.field) for f in fields.filters if f.operator == "="}
            fields.dimensions = [d for d in fields.dimensions if (d.dataset, d.field) not in named]
        self.out.unreachable += fields.unreachable
        self.out.choices = tuple(self._field_label(name) for name in dict.fromkeys(fields.choices))
        self.out.close = fields.close
        return fields

    def _field_label(self, name: str) -> str:
        dataset, _, field_name = name.partition(".")
        owner = self.model.datasets[dataset].field(field_name)
        labels = owner.labels if owner else {}
        return labels.get(self.language, field_name)

    def _timed(self, query: MetricQuery) -> bool:
        """True when a period places at least one part of the metrics."""
        inputs = [i for n in query.metrics for i in formula(n, self.model).inputs]
        return any(self.model.metrics[name].time for name in inputs)

    def _query(
        self,
        metrics: tuple[str, ...],
        fields: Fields,
        period: Period | None = None,
        members: tuple[Membership, ...] = (),
        parts: tuple[Part, ...] = (),
    ) -> MetricQuery:
        return MetricQuery(
            metrics=metrics,
            dimensions=tuple(fields.dimensions),
            filters=tuple(merged(fields.filters)),
            period=period,
            made=tuple(self.made),
            members=members,
            parts=parts,
        )
