"""Small words that say what a phrase is for: to group, to rank, to cut, to exclude."""

import re
from dataclasses import dataclass
from typing import Literal

from assistant.metric_query import MetricFilter
from assistant.understanding.words import Token, fold


def _words(text: str) -> frozenset[str]:
    return frozenset(fold(word) for word in text.split())


PER = _words("nach pro je per")
GROUP = PER | _words("by jede jeder jedes jedem jeden each every aufgeteilt aufgeschlüsselt split")
WHICH = _words("welche welcher welches welchen welchem which what")
NOT = _words("ohne ausser außer nicht except without excluding not exklusive")
AND = _words("und and sowie plus vs versus oder or")
MOST = _words(
    "meisten meiste höchste höchsten höchster grösste grössten größte größten beste besten bester"
    " stärkste stärksten teuerste most highest best largest biggest top strongest leading"
)
LEAST = _words(
    "wenigsten wenigste tiefste tiefsten niedrigste niedrigsten kleinste kleinsten schwächste"
    " schwächsten schlechteste schlechtesten least fewest lowest smallest worst weakest bottom flop"
)
QUALITY = _words("beste besten bester best schlechteste schlechtesten worst")
SHARE = _words("anteil anteile anteilig prozent prozentual share shares percentage proportion")
COUNT = _words("wieviele anzahl number count many viele")
AUXILIARY = _words(
    "ist sind war waren wird werden wurde wurden worden hat haben hatte hatten is are was were be"
    " been has have had did do does"
)
FILLERS = AUXILIARY | _words(
    # German
    """
    wie viel viele der die das den dem des ein eine einen einem einer eines im in am an auf aus bei
    zu zum zur mit für von vom über unter um durch ist sind war waren wird werden wurde wurden
    worden gibt gab hat haben hatte hatten haben's wir uns unser unsere unserem unseren unserer sie
    ihr es er ich man mir bitte zeige zeig zeigen nenne liste gib sag was wer wo wann warum weshalb
    wieso sich auch noch nur denn so als alle allen aller insgesamt total gesamt gesamte gesamten
    jeweils aufgeteilt sortiert entwickelt entwickeln entwickelte entwickelten entwicklung verlauf
    zeitlich brachte brachten bringt bringen gebracht erzielt erzielte erzielten gemacht machen
    machte machten eingegangen verzeichnet erreicht lag lagen liegt beträgt betrug hoch höher gross
    lang lange kurz anzahl wert durchschnitt durchschnittlich durchschnittliche durchschnittlichen
    mittlere mittleren eigentlich genau gewesen gegeben aufgegeben erteilt eingingen kamen
    dauerte dauern wartezeitlich bekommen erhalten verkauft verkauften generiert generierten geht
    ging gingen pro je nach welche welcher welches welchen
    """
    # English
    """
    how many much the a an of in on at to from for with by per is are was were be been did do does
    has have had there we our us they their it its i me my please show list give tell what which who
    where when why and or all total overall each every over development develop developed evolve
    evolved trend bring brought brings generate generated make made earn earned get got see received
    come came number count value average mean long high big did go went took take last longer up
    down sold into than whats about regarding concerning
    """
)
NUMBERS = {
    "zwei": 2, "drei": 3, "vier": 4, "fuenf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9,
    "zehn": 10, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10,
}  # fmt: skip
THRESHOLD = re.compile(
    r"\b(?P<word>mehr als|über|mindestens|weniger als|unter|höchstens|more than|over|above"
    r"|at least|less than|fewer than|below|under|at most)\s+(?P<number>\d[\d'’.,]*)(?![\w-])",
    re.IGNORECASE,
)
SIGNS: dict[str, Literal["<", "<=", ">", ">="]] = {
    "mehr als": ">", "über": ">", "mindestens": ">=", "weniger als": "<", "unter": "<",
    "höchstens": "<=", "more than": ">", "over": ">", "above": ">", "at least": ">=",
    "less than": "<", "fewer than": "<", "below": "<", "under": "<", "at most": "<=",
}  # fmt: skip


@dataclass(frozen=True)
class Ranking:
    """``top 5``: the direction, how many, and whether it speaks of good and bad."""

    highest: bool
    limit: int | None
    quality: bool
    words: frozenset[int]


def ranking(words: tuple[Token, ...]) -> Ranking | None:
    """The first ranking word of a question, with a number right beside it, or None."""
    for place, word in enumerate(words):
        if word.norm in MOST or word.norm in LEAST:
            limit, number_at = _number_beside(words, place)
            used = frozenset({place} | ({number_at} if number_at is not None else set()))
            return Ranking(word.norm in MOST, limit, word.norm in QUALITY, used)
    return None


def _number_beside(words: tuple[Token, ...], place: int) -> tuple[int | None, int | None]:
    for beside in (place + 1, place - 1):
        if 0 <= beside < len(words):
            text = words[beside].norm
            number = int(text) if text.isdigit() and int(text) <= 1_000 else NUMBERS.get(text)
            if number:
                return number, beside
    return None, None


def threshold(question: str) -> tuple[MetricFilter, tuple[int, int]] | None:
    """``more than 100`` as a filter on a metric still to be named, and its place in the text."""
    match = THRESHOLD.search(question)
    if match is None:
        return None
    sign = SIGNS[match["word"].lower()]
    number = float(re.sub(r"['’,]|\.(?=\d{3}\b)", "", match["number"].rstrip(".,")))
    return MetricFilter("", sign, number), match.span()
