"""Links inside a silo nobody declared: told by name and type, confirmed by measured containment.

A name alone is a guess, and whole numbers from 1 upwards are contained in one another by chance:
so numbers need a name that fits and keys that are there, text and UUIDs may go by the keys alone.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from catalog.documents import table_prefixes
from catalog.links import Link
from catalog.links_contained import SAMPLED_KEYS, SAMPLED_ROWS, Contained, Containment, Inside
from catalog.links_names import TableName, named, table_name, thing
from catalog.links_polymorphic import Polymorphic, kinds, meant, polymorphic
from catalog.links_reading import KeyReader, KeySide, key_side
from catalog.words import words
from connectors.clock import Deadline
from connectors.schema import Column, SiloSchema, Table

LEAST_NAMED = 0.5
LEAST_CONTAINED = 0.9
AT_ONCE = 4
MOST_TARGETS = 12
MOST_BLIND = 4_000
FEWEST_BLIND_KEYS = 5
BLIND_SCORE = 0.5
# Names that fit about as well: of these the smaller table is the likelier one.
TIE = 0.06
# A column named like its own table, such as ``client_id`` of ``oauth_client``.
LEAST_OWN = 0.6
BARE_KEYS = frozenset({"id", "uuid", "guid", "key", "code", "nr"})
Family = Literal["number", "text", "uuid"]
_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT")
_WHOLE = (*_INTEGERS, "UINTEGER", "UBIGINT")


@dataclass(frozen=True)
class Key:
    """A column that tells the rows of its table apart."""

    side: KeySide
    name: TableName
    family: Family

    @property
    def rows(self) -> float:
        """Rows of its table; endless when unknown."""
        estimate = self.side.table.row_estimate
        return float("inf") if estimate is None else estimate


@dataclass(frozen=True)
class Reference:
    """A column that may name a row of another table, and the thing its name tells."""

    side: KeySide
    own: TableName
    about: tuple[str, ...]
    family: Family


@dataclass(frozen=True)
class Fit:
    """A reference with a key it may mean: how well the name fits, and what was measured."""

    reference: Reference
    key: Key
    name: float
    figures: Contained

    @property
    def score(self) -> float:
        """How sure it is, 0 to 1."""
        return round((0.5 + 0.5 * self.name) * self.figures.share, 3)


Meanings = tuple[Polymorphic, Mapping[str, Key]]


def family_of(column: Column) -> Family | None:
    """Columns of one family compare without a cast; None for what is no key."""
    if column.type.startswith(_WHOLE):
        return "number"
    if column.type == "UUID":
        return "uuid"
    return "text" if column.type.startswith("VARCHAR") else None


def inside_silos(
    schema: SiloSchema,
    silos: Collection[str],
    reader: KeyReader,
    deadline: Deadline,
    problems: dict[str, str],
) -> tuple[Link, ...]:
    """Links within each of these silos that have no foreign key, told by names and keys.

    Args:
        schema: All tables.
        silos: Names of those to look into.
        reader: Asks them.
        deadline: For all of them; what is not measured by then is not proposed.
        problems: Takes what went wrong, by the name of a side.

    Raises:
        SiloCancelled: On cancel.
    """
    prefixes = table_prefixes(schema)

    def one(silo: str) -> list[Link]:
        tables = schema.silo(silo)
        containment = Containment(reader, silo, deadline)
        known = {side for table in tables for side in _with_foreign_key(table)}
        found = list(Finder(tables, prefixes.get(silo, ""), containment).links(known))
        problems.update(containment.problems)
        return found

    with ThreadPoolExecutor(AT_ONCE, "links-inside") as pool:
        return tuple(link for links in pool.map(one, sorted(silos)) for link in links)


def _with_foreign_key(table: Table) -> Iterator[str]:
    """Names of the sides of a table that a foreign key of one column speaks for."""
    for key in table.foreign_keys:
        if len(key.columns) == 1:
            yield f"{table.full_name}.{key.columns[0]}".lower()


class Finder:
    """Finds the links of one silo's tables; views are left out, as they repeat their tables."""

    def __init__(self, tables: Sequence[Table], prefix: str, containment: Containment) -> None:
        self._tables = [table for table in tables if table.kind == "table"]
        self.names = {t.full_name: table_name(t.name, prefix) for t in self._tables}
        self._containment = containment
        self.keys = list(self._keys())

    def links(self, known: Collection[str]) -> Iterator[Link]:
        """One link per column, best first within its table.

        Args:
            known: Names of sides that have a declared foreign key already.
        """
        told = self._polymorphic()
        taken = {*known, *(f"{p.table.full_name}.{p.number.name}".lower() for p, _ in told)}
        yield from (_link(fit, "by its kind and keys") for fit in self._by_kind(told))
        references = [r for r in self._references() if r.side.name.lower() not in taken]
        chosen = self._by_name(references)
        rest = [r for r in references if r.side not in chosen and r.family != "number"]
        chosen |= self._by_keys(rest)
        yield from (_link(fit, _told(fit)) for fit in chosen.values())

    def _polymorphic(self) -> list[Meanings]:
        """Pairs of id and kind whose kinds name tables, with the key each kind means."""
        asked = [pair for table in self._tables for pair in polymorphic(table)]
        ask = self._containment
        found = kinds(ask.reader, asked, ask.deadline, ask.problems)
        told = ((pair, self._meanings(pair, values)) for pair, values in found)
        return [(pair, meanings) for pair, meanings in told if meanings]

    def _meanings(self, pair: Polymorphic, values: Sequence[str]) -> Mapping[str, Key]:
        family, own = family_of(pair.number), self.names[pair.table.full_name]
        keys = {key.name: key for key in self.keys if key.family == family}
        named_keys = {value: meant(value, own, list(keys)) for value in values}
        return {value: keys[name] for value, name in named_keys.items() if name is not None}

    def _by_kind(self, told: Sequence[Meanings]) -> Iterator[Fit]:
        wanted: dict[Inside, tuple[Reference, Key]] = {}
        for pair, meanings in told:
            for value, key in meanings.items():
                side = pair.key(value)
                own = self.names[pair.table.full_name]
                wanted[Inside(side, key.side)] = (Reference(side, own, (), key.family), key)
        for inside, figures in self._containment.measure(list(wanted)).items():
            if figures.share >= LEAST_CONTAINED:
                yield Fit(*wanted[inside], 1.0, figures)

    def _keys(self) -> Iterator[Key]:
        """Declared single keys; else columns named like one, if a sample says they are unique."""
        maybe: list[KeySide] = []
        for table in self._tables:
            sure = {key[0].lower() for key in _single_keys(table)}
            for column in table.columns:
                if family_of(column) is None:
                    continue
                if column.name.lower() in sure:
                    yield self._key(key_side(table, (column.name,)))
                elif self._is_named_key(table, column, bool(table.primary_key)):
                    maybe.append(key_side(table, (column.name,)))
        yield from (self._key(side) for side in self._containment.unique(maybe))

    def _key(self, side: KeySide) -> Key:
        family = family_of(side.columns[0]) or "text"
        return Key(side, self.names[side.table.full_name], family)

    def _is_named_key(self, table: Table, column: Column, keyed: bool) -> bool:
        """``id``, ``client_id`` of clients; beside a primary key only the second."""
        if column.name.lower() in BARE_KEYS:
            return not keyed
        about, own = thing(column.name), self.names[table.full_name]
        return bool(about) and named(about, own, TableName("", own.words)) >= LEAST_OWN

    def _references(self) -> Iterator[Reference]:
        tables = {"".join(name.words) for name in self.names.values()}
        for table in self._tables:
            for column in table.columns:
                family = family_of(column)
                about = thing(column.name)
                if not about and family != "number":  # ``points`` of people are no row of points
                    about = _of_whole_name(column.name, tables)
                if family is not None and about:
                    own = self.names[table.full_name]
                    yield Reference(key_side(table, (column.name,)), own, about, family)

    def _by_name(self, references: Sequence[Reference]) -> dict[KeySide, Fit]:
        wanted: dict[Inside, tuple[Reference, Key, float]] = {}
        for reference in references:
            for key, score in self._named(reference):
                wanted[Inside(reference.side, key.side)] = (reference, key, score)
        figures = self._containment.measure(list(wanted))
        fits: dict[KeySide, list[Fit]] = {}
        for pair, found in figures.items():
            if found.share >= LEAST_CONTAINED:
                fits.setdefault(pair.left, []).append(Fit(*wanted[pair], found))
        return {side: _likeliest(several) for side, several in fits.items()}

    def _named(self, reference: Reference) -> list[tuple[Key, float]]:
        fitting = [
            (key, named(reference.about, key.name, reference.own))
            for key in self.keys
            if key.family == reference.family and key.side != reference.side
        ]
        good = sorted((p for p in fitting if p[1] >= LEAST_NAMED), key=lambda p: -p[1])
        return good[:MOST_TARGETS]

    def _by_keys(self, references: Sequence[Reference]) -> dict[KeySide, Fit]:
        """Long keys that all stand in one table name it, whatever the column is called."""
        pairs = [
            (reference, key)
            for reference in references
            for key in self.keys
            if key.family == reference.family and key.name.table != reference.own.table
        ][:MOST_BLIND]
        wanted = {Inside(r.side, k.side): (r, k) for r, k in pairs}
        fits: dict[KeySide, list[Fit]] = {}
        for pair, found in self._containment.measure(list(wanted)).items():
            if found.keys >= FEWEST_BLIND_KEYS and found.share >= LEAST_CONTAINED:
                fits.setdefault(pair.left, []).append(Fit(*wanted[pair], BLIND_SCORE, found))
        return {side: several[0] for side, several in fits.items() if len(several) == 1}


