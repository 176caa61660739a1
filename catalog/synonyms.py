"""Words of two languages that mean about the same, and German compounds taken apart."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import yaml

from catalog.words import STOP_WORDS, Weighted, spelled, stems, words

FILE = Path(__file__).parent / "glossary" / "cx.yaml"
SHORTEST_PART = 4
PART_FIT = 0.8
SYNONYM_FIT = 0.7
# What German puts between the parts of a compound, longest first: ``Kunde-n-reise``.
LINKS = ("", "s", "n", "en", "es", "e")


class Synonyms:
    """Lines of words; a word stands for every other word of its lines."""

    def __init__(self, lines: Iterable[Iterable[str]]) -> None:
        self._others: dict[str, set[tuple[str, ...]]] = {}
        for line in lines:
            phrases = [tuple(words(text)) for text in line]
            single = [phrase for phrase in phrases if len(phrase) == 1]
            for (word,) in single:
                others = {phrase for phrase in phrases if phrase != (word,)}
                for stem in stems(word):
                    self._others.setdefault(stem, set()).update(others)

    def of(self, word: str) -> frozenset[tuple[str, ...]]:
        """Phrases that mean about the same as a folded word."""
        return frozenset().union(*(self._others.get(stem, ()) for stem in stems(word)))

    def parts(self, word: str) -> tuple[str, ...]:
        """A compound's two parts, both known here, the more even the better; else none."""
        if any(stem in self._others for stem in stems(word)):
            return ()
        cuts = range(SHORTEST_PART, len(word) - SHORTEST_PART + 1)
        found = [pair for cut in cuts if (pair := self._parted(word, cut))]
        return max(found, key=lambda pair: min(map(len, pair)), default=())

    def _parted(self, word: str, cut: int) -> tuple[str, str] | None:
        left, right = word[:cut], word[cut:]
        if not self._known(right):
            return None
        for link in LINKS:
            part = left.removesuffix(link) if link else left
            if len(part) >= SHORTEST_PART and self._known(part):
                return part, right
        return None

    def _known(self, word: str) -> bool:
        return any(stem in self._others for stem in stems(word))


def ways(question: str, known: Synonyms, told: frozenset[str]) -> list[list[Weighted]]:
    """Per word of a question the ways to say it, each with how well it fits, its own first.

    Args:
        question: Any text.
        known: Where the other ways come from.
        told: Names such as ``opencart``: a word spelled like one, ``OpenCart``, has no parts.
    """
    found: list[list[Weighted]] = []
    for word in spelled(question, told):
        if word in STOP_WORDS:
            continue
        found.append(_ways(word, 1.0, known))
        found += (_ways(part, PART_FIT, known) for part in known.parts(word))
    return found


def _ways(word: str, fit: float, known: Synonyms) -> list[Weighted]:
    others = (other for phrase in sorted(known.of(word)) for other in phrase)
    said = dict.fromkeys(other for other in others if other != word)
    return [(word, fit), *((other, fit * SYNONYM_FIT) for other in said)]


@cache
def synonyms() -> Synonyms:
    """Those of customer experience, German and English."""
    lines: list[Mapping[str, list[str]]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return Synonyms([*line["de"], *line["en"]] for line in lines)
