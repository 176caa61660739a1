"""A question taken apart: its words, periods, thresholds and the phrases the model knows."""

from dataclasses import dataclass, field, replace

from assistant.metric_query import Period
from assistant.periods import PeriodMatch, further_periods, parse_period
from assistant.understanding.lexicon import Lexicon, Match, Meaning, meaningful
from assistant.understanding.literals import Literal, literals
from assistant.understanding.markers import (
    AND,
    FILLERS,
    GROUP,
    LEAST,
    MOST,
    NOT,
    WHICH,
    Ranking,
    number_of,
    ranking,
)
from assistant.understanding.spelling import Speller, split_compounds
from assistant.understanding.thresholds import Threshold, thresholds
from assistant.understanding.words import Token, plain, tokens
from catalog.semantic_model import Language
from connectors.clock import Clock

NEAR = 3
SMALL_FORMS = frozenset(
    f for word in ("hoch", "high", "tief", "low") for f in tokens(word)[0].forms
)
GENERIC = frozenset({"rate", "rates", "raten", "quote", "score", "ganz"})
SMALL = FILLERS | MOST | LEAST | NOT | AND | WHICH | GROUP


@dataclass(frozen=True)
class Spoken:
    """A period and where it was said; `after` is how many of the kept words stand before it."""

    period: Period
    after: int


@dataclass
class Heard:
    """The parts of a question. Places are numbers of kept words.

    Attributes:
        text: The question as it is read, with misspelt words set right.
        words: Without auxiliaries, periods and thresholds.
        matches: Phrases of the model, in order of place, none over another.
        period: The first period, with comparison and grain.
        further: Periods said beside it.
        used: Places that have been understood.
        literals: Names of single things, such as a campaign's.
    """

    text: str
    words: tuple[Token, ...]
    matches: list[Match]
    period: PeriodMatch | None
    spoken: list[Spoken]
    further: list[Spoken]
    thresholds: tuple[Threshold, ...]
    ranking: Ranking | None
    corrected: tuple[tuple[str, str], ...] = ()
    used: set[int] = field(default_factory=set)
    literals: tuple[Literal, ...] = ()

    def use(self, match: Match) -> None:
        """The match's words are understood."""
        self.used.update((*range(match.first, match.last + 1), *match.also))

    def is_used(self, match: Match) -> bool:
        """True when any word of the match is."""
        return not self.used.isdisjoint(range(match.first, match.last + 1))

    def norm(self, place: int) -> str:
        """The folded word at a place; '' outside."""
        return self.words[place].norm if 0 <= place < len(self.words) else ""

    def before(self, match: Match, markers: frozenset[str], reach: int = 2) -> bool:
        """True when one of the markers stands up to `reach` words before the match."""
        return any(self.norm(p) in markers for p in range(match.first - reach, match.first))

    def marked(self, markers: frozenset[str]) -> list[int]:
        """Places of the markers."""
        return [place for place, word in enumerate(self.words) if word.norm in markers]

    def between(self, first: Match, second: Match) -> list[str]:
        """Words between two matches."""
        return [word.norm for word in self.words[first.last + 1 : second.first]]

    def said(self, match: Match) -> str:
        """A match as written."""
        return " ".join(word.text for word in self.words[match.first : match.last + 1])

    def place_of(self, offset: int) -> int:
        """How many kept words stand before a place of the text."""
        return sum(word.start < offset for word in self.words)

    def groups(self, match: Match) -> bool:
        """True when a field's phrase stands for groups: after „nach", „welche" or the like."""
        if not match.of("field") or match.first == 0:
            return False
        before = self.norm(match.first - 1)
        if before in GROUP | WHICH:
            return True
        further = self.norm(match.first - 2)
        if number_of(before) and (match.first == 1 or further in WHICH | {"die", "the", "top"}):
            return True
        return further in WHICH and before not in AND

    def listed(self, match: Match) -> bool:
        """True for a group that is named after another: „nach Region und Segment"."""
        earlier = [m for m in self.matches if m.last < match.first and m.of("field")]
        if not earlier or not match.of("field"):
            return False
        between = self.between(earlier[-1], match)
        linked = bool(between) and all(word in AND | GROUP for word in between)
        return linked and (self.groups(earlier[-1]) or self.listed(earlier[-1]))

    def negation(self, match: Match) -> int | None:
        """Where the word is that denies the match: before it, or behind its verb."""
        for place in range(match.first - 1, max(-1, match.first - 5), -1):
            if self.norm(place) in NOT:
                return place
            if self.norm(place) in AND or self._in_match(place):
                break
        for place in range(match.last + 1, match.last + NEAR):
            if self._in_match(place) or self.norm(place) in AND:
                return None
            if self.norm(place) in NOT:
                denies_next = any(m.first - place in (1, 2) for m in self.matches)
                return None if denies_next else place
        return None

    def _in_match(self, place: int) -> bool:
        return any(m.first <= place <= m.last for m in self.matches)


