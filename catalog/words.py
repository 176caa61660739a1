"""Words of questions and of names, brought to stems that meet: German and English at once."""

import math
import re
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

import snowballstemmer

FOLDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "è": "e", "à": "a"})
_CAMEL = re.compile(r"(?<=[a-zäöü0-9])(?=[A-ZÄÖÜ])")
_UMLAUT = re.compile("([aou])e")
_WORD = re.compile(r"[^\W_]+")
SHORTEST_PART = 5
# A thousand tables have some eight thousand words, each many times.
STEMS_KEPT = 50_000
_STOP_WORDS = """
    der die das den dem des ein eine einen einem einer und oder in im an am auf aus bei mit nach
    von vom zu zum zur fuer ueber pro je wie was wer wo wann warum welche welcher welches viel
    viele ist sind war waren wird wurde wurden hat haben hatte hatten es sie er wir uns unser
    unsere nicht the a an and or in on at of to for from by with per how many much what which
    who where when why is are was were be been has have had do does did it its they we our us
    not show me list zeig zeige mir gib alle all
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
NAME_WEIGHT = 3.0
PART_WEIGHT = 0.6
K1, B = 1.2, 0.6
WORDS_KEPT = 2_000
Weighted = tuple[str, float]
Phrase = tuple[frozenset[str], ...]


class _Stemmers(threading.local):
    """One pair per thread: a stemmer keeps its word in itself while it works."""

    def __init__(self) -> None:
        self.german = snowballstemmer.stemmer("german")
        self.english = snowballstemmer.stemmer("english")


_STEMMERS = _Stemmers()


def words(text: str) -> list[str]:
    """Lower-case words with umlauts folded; ``kundenEmail`` and ``kunden_email`` are two words."""
    parted = _CAMEL.sub(" ", text)
    return [match.group().lower().translate(FOLDED) for match in _WORD.finditer(parted)]


def spelled(text: str, names: frozenset[str] = frozenset()) -> list[str]:
    """The same, each once, and words parted at a capital also as one: ``HubSpot`` is a name.

    Args:
        text: Any text.
        names: Words that are names, so that their parts mean nothing.
    """
    found: dict[str, None] = {}
    for match in _WORD.finditer(text):
        whole = match.group().lower().translate(FOLDED)
        if whole not in names:
            found.update(dict.fromkeys(words(match.group())))
        found[whole] = None
    return list(found)


@lru_cache(STEMS_KEPT)
def stems(word: str) -> frozenset[str]:
    """The German and the English stem of a folded word; its language is not known.

    The German one also without umlauts: ``Vertrag`` and ``Verträge`` meet there.
    """
    german = _STEMMERS.german.stemWord
    bare = _UMLAUT.sub(r"\1", word)
    return frozenset((german(word), german(bare), _STEMMERS.english.stemWord(word)))


class WordIndex:
    """BM25 over stems; a long stem inside a longer one counts too, as in ``Kundenumsatz``.

    An entry one of whose names stands in the question as a whole gains its rarity once more.
    """

    def __init__(self, entries: Sequence[tuple[Sequence[str], str]]) -> None:
        """Index (names, text) pairs; names weigh more."""
        self._known = lru_cache(WORDS_KEPT)(self._matches)
        self._weights: dict[str, dict[int, float]] = {}
        self._names: dict[str, list[tuple[int, Phrase]]] = {}
        lengths: list[float] = []
        for position, (names, text) in enumerate(entries):
            counts = _counts(names, text)
            lengths.append(sum(counts.values()))
            for stem, weight in counts.items():
                self._weights.setdefault(stem, {})[position] = weight
            for name in filter(None, map(_phrase, dict.fromkeys(names))):
                for stem in name[0]:
                    self._names.setdefault(stem, []).append((position, name))
        self._lengths = lengths
        self._mean = (sum(lengths) / len(lengths) if lengths else 0.0) or 1.0
        self._long = [stem for stem in self._weights if len(stem) >= SHORTEST_PART]

    def scores(self, asked: Sequence[Sequence[Weighted]]) -> Mapping[int, float]:
        """Score by position, for entries that share a word with the question.

        Args:
            asked: Per word of the question the ways to say it, each with how well it fits; an
                entry counts the best of them.
        """
        total: dict[int, float] = {}
        for ways in asked:
            best: dict[int, float] = {}
            for word, fit in ways:
                for position, score in self._of_word(word).items():
                    best[position] = max(fit * score, best.get(position, 0.0))
            for position, score in best.items():
                total[position] = total.get(position, 0.0) + score
        fits: dict[str, float] = {}
        for word, fit in (way for ways in asked for way in ways):
            for stem in stems(word):
                fits[stem] = max(fit, fits.get(stem, 0.0))
        for position, gain in self._named(fits).items():
            total[position] = total.get(position, 0.0) + gain
        return total

    def _named(self, fits: Mapping[str, float]) -> Mapping[int, float]:
        """By position the rarity of its best name whose words all stand in the question."""
        best: dict[int, float] = {}
        for position, name in (pair for stem in fits for pair in self._names.get(stem, ())):
            if all(word & fits.keys() for word in name):
                gain = sum(self._gain(word, fits) for word in name)
                best[position] = max(gain, best.get(position, 0.0))
        return best

    def _gain(self, word: frozenset[str], fits: Mapping[str, float]) -> float:
        return max(self._rarity(stem) * fits.get(stem, 0.0) for stem in word)

    def _rarity(self, stem: str) -> float:
        entries = len(self._weights[stem])
        return math.log(1 + (len(self._lengths) - entries + 0.5) / (entries + 0.5))

    def _of_word(self, word: str) -> dict[int, float]:
        best: dict[int, float] = {}
        for stem, share in self._known(stems(word)).items():
            rarity = self._rarity(stem)
            for position, weight in self._weights[stem].items():
                length = 1 - B + B * self._lengths[position] / self._mean
                score = share * rarity * weight * (K1 + 1) / (weight + K1 * length)
                best[position] = max(score, best.get(position, 0.0))
        return best

    def _matches(self, asked: frozenset[str]) -> dict[str, float]:
        """Indexed stems that fit, with how well: 1 for the same, less for a part of a compound."""
        found: dict[str, float] = {}
        for stem in asked:
            if stem in self._weights:
                found[stem] = 1.0
            if len(stem) < SHORTEST_PART:
                continue
            for other in self._long:
                if other != stem and (stem in other or other in stem):
                    share = min(len(stem), len(other)) / max(len(stem), len(other))
                    found[other] = max(found.get(other, 0.0), PART_WEIGHT * share)
        return found


def _phrase(name: str) -> Phrase:
    return tuple(stems(word) for word in words(name) if word not in STOP_WORDS)


def _counts(names: Sequence[str], text: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for weight, source in ((NAME_WEIGHT, " ".join(names)), (1.0, text)):
        for word in words(source):
            if word not in STOP_WORDS:
                for stem in stems(word):
                    counts[stem] += weight  # type: ignore[assignment]  # weights are not whole
    return counts
