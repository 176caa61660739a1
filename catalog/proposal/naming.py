"""Names of proposed parts: identifiers for the files, labels in German and English for people."""

import re
from collections.abc import Iterable, Sequence

from sqlglot.dialects.duckdb import DuckDB

from catalog.proposal.vocabulary import Part
from catalog.semantic_model import Labels
from catalog.sensitivity import fold

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
RESERVED = frozenset(word.lower() for word in DuckDB.Generator.RESERVED_KEYWORDS)
LONGEST_ACRONYM = 4


def column_sql(name: str) -> str:
    """A column as a canonical expression: quoted only where it must be."""
    if PLAIN.fullmatch(name) and name.lower() not in RESERVED:
        return name
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def identifier(name: str) -> str:
    """A name made of a-z, 0-9 and underscores that no SQL keyword takes."""
    plain = fold(name) or "part"
    if plain[0].isdigit():
        plain = f"n_{plain}"
    return f"{plain}_" if plain in RESERVED else plain


def free(name: str, taken: Iterable[str]) -> str:
    """The name, with a number behind it when it is taken."""
    used = set(taken)
    found, number = name, 1
    while found in used:
        number += 1
        found = f"{name}_{number}"
    return found


def labels(parts: Sequence[Part], *, plural: bool = False) -> Labels:
    """A name per language; words that are not known stand as they are."""
    said = [p for p in parts if p.concept is None or p.concept.one["en"]]
    said = said or [Part(p.text) for p in parts] or [Part("?")]
    return {"de": _german(said, plural), "en": _english(said, plural)}


def _english(parts: Sequence[Part], plural: bool) -> str:
    *first, last = parts
    return " ".join([*(_word(p, "en") for p in first), _word(last, "en", plural=plural)])


def _german(parts: Sequence[Part], plural: bool) -> str:
    *first, last = parts
    head = _word(last, "de", plural=plural)
    if not first:
        return head if last.concept else head.capitalize()
    if any(p.concept is None or " " in p.concept.one["de"] for p in parts):
        return " ".join([*(_capital(_word(p, "de")) for p in first), head])
    text = ""
    for part in first:
        text = _joined(text, _linked(_word(part, "de")))
    return _joined(text, head)


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def _joined(start: str, end: str) -> str:
    """A German compound; with a hyphen after short capital words such as NPS."""
    if not start:
        return end
    upper = start.isupper() or start in ("Web", "E-Mail") or end[:2].isupper() or "-" in end
    return f"{start}-{end}" if upper else start + end[:1].lower() + end[1:]


def _linked(word: str) -> str:
    if word.endswith(("ung", "ion", "ät", "heit", "keit")):
        return f"{word}s"
    return f"{word}n" if word.endswith("e") and len(word) > LONGEST_ACRONYM else word


def _word(part: Part, language: str, *, plural: bool = False) -> str:
    if part.concept is None:
        return part.text
    return (part.concept.many if plural else part.concept.one)[language]
