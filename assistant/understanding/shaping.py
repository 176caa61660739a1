"""How a figure is wanted: as a mean, an extreme, a quotient, a share, a change, a ranking."""

from dataclasses import dataclass, replace

from assistant.compiler.formulas import additive, formula
from assistant.metric_query import Dimension, Filter, Grain, MetricFilter, MetricQuery
from assistant.periods import previous, shifted
from assistant.understanding.aggregates import (
    is_average,
    money_of,
)
from assistant.understanding.heard import Heard
from assistant.understanding.lexicon import Match
from assistant.understanding.made import beyond, part_of, portion
from assistant.understanding.markers import (
    AVERAGE,
    GROWTH,
    LEAST,
    PER,
    SHARE,
    SHRINKING,
    Ranking,
    number_of,
)
from assistant.understanding.measuring import Measure
from assistant.understanding.words import fold, word_set

LONGEST = word_set("laengste laengsten laengster kuerzeste kuerzesten kuerzester longest shortest")
PREFIXES: dict[str, Grain] = {
    "tages": "day", "wochen": "week", "monats": "month", "quartals": "quarter", "jahres": "year",
}  # fmt: skip


@dataclass
class Shape(Measure):
    """A query being given its shape; every step marks the words it has used."""

    def apply(self, names: list[str], subjects: list[str], *, reused: bool) -> MetricQuery:
        """The query; `ambiguous` tells when a word's part in it is not clear."""
        said = self.heard.period
        self.query = MetricQuery(
            tuple(names),
            period=said.period if said else None,
            comparison=said.comparison if said else None,
        )
        self._of_subjects(subjects)
        self._divide()
        self._extreme()
        self._limits()
        self._shares()
        self._time_steps()
        self._change()
        self._ranked(reused=reused)
        return self.query

    # ---- limits and shares

    def _limits(self) -> None:
        """Thresholds: rows beyond a value of theirs, or groups beyond a figure."""
        for limit in self.heard.thresholds:
            metric = self.metric
            if limit.times:
                self.ambiguous = True
            elif self.fields.dimensions and limit.unit in (None, metric.unit):
                having = replace(limit.limit, metric=metric.name)
                self.query = replace(self.query, having=(*self.query.having, having))
            elif not self._beyond(limit.unit, limit.limit):
                self.ambiguous = True

    def _beyond(self, unit: str | None, limit: MetricFilter) -> bool:
        """„Bestellungen über 200 Franken": rows by the value of theirs that has the unit."""
        metric = self.metric
        dataset = formula(metric.name, self.model).dataset
        if unit is None or metric.unit != "count" or dataset is None:
            return False
        money = money_of(dataset, self.model) if unit.isupper() else None
        same = (
            [money]
            if money
            else [
                m
                for m in self.model.metrics.values()
                if m.unit == unit and formula(m.name, self.model).dataset == dataset
            ]
        )
        if len(same) != 1:
            return False
        made = beyond(metric.name, same[0].name, limit, self.model)
        if made is None:
            return False
        if self.sharing:
            whole = metric.name
            self._know(made)
            share = part_of(made.name, whole, self.model, same=True)
            if share is None:
                return False
            made = share
            self.heard.used.update(self.heard.marked(SHARE))
        self._make(made)
        return True

    def _shares(self) -> None:
        """„Anteil … ist Premium": the metric with the condition over the metric without."""
        left = [p for p in self.heard.marked(SHARE) if p not in self.heard.used]
        if not left or self.metric.unit == "percent" or _only_percent_change(self.heard):
            return
        filters = self.fields.filters
        if self.fields.dimensions and not filters and additive(self.metric, self.model):
            self.query = replace(self.query, share=True)
            return
        if len(self.query.metrics) != 1 or not filters:
            self.ambiguous = True
            return
        parts = self._predicate(filters)
        made = portion(self.metric.name, parts, self.model) if parts else None
        if made is None:
            self.ambiguous = True
            return
        self.fields.filters = [f for f in filters if f not in parts]
        self._make(made)

    def _predicate(self, filters: list[Filter]) -> list[Filter]:
        """The conditions that make the part: those of the one field that is named."""
        names = {(f.dataset, f.field) for f in filters}
        if len(names) == 1:
            return filters
        return []

    # ---- time

    def _time_steps(self) -> None:
        """„Pro Monat": one row each, or the mean of them."""
        grain = self.heard.period.grain if self.heard.period else None
        average = [p for p in self.heard.marked(AVERAGE) if p not in self.heard.used]
        for place, word in enumerate(self.heard.words):
            if word.norm in PREFIXES and grain is None and PREFIXES[word.norm] != "year":
                grain = PREFIXES[word.norm]
                self.heard.used.add(place)
        grain = grain or self._asked_unit()
        if grain is None:
            return
        time = self._time()
        if time is None:
            self.ambiguous = self.ambiguous or bool(average)
            return
        summed = all(additive(self.model.metrics[m], self.model) for m in self.query.metrics)
        if average and summed:
            self.query = replace(self.query, mean_over=grain)
            return
        dataset, _, name = time.partition(".")
        self.fields.dimensions.insert(0, Dimension(dataset, name, grain))

    def _time(self) -> str | None:
        inputs = [i for name in self.query.metrics for i in formula(name, self.model).inputs]
        times = [self.model.metrics[name].time for name in inputs]
        return next((time for time in times if time), None)

    def _change(self) -> None:
        """„Gewachsen", "dropped": against the span before, when no other is named."""
        words = self.heard.marked(GROWTH)
        query, further = self.query, self.heard.further
        if len(further) == 1 and query.comparison is None and query.period is not None:
            later, earlier = query.period, further[0].period
            if later.start < earlier.start and not words:
                later, earlier = earlier, later
            self.query = replace(query, period=later, comparison=earlier)
            self.ambiguous = self.ambiguous or later.start == earlier.start
            return
        self.ambiguous = self.ambiguous or bool(further)
        steps = any(d.grain for d in self.fields.dimensions)
        if not words or query.comparison is not None or steps or query.period is None:
            return
        whole_year = query.period.start.month == 1 and query.period.start.day == 1
        part = (query.period.end - query.period.start).days < 365
        before = (
            shifted(query.period, "year", self.language)
            if whole_year and part
            else previous(query.period)
        )
        self.query = replace(query, comparison=before)

    # ---- order

    def _ranked(self, *, reused: bool) -> None:
        rank = self.heard.ranking
        dimensions = tuple(self.fields.dimensions)
        if rank is None:
            return
        if not dimensions:
            self.ambiguous = self.ambiguous or not reused
            return
        growth = self.heard.marked(GROWTH)
        changes = bool(growth) and self.query.comparison is not None
        name = self.query.metrics[0]
        descending = self._high_first(rank) if not changes else self._rising(rank)
        self.heard.used.update(rank.words)
        self.query = replace(
            self.query,
            order=f"{name}_change" if changes else name,
            descending=descending,
            limit=self._limit(rank),
        )

    def _rising(self, rank: Ranking) -> bool:
        falling = bool(self.heard.marked(SHRINKING))
        return rank.highest != falling

    def _high_first(self, rank: Ranking) -> bool:
        """„Best" of a metric where less is good means the lowest."""
        if rank.quality and self.metric.better == "down":
            return not rank.highest
        return rank.highest

    def _limit(self, rank: Ranking) -> int | None:
        """„top 5", or „die 5 Kantone mit dem höchsten …"."""
        if rank.limit is not None:
            return rank.limit
        for match in self.heard.matches:
            number = number_of(self.heard.norm(match.first - 1)) if match.first else None
            if match.of("field") and number:
                self.heard.used.add(match.first - 1)
                return number
        if any(d.grain for d in self.fields.dimensions):
            return 1
        if any(match.of("field") and self._single(match) for match in self.heard.matches):
            return 1
        return None

    def _single(self, match: Match) -> bool:
        """„Welche Region", "the campaign with": one row; „nach Region" and „Regionen" are all."""
        if match.first == 0 or self.heard.before(match, PER):
            return False
        word = self.heard.words[match.last].norm
        for meaning in match.of("field"):
            dataset, _, name = meaning.name.partition(".")
            owner = self.model.datasets[dataset].field(name)
            labels = owner.labels.values() if owner else ()
            folded = [fold(label) for label in labels]
            if any(f.endswith(word) or word.endswith(f) for f in folded):
                return True
        return False


def _only_percent_change(heard: Heard) -> bool:
    """„Um wie viel Prozent ist … gewachsen": the percentage is the change."""
    return bool(heard.marked(GROWTH))


__all__ = ["LEAST", "Shape", "is_average"]
