"""What is measured: of whose rows, per what, the largest or the median, the first or last day."""

from dataclasses import dataclass, field, replace

from sqlglot import exp

from assistant.compiler.formulas import all_rows, formula
from assistant.compiler.paths import path
from assistant.metric_query import Grain, MetricQuery
from assistant.period_words import UNITS
from assistant.understanding.aggregates import (
    Kind,
    extreme,
    largest_row,
    lasting,
    measured,
    moment,
    persons,
    quotient,
)
from assistant.understanding.fields import Fields
from assistant.understanding.heard import Heard
from assistant.understanding.lexicon import Match
from assistant.understanding.made import beyond, part_of, with_made
from assistant.understanding.markers import (
    AVERAGE,
    FIRST,
    LAST,
    MEDIAN,
    SHARE,
    WHEN,
    WHICH,
)
from assistant.understanding.roles import Roles, counts_entity
from assistant.understanding.sets import event_metric
from assistant.understanding.words import word_set
from catalog.semantic_model import Language, Metric, SemanticModel

LONGEST = word_set("laengste laengsten laengster kuerzeste kuerzesten kuerzester longest shortest")
PREFIXES: dict[str, Grain] = {
    "tages": "day", "wochen": "week", "monats": "month", "quartals": "quarter", "jahres": "year",
}  # fmt: skip


