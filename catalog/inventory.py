"""The inventory: which systems hold what, whose it is, is it fit for use, what is missing."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Literal

from catalog.links import Link
from connectors.config import SiloSettings
from connectors.schema import PERSONAL, Table

STALE_DAYS = 45
GAPS = ("owner", "purpose", "link", "stale", "empty", "unread", "unprofiled", "consent")
# Kinds of silos that are a point of contact by themselves; the others hold what all of them know.
TOUCHPOINTS = frozenset(
    ["campaign", "service", "call", "web", "shop", "survey", "journey", "social", "ads"]
)
Personalising = Literal["ready", "consent", "link", "none"]


@dataclass(frozen=True)
class TableEntry:
    """One table.

    Attributes:
        rows: Estimate of the silo's own dictionary; None when unknown.
        contents: Classes of sensitivity its columns have, without ``none``, sorted.
        completeness: Mean share of filled cells, 0 to 1; None when not profiled.
        newest: Newest moment found in it.
        recent: Rows of the 30 days before `newest`; None when unknown.
        keyed: It has a primary or unique key.
        uniqueness: Distinct values of its best column by rows, 0 to 1; 1 when keyed.
        linked_to: Other silos its rows can be found in.
        match_rate: Best measured share of rows that find a partner in another silo.
        questions: Questions that read it.
        last_used: Day of the last one.
    """

    name: str
    silo: str
    comment: str
    rows: int | None
    columns: int
    contents: tuple[str, ...]
    completeness: float | None
    newest: datetime | None
    recent: int | None
    keyed: bool
    uniqueness: float | None
    linked_to: tuple[str, ...]
    match_rate: float | None
    questions: int
    last_used: date | None


@dataclass(frozen=True)
class SiloEntry:
    """One silo with its tables.

    Attributes:
        gaps: Words of `GAPS`: what is missing, and so what somebody should do next.
        completeness: Mean over its tables, 0 to 1; None when none is profiled.
        freshness_days: Days since its newest moment; None when it has none.
        match_rate: Best measured share of rows that find a partner in another silo.
        touchpoint: The kind of contact it is, such as campaign; None when it is none.
        personalising: Whether its data may fit content to a person: ``ready``, or what is missing
            (``consent``, ``link``), or ``none`` when it knows no person.
    """

    name: str
    kind: str
    database: str
    owner: str | None
    purpose: str | None
    tables: tuple[TableEntry, ...]
    gaps: tuple[str, ...] = ()
    completeness: float | None = None
    freshness_days: int | None = None
    match_rate: float | None = None
    touchpoint: str | None = None
    personalising: Personalising = "none"

    @property
    def rows(self) -> int:
        """Rows of all tables whose size is known."""
        return sum(table.rows or 0 for table in self.tables)

    @property
    def newest(self) -> datetime | None:
        """The newest moment in any table."""
        return max((t.newest for t in self.tables if t.newest is not None), default=None)

    @property
    def contents(self) -> tuple[str, ...]:
        """What kinds of data it holds."""
        return tuple(sorted({kind for table in self.tables for kind in table.contents}))

    @property
    def linked_to(self) -> tuple[str, ...]:
        """Silos whose rows belong to rows of this one."""
        return tuple(sorted({silo for table in self.tables for silo in table.linked_to}))

    @property
    def questions(self) -> int:
        """Questions that read its most asked table."""
        return max((table.questions for table in self.tables), default=0)


Usage = Mapping[str, tuple[int, date]]


def inventory(
    silos: Sequence[SiloSettings],
    tables: Iterable[Table],
    links: Sequence[Link],
    usage: Usage,
    today: date,
) -> tuple[SiloEntry, ...]:
    """One entry per configured silo, in their order.

    Args:
        silos: As configured.
        tables: Those the asker may see.
        links: With their figures.
        usage: By full table name: questions and the day of the last.
        today: What "stale" is measured from.
    """
    entries = [_table(table, links, usage) for table in tables]
    by_silo = {silo.name: [e for e in entries if e.silo == silo.name] for silo in silos}
    bare = [_bare(silo, tuple(by_silo[silo.name])) for silo in silos]
    consenting = {entry.name for entry in bare if "consent" in entry.contents}
    return tuple(_judged(entry, consenting, today) for entry in bare)


def _bare(silo: SiloSettings, tables: tuple[TableEntry, ...]) -> SiloEntry:
    return SiloEntry(silo.name, silo.kind, silo.scheme, silo.owner, silo.purpose, tables)


def _judged(bare: SiloEntry, consenting: Collection[str], today: date) -> SiloEntry:
    """The entry with what its tables tell together, and with what is missing."""
    days = (today - _day(bare.newest)).days if bare.newest is not None else None
    shares = [t.completeness for t in bare.tables if t.completeness is not None]
    personalising = _personalising(bare, consenting)
    found = {
        "owner": not bare.owner,
        "purpose": not bare.purpose,
        "link": bool(bare.tables) and not bare.linked_to,
        "stale": days is not None and days > STALE_DAYS,
        "empty": any(table.rows == 0 for table in bare.tables),
        "unread": not bare.tables,
        "unprofiled": bool(bare.tables) and not shares,
        "consent": personalising == "consent",
    }
    return replace(
        bare,
        gaps=tuple(name for name in GAPS if found[name]),
        completeness=round(sum(shares) / len(shares), 4) if shares else None,
        freshness_days=days,
        match_rate=max((t.match_rate for t in bare.tables if t.match_rate), default=None),
        touchpoint=bare.kind if bare.kind in TOUCHPOINTS else None,
        personalising=personalising,
    )


def _personalising(entry: SiloEntry, consenting: Collection[str]) -> Personalising:
    """Content fits a person when the silo knows one, leads to others, and consents are known."""
    if not personal_tables(entry):
        return "none"
    if entry.name in consenting:
        return "ready"
    if not entry.linked_to:
        return "link"
    return "ready" if set(entry.linked_to) & set(consenting) else "consent"


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date() if moment.tzinfo else moment.date()


def _table(table: Table, links: Sequence[Link], usage: Usage) -> TableEntry:
    start = f"{table.full_name.lower()}."
    own = [
        k for k in links if k.left.lower().startswith(start) or k.right.lower().startswith(start)
    ]
    other = {silo for link in own for silo in link.silos} - {table.silo}
    rates = [k.match_rate for k in own if k.match_rate is not None and len(k.silos) > 1]
    shares = [s.null_share for s in table.stats.values() if s.null_share is not None]
    keyed = bool(table.primary_key or table.unique_keys)
    questions, last = usage.get(table.full_name, (0, None))
    return TableEntry(
        name=table.full_name,
        silo=table.silo,
        comment=table.comment,
        rows=table.row_estimate,
        columns=len(table.columns),
        contents=tuple(sorted(set(table.sensitivity.values()) - {"none"})),
        completeness=round(1 - sum(shares) / len(shares), 4) if shares else None,
        newest=table.newest,
        recent=table.recent,
        keyed=keyed,
        uniqueness=1.0 if keyed else _uniqueness(table),
        linked_to=tuple(sorted(other)),
        match_rate=max(rates, default=None),
        questions=questions,
        last_used=last,
    )


def _uniqueness(table: Table) -> float | None:
    counts = [stats.distinct for stats in table.stats.values() if stats.distinct is not None]
    return (
        round(min(1.0, max(counts) / table.row_estimate), 4)
        if counts and table.row_estimate
        else None
    )


def personal_tables(entry: SiloEntry) -> int:
    """Tables of a silo with data that names or describes a person."""
    counted = Counter(bool(set(table.contents) & PERSONAL) for table in entry.tables)
    return counted[True]
