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
SHARE = _words(
    "anteil anteile anteilig prozent prozentual prozentsatz share shares percentage percent"
    " proportion"
)
COUNT = _words("wieviele anzahl number count many viele")
AMOUNT = _words("wieviel viel much")
AVERAGE = _words(
    "schnitt durchschnitt durchschnittlich durchschnittliche durchschnittlichen durchschnittlicher"
    " mittel mittlere mittleren average mean"
)
# What people do, which only says again what a named metric counts: a metric by itself if alone.
VERBS = _words(
    "verkaufen verkauft verkauften verkaufte sell sold selling spend spent ausgegeben ausgeben"
    " warten wartet wartete warteten wait waited waiting bought buy kaufen gekauft ordered bestellt"
)
# Words for data as such: a question of nothing else has to be asked back.
VAGUE = _words(
    "zahlen zahl daten kennzahl kennzahlen werte bericht auswertung uebersicht"
    " numbers number figures figure data kpi kpis report overview performance stand lage"
    " es things it business geschaeft gut well aussehen aussieht sieht looking look doing"
)
# Orders to change something: there is only reading here.
CHANGES = _words(
    "loesche loeschen entferne aendere aendern setze ueberschreibe aktualisiere schicke sende"
    " verschicke lege erstelle delete remove drop update change set insert overwrite send email"
    " create"
)
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
    dauerte dauern wartezeitlich lief läuft liefen laufen komme kommt kommen gekommen hereinkommen
    gewährt gewähren gaben geben mussten muss müssen konnten wollten dabei davon dafür darin
    gemessen unserem unsrer wer jener denen deren am gerade derzeit aktuell heute bisher
    bekommen erhalten verkauft verkauften generiert generierten geht
    ging gingen pro je nach welche welcher welches welchen
    """
    # English
    """
    how many much the a an of in on at to from for with by per is are was were be been did do does
    has have had there we our us they their it its i me my please show list give tell what which who
    where when why and or all total overall each every over development develop developed evolve
    evolved trend bring brought brings generate generated make made earn earned get got see received
    come came number count value average mean long high big did go went took take last longer up
    down sold into whats about regarding concerning gave give gives comes coming through run ran
    must through who whom currently now measured those these them can could
    """
)
NUMBERS = {
    "zwei": 2, "drei": 3, "vier": 4, "fuenf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9,
    "zehn": 10, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10,
}  # fmt: skip
TIMES = {"einmal": 1, "once": 1, "zweimal": 2, "twice": 2, "dreimal": 3}
UNIT_SIZES = {
    "sekunde": ("seconds", 1), "second": ("seconds", 1), "minute": ("seconds", 60),
    "stunde": ("seconds", 3600), "hour": ("seconds", 3600), "franken": ("CHF", 1),
    "franc": ("CHF", 1), "chf": ("CHF", 1),
}  # fmt: skip
SPELLED = "|".join(["fünf", "zwölf", *NUMBERS, *TIMES])
THRESHOLD = re.compile(
    r"\b(?P<word>mehr als|länger als|über|mindestens|weniger als|kürzer als|unter|höchstens"
    r"|more than|longer than|over|above|at least|less than|fewer than|shorter than|below|under"
    rf"|at most)\s+(?P<number>\d[\d'’.,]*|(?:{SPELLED})\b)(?![\w-])"
    r"(?:\s(?P<unit>sekunde|second|minute|stunde|hour|franken|franc|chf)[ns]?\b)?",
    re.IGNORECASE,
)
SIGNS: dict[str, Literal["<", "<=", ">", ">="]] = {
    "mehr als": ">", "über": ">", "mindestens": ">=", "weniger als": "<", "unter": "<",
    "höchstens": "<=", "more than": ">", "over": ">", "above": ">", "at least": ">=",
    "länger als": ">", "longer than": ">", "kürzer als": "<", "shorter than": "<",
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


@dataclass(frozen=True)
class Threshold:
    """„Länger als fünf Minuten": the sign, the number in its unit, and the place in the text.

    Attributes:
        limit: The filter, on a metric still to be named.
        unit: ``seconds``, a currency or None when none was said; the number is in it.
        times: True for „once" or „zweimal".
    """

    limit: MetricFilter
    unit: str | None
    times: bool
    span: tuple[int, int]


def threshold(question: str) -> Threshold | None:
    """The first threshold of a question, or None."""
    match = THRESHOLD.search(question)
    if match is None:
        return None
    sign = SIGNS[match["word"].lower()]
    said = fold(match["number"])
    spelled = NUMBERS.get(said, TIMES.get(said))
    digits = re.sub(r"['’,]|\.(?=\d{3}\b)", "", match["number"].rstrip(".,"))
    unit, size = UNIT_SIZES.get((match["unit"] or "").lower(), (None, 1))
    number = size * float(spelled if spelled is not None else digits)
    return Threshold(MetricFilter("", sign, number), unit, said in TIMES, match.span())
