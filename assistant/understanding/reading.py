"""A question as a MetricQuery, with everything that was not understood named."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from assistant.compiler.formulas import additive, formula
from assistant.compiler.paths import reachable
from assistant.metric_query import Dimension, Filter, MetricQuery
from assistant.periods import PeriodMatch, parse_period
from assistant.understanding.combining import continued, merged
from assistant.understanding.lexicon import Lexicon, Match, Meaning, meaningful
from assistant.understanding.made import beyond, part_of, portion, with_made
from assistant.understanding.markers import (
    AND,
    COUNT,
    FILLERS,
    GROUP,
    LEAST,
    MOST,
    NOT,
    NUMBERS,
    PER,
    SHARE,
    WHICH,
    Ranking,
    Threshold,
    ranking,
    threshold,
)
from assistant.understanding.words import Token, fold, tokens
from catalog.semantic_model import Language, Metric, SemanticModel
from connectors.clock import Clock

IGNORED = FILLERS | GROUP | WHICH | NOT | AND | SHARE | COUNT | MOST | LEAST
FAR = 99


@dataclass
class Reading:
    """What a question was understood as.

    Attributes:
        query: The metric query; None when no metric was found.
        metrics: Candidate metrics; more than the query's when it is not clear which is meant.
        uncovered: Words that were not understood, as written.
        unreachable: Fields or values that the metric cannot be split or filtered by.
        timeless: True when a period was asked of a metric that has no time.
        reused: True when the question goes on from an earlier one.
    """

    query: MetricQuery | None = None
    metrics: tuple[str, ...] = ()
    uncovered: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()
    timeless: bool = False
    ambiguous: bool = False
    reused: bool = False
    names: dict[str, str] = field(default_factory=dict)


class Reader:
    """Reads questions against one semantic model and its lexicon."""

    def __init__(self, model: SemanticModel, lexicon: Lexicon, clock: Clock) -> None:
        self.model = model
        self.lexicon = lexicon
        self.clock = clock

    def read(
        self, question: str, language: Language, earlier: MetricQuery | None = None
    ) -> Reading:
        """Read one question; `earlier` is the query it may go on from."""
        return _Read(self, question, language, earlier).reading()


class _Read:
    """One question being read."""

    def __init__(
        self, reader: Reader, question: str, language: Language, earlier: MetricQuery | None
    ) -> None:
        self.model = reader.model
        self.earlier = earlier
        self.period: PeriodMatch | None = parse_period(question, reader.clock, language)
        found = threshold(question)
        self.threshold: Threshold | None = found
        self.made: tuple[Metric, ...] = ()
        self.subjects: list[str] = []
        self.named: tuple[str, ...] = ()
        spans = [*(self.period.spans if self.period else ()), *([found.span] if found else [])]
        every = tokens(question)
        inside = [any(a <= w.start < b for a, b in spans) for w in every]
        kept = tuple(w for w, gone in zip(every, inside, strict=True) if not gone)
        self.words = meaningful(kept)
        self.ranking: Ranking | None = ranking(self.words)
        found_phrases = reader.lexicon.find(self.words)
        self.matches = [m for m in found_phrases if not self._chance(m, found_phrases)]
        self.used: set[int] = set(self.ranking.words) if self.ranking else set()
        self.unreachable: list[str] = []
        self.sharing = any(word.norm in SHARE for word in self.words)

    def reading(self) -> Reading:
        """Metrics first: they decide which fields can be meant."""
        metrics, ambiguous = self._metrics()
        reused = False
        if not metrics and self.earlier is not None and (self.matches or self.period):
            metrics, reused = list(self.earlier.metrics), True
        if not metrics:
            self._cover_rest()
            return Reading(uncovered=self._uncovered())
        self.named = tuple(metrics)
        metrics, ambiguous = self._of_subject(metrics, ambiguous)
        dimensions, filters = self._fields(metrics)
        metrics, filters, ambiguous = self._portion(metrics, dimensions, filters, ambiguous)
        if not dimensions and not reused and (self.ranking or self.threshold):
            ambiguous = True
        query = self._query(metrics, dimensions, filters)
        if reused and self.earlier is not None:
            query = continued(self.earlier, query)
        return Reading(
            query=query,
            metrics=tuple(metrics),
            uncovered=self._uncovered(self.named),
            unreachable=tuple(self.unreachable),
            timeless=self._timeless(query),
            ambiguous=ambiguous,
            reused=reused,
        )

    def _of_subject(self, metrics: list[str], ambiguous: bool) -> tuple[list[str], bool]:
        """A share of the subject, or rows of it beyond a limit; else the subject must fit."""
        others = [name for name in self.subjects if name not in metrics]
        if len(metrics) == 1 and len(others) == 1:
            made = self._made_of(metrics[0], others[0])
            if made is not None:
                return self._make(made), ambiguous
        return metrics, ambiguous or any(not self._fits(name, metrics) for name in others)

    def _made_of(self, metric: str, subject: str) -> Metric | None:
        if self.threshold is not None:
            measured = self.model.metrics[metric].unit == self.threshold.unit
            made = beyond(subject, metric, self.threshold.limit, self.model) if measured else None
            self.threshold = None if made else self.threshold
            return made
        return part_of(metric, subject, self.model) if self.sharing else None

    def _make(self, made: Metric) -> list[str]:
        self.model = with_made(self.model, (made,))
        self.made = (made,)
        return [made.name]

    def _fits(self, subject: str, metrics: list[str]) -> bool:
        """The subject's rows are those of the metric, or what they belong to."""
        return self._distance(str(formula(subject, self.model).dataset), metrics) < FAR

    def _portion(
        self,
        metrics: list[str],
        dimensions: list[Dimension],
        filters: list[Filter],
        ambiguous: bool,
    ) -> tuple[list[str], list[Filter], bool]:
        """„Anteil … ist Premium": the metric with the condition over the metric without."""
        percent = self.model.metrics[metrics[0]].unit == "percent"
        if not self.sharing or percent or (dimensions and not filters):
            return metrics, filters, ambiguous
        if len(metrics) != 1 or len(filters) != 1 or dimensions:
            return metrics, filters, True
        made = portion(metrics[0], filters, self.model)
        return (metrics, filters, True) if made is None else (self._make(made), [], ambiguous)

    def _chance(self, match: Match, found: list[Match]) -> bool:
        """A small word that is also a value, as „hoch" of a priority: only beside its field."""
        small = match.first == match.last and self.words[match.first].norm in IGNORED
        if not small or match.of("metric") or match.of("field"):
            return False
        fields = {meaning.name for meaning in match.of("value")}
        beside = [m for m in found if match.first - m.last == 1 or m.first - match.last == 1]
        return not any(fields & {f.name for f in m.of("field")} for m in beside)

    def _metrics(self) -> tuple[list[str], bool]:
        """Metrics meant, in order; whether two are named without saying how they belong."""
        named = [m for m in self.matches if m.of("metric") and not self._groups(m)]
        strong = [m for m in named if not self._weak(m)]
        lists = self._lists(named)
        chosen = next((c for c in lists if any(m in strong for m in c)), lists[0] if lists else [])
        for match in chosen if strong else named:
            self._use(match)
        for match in named if strong else ():
            if self._weak(match):
                self._use(match)
                self.subjects.append(self._best_metric(match))
        names = [self._best_metric(match) for match in chosen]
        if self.sharing:
            self.subjects += [m.name for c in chosen for m in c.subject if m.kind == "metric"]
        others = [m for m in strong or named if m not in chosen]
        return list(dict.fromkeys(names)), bool(others)

    def _weak(self, match: Match) -> bool:
        """A plain count of a dataset's rows, named like the dataset: often just the subject."""
        return bool(match.of("dataset")) or all(
            self._counts_rows(meaning.name) for meaning in match.of("metric")
        )

    def _counts_rows(self, name: str) -> bool:
        made = formula(name, self.model)
        metric = self.model.metrics[name]
        dataset = self.model.datasets.get(made.dataset or "")
        return dataset is not None and metric.labels == dataset.labels

    def _lists(self, named: list[Match]) -> list[list[Match]]:
        """Metrics joined by „und", „oder" or the like, list by list."""
        lists: list[list[Match]] = []
        for match in named:
            last = lists[-1][-1].last if lists else -1
            between = self.words[last + 1 : match.first]
            if lists and between and all(word.norm in AND for word in between):
                lists[-1].append(match)
            else:
                lists.append([match])
        return lists

    def _best_metric(self, match: Match) -> str:
        return match.of("metric")[0].name

    def _groups(self, match: Match) -> bool:
        """True when the phrase stands for groups: after „nach", „welche" or the like."""
        if not match.of("field") or match.first == 0:
            return False
        before = self.words[match.first - 1].norm
        if before in GROUP | WHICH:
            return True
        further = self.words[match.first - 2].norm if match.first > 1 else ""
        return before.isdigit() or (further in WHICH and before not in AND)

    def _fields(self, metrics: list[str]) -> tuple[list[Dimension], list[Filter]]:
        dimensions: list[Dimension] = []
        filters: list[Filter] = []
        for match in self.matches:
            if self.used & set(range(match.first, match.last + 1)):
                continue
            self._field(match, metrics, dimensions, filters)
        named = {(f.dataset, f.field) for f in filters if f.operator == "="}
        kept = [d for d in dimensions if (d.dataset, d.field) not in named]
        return self._with_time(kept, metrics), merged(filters)

    def _field(
        self, match: Match, metrics: list[str], dimensions: list[Dimension], filters: list[Filter]
    ) -> None:
        meaning = self._nearest(match, metrics)
        if meaning is None:
            if match.of("field") or match.of("value") or self._after(match, PER):
                self.unreachable.append(self._text(match))
            self._use(match)
            return
        self._use(match)
        if meaning.condition is not None:
            negated = self._after(match, NOT)
            filters.append(replace(meaning.condition, operator="!=" if negated else "="))
        else:
            dataset, _, name = meaning.name.partition(".")
            dimension = Dimension(dataset, name)
            if dimension not in dimensions:
                dimensions.append(dimension)

    def _nearest(self, match: Match, metrics: list[str]) -> Meaning | None:
        """The field or value in the fewest steps from every metric's dataset."""
        wanted = match.of("field") if self._groups(match) else ()
        choices = wanted or match.of("value") or match.of("field")
        ranked = [(self._distance(m.name.split(".")[0], metrics), m) for m in choices]
        near = min(ranked, key=lambda pair: pair[0], default=None)
        return near[1] if near is not None and near[0] < FAR else None

    def _distance(self, dataset: str, metrics: list[str]) -> int:
        steps = []
        for name in metrics:
            for base in formula(name, self.model).inputs:
                start = str(formula(base, self.model).dataset)
                steps.append(reachable(self.model, start).get(dataset, FAR))
        return max(steps, default=FAR)

    def _with_time(self, dimensions: list[Dimension], metrics: list[str]) -> list[Dimension]:
        if self.period is None or self.period.grain is None:
            return dimensions
        time = self._time(metrics)
        if time is None:
            return dimensions
        dataset, name = time.split(".")
        return [Dimension(dataset, name, self.period.grain), *dimensions]

    def _time(self, metrics: list[str]) -> str | None:
        inputs = [i for name in metrics for i in formula(name, self.model).inputs]
        times = [self.model.metrics[name].time for name in inputs]
        return next((time for time in times if time), None)

    def _timeless(self, query: MetricQuery) -> bool:
        asked = query.period is not None
        return asked and self._time(list(query.metrics)) is None

    def _query(
        self, metrics: list[str], dimensions: list[Dimension], filters: list[Filter]
    ) -> MetricQuery:
        rank = self.ranking
        descending = rank is None or self._high_first(rank, metrics[0])
        having = (replace(self.threshold.limit, metric=metrics[0]),) if self.threshold else ()
        return MetricQuery(
            metrics=tuple(metrics),
            dimensions=tuple(dimensions),
            filters=tuple(filters),
            having=having,
            period=self.period.period if self.period else None,
            comparison=self.period.comparison if self.period else None,
            order=metrics[0] if rank and dimensions else None,
            descending=descending,
            limit=self._limit(rank) if rank and dimensions else None,
            share=self.sharing and bool(dimensions) and self._adds_up(metrics[0]),
            made=self.made,
        )

    def _adds_up(self, metric: str) -> bool:
        return additive(self.model.metrics[metric], self.model)

    def _limit(self, rank: Ranking) -> int | None:
        """„top 5", or „die 5 Kantone mit dem höchsten …"."""
        if rank.limit is not None:
            return rank.limit
        for match in self.matches:
            before = self.words[match.first - 1].norm if match.first else ""
            number = int(before) if before.isdigit() else NUMBERS.get(before)
            if match.of("field") and number:
                self.used.add(match.first - 1)
                return number
        if any(match.of("field") and self._single(match) for match in self.matches):
            return 1
        return None

    def _single(self, match: Match) -> bool:
        """„Welche Region", which of all: one row; „nach Region" and „Regionen" are all."""
        if self._after(match, PER) or match.first == 0:
            return False
        word = self.words[match.last].norm
        for meaning in match.of("field"):
            dataset, _, name = meaning.name.partition(".")
            owner = self.model.datasets[dataset].field(name)
            labels = owner.labels.values() if owner else ()
            if any(fold(label).endswith(word) for label in labels):
                return self.words[match.first - 1].norm in WHICH
        return False

    def _high_first(self, rank: Ranking, metric: str) -> bool:
        """„Best" of a metric where less is good means the lowest."""
        if rank.quality and self.model.metrics[metric].better == "down":
            return not rank.highest
        return rank.highest

    def _use(self, match: Match) -> None:
        self.used.update((*range(match.first, match.last + 1), *match.also))

    def _after(self, match: Match, markers: frozenset[str]) -> bool:
        before = self.words[max(0, match.first - 2) : match.first]
        return any(word.norm in markers for word in before)

    def _text(self, match: Match) -> str:
        return " ".join(word.text for word in self.words[match.first : match.last + 1])

    def _cover_rest(self) -> None:
        for match in self.matches:
            self._use(match)

    def _uncovered(self, named: Iterable[str] = ()) -> tuple[str, ...]:
        rest = [
            word
            for place, word in enumerate(self.words)
            if place not in self.used and not _small(word)
        ]
        return tuple(w.text for w in rest if not any(w.matches(own) for own in self._own(named)))

    def _own(self, named: Iterable[str]) -> set[Token]:
        """Words of the metrics' own phrases: „gewonnen" says „neue Kunden" once more."""
        metrics = [self.model.metrics[n] for n in named]
        phrases = [p for m in metrics for p in (*m.labels.values(), *m.synonyms)]
        return {word for phrase in phrases for word in tokens(phrase)}


def _small(word: Token) -> bool:
    letter = len(word.norm) == 1 and not word.norm.isdigit()
    return word.norm in IGNORED or letter