@dataclass
class Measure:
    """A query being given its measure; every step marks the words it has used."""

    heard: Heard
    model: SemanticModel
    roles: Roles
    fields: Fields
    language: Language
    sharing: bool
    ambiguous: bool = False
    query: MetricQuery = field(default_factory=lambda: MetricQuery(()))

    @property
    def metric(self) -> Metric:
        """The first metric of the query."""
        return self.model.metrics[self.query.metrics[0]]

    def _make(self, made: Metric) -> None:
        """The question's own metric instead of the first."""
        self.model = with_made(self.model, (made,))
        self.fields.model = self.model
        kept = tuple(m for m in self.query.made if m.name != made.name)
        rest = self.query.metrics[1:]
        self.query = replace(self.query, metrics=(made.name, *rest), made=(*kept, made))

    def _of_subjects(self, subjects: list[str]) -> None:
        """A share of the subject, or rows of it beyond a limit; else the subject must fit."""
        others = [name for name in subjects if name not in self.query.metrics]
        if len(self.query.metrics) == 1 and len(others) == 1:
            made = self._made_of(self.metric, others[0])
            if made is not None:
                self._make(made)
                return
        for name in others:
            dataset = str(formula(name, self.model).dataset)
            self.ambiguous = self.ambiguous or self.fields.distance(dataset) >= 99

    def _made_of(self, metric: Metric, subject: str) -> Metric | None:
        limit = self.heard.thresholds[0] if len(self.heard.thresholds) == 1 else None
        if limit is not None and metric.unit == limit.unit:
            made = beyond(subject, metric.name, limit.limit, self.model)
            if made is not None and self.sharing:
                self.model = with_made(self.model, (made,))
                share = part_of(made.name, subject, self.model, same=True)
                if share is not None:
                    self.query = replace(self.query, made=(made,))
                    self.heard.used.update(self.heard.marked(SHARE))
                made = share
            self.heard.thresholds = () if made else self.heard.thresholds
            return made
        if not self.sharing:
            return None
        inside = all_rows(self.model.metrics[subject], self.model)
        same = inside is not None and formula(metric.name, self.model).dataset == inside
        same = same and all_rows(metric, self.model) is None
        made = part_of(metric.name, subject, self.model, same=same)
        if made is not None:
            self.heard.used.update(self.heard.marked(SHARE))
        return made

    def _divide(self) -> None:
        """„Tickets pro Bestellung", „auf 100 Bestellungen", "per new customer"."""
        per = self.roles.per
        if per is None:
            return
        self.heard.use(per)
        self.heard.used.update(self.roles.per_places)
        bottom = self._divisor(per)
        if bottom is None or len(self.query.metrics) != 1:
            self.ambiguous = True
            return
        self.heard.used.update(self.heard.marked(AVERAGE))
        self._know(bottom)
        top = self._top(bottom)
        state_per_flow = (
            top.time is None and bottom.time is not None and not _derived(top, self.model)
        )
        self.ambiguous = self.ambiguous or state_per_flow
        for metric in (top, bottom):
            if metric.name not in self.model.metrics or metric in self.query.made:
                self._know(metric)
        self._make(quotient(top, bottom, self.roles.scale))

    def _top(self, bottom: Metric) -> Metric:
        """What is divided: of things per order, the pieces in it."""
        top, below = self.metric, formula(bottom.name, self.model).dataset
        entity = counts_entity(top.name, self.model)
        if entity is None or entity == below:
            return top
        for metric in self.model.metrics.values():
            rows = formula(metric.name, self.model)
            if metric.unit != "count" or not isinstance(rows.tree, exp.Sum) or rows.dataset is None:
                continue
            if path(self.model, rows.dataset, entity) and path(
                self.model, rows.dataset, str(below)
            ):
                return metric
        return top

    def _know(self, metric: Metric) -> None:
        self.model = with_made(self.model, (metric,))
        self.fields.model = self.model
        if metric.name not in {m.name for m in self.query.made}:
            self.query = replace(self.query, made=(*self.query.made, metric))

    def _divisor(self, per: Match) -> Metric | None:
        """The count below the line: of customers, those with rows where the model tells them."""
        bottom = event_metric(per, self.model)
        entity = counts_entity(bottom.name, self.model) if bottom else None
        if bottom is None or entity is None or bottom.time is not None or self.roles.scale > 1:
            return bottom
        return persons(self.metric, entity, self.model) or self._behind(entity) or bottom

    def _behind(self, entity: str) -> Metric | None:
        """A sum's customers: told by the key of its dataset."""
        dataset = formula(self.metric.name, self.model).dataset
        for metric in self.model.metrics.values():
            same = formula(metric.name, self.model).dataset == dataset
            if (
                same
                and metric.time == self.metric.time
                and persons(metric, entity, self.model) is metric
            ):
                return metric
        return None

    def _extreme(self) -> None:
        """„Die längste Wartezeit", "the biggest order", „wann … zuletzt", the median."""
        heard, metric = self.heard, self.metric
        if heard.marked(WHEN):
            self._moment()
            return
        medians = heard.marked(MEDIAN)
        if medians and not set(medians) <= heard.used:
            made = extreme(metric, "MEDIAN")
            if made is not None:
                heard.used.update(medians)
                self._make(made)
            return
        rank = heard.ranking
        if (
            rank is None
            or rank.limit
            or rank.quality
            or self.fields.dimensions
            or self._asked_unit()
        ):
            return
        beside = [m for m in heard.matches if m.first - rank.place in (1, 2) and heard.is_used(m)]
        if not beside or len(self.query.metrics) != 1:
            return
        kind: Kind = "MAX" if rank.highest else "MIN"
        dataset = str(formula(metric.name, self.model).dataset)
        made = extreme(metric, kind) if measured(metric) is not None else None
        longest = self.heard.norm(rank.place) in LONGEST
        if made is None and metric.unit == "count" and longest:
            length = lasting(dataset, self.model)
            made = extreme(length, kind) if length else None
        elif made is None and metric.unit == "count":
            made = largest_row(dataset, self.model, kind)
        if made is not None:
            heard.used.update(rank.words)
            self.heard.ranking = None
            self._make(made)

    def _moment(self) -> None:
        first, last = self.heard.marked(FIRST), self.heard.marked(LAST)
        if self.heard.ranking and last and self.heard.ranking.place == last[0] - 1:
            self.heard.used.add(self.heard.ranking.place)
            self.heard.ranking = None
        made = moment(self.metric, last=bool(last)) if bool(first) != bool(last) else None
        if made is None:
            self.ambiguous = True
            return
        self.heard.used.update((*first, *last, *self.heard.marked(WHEN)))
        self._make(made)

    def _asked_unit(self) -> Grain | None:
        """„In welchem Monat", "which quarter"."""
        for place, word in enumerate(self.heard.words):
            if word.norm in UNITS and self.heard.norm(place - 1) in WHICH:
                self.heard.used.update((place, place - 1))
                return UNITS[word.norm]
        return None


def _derived(metric: Metric, model: SemanticModel) -> bool:
    return formula(metric.name, model).dataset is None