def _single_keys(table: Table) -> Iterator[tuple[str, ...]]:
    yield from (key for key in (table.primary_key, *table.unique_keys) if len(key) == 1)


def _of_whole_name(column: str, tables: Collection[str]) -> tuple[str, ...]:
    """A column that is called like a table, such as ``campaign`` beside a table ``campaigns``."""
    spelled = tuple(words(column))
    joined = "".join(spelled)
    return spelled if joined in tables or f"{joined}s" in tables else ()


def _likeliest(fits: Sequence[Fit]) -> Fit:
    """The best name; of names about as good, the smallest table that still holds all the keys.

    Of keys drawn from a table of N rows each is as likely as any other, so that all of n keys
    fall into one of them with (1/N)^n: the smaller table explains them better.
    """
    best = max(fit.name for fit in fits)
    close = [fit for fit in fits if fit.name >= best - TIE]
    return min(close, key=lambda fit: (-fit.figures.share, fit.key.rows, -fit.name))


def _told(fit: Fit) -> str:
    return "by its name and keys" if fit.name > BLIND_SCORE else "by its keys"


def _link(fit: Fit, told: str) -> Link:
    figures = fit.figures
    sampled = figures.rows >= SAMPLED_ROWS or figures.keys >= SAMPLED_KEYS
    return Link(
        fit.reference.side.name,
        fit.key.side.name,
        "exact",
        "proposed",
        match_rate=figures.match_rate,
        key_match_rate=figures.share,
        fan_out=1.0,
        method="sketch" if sampled else "exact",
        score=fit.score,
        reason=f"inside the silo, {told}",
    )
