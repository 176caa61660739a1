"""Every phrase one meaning: the first metric that takes a phrase keeps it."""

from collections.abc import Iterable

from catalog.semantic_model import Labels
from catalog.words import words


class Phrases:
    """Which phrases are taken. Plural and singular of a word are different phrases."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def free(self, text: str) -> bool:
        """Whether no metric has the phrase yet."""
        return bool(text.strip()) and _key(text) not in self._taken

    def take(self, texts: Iterable[str]) -> tuple[str, ...]:
        """Those of the phrases that were free; they are taken from now on."""
        found = [text for text in dict.fromkeys(texts) if self.free(text)]
        self._taken.update(_key(text) for text in found)
        return tuple(found)

    def labels(self, plain: Labels, longer: Labels, silo: str) -> Labels:
        """The first of: the plain name, the longer one, the longer one with the silo; now taken."""
        for offer in (plain, longer):
            if offer and all(self.free(text) for text in offer.values()):
                self.take(offer.values())
                return offer
        base = longer or plain
        named = {language: f"{text} ({silo})" for language, text in base.items()}
        self.take(named.values())
        return named


def _key(text: str) -> str:
    return " ".join(words(text))
