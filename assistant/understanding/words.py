"""Words of a question or a label, in forms that match across inflection and spelling."""

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

WORD = re.compile(r"[^\W_]+")
# „Kundinnen und Kunden", „Kund:innen", „KundInnen": one word for one group of people.
PAIR = re.compile(r"\b(\w{3,})innen und (\w+)\b", re.IGNORECASE)
REVERSED_PAIR = re.compile(r"\b(\w{3,}) und (\w{3,})innen\b", re.IGNORECASE)
INCLUSIVE = re.compile(r"\b(\w{3,}?)(?:[:*_]innen|Innen)\b")
FOLDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "è": "e", "à": "a"})
# As a keyboard without umlauts writes them: Zurich, Geneve.
BARE = str.maketrans("äöüéèêàç", "aoueeeac")
NEGATED = re.compile(r"(?<=\w)n't\b", re.IGNORECASE)
THOUSANDS = re.compile(r"(?<=\d)['’,.](?=\d{3}(?!\d|[.,]\d))")


class _Stemmers(threading.local):
    """One pair per thread: a stemmer keeps its word in itself while it works."""

    def __init__(self) -> None:
        self.german = snowballstemmer.stemmer("german")
        self.english = snowballstemmer.stemmer("english")


_STEMMERS = _Stemmers()


@dataclass(frozen=True)
class Token:
    """A word of a text with its place; `forms` are the spellings it may match by."""

    text: str
    norm: str
    forms: frozenset[str]
    start: int
    end: int

    def matches(self, other: "Token") -> bool:
        """True when the two words are the same up to inflection and spelling."""
        return not self.forms.isdisjoint(other.forms)


def tokens(text: str) -> tuple[Token, ...]:
    """The words of a text, in order; a pair such as „Kundinnen und Kunden" is one word."""
    found = []
    for match in WORD.finditer(_one_word(text)):
        word = match.group().strip()
        if word:
            found.append(Token(word, fold(word), _forms(word), match.start(), match.end()))
    return tuple(found)


def _one_word(text: str) -> str:
    """The text with pairs of one group as their last word; every other place stays the same."""
    text = PAIR.sub(_keep_second, text)
    text = REVERSED_PAIR.sub(_keep_first, text)
    return INCLUSIVE.sub(lambda m: (m[1] + "en").ljust(len(m[0])), text)


def _keep_second(match: re.Match[str]) -> str:
    same = fold(match[1])[:3] == fold(match[2])[:3]
    return match[2].rjust(len(match[0])) if same else match[0]


def _keep_first(match: re.Match[str]) -> str:
    same = fold(match[1])[:3] == fold(match[2])[:3]
    return match[1].ljust(len(match[0])) if same else match[0]


def plain(text: str) -> str:
    """A question as it is read: "didn't" as "did not", 1,000 and 1'000 as 1000."""
    text = text.replace("’", "'").replace("‘", "'").replace("can't", "can not")
    return THOUSANDS.sub("", NEGATED.sub(" not", text))


def fold(word: str) -> str:
    """Lower case without umlauts and accents: ``Kündigung`` and ``Kuendigung`` alike."""
    return word.casefold().translate(FOLDED)


def word_set(text: str) -> frozenset[str]:
    """The words of a text, folded."""
    return frozenset(fold(word) for word in text.split())


@lru_cache(maxsize=20_000)
def _forms(word: str) -> frozenset[str]:
    folded = fold(word)
    if len(folded) < 4 or folded.isdigit():
        return frozenset({folded})
    if len(folded) == 4 and folded.endswith("s"):
        return frozenset({folded, folded[:3]})
    lower = word.casefold()
    stems = (
        f"de:{fold(_STEMMERS.german.stemWord(lower))}",
        f"en:{_STEMMERS.english.stemWord(folded)}",
    )
    return frozenset({folded, lower.translate(BARE), *stems})


def canonical(text: str) -> str:
    """A question as its folded words alone, to compare whole questions."""
    return " ".join(token.norm for token in tokens(text))


def joined(words: Iterable[Token], text: str) -> str:
    """The words as they stand in the text."""
    return ", ".join(f"„{text[word.start : word.end].strip()}“" for word in words)
