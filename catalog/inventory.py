"""The inventory: which systems hold what, whose it is, is it fit for use, what is missing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from catalog.links import Link
from connectors.config import SiloSettings
from connectors.schema import PERSONAL, Table

STALE_DAYS = 45
GAPS = ("owner", "purpose", "link", "stale", "empty", "unread")


@dataclass(frozen=True)
class TableEntry:
    """One table.

    Attributes:
        rows: Estimate of the silo's own dictionary; None when unknown.
        contents: Classes of sensitivity its columns have, without ``none``, sorted.
        completeness: Mean share of filled cells, 0 to 1; None when not profiled.
        newest: Newest moment found in it.
        keyed: It has a primary or unique key.
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
    keyed: bool
    linked_to: tuple[str, ...]
    match_rate: float | None
    questions: int
    last_used: date | None


@dataclass(frozen=True)
class SiloEntry:
    """One silo with its tables; `gaps` are words of `GAPS`, what somebody should see to."""

    name: str
    kind: str
    database: str
    owner: str | None
    purpose: str | None
    tables: tuple[TableEntry, ...]
    gaps: tuple[str, ...]

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
    return tuple(_silo(silo, tuple(by_silo[silo.name]), today) for silo in silos)


def _silo(silo: SiloSettings, tables: tuple[TableEntry, ...], today: date) -> SiloEntry:
    bare = SiloEntry(silo.name, silo.kind, silo.scheme, silo.owner, silo.purpose, tables, ())
    found = {
        "owner": not silo.owner,
        "purpose": not silo.purpose,
        "link": bool(tables) and not bare.linked_to,
        "stale": bare.newest is not None and (today - _day(bare.newest)).days > STALE_DAYS,
        "empty": any(table.rows == 0 for table in tables),
        "unread": not tables,
    }
    gaps = tuple(name for name in GAPS if found[name])
    return SiloEntry(silo.name, silo.kind, silo.scheme, silo.owner, silo.purpose, tables, gaps)


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
        keyed=bool(table.primary_key or table.unique_keys),
        linked_to=tuple(sorted(other)),
        match_rate=max(rates, default=None),
        questions=questions,
        last_used=last,
    )


def personal_tables(entry: SiloEntry) -> int:
    """Tables of a silo with data that names or describes a person."""
    counted = Counter(bool(set(table.contents) & PERSONAL) for table in entry.tables)
    return counted[True]
