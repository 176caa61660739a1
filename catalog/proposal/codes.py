"""What coded values mean: told by a column's comment, by its type, or by the words themselves."""

import re
from collections.abc import Collection, Mapping

from catalog.proposal.vocabulary import Vocabulary
from catalog.semantic_model import Labels
from connectors.schema import Column, ColumnStats

# "1 E-Mail, 2 Telefon", "0=open 1=resolved", "0: offen; 1: gelöst", "A = aktiv | I = inaktiv"
NUMBERED = re.compile(r"(?<![\w.])(-?\d{1,4})\s*(?:=>|->|[=:)–-]|\s)\s*([^\d\s,;|/=][^,;|=\n]*?)"
                      r"(?=\s*(?:[,;|/\n]|$|\s-?\d{1,4}\s*(?:=|:|\s)))")  # fmt: skip
LETTERED = re.compile(r"(?<!\w)([A-Za-z]{1,3})\s*(?:=>|[=:])\s*([^,;|=\n]+?)\s*(?=[,;|\n]|$)")
LEAD = re.compile(r"[^:=\d,;|]{0,40}[:(]\s*")
RANGE = frozenset(
    [
        "bis",
        "to",
        "und",
        "and",
        "oder",
        "or",
        "von",
        "from",
        "through",
        "sterne",
        "stars",
        "prozent",
        "percent",
    ]
)
ENUMERATED = re.compile(r"^(?:enum)\((.*)\)$", re.IGNORECASE | re.DOTALL)
QUOTED = re.compile(r"'((?:[^']|'')*)'")
LEAST = 2


def read_codes(
    column: Column, stats: ColumnStats, words: Vocabulary, keys: Collection[str]
) -> Mapping[str, Labels] | None:
    """Stored value -> label in both languages; None when nothing tells of them.

    Args:
        column: Its comment is read first; then its type where that names its values.
        stats: Codes that do not cover the values there are do not count.
        words: Translates what it can.
        keys: The concepts of the column's name.
    """
    told = _from_comment(column.comment)
    if told and _covers(told, stats):
        return {value: _both(text, words) for value, text in told.items()}
    values = stats.values or _enumerated(column.native_type)
    return _from_words(values, words, of_language="language" in keys)


def _from_comment(comment: str) -> dict[str, str]:
    """Codes a comment lists, when it starts with them or with a name and a colon."""
    lead = LEAD.match(comment)
    for text in (comment, comment[lead.end() :] if lead else ""):
        for pattern in (NUMBERED, LETTERED):
            found = list(pattern.finditer(text.strip().rstrip(".)")))
            if len(found) >= LEAST and found[0].start() == 0:
                codes = {match[1]: match[2].strip() for match in found}
                first = {label.split()[0].lower() for label in codes.values()}
                if len(codes) == len(found) and not first & RANGE:
                    return codes
    return {}


def _covers(codes: Mapping[str, str], stats: ColumnStats) -> bool:
    if stats.distinct is not None and stats.distinct > len(codes):
        return False
    ends = [end for end in (stats.minimum, stats.maximum) if end is not None]
    return all(end in codes for end in ends) and all(value in codes for value in stats.values)


def _enumerated(native: str) -> tuple[str, ...]:
    match = ENUMERATED.match(native)
    return tuple(v.replace("''", "'") for v in QUOTED.findall(match[1])) if match else ()


def _from_words(
    values: Collection[str], words: Vocabulary, *, of_language: bool
) -> Mapping[str, Labels] | None:
    """Values that are words themselves; kept when one of them is known and says something new."""
    known = {value: words.value(value, of_language=of_language) for value in values}
    told = [(value, label) for value, label in known.items() if label is not None]
    if all(set(label.values()) == {value} for value, label in told):
        return None
    return {value: label or {"de": value, "en": value} for value, label in known.items()}


def _both(text: str, words: Vocabulary) -> Labels:
    return words.value(text) or {"de": text, "en": text}