def hear(
    question: str, lexicon: Lexicon, speller: Speller, clock: Clock, language: Language
) -> Heard:
    """Take a question apart."""
    corrected = speller.correct(plain(question))
    text = corrected.text
    limits = thresholds(text)
    veiled = _veiled(text, [limit.span for limit in limits])
    named = literals(text, lexicon, speller)
    names = [*_names(text, lexicon), *(literal.span for literal in named)]
    period = parse_period(_veiled(veiled, names), clock, language)
    more = further_periods(_veiled(veiled, names), period, clock, language)
    spans = [*(period.spans if period else ()), *(t.span for t in limits), *(s for _, s in more)]
    spans += [literal.span for literal in named]
    every = lexicon.joined(split_compounds(tokens(text), speller))
    kept = [w for w in every if not any(a <= w.start < b for a, b in spans)]
    words = meaningful(tuple(kept))
    heard = Heard(text, words, [], period, [], [], limits, ranking(words), corrected.changes)
    heard.matches = lexicon.find(words)
    heard.matches = [_as_value(m, heard) for m in _sure(heard.matches, words)]
    heard.literals = named
    heard.further = [Spoken(p, heard.place_of(span[0])) for p, span in more]
    if period is not None and period.period is not None and not period.assumed:
        first = Spoken(period.period, heard.place_of(_main(period)))
        heard.spoken = sorted([first, *heard.further], key=lambda s: s.after)
    return heard


def _sure(found: list[Match], words: tuple[Token, ...]) -> list[Match]:
    """Without small words that are also values, as „hoch" of a priority, but beside the field."""
    return [match for match in found if not _chance(match, found, words)]


def _chance(match: Match, found: list[Match], words: tuple[Token, ...]) -> bool:
    small = match.first == match.last and words[match.first].norm in SMALL
    verb = words[match.first].norm.endswith(("ed", "ing"))
    if (
        verb
        and not match.exact
        and not match.also
        and all(m.kind == "value" for m in match.meanings)
    ):
        return True  # "opened" is not open
    adjective = not small and match.first == match.last and not match.exact
    if adjective and not words[match.first].forms.isdisjoint(SMALL_FORMS):
        small = not match.of("metric") and not match.of("dataset")
    if match.first == match.last and words[match.first].norm in GENERIC:
        return True
    if small and not match.exact and not match.also:
        return True  # "take" is no "takings"
    if small and match.meanings and all(_is_day(m) for m in match.meanings):
        return True  # "received" is a day of tickets, and what one does with anything
    if not small or match.of("metric") or match.of("field"):
        return False
    fields = {meaning.name for meaning in match.of("value")}
    beside = [m for m in found if match.first - m.last == 1 or m.first - match.last == 1]
    return not any(fields & {f.name for f in m.of("field")} for m in beside)


def _as_value(match: Match, heard: Heard) -> Match:
    """A value alone where its field stands beside it, or where it is written just as stored.

    „Linie ORDER" is no order.
    """
    values = match.of("value")
    if not values or len(values) == len(match.meanings):
        return match
    fields = {
        f.name
        for m in heard.matches
        for f in m.of("field")
        if match.first - m.last == 1 or m.first - match.last == 1
    }
    beside = tuple(v for v in values if v.name in fields)
    said = heard.said(match)
    stored = tuple(v for v in values if v.condition and said in v.condition.values)
    if beside:
        return replace(match, meanings=beside)
    return replace(match, meanings=stored) if stored and said.isupper() else match


def _is_day(meaning: Meaning) -> bool:
    return meaning.kind == "field" and meaning.time


def _main(period: PeriodMatch) -> int:
    """Where the period itself was said: the last of the places that are no grain."""
    return period.spans[-1][0] if period.grain is None else period.spans[0][0]


def _veiled(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with some places blanked out, every other place the same."""
    for start, end in spans:
        text = text[:start] + "#" * (end - start) + text[end:]
    return text


def _names(text: str, lexicon: Lexicon) -> list[tuple[int, int]]:
    """Places of values that hold a number, such as „Herbst-Trail 2026": no period is in them."""
    words = tokens(text)
    found = lexicon.find(words)
    return [
        (words[m.first].start, words[m.last].end)
        for m in found
        if m.of("value")
        and m.last > m.first
        and any(w.norm.isdigit() for w in words[m.first : m.last + 1])
    ]
