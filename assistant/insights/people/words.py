"""Words of comments in German and English: topics, praise, blame and negation.

Stems, matched at the start of a word in lower case. Our own list, made for retail and service; the
accuracy on labelled sentences stands in its test.
"""

from collections.abc import Iterable

LETTER = "[a-zäöüßéèàç]"
EDGE = "(^|[^a-zäöüßéèàç])"


def _stems(text: str) -> tuple[str, ...]:
    return tuple(text.split())


TOPICS: dict[str, tuple[str, ...]] = {
    "delivery": _stems(
        """
        liefer paket päckchen versand versend zustell sendung kurier deliver parcel package
        shipping shipment courier arriv angekommen ankunft
        """
    ),
    "service": _stems(
        """
        service berat support kundendienst hotline mitarbeit personal verkäufer rückruf rief
        antwort niemand staff advice help answer nobody agent reply replied called
        """
    ),
    "product": _stems(
        """
        produkt ware artikel qualität material jacke schuh rucksack zelt hose kaputt defekt
        product quality jacket shoe backpack tent broken item
        """
    ),
    "size": _stems("grösse größe passt passform masse size fits fitting fitted"),
    "price": _stems(
        """
        preis teuer günstig kosten gebühr rabatt gutschein price expensive cheap cost fee
        discount voucher
        """
    ),
    "shop": _stems(
        """
        webseite website webshop onlineshop app bestell login passwort bezahl warenkorb order
        checkout payment password cart
        """
    ),
    "returns": _stems(
        """
        retour rückgabe rücksend rückerstattung umtausch return refund exchange
        """
    ),
}
PRAISE = _stems(
    """
        gut super toll prima perfekt bestens hervorragend ausgezeichnet freundlich schnell
        einfach zufrieden gerne danke begeistert empfehl kompetent hilfreich pünktlich schön
        angenehm unkompliziert reibungslos wunderbar klasse top lob liebe great good excellent
        perfect friendly quick fast easy happy satisfied thank love recommend helpful nice
        pleasant smooth wonderful amazing best competent
        """
)
BLAME = _stems(
    """
        schlecht schlimm spät verspät langsam unfreundlich kaputt defekt falsch fehler ärger
        enttäusch mangel mangelhaft beschwer reklam teuer kompliziert umständlich warte wartete
        vergess verloren beschädigt unzuverlässig niemand leider miserabel katastroph zumutung
        unzufrieden bad poor late slow rude broken wrong error annoy disappoint defect complain
        expensive complicated wait lost damag nobody unfortunately terrible awful horrible
        unhappy useless worst unreliable
        """
)
NEGATION = _stems(
    """
        nicht kein nie niemals never without ohne not no isn't wasn't didn't doesn't don't
        hardly kaum
        """
)


def one_of(stems: Iterable[str]) -> str:
    """A pattern that finds a word beginning with one of the stems, for RE2 and Python alike."""
    return f"{EDGE}({'|'.join(stems)})"


def negated(stems: Iterable[str]) -> str:
    """The same, at most two words after a negation."""
    no = "|".join(f"{word}{LETTER}*" for word in NEGATION)
    return f"{EDGE}({no}) ({LETTER}+ ){{0,2}}({'|'.join(stems)})"


def mistaken(stems: Iterable[str]) -> str:
    """A plain word turned round by a „nicht" that follows, as German verbs have it."""
    return f"{EDGE}({'|'.join(stems)}){LETTER}* nicht"
