"""Which fields and values of the model the phrases of a question mean, for given metrics."""

from dataclasses import dataclass, field, replace

from assistant.compiler.formulas import formula
from assistant.compiler.paths import reachable
from assistant.metric_query import Dimension, Filter
from assistant.understanding.heard import Heard
from assistant.understanding.lexicon import Match, Meaning
from assistant.understanding.markers import AND, COMPARE, NEITHER, NOR, NOT, OR, PER
from assistant.understanding.words import word_set
from catalog.semantic_model import SemanticModel

FAR = 99
ONLY = word_set("nur only just ausschliesslich exclusively lediglich bloss")
THAN = word_set(
    "mehr more weniger less fewer hoeher higher tiefer lower besser better groesser larger bigger"
)
AS = frozenset({"als", "than"})


@dataclass
class Fields:
    """Dimensions and filters found so far.

    Attributes:
        choices: Names of fields that fit equally well; not empty when it has to be asked back.
        unreachable: Phrases no metric can be split or filtered by.
    """

    heard: Heard
    model: SemanticModel
    datasets: tuple[str, ...]
    dimensions: list[Dimension] = field(default_factory=list)
    filters: list[Filter] = field(default_factory=list)
    places: dict[Filter, int] = field(default_factory=dict)
    unreachable: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)
    close: int = 0
    time: str | None = None

    def take(self, match: Match) -> None:
        """One more phrase: a field to split by, or a value to filter by."""
        if self._times(match):
            return
        meaning = self.nearest(match)
        self.heard.use(match)
        if meaning is None:
            if not self._belongs(match):
                self.unreachable.append(self.heard.said(match))
            return
        if meaning.condition is not None:
            self._filter(match, meaning.condition)
            return
        dataset, _, name = meaning.name.partition(".")
        dimension = Dimension(dataset, name)
        if dimension not in self.dimensions:
            self.dimensions.append(dimension)

    def _times(self, match: Match) -> bool:
        """„Gestartet", "resolved": says which day of a row the period is about."""
        for meaning in match.of("field"):
            dataset, _, name = meaning.name.partition(".")
            owner = self.model.datasets[dataset].field(name)
            period = self.heard.period is not None and self.heard.period.period is not None
            if owner and owner.is_time and dataset in self.datasets and period:
                self.time = meaning.name
                self.heard.use(match)
                return True
        return False

    def _belongs(self, match: Match) -> bool:
        """A dataset's name that only says whose rows are meant: „Wartezeit der Anrufe"."""
        if match.of("field") or match.of("value") or self.heard.before(match, PER):
            return False
        datasets = [meaning.name for meaning in match.of("dataset")]
        return not match.of("metric") and any(self.distance(name) < FAR for name in datasets)

    def take_literals(self) -> None:
        """Names of single things as filters; the word before each only says what they are."""
        for literal in self.heard.literals:
            dataset, _, name = literal.field.partition(".")
            self.filters.append(Filter(dataset, name, "=", (literal.value,)))
            if self.distance(dataset) >= FAR:
                self.unreachable.append(literal.value)
            for match in self.heard.matches:
                if any(f.name == literal.field for f in match.of("field")):
                    self.heard.use(match)

    def names_value(self, match: Match) -> bool:
        """True for a field that only says what the value beside it is: „Plan Familie"."""
        names = {meaning.name for meaning in match.of("field")}
        if not names or self.heard.groups(match):
            return False
        return any(
            names & {meaning.name for meaning in other.of("value")}
            for other in self.heard.matches
            if 0 < other.first - match.last <= 2 or 0 < match.first - other.last <= 2
        )

    def _filter(self, match: Match, condition: Filter) -> None:
        place = self._negation(match)
        if place is not None:
            self.heard.used.add(place)
        made = replace(condition, operator="!=" if place is not None else condition.operator)
        for before in range(max(0, match.first - 3), match.first):
            if self.heard.norm(before) in ONLY:
                self.heard.used.add(before)
        self.filters.append(made)
        self.places[made] = match.first

    def _negation(self, match: Match) -> int | None:
        """A denial before the value, or before the list of values it is in."""
        found = self.heard.negation(match)
        neither = self.heard.marked(NEITHER)
        if found is None and neither and neither[0] < match.first:
            self.heard.used.update(self.heard.marked(NOR))
            return neither[0]
        if found is not None:
            return found
        earlier = [m for m in self.heard.matches if m.last < match.first and m.of("value")]
        if earlier and set(self.heard.between(earlier[-1], match)) <= AND | {"die", "der", "the"}:
            return self._negation(earlier[-1])
        return None

    def nearest(self, match: Match) -> Meaning | None:
        """The field or value in the fewest steps from every metric's dataset."""
        wanted = match.of("field") if self.heard.groups(match) or self.heard.listed(match) else ()
        either = [m for m in match.of("value") if self._reached(m)] or match.of("field")
        choices = [m for m in wanted or either or match.of("value") if self._plain(m)]
        ranked = sorted(choices, key=lambda m: self._rank(m, match))
        if not ranked or self.distance(ranked[0].name.split(".")[0]) >= FAR:
            return None
        best = self._rank(ranked[0], match)
        tied = {m.name for m in ranked if self._rank(m, match) == best}
        if len(tied) > 1:
            self.choices += sorted(tied)
        self.close += sum(self._rank(m, match)[0] <= best[0] + 1 for m in ranked) - 1
        return ranked[0]

    def _reached(self, meaning: Meaning) -> bool:
        return self.distance(meaning.name.split(".")[0]) < FAR

    def _plain(self, meaning: Meaning) -> bool:
        """Time fields are for periods."""
        dataset, _, name = meaning.name.partition(".")
        owner = self.model.datasets[dataset].field(name)
        return owner is not None and not owner.is_time

    def _rank(self, meaning: Meaning, match: Match) -> tuple[int, int, int]:
        """Nearer first; then the field that is named beside the value; then stored values."""
        dataset, _, name = meaning.name.partition(".")
        beside = not any(
            m.of("field") and any(f.name == meaning.name for f in m.of("field"))
            for m in self.heard.matches
            if 0 < match.first - m.last <= 2 or 0 < m.first - match.last <= 2
        )
        owner = self.model.datasets[dataset].field(name)
        label = bool(meaning.condition and owner and owner.codes and owner.datatype == "String")
        return (
            FAR if self.distance(dataset) >= FAR else 0,
            beside,
            self.distance(dataset) * 2 + label,
        )

    def distance(self, dataset: str) -> int:
        """Steps from the farthest metric's dataset; FAR when one does not lead there."""
        steps = [reachable(self.model, start).get(dataset, FAR) for start in self.datasets]
        return max(steps, default=FAR)

    def compare_values(self) -> bool:
        """„Premium und Standard vergleichen": one row per value instead of one for both."""
        fields = [(f.dataset, f.field) for f in self.filters if f.operator == "="]
        same = {pair for pair in fields if fields.count(pair) > 1}
        marks = self.heard.marked(COMPARE | OR)
        if not marks and self.heard.marked(THAN) and self.heard.marked(AS):
            marks = self.heard.marked(THAN)
        if len(same) != 1 or not marks or self.dimensions:
            return False
        self.heard.used.update(marks)
        self.heard.used.update(self.heard.marked(THAN))
        self.dimensions.append(Dimension(*same.pop()))
        return True


def bases_of(names: list[str], model: SemanticModel) -> tuple[str, ...]:
    """Datasets that metrics are made of."""
    inputs = [i for name in names for i in formula(name, model).inputs]
    return tuple(dict.fromkeys(str(formula(i, model).dataset) for i in inputs))


__all__ = ["FAR", "NOT", "Fields", "bases_of"]
