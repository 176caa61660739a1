"""Which columns may link two silos, told by name, type and sensitivity before anything is read."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from catalog.links_reading import KeySide, key_side
from catalog.sensitivity import fold
from connectors.schema import Column, SiloSchema, Table

Kind = Literal["e-mail", "phone", "uuid", "number"]
MOST_COLUMNS = 64
MOST_PAIRS = 400
# From the plainest to the strongest: the plainest that does is proposed.
NORMALISERS: dict[Kind, tuple[str, ...]] = {
    "e-mail": ("exact", "trim", "lower(trim)", "sha256"),
    "phone": ("exact", "digits", "e164(CH)", "e164(DE)", "e164(AT)", "e164(GB)", "e164(US)"),
    "uuid": ("exact", "lower(trim)"),
    "number": ("exact", "trim", "strip_hash", "digits"),
}
_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UINTEGER", "UBIGINT")
_EMAIL = re.compile(r"e_?mail|(?:^|_)mail(?:_|$|adr|hash)")
_PHONE = re.compile(
    r"telefon|phone|(?:^|_)tel(?:_|$)|mobil(?:e|nummer)?(?:_|$)|handy|natel"
    r"|(?:anrufer|caller)_?(?:nummer|number|id|nr)|msisdn"
)
_UUID = re.compile(r"(?:^|_)(?:uuid|guid)(?:_|$)")
_NUMBER = re.compile(r"(?:^|(.*?)_)(?:id|nr|no|key|ref|num|code)|(.*?)_?(?:nummer|number)")
# One thing, two languages: a key of it may be named either way.
_SAME = (
    ("customer", "kund|kunde|kundin|customer|client|debitor|kd|cust|contact|kontakt|person"),
    ("order", "bestell|bestellung|order|auftrag|purchase"),
    ("campaign", "kampagne|campaign"),
    ("product", "produkt|product|artikel|article|item|sku"),
    ("subscription", "abo|abonnement|subscription|vertrag|contract"),
    ("ticket", "ticket|fall|case|vorgang"),
    ("visitor", "besucher|visitor|cookie|anonymous"),
    ("session", "session|sitzung|besuch|visit"),
    ("invoice", "rechnung|invoice|faktura|beleg"),
    ("store", "filiale|store|shop|laden|branch"),
)
_CONCEPTS = {word: concept for concept, words in _SAME for word in words.split("|")}


@dataclass(frozen=True)
class Candidate:
    """A column that may be a key.

    Attributes:
        about: What a number numbers, such as ``customer``; only the like are compared.
    """

    side: KeySide
    kind: Kind
    about: str

    @property
    def normalisers(self) -> tuple[str, ...]:
        """What may bring it to the form of another; a number has nothing to strip."""
        numeric = self.kind == "number" and self.integer
        return ("exact", "strip_hash", "digits") if numeric else NORMALISERS[self.kind]

    @property
    def integer(self) -> bool:
        """It is a whole number, where any two ranges overlap by chance."""
        return self.side.columns[0].type.startswith(_INTEGERS)


def candidates(schema: SiloSchema, silos: Iterable[str]) -> list[tuple[Candidate, Candidate]]:
    """Pairs of columns of different silos worth comparing; people's keys first, bounded."""
    order: tuple[Kind, ...] = ("e-mail", "phone", "uuid", "number")
    asked = frozenset(silos)
    found = [c for table in schema if table.silo in asked for c in _of_table(table)]
    found.sort(key=lambda c: (order.index(c.kind), c.about != "customer", c.side.name))
    pairs = [pair for pair in combinations(found, 2) if _comparable(*pair)]
    paired = [c for c in found if any(c in pair for pair in pairs)][:MOST_COLUMNS]
    return [(a, b) for a, b in pairs if a in paired and b in paired][:MOST_PAIRS]


def _comparable(a: Candidate, b: Candidate) -> bool:
    return a.side.table.silo != b.side.table.silo and (a.kind, a.about) == (b.kind, b.about)


def _of_table(table: Table) -> Iterator[Candidate]:
    for column in table.columns:
        kind = _kind(column)
        if kind is not None and table.sensitivity.get(column.name) not in ("free_text", "health"):
            about = _about(column, table) if kind == "number" else ""
            yield Candidate(key_side(table, (column.name,)), kind, about)


def _kind(column: Column) -> Kind | None:
    name = fold(column.name)
    text = column.type.startswith("VARCHAR")
    whole = column.type.startswith(_INTEGERS)
    if text and _EMAIL.search(name):
        return "e-mail"
    if (text or whole) and _PHONE.search(name):
        return "phone"
    if column.type == "UUID" or (text and _UUID.search(name)):
        return "uuid"
    return "number" if (text or whole) and _NUMBER.fullmatch(name) else None


def _about(column: Column, table: Table) -> str:
    """What the number numbers: by the column's own name, or for a bare ``id`` by its table's."""
    match = _NUMBER.fullmatch(fold(column.name))
    stem = (match[1] or match[2] or "") if match else ""
    return _concept(stem or fold(table.name))


def _concept(name: str) -> str:
    """The thing a name is about; its last word decides, plural or not."""
    last = name.rsplit("_", 1)[-1]
    for ending in ("", "s", "n", "en", "e", "es", "er"):
        bare = last.removesuffix(ending) if ending else last
        if bare in _CONCEPTS:
            return _CONCEPTS[bare]
    return re.sub(r"(?:en|es|n|s|e)$", "", last) or last
