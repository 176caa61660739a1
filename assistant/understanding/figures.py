"""Which metrics a question asks for, and what it says beside them."""

from itertools import pairwise

from assistant.compiler.formulas import all_rows, formula
from assistant.understanding.aggregates import counted, numerator, spent_by
from assistant.understanding.fields import FAR, Fields, bases_of
from assistant.understanding.heard import Heard
from assistant.understanding.lexicon import Match
from assistant.understanding.markers import AND, WHEN
from assistant.understanding.roles import (
    COUNT_WORDS,
    SPEND,
    Roles,
    counts_entity,
    dataset_of,
    entities,
    names_entity,
)
from assistant.understanding.sets import event_metric
from assistant.understanding.words import tokens, word_set
from catalog.semantic_model import Dataset, Metric, SemanticModel

UNIT_WORDS = word_set(
    "sekunden seconds minuten minutes stunden hours franken francs chf tage days punkte points"
    " prozent percent"
)


class Figures:
    """The metrics of one question.

    Attributes:
        subjects: Metrics named only to say whose figure is meant, such as „Anrufe" of a wait.
        made: Metrics the question makes, such as the number of brands.
        ambiguous: Two are named, and not how they belong together.
    """

    def __init__(self, heard: Heard, roles: Roles, model: SemanticModel, *, sharing: bool) -> None:
        self.heard = heard
        self.roles = roles
        self.model = model
        self.sharing = sharing
        self.subjects: list[str] = []
        self.made: list[Metric] = []
        self.ambiguous = False

    def _is_value(self, match: Match, first: Match) -> bool:
        """A metric's word that is also a value of what is counted: "put in the cart"."""
        if not self.roles.counting or not match.of("value") or not first.of("metric"):
            return False
        fields = Fields(self.heard, self.model, bases_of([self._name(first)], self.model))
        return any(fields.distance(v.name.split(".")[0]) < FAR for v in match.of("value"))

    def _loose(self, match: Match) -> bool:
        """A word of several metrics and the label of none: „verkauft" of money and of pieces."""
        names = [meaning.name for meaning in match.of("metric")]
        said = [w.norm for w in self.heard.words[match.first : match.last + 1]]
        labels = [label for n in names for label in self.model.metrics[n].labels.values()]
        return len(names) > 1 and not any(
            [t.norm for t in tokens(label)] == said for label in labels
        )

    def _name(self, match: Match) -> str:
        """The metric a phrase means here: of the unit asked for, one that reaches all fields."""
        names = list(dict.fromkeys(meaning.name for meaning in match.of("metric")))
        return min(names, key=lambda n: (self._unit_off(n), self._out_of_reach(n), names.index(n)))

    def _unit_off(self, name: str) -> bool:
        unit = self.model.metrics[name].unit
        if self.sharing:
            return unit != "percent"
        if self.roles.counting:
            return unit != "count"
        return self._money() and unit in ("count", "percent")

    def _money(self) -> bool:
        norms = [word.norm for word in self.heard.words]
        pairs = set(pairwise(norms))
        return bool(pairs & {("how", "much"), ("wie", "viel")}) or "wieviel" in norms

    def _out_of_reach(self, name: str) -> int:
        """How many fields and values of the question the metric does not lead to."""
        fields = Fields(self.heard, self.model, bases_of([name], self.model))
        free = [
            m for m in self.heard.matches if (m.of("field") or m.of("value")) and not m.of("metric")
        ]
        return sum(fields.nearest(m) is None for m in free if not self.heard.is_used(m))

    def find(self) -> list[str]:
        """Names of the metrics asked for, in order; none when nothing is counted or measured."""
        field = self._counted_field()
        if field is not None:
            return [field.name]
        named = [m for m in self.roles.things if m.of("metric")]
        names = self._named(named) if named else self._rows() or self._spent() or self._frequent()
        return self._count_above(list(dict.fromkeys(names)))

    def _named(self, named: list[Match]) -> list[str]:
        named = [m for m in named if m is named[0] or not self._is_value(m, named[0])]
        firm = [m for m in named if not self._loose(m)]
        strong = [m for m in named if not self._weak(m, named) and (m in firm or not firm)]
        if strong and all(self._loose(m) for m in strong):
            strong = strong[:1]
        lists = self._lists(named)
        chosen = next((c for c in lists if any(m in strong for m in c)), lists[0])
        names = [self._name(match) for match in chosen]
        for match in named:
            self.heard.use(match)
        for match in named:
            if match in chosen or {m.name for m in match.of("metric")} & set(names):
                continue
            if self._loose(match) and not weak(match, self.model):
                continue
            self.subjects.append(self._name(match))
            self.ambiguous = self.ambiguous or match in strong
        if self.sharing:
            self.subjects += [m.name for c in chosen for m in c.subject if m.kind == "metric"]
            self.subjects += [s for c in chosen for s in self._within(c, names)]
        self._datasets(names)
        return names

    def _within(self, match: Match, names: list[str]) -> list[str]:
        """The plain count a phrase begins with: orders of „Bestellungen retourniert"."""
        if match.first == match.last:
            return []
        dataset = formula(names[0], self.model).dataset
        owner = self.model.datasets.get(dataset or "")
        labels = (*owner.labels.values(), *owner.synonyms) if owner else ()
        said = self.heard.words[match.first : match.last + 1]
        named = any(t.matches(w) for label in labels for t in tokens(label) for w in said)
        whole = [n for n, m in self.model.metrics.items() if all_rows(m, self.model) == dataset]
        return whole[:1] if named and dataset else []

    def _weak(self, match: Match, named: list[Match]) -> bool:
        """A plain count, also one of all rows of which another phrase counts some."""
        if weak(match, self.model):
            return True
        dataset = all_rows(self.model.metrics[self._name(match)], self.model)
        others = [self._name(m) for m in named if m is not match]
        return dataset is not None and any(
            formula(n, self.model).dataset == dataset
            and all_rows(self.model.metrics[n], self.model) is None
            for n in others
        )

    def _datasets(self, names: list[str]) -> None:
        """Datasets named beside metrics say again whose they are, or do not fit."""
        starts = {
            str(formula(i, self.model).dataset)
            for n in names
            for i in formula(n, self.model).inputs
        }
        for match in self.roles.things:
            if not match.of("metric") and dataset_of(match, self.model) in starts:
                self.heard.use(match)

    def _rows(self) -> list[str]:
        """No metric is named: the rows of a dataset are counted, when they are asked for."""
        if not (self.roles.counting or self.sharing or self.heard.marked(WHEN) or self._ranked()):
            return []
        known = entities(self.model)
        for match in self.roles.things:
            dataset = dataset_of(match, self.model) or names_entity(match, self.heard, self.model)
            owner = known.get(dataset or "")
            metric = entity_count(owner, self.model) if owner else event_metric(match, self.model)
            if metric is None:
                continue
            if match.of("dataset") or not match.of("value"):
                self.heard.use(match)
            if metric.name not in self.model.metrics:
                self.made.append(metric)
            return [metric.name]
        return []

    def _spent(self) -> list[str]:
        """Money per customer: "how much does a customer spend on average"."""
        places = self.heard.marked(SPEND)
        entity = names_entity(self.roles.per, self.heard, self.model) if self.roles.per else None
        money = spent_by(entity, self.model) if entity and places else None
        if money is None:
            return []
        self.heard.used.update(places)
        return [money.name]

    def _frequent(self) -> list[str]:
        """„Der häufigste Kündigungsgrund": the count that the field's own phrase speaks of."""
        rank = self.heard.ranking
        for match in self.heard.matches if rank is not None else ():
            said = [t.norm for t in self.heard.words[match.first : match.last + 1]]
            for meaning in match.of("field"):
                dataset = meaning.name.split(".")[0]
                named = [n for n in self._counts(dataset) if self._spoken_of(n, said)]
                if named:
                    return named[:1]
        return []

    def _counts(self, dataset: str) -> list[str]:
        return [
            name
            for name, metric in self.model.metrics.items()
            if metric.unit == "count" and formula(name, self.model).dataset == dataset
        ]

    def _spoken_of(self, name: str, said: list[str]) -> bool:
        """The field's phrase begins with, or has, a word of the metric's."""
        metric = self.model.metrics[name]
        phrases = [tokens(p) for p in (*metric.labels.values(), *metric.synonyms)]
        words = {p[0].norm for p in phrases if len(p) == 1 and len(p[0].norm) > 5}
        return any(w.startswith(word.rstrip("s")) for w in said for word in words)

    def _ranked(self) -> bool:
        rank = self.heard.ranking
        return rank is not None and any(m.first - rank.place == 1 for m in self.roles.things)

    def _counted_field(self) -> Metric | None:
        """„Wie viele Marken": different values of a field named right after the counting word."""
        if not self.roles.counting:
            return None
        for match in self.heard.matches:
            before = [self.heard.norm(p) for p in range(max(0, match.first - 3), match.first)]
            counting = bool(COUNT_WORDS & set(before)) or "viele" in before or "vielen" in before
            if not match.of("field") or not (counting or "many" in before):
                continue
            if match.of("metric") or match.of("dataset") or self._between_cue(match):
                continue
            if match.of("field")[0].time:
                continue
            dataset, _, name = match.of("field")[0].name.partition(".")
            metric = counted(self.model.datasets[dataset], name)
            self.heard.use(match)
            for other in self.heard.matches:
                plain_field = other.of("field") and not self.heard.groups(other)
                if other in self.roles.things or (plain_field and not other.of("value")):
                    self.heard.use(other)
            self.made.append(metric)
            return metric
        return None

    def _between_cue(self, match: Match) -> bool:
        """Another phrase stands between the counting word and the field."""
        reach = range(max(0, match.first - 3), match.first)
        others = [m for m in self.heard.matches if m is not match]
        return any(place in reach for m in others for place in (m.first, *m.also))

    def _count_above(self, names: list[str]) -> list[str]:
        """„Wie viele … wurden abgebrochen": the count of a percentage, not the percentage."""
        if not self.roles.counting or self.sharing or len(names) != 1:
            return names
        metric = next(m for m in (*self.made, *self.model.metrics.values()) if m.name == names[0])
        unit_said = any(word.norm in UNIT_WORDS for word in self.heard.words)
        if metric.unit == "percent" and not unit_said:
            above = numerator(metric)
            if above is None:
                self.ambiguous = True
                return names
            self.made.append(above)
            return [above.name]
        limited = any(limit.unit == metric.unit for limit in self.heard.thresholds)
        wrong = metric.unit not in ("count", "ratio", None) and self.roles.per is None
        wrong = wrong and not limited
        self.ambiguous = self.ambiguous or (wrong and not unit_said)
        return names

    def _lists(self, named: list[Match]) -> list[list[Match]]:
        """Metrics joined by „und", „oder" or the like, list by list."""
        lists: list[list[Match]] = []
        for match in named:
            between = self.heard.between(lists[-1][-1], match) if lists else []
            if (
                between
                and any(w in AND for w in between)
                and len(between) <= 3
                and not self._of(between)
            ):
                lists[-1].append(match)
            else:
                lists.append([match])
        return lists

    def _of(self, between: list[str]) -> bool:
        linking = (
            AND | COUNT_WORDS | {"die", "der", "den", "the", "of", "our", "unsere", "wie", "viele"}
        )
        return any(word not in linking for word in between)


def entity_count(owner: Dataset, model: SemanticModel) -> Metric:
    """What counts an entity's rows: the model's own plain count, else a made one."""
    for name, metric in model.metrics.items():
        if metric.time is None and counts_entity(name, model) == owner.name:
            return metric
    return counted(owner)


def weak(match: Match, model: SemanticModel) -> bool:
    """A plain count of a dataset's rows, named like the dataset: often just the subject."""
    return bool(match.of("dataset")) or all(
        _counts_rows(meaning.name, model) for meaning in match.of("metric")
    )


def _counts_rows(name: str, model: SemanticModel) -> bool:
    dataset = model.datasets.get(formula(name, model).dataset or "")
    return dataset is not None and model.metrics[name].labels == dataset.labels
