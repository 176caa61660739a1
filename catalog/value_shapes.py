"""The form of a text value: an address, an account number that adds up, a UUID, prose.

Values are looked at in memory and forgotten; what stays is the name of the form.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from connectors.schema import Sensitivity

Shape = Literal[
    "e-mail",
    "telephone",
    "iban",
    "card",
    "ahv",
    "ssn",
    "ip",
    "uuid",
    "url",
    "hash",
    "json",
    "prose",
]
# A form counts when so many of the values have it, and so many values were seen.
LEAST_SHARE, FEWEST = 0.3, 3
LONGEST_PHRASE, FEWEST_WORDS = 60, 5
CLASSES: Mapping[Shape, Sensitivity] = {
    "e-mail": "contact",
    "telephone": "contact",
    "ip": "contact",
    "iban": "payment",
    "card": "payment",
    "ahv": "identifier",
    "ssn": "identifier",
    "prose": "free_text",
}
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_CARD = re.compile(r"[2-6]\d{12,18}")
_AHV = re.compile(r"756\d{10}")
_SSN = re.compile(r"(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}")
_PHONE = re.compile(r"(?:\+|00?)[1-9](?:[ /().-]*\d){7,13}")
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_IP = re.compile(rf"(?:{_OCTET}\.){{3}}{_OCTET}|(?=.*::|(?:.*:){{7}})[0-9a-fA-F:]{{3,39}}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _bare(text: str) -> str:
    return re.sub(r"[ .-]", "", text).upper()


def is_iban(text: str) -> bool:
    """By its check digits (ISO 13616: modulo 97)."""
    bare = _bare(text)
    if not _IBAN.fullmatch(bare):
        return False
    return int("".join(str(int(c, 36)) for c in bare[4:] + bare[:4])) % 97 == 1


def is_card(text: str) -> bool:
    """By its check digit (ISO/IEC 7812: Luhn)."""
    bare = _bare(text)
    if not _CARD.fullmatch(bare):
        return False
    doubled = [int(d) * (1 + place % 2) for place, d in enumerate(reversed(bare))]
    return sum(d - 9 * (d > 9) for d in doubled) % 10 == 0


def is_ahv(text: str) -> bool:
    """A Swiss social security number, by its check digit (EAN-13)."""
    bare = _bare(text)
    if not _AHV.fullmatch(bare):
        return False
    return sum(int(d) * (1 + 2 * (place % 2)) for place, d in enumerate(bare)) % 10 == 0


def _is_prose(text: str) -> bool:
    return len(text) > LONGEST_PHRASE and len(text.split()) >= FEWEST_WORDS


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


# The first that fits; numbers that add up come before those that only look alike.
_TESTS: Sequence[tuple[Shape, Callable[[str], bool]]] = (
    ("e-mail", _matches(re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}"))),
    ("iban", is_iban),
    ("ahv", is_ahv),
    ("card", is_card),
    ("ssn", _matches(_SSN)),
    ("uuid", _matches(_UUID)),
    ("ip", _matches(_IP)),
    ("telephone", _matches(_PHONE)),
    ("url", _matches(re.compile(r"https?://\S+"))),
    ("hash", _matches(re.compile(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}"))),
    ("json", _matches(re.compile(r"\{.*\}|\[.*\]", re.DOTALL))),
    ("prose", _is_prose),
)


def shape_of(text: str) -> Shape | None:
    """The form of one value; None for what has none of its own."""
    bare = text.strip()
    return next((shape for shape, test in _TESTS if test(bare)), None)


def common_shape(values: Sequence[str]) -> Shape | None:
    """The form of a column's values; a personal one counts when a third of them have it."""
    filled = [value for value in values if value.strip()]
    if len(filled) < FEWEST:
        return None
    counts = Counter(shape for value in filled if (shape := shape_of(value)))
    likely = [(shape, n) for shape, n in counts.most_common() if n >= LEAST_SHARE * len(filled)]
    personal = (shape for shape, _ in likely if shape in CLASSES)
    return next(personal, likely[0][0] if likely else None)
