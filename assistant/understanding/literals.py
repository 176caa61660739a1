"""Names of single things in a question: „die Kampagne Herbst-Trail 2026"."""

from dataclasses import dataclass

from assistant.understanding.lexicon import Lexicon
from assistant.understanding.spelling import Speller
from assistant.understanding.words import Token, tokens


@dataclass(frozen=True)
class Literal:
    """A name as written, and the ``dataset.field`` it is a value of."""

    field: str
    value: str
    span: tuple[int, int]


def literals(text: str, lexicon: Lexicon, speller: Speller) -> tuple[Literal, ...]:
    """Names right behind the word for what they name; they begin in capitals and are no known word.

    Numbers within a name belong to it.
    """
    words = tokens(text)
    found = []
    for place, word in enumerate(words):
        field = lexicon.naming(word)
        last = _end(words, place + 1, text, speller) if field else None
        if field and last is not None:
            span = (words[place + 1].start, words[last].end)
            found.append(Literal(field, text[span[0] : span[1]], span))
    return tuple(found)


def _end(words: tuple[Token, ...], first: int, text: str, speller: Speller) -> int | None:
    """Place of the name's last word; None when no name begins here."""
    if first >= len(words) or not _begins(words[first], text, speller):
        return None
    last = first
    while last + 1 < len(words) and _goes_on(words[last], words[last + 1], text):
        last += 1
    return last


def _begins(word: Token, text: str, speller: Speller) -> bool:
    hyphen = text[word.end : word.end + 1] == "-"
    return word.text[0].isupper() and (hyphen or not speller.knows(word.text))


def _goes_on(word: Token, following: Token, text: str) -> bool:
    between = text[word.end : following.start]
    if between not in (" ", "-"):
        return False
    return following.text[0].isupper() or following.norm.isdigit()
