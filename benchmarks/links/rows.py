"""Makes rows of a system that respect its links; numbers of all tables overlap, as in real life.

Seeded by the system and the column, so that one column's values never depend on another's.
"""

import random
import re
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from benchmarks.links.truth import Column, System, TrueLink

FEWEST, MOST = 25, 1_200
MISSING = 0.25
DELETED = 0.1
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = 600
WORDS = [
    "open",
    "closed",
    "draft",
    "sent",
    "active",
    "paused",
    "trial",
    "premium",
    "basic",
    "online",
    "partner",
    "phone",
    "letter",
]
TEXT = re.compile(r"(?i)text|char|enum|string|citext|public\.|^[a-z_]+$")
NUMBERED = re.compile(r"(?i)^(big|small|medium|tiny)?(int|serial)")


class Rows:
    """The rows of a system, column by column."""

    def __init__(self, system: System, seed: int = 1) -> None:
        self._system = system
        self._seed = seed
        self._columns = {column.full_name: column for column in system.columns}
        self._links: dict[str, list[TrueLink]] = {}
        for link in system.links:
            self._links.setdefault(link.left, []).append(link)
        self._referred = {link.right for link in system.links}
        self._kinds = {
            f"{link.left.partition('.')[0]}.{link.condition.partition('=')[0]}": link.left
            for link in system.links
            if link.condition
        }
        self._made: dict[str, list[object]] = {}

    def table(self, name: str) -> tuple[list[str], list[tuple[object, ...]]]:
        """Names of columns, and rows whose primary key stands once."""
        columns = [c for c in self._system.columns if c.table == name]
        values = [self.values(column.full_name) for column in columns]
        keys = [i for i, column in enumerate(columns) if column.key]
        seen: dict[object, tuple[object, ...]] = {}
        for number, row in enumerate(zip(*values, strict=True)):
            seen.setdefault(tuple(row[i] for i in keys) or number, row)
        return [column.name for column in columns], list(seen.values())

    def values(self, name: str) -> list[object]:
        """One value per row of the table the column is in."""
        if name not in self._made:
            self._made[name] = self._values(self._columns[name])
        return self._made[name]

    def _chance(self, *parts: str) -> random.Random:
        return random.Random(f"{self._seed} {self._system.name} {' '.join(parts)}")

    def _count(self, table: str) -> int:
        low, high = FEWEST, MOST
        return int(low * (high / low) ** self._chance("rows", table).random())

    def _values(self, column: Column) -> list[object]:
        chance, count = self._chance(column.full_name), self._count(column.table)
        links = self._links.get(column.full_name, ())
        if column.full_name in self._kinds:
            return self._typed(self._kinds[column.full_name], count)
        if links and links[0].condition:
            return self._polymorphic(column.full_name, count)
        if links:
            return self._referring(column, links[0], count, chance)
        alone = [c for c in self._system.columns if c.table == column.table and c.key] == [column]
        if alone or column.full_name in self._referred:
            return _keys(column, count, chance)
        return [_value(column, chance) for _ in range(count)]

    def _typed(self, left: str, count: int) -> list[object]:
        chance = self._chance(left, "type")
        links = self._links[left]
        return [chance.choice(links).condition.partition("=")[2] for _ in range(count)]

    def _polymorphic(self, left: str, count: int) -> list[object]:
        chance = self._chance(left)
        right = {link.condition.partition("=")[2]: link.right for link in self._links[left]}
        return [chance.choice(self.values(right[str(kind)])) for kind in self._typed(left, count)]

    def _referring(
        self, column: Column, link: TrueLink, count: int, chance: random.Random
    ) -> list[object]:
        """Some rows of the other table are named often, many never; some rows name none."""
        there = [value for value in self.values(link.right) if value is not None]
        if column.key and sum(c.key for c in self._system.columns if c.table == column.table) == 1:
            unique = chance.sample(there, min(count, len(there)))
            return (unique + [None] * count)[:count]
        free = column.nullable and not column.key
        return [
            None if free and chance.random() < MISSING else there[_skewed(len(there), chance)]
            for _ in range(count)
        ]


def _skewed(length: int, chance: random.Random) -> int:
    return min(length - 1, int(length * chance.random() ** 1.5))


def _keys(column: Column, count: int, chance: random.Random) -> list[object]:
    """Numbers from 1 with gaps where rows were deleted; or long random keys."""
    if NUMBERED.match(column.type):
        return sorted(chance.sample(range(1, int(count * (1 + DELETED)) + 2), count))
    if column.type.upper() == "UUID":
        return [str(uuid.UUID(int=chance.getrandbits(128))) for _ in range(count)]
    return [f"{chance.getrandbits(96):024x}" for _ in range(count)]


def _value(column: Column, chance: random.Random) -> object:
    """A value of no meaning in the column's type; null where the type is a rare one."""
    kind = column.type.lower()
    make = next((make for start, make in _MAKERS if re.match(start, kind)), None)
    if column.nullable and not column.key and chance.random() < MISSING:
        return None
    if make is not None:
        return make(column, chance)
    if TEXT.search(kind) and not kind.endswith("[]"):
        return _text(column, chance)
    if column.nullable:
        return None
    return "{}" if kind.endswith("[]") else ""


def _text(column: Column, chance: random.Random) -> str:
    """Names that end like a key hold keys of elsewhere; others a few words."""
    if re.search(r"(?i)(_id|Id|token|secret|key|hash|uuid)$", column.name) or column.key:
        return f"{chance.getrandbits(64):016x}"
    return chance.choice(WORDS)


def _number(column: Column, chance: random.Random) -> int:
    """Numbers that look like keys lie beside every key of the system; most others are small."""
    if kind := re.match(r"(?i)(tiny|small)", column.type):
        return chance.randint(0, 1 if kind[1].lower() == "tiny" else 90)
    identifying = re.search(r"(?i)(_id|Id|number|count|size|position)$", column.name)
    return chance.randint(1, 5_000 if identifying else 40)


def _moment(column: Column, chance: random.Random) -> str:
    moment = BEGIN + timedelta(minutes=chance.randrange(DAYS * 1440))
    return moment.strftime("%Y-%m-%d" if column.type.lower() == "date" else "%Y-%m-%d %H:%M:%S")


Maker = Callable[[Column, random.Random], object]
_MAKERS: Sequence[tuple[str, Maker]] = (
    (r"json|jsonb(?!\[)", lambda _, __: "{}"),
    (r"bool", lambda _, chance: chance.random() < 0.5),
    (r"(big|small|medium|tiny)?(int(?!erval)|serial)", _number),
    (r"decimal|numeric|double|float|real", lambda _, chance: round(chance.random() * 200, 2)),
    (r"time without|time$|time\(", lambda _, __: "12:00:00"),
    (r"date|timestamp", _moment),
    (r"uuid", lambda _, chance: str(uuid.UUID(int=chance.getrandbits(128)))),
    (r"varbinary|longblob|bytea", lambda _, __: b"x"),
)
