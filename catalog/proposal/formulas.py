"""Formulas over a subject's fields, as canonical SQL."""

from collections.abc import Sequence

from catalog.proposal.roles import ColumnRole
from catalog.proposal.subjects import PEOPLE, Subject

# Money in its own unit; which currency only a name, or a column with one value, can tell.
CURRENCIES = ("chf", "eur", "usd", "gbp")
MONEY = frozenset(
    [
        "amount",
        "total",
        "revenue",
        "price",
        "cost",
        "spend",
        "budget",
        "discount",
        "tax",
        "fee",
        "profit",
        "value",
        "lifetimevalue",
    ]
)
NO_AMOUNT = frozenset({"rate", "average"})
USED = ("key", "time", "dimension", "measure", "score", "reference")


def rows(subject: Subject, *, timed: bool = True) -> str:
    """The number of rows: of the key where there is one, as joins may repeat a row."""
    if len(subject.key) == 1:
        return f"COUNT(DISTINCT {subject.reference(subject.key[0])})"
    return every_row(subject, timed=timed)


def every_row(subject: Subject, *, timed: bool = True) -> str:
    """All rows; where no time says of what, through a column, so that the dataset is named."""
    if timed and subject.time is not None:
        return "COUNT(*)"
    kept = [role for role in subject.roles if role.role in USED]
    name = subject.reference((kept or list(subject.roles))[0].column.name)
    return f"COUNT(CASE WHEN {name} IS NULL THEN 1 ELSE 1 END)"


def truth(subject: Subject, role: ColumnRole) -> str:
    """A mark as a condition: a flag, a moment that is filled, or a number above 0."""
    name = subject.reference(role.column.name)
    if role.family == "boolean":
        return name
    return f"NOT {name} IS NULL" if role.family == "time" else f"{name} > 0"


def untruth(subject: Subject, role: ColumnRole) -> str:
    """The opposite of `truth`; a flag that is not filled is not set."""
    name = subject.reference(role.column.name)
    if role.family == "boolean":
        filled = not role.column.nullable or role.stats.null_share == 0
        return f"NOT {name}" if filled else f"NOT COALESCE({name}, FALSE)"
    return f"{name} IS NULL" if role.family == "time" else f"COALESCE({name}, 0) = 0"


def counted(condition: str) -> str:
    """The number of rows that meet a condition."""
    return f"COUNT(CASE WHEN {condition} THEN 1 END)"


def share(part: str, whole: str) -> str:
    """A share in percent."""
    return f"100.0 * {part} / {whole}"


def hours(subject: Subject, start: ColumnRole, end: ColumnRole) -> str:
    """The median hours between two moments."""
    first, last = (subject.reference(role.column.name) for role in (start, end))
    return f"MEDIAN(DATE_DIFF('minute', {first}, {last})) / 60"


def mark(subject: Subject, *concepts: str) -> ColumnRole | None:
    """A flag or a moment named by one of the concepts."""
    found = [subject.named(concept, roles=("dimension", "time")) for concept in concepts]
    fitting = (role for role in found if role is not None and _marks(role))
    return next(fitting, None)


def _marks(role: ColumnRole) -> bool:
    return role.family in ("boolean", "time") and not role.keys & {"changed", "due", "synced"}


def customer(subject: Subject) -> ColumnRole | None:
    """The column that tells whose row it is."""
    for role in subject.roles:
        last = role.parts[-1].key if role.parts else ""
        if (
            last in ("id", "number")
            and role.keys & set(PEOPLE)
            and role.column.name not in subject.key
        ):
            return role
    return None


def measure(subject: Subject, *concepts: str) -> ColumnRole | None:
    """The number named by one of the concepts, the first preferred; no rates or means."""
    found = subject.named(*concepts, roles=("measure",))
    return found if found is None or not found.keys & NO_AMOUNT else None


def currency(role: ColumnRole, subject: Subject, known: Sequence[str]) -> str | None:
    """The ISO code of a money column; None when nothing tells it.

    Args:
        role: The money column.
        subject: Its table; a column `currency` with one value tells too.
        known: Currencies other columns of the silo are named by.
    """
    named = next((code for code in CURRENCIES if code in role.keys), None)
    if named:
        return named.upper()
    column = subject.named("currency")
    if column is not None and len(column.stats.values) == 1:
        value = column.stats.values[0]
        return value.upper() if len(value) == 3 else None
    return known[0].upper() if len(known) == 1 and role.keys & MONEY else None


def unit(role: ColumnRole, subject: Subject, known: Sequence[str]) -> str | None:
    """The unit of a measure's sum or mean."""
    if "seconds" in role.keys:
        return "seconds"
    money = currency(role, subject, known)
    if money:
        return money
    if role.keys & (MONEY | {"minutes", "weight", "duration", "waiting", "talk", "wrapup"}):
        return None
    return "count" if role.family == "integer" else None
