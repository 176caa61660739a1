"""Masks: what a role sees in place of a column's value. A mask keeps the column's type."""

from dataclasses import dataclass
from typing import Any, NoReturn

import sqlglot
from sqlglot import exp

from connectors.errors import ConfigurationError

# From mildest to strictest; of two masks on one column the stricter counts.
KINDS = ("bucket", "year", "keys", "partial", "constant", "null", "deny")
FITS = {
    "bucket": ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DECIMAL", "FLOAT", "DOUBLE"),
    "year": ("DATE", "TIMESTAMP"),
    "keys": ("JSON",),
    "partial": ("VARCHAR",),
}


@dataclass(frozen=True)
class Mask:
    """One mask.

    Attributes:
        kind: One of KINDS. ``deny`` is no mask: the column cannot be used at all.
        value: The constant, the width of a bucket, the JSON keys kept, or how many characters
            stay visible at the (start, end); None for the other kinds.
    """

    kind: str
    value: Any = None

    @property
    def strictness(self) -> int:
        """Higher is stricter."""
        return KINDS.index(self.kind)

    def expression(self, column: exp.Column, canonical: str) -> exp.Expr:
        """What stands in place of `column`, of the same type; null stays null.

        Where the kind does not fit the type, as a year of a name, the value is null.
        """
        name = column.sql("duckdb")
        masked = self._sql(name) if self._fits(canonical) else "NULL"
        return sqlglot.parse_one(f"CAST({masked} AS {canonical})", dialect="duckdb")

    def _fits(self, canonical: str) -> bool:
        return self.kind not in FITS or canonical.split("(")[0] in FITS[self.kind]

    def _sql(self, name: str) -> str:
        if self.kind == "constant":
            return _case(name, _text(self.value))
        if self.kind == "year":
            return f"date_trunc('year', {name})"
        if self.kind == "bucket":
            return f"floor({name} / {self.value}) * {self.value}"
        if self.kind == "keys":
            return _case(name, _object(name, self.value))
        if self.kind == "partial":
            return _case(name, _partial(name, *self.value))
        return "NULL"


def _case(name: str, shown: str) -> str:
    return f"CASE WHEN NOT {name} IS NULL THEN {shown} END"


def _text(value: Any) -> str:
    return exp.Literal.string(str(value)).sql("duckdb")


def _object(name: str, keys: tuple[str, ...]) -> str:
    pairs = (f"{_text(key)}, json_extract({name}, {_text('$.' + key)})" for key in keys)
    return f"json_object({', '.join(pairs)})"


def _partial(name: str, start: int, end: int) -> str:
    """Ends of a long enough text around ``***``; a shorter text is ``***`` alone."""
    parts = [f"left({name}, {start})"] if start else []
    parts.append("'***'")
    parts += [f"right({name}, {end})"] if end else []
    shown = " || ".join(parts)
    return f"CASE WHEN length({name}) > {2 * (start + end)} THEN {shown} ELSE '***' END"


def read_mask(raw: object, place: str) -> Mask:
    """A mask as policy.yaml writes it: ``null``, ``deny``, ``year`` or ``{kind: value}``.

    Raises:
        ConfigurationError: The kind is unknown or its value is wrong.
    """
    if raw is None or raw in ("null", "deny", "year"):
        return Mask(str(raw or "null"))
    if isinstance(raw, dict) and len(raw) == 1:
        (kind, value), *_ = raw.items()
        reader = READERS.get(str(kind))
        if reader is not None:
            return reader(value, place)
    return _wrong(place, raw)


def _constant(value: object, place: str) -> Mask:
    if not isinstance(value, (str, int, float, bool)):
        return _wrong(place, value)
    return Mask("constant", str(value))


def _bucket(value: object, place: str) -> Mask:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
        return _wrong(place, value)
    return Mask("bucket", value)


def _keys(value: object, place: str) -> Mask:
    if not isinstance(value, list) or not all(
        isinstance(k, str) and k.isidentifier() for k in value
    ):
        return _wrong(place, value)
    return Mask("keys", tuple(value))


def _partial_mask(value: object, place: str) -> Mask:
    given = value if isinstance(value, dict) else {"": None}
    start, end = given.get("start", 0), given.get("end", 0)
    counts = (start, end)
    if set(given) - {"start", "end"} or not all(type(n) is int and 0 <= n <= 20 for n in counts):
        return _wrong(place, value)
    return Mask("partial", counts)


READERS = {"constant": _constant, "bucket": _bucket, "keys": _keys, "partial": _partial_mask}


def _wrong(place: str, raw: object) -> NoReturn:
    hint = "Write null, deny, year, {constant: text}, {bucket: width}, {keys: [names]} or "
    raise ConfigurationError(
        f"{place}: {raw!r} is not a mask", hint=f"{hint}{{partial: {{start: 1, end: 2}}}}."
    )
