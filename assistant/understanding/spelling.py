"""Misspelt words and German compounds, told from the words that the company uses."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from rapidfuzz import process
from rapidfuzz.distance import OSA
from spellchecker import SpellChecker

from assistant.understanding.markers import (
    AND,
    AVERAGE,
    COMPARE,
    COUNT,
    FILLERS,
    FUTURE,
    GROUP,
    GROWTH,
    LEAST,
    MEDIAN,
    MOST,
    NOT,
    NUMBERS,
    PERSONAL_WORDS,
    SHARE,
    VAGUE,
    WHICH,
)
from assistant.understanding.words import WORD, Token, fold, tokens, word_set

PERIODS = word_set(
    "letzten letztes letzte letzter vergangenen quartal quartals monat monats woche jahr jahres"
    " halbjahr januar februar maerz april mai juni juli august september oktober november"
    " dezember dieses diesem diesen laufenden vorjahr vorjahres vorquartal vormonat gegenueber"
    " seit zwischen january february march june july october december quarter month week year"
    " last previous past this since between months quarters weeks years monate wochen jahre"
    " monaten jahren tagen tage days"
)
OPERATORS = AND | AVERAGE | COMPARE | COUNT | GROUP | GROWTH | LEAST | MEDIAN | MOST | NOT | SHARE
STEPS = ("tages", "monats", "jahres", "wochen", "quartals")
TOTALS = ("gesamt", "total")
LINKING = ("", "s", "n", "en", "es", "e")
SHORTEST = 5
SHORTEST_COMPOUND = 8
SHORTEST_PART = 3
Known = Callable[[str], bool]


@dataclass(frozen=True)
class Corrected:
    """A text with misspelt words set right; `changes` are (as written, as read)."""

    text: str
    changes: tuple[tuple[str, str], ...] = ()


class Speller:
    """Corrects what is nearly one of the known words; a real word stays as it is."""

    def __init__(self, spellings: tuple[str, ...], known: frozenset[str]) -> None:
        self._known = known
        own = {word for word in spellings if len(word) >= SHORTEST and word.isalpha()}
        self._choices = sorted(own | {w for w in PERIODS | OPERATORS if len(w) >= SHORTEST})

    def knows(self, word: str) -> bool:
        """True for a word of the company, of periods or of grammar, in any inflection."""
        folded = fold(word)
        common = FILLERS | OPERATORS | WHICH | VAGUE | FUTURE | PERSONAL_WORDS | NUMBERS.keys()
        if folded in common or folded in PERIODS:
            return True
        return not self._known.isdisjoint(tokens(word)[0].forms)

    def correct(self, text: str) -> Corrected:
        """The text, each misspelt word replaced by the one nearest to it."""
        changes = []
        for match in reversed(list(WORD.finditer(text))):
            better = self._better(match.group())
            if better is not None:
                changes.append((match.group(), better))
                text = text[: match.start()] + better + text[match.end() :]
        return Corrected(text, tuple(reversed(changes)))

    def _better(self, word: str) -> str | None:
        folded = fold(word)
        if len(folded) < SHORTEST or not folded.isalpha() or self.knows(word):
            return None
        if self.parts(word):
            return None
        edits = 2 if len(folded) >= 11 else 1
        near = process.extract(
            folded, self._choices, scorer=OSA.distance, score_cutoff=edits, limit=6
        )
        fit = [(distance, w) for w, distance, _ in near if self._fits(folded, w, int(distance))]
        if fit and is_real(word):
            return None  # „Bewerbungen" are no „Bewertungen"
        best = [w for distance, w in fit if distance == min(d for d, _ in fit)]
        return best[0] if best and _one_word(best) else None

    def _fits(self, word: str, choice: str, distance: int) -> bool:
        """The same beginning; short words must have the same letters but one, or two swapped."""
        if word[0] != choice[0]:
            return False
        swapped = sorted(word) == sorted(choice)
        return len(word) >= 7 or swapped or (distance == 1 and len(word) != len(choice))

    def parts(self, word: str) -> tuple[str, ...]:
        """The known words a compound is made of: „Umsatzanteil" is „Umsatz" and „Anteil"."""
        if len(word) < SHORTEST_COMPOUND or not word.isalpha():
            return ()
        for cut in range(len(word) - SHORTEST_PART, SHORTEST_PART - 1, -1):
            tail = word[cut:]
            if fold(tail) in STEPS or not self._part(tail):
                continue
            for link in LINKING:
                head = word[:cut].removesuffix(link) if link else word[:cut]
                if fold(head) in TOTALS:
                    return (tail,)
                if len(head) >= SHORTEST_PART and self._part(head):
                    return head, tail
        return ()

    def _part(self, word: str) -> bool:
        folded = fold(word)
        if folded in OPERATORS or folded in STEPS:
            return len(folded) > SHORTEST_PART
        if folded in FILLERS:
            return False
        return len(folded) >= 3 and not self._known.isdisjoint(tokens(word)[0].forms)


def _one_word(words: list[str]) -> bool:
    """The nearest words are forms of one."""
    first = tokens(words[0])[0]
    return all(tokens(word)[0].matches(first) for word in words[1:])


@cache
def _real_words() -> frozenset[str]:
    """Words of German and English dictionaries, lower case; read when first needed."""
    return frozenset(
        word for code in ("de", "en") for word in SpellChecker(language=code).word_frequency.words()
    )


def is_real(word: str) -> bool:
    """True for a word that a dictionary of either language has."""
    return word.casefold() in _real_words()


def split_compounds(words: tuple[Token, ...], speller: Speller) -> tuple[Token, ...]:
    """The words, each unknown compound as its parts at the same place of the text."""
    made: list[Token] = []
    for word in words:
        parts = () if speller.knows(word.text) else speller.parts(word.text)
        if not parts:
            made.append(word)
        made += [replace(tokens(p)[0], start=word.start, end=word.end) for p in parts]
    return tuple(made)
