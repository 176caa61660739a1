"""The built-in words of table and column names: what a name speaks of, and how it is said."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from catalog.semantic_model import Labels
from catalog.words import words

Kind = Literal["entities", "attributes", "measures", "times", "flags", "small"]
KINDS: tuple[Kind, ...] = ("entities", "attributes", "measures", "times", "flags", "small")
SHORTEST = 3
LINKS = ("", "s", "n", "en", "e", "es")


@dataclass(frozen=True)
class Concept:
    """What a word stands for; `key` is the same for German and English.

    Attributes:
        words: All single words for it, folded.
        also: Words beside the four names, as people write them.
    """

    key: str
    kind: Kind
    one: Labels
    many: Labels
    words: tuple[str, ...]
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """One word of a name, with its concept when it is known."""

    text: str
    concept: Concept | None = None

    @property
    def key(self) -> str:
        """The concept's key, or the word itself."""
        return self.concept.key if self.concept else self.text


class Vocabulary:
    """Concepts by each of their words; one word may stand for several kinds of thing."""

    def __init__(self, data: Mapping[str, Mapping[str, list[str]]]) -> None:
        self._by_word: dict[str, Concept] = {}
        for kind in KINDS:
            for key, entry in data[kind].items():
                concept = _concept(key, kind, entry)
                for word in concept.words:
                    self._by_word.setdefault(word, concept)
        self._values = _translations(data["values"])
        self._languages = _translations(data["languages"])

    def concept(self, word: str) -> Concept | None:
        """The concept of one folded word, or None."""
        return self._by_word.get(word)

    def parts(self, name: str) -> tuple[Part, ...]:
        """The words of a name in order, German compounds split where all of it is known."""
        found: list[Part] = []
        for word in words(name.replace("_", " ")):
            known = self._by_word.get(word)
            split = [Part(word, known)] if known else self._split(word)
            found += split or [Part(word)]
        return tuple(found)

    def value(self, text: str, *, of_language: bool = False) -> Labels | None:
        """A stored value's name in both languages, or None when it is not a known word."""
        known = self._languages if of_language else self._values
        return known.get(" ".join(words(text)))

    def _split(self, word: str) -> list[Part]:
        """``kundennummer`` as customer and number; empty when a rest is left over."""
        for end in range(len(word) - SHORTEST, SHORTEST - 1, -1):
            head = self._by_word.get(word[:end])
            if head is None:
                continue
            for link in LINKS:
                rest = word[end:].removeprefix(link) if word[end:].startswith(link) else ""
                known = self._by_word.get(rest) if len(rest) >= SHORTEST else None
                tail = [Part(rest, known)] if known else self._split(rest)
                if tail:
                    return [Part(word[:end], head), *tail]
        return []


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The vocabulary that comes with the program."""
    text = (Path(__file__).parent / "vocabulary.toml").read_text(encoding="utf-8")
    return Vocabulary(tomllib.loads(text))


def _concept(key: str, kind: Kind, entry: list[str]) -> Concept:
    de, de_many, en, en_many, more = entry
    spelled = (key, *(" ".join(words(text)) for text in (de, de_many, en, en_many)))
    folded = (word for text in more.split() for word in words(text))
    single = dict.fromkeys(word for word in (*spelled, *folded) if word and " " not in word)
    one, many = {"de": de, "en": en}, {"de": de_many, "en": en_many}
    return Concept(key, kind, one, many, tuple(single), tuple(more.split()))


def _translations(entries: Mapping[str, list[str]]) -> dict[str, Labels]:
    found: dict[str, Labels] = {}
    for key, (german, english, more) in entries.items():
        for word in (key, german, english, *more.split()):
            found.setdefault(" ".join(words(word)), {"de": german, "en": english})
    return found
