"""How key columns of two silos are brought to one form before they are compared."""

import re
from collections.abc import Callable, Mapping

from rapidfuzz import fuzz, process

from connectors.errors import ConfigurationError

COUNTRIES: Mapping[str, str] = {"CH": "41", "DE": "49", "AT": "43", "GB": "44", "US": "1"}
_CALL = re.compile(r"([a-z0-9_]+)\s*\(\s*([A-Za-z]{2})\s*\)")


def _exact(sql: str) -> str:
    return sql


def _trim(sql: str) -> str:
    return f"TRIM({sql})"


def _lower_trim(sql: str) -> str:
    return f"LOWER(TRIM({sql}))"


def _strip_hash(sql: str) -> str:
    # Blanks may stand behind the hash too: all leading ones go, so a second pass changes nothing.
    return f"LTRIM(RTRIM(CAST({sql} AS VARCHAR)), '# ')"


def _digits(sql: str) -> str:
    return f"NULLIF(REGEXP_REPLACE(CAST({sql} AS VARCHAR), '[^0-9]', '', 'g'), '')"


def _sha256(sql: str) -> str:
    plain = _lower_trim(sql)
    hashed = f"REGEXP_MATCHES({plain}, '^[0-9a-f]{{64}}$')"
    return f"CASE WHEN {hashed} THEN {plain} ELSE SHA256({plain}) END"


def _e164(sql: str, country: str) -> str:
    # "+41 (0)79 …" is written by people: the bracketed zero is dialled only inside the country.
    bare = _replace(f"CAST({sql} AS VARCHAR)", r"^(\s*(?:\+|00)[\s0-9]+)\(0\)", r"\1")
    kept = _replace(bare, "[^0-9+]", "", every=True)
    one_plus = _replace(kept, r"(.)\++", r"\1", every=True)
    # Only a first character becomes a plus, so a number that has its plus is left alone.
    return f"NULLIF({_dialled(one_plus, COUNTRIES[country])}, '')"


def _dialled(sql: str, code: str) -> str:
    if code == "1":
        abroad = _replace(sql, "^(?:00|011)", "+")
        return _replace(abroad, "^1?([2-9][0-9]{9})$", rf"+{code}\1")
    return _replace(_replace(sql, "^00", "+"), "^0", f"+{code}")


def _replace(sql: str, pattern: str, by: str, *, every: bool = False) -> str:
    flags = ", 'g'" if every else ""
    return f"REGEXP_REPLACE({sql}, '{pattern}', '{by}'{flags})"


_PLAIN: Mapping[str, Callable[[str], str]] = {
    "exact": _exact,
    "lower(trim)": _lower_trim,
    "trim": _trim,
    "strip_hash": _strip_hash,
    "digits": _digits,
    "sha256": _sha256,
}
NORMALISERS: tuple[str, ...] = (*_PLAIN, *(f"e164({country})" for country in COUNTRIES))


def check(name: str) -> None:
    """Accept a known normaliser's name; blanks in it do not count.

    Raises:
        ConfigurationError: There is no such normaliser; the hint names the nearest.
    """
    if _known(name) is None:
        nearest = process.extractOne(name, NORMALISERS, scorer=fuzz.ratio)
        hint = f"Did you mean {nearest[0]!r}? All: {', '.join(NORMALISERS)}"
        raise ConfigurationError(f"unknown normaliser {name!r}", hint=hint)


def normalise(name: str, sql: str) -> str:
    """Wrap a canonical SQL expression so that both sides of a link take one form.

    Every normaliser is idempotent and keeps NULL; `digits` and `e164` also turn a value without
    any digit into NULL, as it identifies nobody.

    Args:
        name: One of `NORMALISERS`.
        sql: Canonical expression; text, or for strip_hash, digits and e164 also a number.

    Raises:
        ConfigurationError: There is no such normaliser.
    """
    check(name)
    known = _known(name) or "exact"
    call = _CALL.fullmatch(known)
    return _e164(sql, call.group(2)) if call else _PLAIN[known](sql)


def _known(name: str) -> str | None:
    compact = re.sub(r"\s+", "", name)
    call = _CALL.fullmatch(compact)
    if call and call.group(1) == "e164":
        compact = f"e164({call.group(2).upper()})"
    return compact if compact in NORMALISERS else None
