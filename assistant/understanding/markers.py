"""Small words that say what a phrase is for: to group, to rank, to cut, to exclude."""

from dataclasses import dataclass

from assistant.understanding.fillers import ENGLISH, GERMAN
from assistant.understanding.words import Token, word_set

PER = word_set("nach pro je per")
GROUP = PER | word_set(
    "by jede jeder jedes jedem jeden each every aufgeteilt aufgeschlüsselt split across"
)
WHICH = word_set("welche welcher welches welchen welchem which what")
NOT = word_set(
    "ohne ausser außer nicht except without excluding exklusive not kein keine keinen keiner keinem"
    " keines no never nie niemals nichts nothing none neither weder abgesehen non nirgends"
)
AND = word_set("und and sowie plus vs versus oder or aber but gegen")
OR = word_set("oder or")
MOST = word_set(
    "meisten meiste höchste höchsten höchster höchstem grösste grössten größte größten beste besten"
    " bester bestes stärkste stärksten teuerste teuersten längste längsten häufigste häufigsten"
    " häufigster most highest best largest biggest top strongest leading longest maximal maximale"
    " maximum greatest meist meisten"
)
LEAST = word_set(
    "wenigsten wenigste tiefste tiefsten tiefster niedrigste niedrigsten kleinste kleinsten"
    " schwächste schwächsten schlechteste schlechtesten kürzeste kürzesten seltenste seltensten"
    " billigste geringste geringsten least fewest lowest smallest worst weakest bottom flop"
    " shortest minimal minimale minimum"
)
QUALITY = word_set("beste besten bester bestes best schlechteste schlechtesten worst")
SHARE = word_set(
    "anteil anteile anteilig prozent prozentual prozentsatz share shares percentage percent"
    " proportion fraction"
)
COUNT = word_set("wieviele anzahl zahl number count many viele")
AVERAGE = word_set(
    "schnitt durchschnitt durchschnittlich durchschnittliche durchschnittlichen durchschnittlicher"
    " durchschnittliches mittel mittlere mittleren mittlerer average averages mean averaged"
    " typisch typischerweise typically"
)
MEDIAN = word_set("median mediane medianwert")
GROWTH = word_set(
    "gewachsen wachstum wuchs wächst gestiegen stieg zugenommen zunahme anstieg gesunken sank"
    " zurückgegangen rückgang abgenommen veraendert verändert veränderung veränderte geändert"
    " grew grow grown growth growing increase increased rise risen rose fall fallen fell decrease"
    " decreased drop dropped decline declined change changed wachstumsrate steigerung verändern"
)
SHRINKING = word_set(
    "gesunken sank zurückgegangen rückgang abgenommen fall fallen fell decrease decreased drop"
    " dropped decline declined"
)
COMPARE = word_set(
    "vergleiche vergleich vergleichen compare comparing comparison compared vs versus"
)
FIRST = word_set("erste ersten erster erstes first earliest frühste früheste älteste oldest")
LAST = word_set(
    "letzte letzten letzter letztes last latest neueste neuesten jüngste newest recent zuletzt"
    " recently"
)
NEITHER = word_set("weder neither")
NOR = word_set("noch nor")
BOTH = word_set("sowohl both beides beide beiden")
RATIO = word_set("verhältnis ratio relation")
WHEN = word_set("wann when")
LIST = word_set("liste list auflistung zeige zeig show nenne give display name")
RUNNING = word_set("lief liefen laufen läuft running run ran aktiv active")
# What says that those named are meant for what they did or have, not for what they are.
WITH = word_set("mit with die who that das der welche having hatten hatte haben with whose deren")
# Words for data as such: a question of nothing else has to be asked back.
VAGUE = word_set(
    "zahlen zahl daten kennzahl kennzahlen werte bericht auswertung uebersicht quote rate raten"
    " numbers number figures figure data kpi kpis report overview performance stand lage score"
    " es things it business geschaeft gut well aussehen aussieht sieht looking look doing going"
    " wichtigsten wichtigste key kontakte contacts leistung service läuft laufen best beste bester"
    " besten trend entwicklung aktiv aktive active status sache dinge situation good bad nice"
)
# Orders to change something: there is only reading here.
CHANGES = word_set(
    "loesche loeschen entferne aendere aendern setze ueberschreibe aktualisiere schicke sende"
    " verschicke lege erstelle delete remove drop update change set insert overwrite send email"
    " create add füge lösch storniere cancel kündige"
)
# What has not happened yet is not in any data.
FUTURE = word_set(
    "nächste nächsten nächster nächstes nächstem kommende kommenden kommendes künftig zukünftig"
    " next upcoming will forecast prognose predict predicted prediction prognostiziert erwarten"
    " erwartet voraussichtlich expect expected morgen tomorrow vorhersage projected"
)
# Details of single people that are never given out.
PERSONAL_WORDS = word_set(
    "telefonnummer telefonnummern handynummer adresse adressen anschrift mailadresse mailadressen"
    " emailadresse emailadressen geburtsdatum nachname vorname phone address addresses birthday"
    " surname passwort password"
)
AUXILIARY = word_set(
    "ist sind war waren wird werden wurde wurden worden hat haben hatte hatten is are was were be"
    " been has have had did do does"
)
FILLERS = AUXILIARY | GERMAN | ENGLISH
NUMBERS = {
    "zwei": 2, "drei": 3, "vier": 4, "fuenf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9,
    "zehn": 10, "zwoelf": 12, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "hundert": 100, "hundred": 100,
    "tausend": 1000, "thousand": 1000,
}  # fmt: skip
# Each changes a figure: one that nothing has used makes the question one to ask back about.
OPERATORS = (
    NOT | MOST | LEAST | SHARE | AVERAGE | MEDIAN | GROWTH | COMPARE | FIRST | LAST | WHEN | OR
)


@dataclass(frozen=True)
class Ranking:
    """``top 5``: the direction, how many, and whether it speaks of good and bad."""

    highest: bool
    limit: int | None
    quality: bool
    words: frozenset[int]
    place: int


def ranking(words: tuple[Token, ...]) -> Ranking | None:
    """The first ranking word of a question, with a number right beside it, or None."""
    for place, word in enumerate(words):
        if word.norm in MOST or word.norm in LEAST:
            limit, number_at = _number_beside(words, place)
            used = frozenset({place} | ({number_at} if number_at is not None else set()))
            return Ranking(word.norm in MOST, limit, word.norm in QUALITY, used, place)
    return None


def number_of(text: str) -> int | None:
    """A whole number in digits or in words; None for any other word."""
    return int(text) if text.isdigit() else NUMBERS.get(text)


def _number_beside(words: tuple[Token, ...], place: int) -> tuple[int | None, int | None]:
    for beside in (place + 1, place - 1):
        if 0 <= beside < len(words):
            number = number_of(words[beside].norm)
            if number and number <= 1_000:
                return number, beside
    return None, None
