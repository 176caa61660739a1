"""The customers of Bergluft Outdoor, as the CRM has them."""

import hashlib
import uuid
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from demo.chance import DAYS, Array, dates, generator, moments, nullable, pick, strings

COUNT = 12_000
FIRST_NUMBER = 104_000
REGIONS = {
    "Zürich": 0.24, "Bern": 0.17, "Romandie": 0.22, "Ostschweiz": 0.13,
    "Zentralschweiz": 0.10, "Nordwestschweiz": 0.11, "Tessin": 0.03,
}  # fmt: skip
CANTONS = {
    "Zürich": ("ZH",), "Bern": ("BE", "SO"), "Romandie": ("VD", "GE", "VS", "NE", "FR", "JU"),
    "Ostschweiz": ("SG", "TG", "GR", "AR"), "Zentralschweiz": ("LU", "ZG", "SZ", "UR"),
    "Nordwestschweiz": ("BS", "BL", "AG"), "Tessin": ("TI",),
}  # fmt: skip
TOWNS = {
    "Zürich": ("Zürich", "Winterthur", "Uster"), "Bern": ("Bern", "Thun", "Biel"),
    "Romandie": ("Lausanne", "Genève", "Sion"), "Ostschweiz": ("St. Gallen", "Chur", "Frauenfeld"),
    "Zentralschweiz": ("Luzern", "Zug", "Schwyz"), "Nordwestschweiz": ("Basel", "Aarau", "Liestal"),
    "Tessin": ("Lugano", "Bellinzona", "Locarno"),
}  # fmt: skip
POSTCODES = {
    "Zürich": 8000, "Bern": 3000, "Romandie": 1000, "Ostschweiz": 9000, "Zentralschweiz": 6000,
    "Nordwestschweiz": 4000, "Tessin": 6500,
}  # fmt: skip
SEGMENTS = {"Standard": 0.72, "Premium": 0.18, "Business": 0.10}
WOMEN = (
    "Anna Lena Mia Laura Nina Sarah Julia Céline Chloé Elena Sofia Ursula Regula Vreni Claudia "
    "Martina Sandra Nadine Aline Giulia"
)
MEN = (
    "Luca Noah Jonas Beat Urs Reto Markus Daniel Thomas Peter Luc Pierre Olivier Marco Paolo "
    "Stefan Andreas Simon Florian Jürg"
)
FAMILIES = (
    "Müller Meier Schmid Keller Weber Huber Schneider Meyer Steiner Fischer Gerber Brunner Baumann "
    "Frei Zimmermann Moser Widmer Wyss Graf Roth Favre Rochat Dubois Blanc Bernasconi Rossi Bianchi"
)
DOMAINS = ("bluewin.example", "gmx.example", "mail.example", "sunrise.example", "hispeed.example")
FOLD = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "é": "e", "è": "e"})


@dataclass(frozen=True)
class Customers:
    """All customers by true number 1 to COUNT; arrays are in that order.

    Attributes:
        email: In lower case, '' where the CRM has none.
        phone: Nine digits after the country code.
        created: Day number of the record, negative before the demo's first day.
    """

    region: Array
    segment: Array
    language: Array
    email: Array
    phone: Array
    created: Array
    table: pa.Table

    def numbers(self) -> Array:
        """Customer numbers as texts, by true number less 1."""
        return np.array([str(FIRST_NUMBER + n) for n in range(1, COUNT + 1)], dtype=object)

    def hashes(self) -> Array:
        """Hashed e-mails; '' where there is none."""
        return np.array(
            [hashlib.sha256(e.encode()).hexdigest() if e else "" for e in self.email], dtype=object
        )


def make_customers() -> Customers:
    """The customers."""
    rng = generator("customers")
    region = pick(rng, REGIONS, COUNT)
    salutation = pick(rng, {1: 0.48, 2: 0.48, 3: 0.04}, COUNT).astype(np.int16)
    first, last = _names(rng, salutation)
    email = _emails(rng, first, last)
    phone = rng.choice(9_000_000, COUNT, replace=False) + 1_000_000
    prefix = pick(rng, {"79": 0.5, "78": 0.3, "76": 0.2}, COUNT)
    digits = np.array([f"{p}{n:07d}" for p, n in zip(prefix, phone, strict=True)], dtype=object)
    created = rng.integers(-2_000, DAYS, COUNT)
    houses = rng.integers(1, 99, COUNT)
    postcode = [str(POSTCODES[r] + n) for r, n in zip(region, houses, strict=True)]
    segment, language = pick(rng, SEGMENTS, COUNT), _languages(rng, region)
    table = pa.table(
        {
            "customer_no": pa.array(np.arange(1, COUNT + 1), type=pa.int32()),
            "id": strings([_uuid(n) for n in range(1, COUNT + 1)]),
            "kundennummer": strings([str(FIRST_NUMBER + n) for n in range(1, COUNT + 1)]),
            "anrede": pa.array(salutation),
            "vorname": strings(first),
            "nachname": strings(last),
            "email": strings(written_emails(rng, email)),
            "telefon": strings(_national(rng, digits)),
            "plz": strings(postcode),
            "ort": strings([_one_of(rng, TOWNS[r]) for r in region]),
            "kanton": strings([_one_of(rng, CANTONS[r]) for r in region]),
            "region": strings(region),
            "segment": strings(segment),
            "sprache": strings(language),
            "erstellt_am": pa.array(moments(rng, created), type=pa.timestamp("us", tz="UTC")),
            "geloescht_am": _deleted(rng, created),
        }
    )  # fmt: skip
    return Customers(region, segment, language, email, digits, created, table)


def _uuid(number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"bergluft-{number}"))


def _one_of(rng: np.random.Generator, choices: tuple[str, ...]) -> str:
    return choices[int(rng.integers(len(choices)))]


def _names(rng: np.random.Generator, salutation: Array) -> tuple[Array, Array]:
    women, men = np.array(WOMEN.split(), object), np.array(MEN.split(), object)
    families = np.array(FAMILIES.split(), object)
    count = len(salutation)
    first = np.where(
        salutation == 1, women[rng.integers(len(women), size=count)],
        men[rng.integers(len(men), size=count)],
    )  # fmt: skip
    return first, families[rng.integers(len(families), size=count)]


def _emails(rng: np.random.Generator, first: Array, last: Array) -> Array:
    """Unique addresses in lower case; 2 % have none."""
    missing = rng.random(len(first)) < 0.02
    made = [
        "" if gone else f"{a}.{b}{n}@{DOMAINS[n % len(DOMAINS)]}".lower().translate(FOLD)
        for n, (a, b, gone) in enumerate(zip(first, last, missing, strict=True), start=1)
    ]
    return np.array(made, dtype=object)


def written_emails(rng: np.random.Generator, emails: Array) -> list[str | None]:
    """Addresses as people type them: capitals, blanks around; '' becomes null."""
    style = rng.random(len(emails))
    return [_typed(email, s) for email, s in zip(emails, style, strict=True)]


def _typed(email: str, style: float) -> str | None:
    if not email:
        return None
    if style < 0.10:
        return email.upper()
    if style < 0.35:
        return email.title()
    return f" {email} " if style < 0.40 else email


def _national(rng: np.random.Generator, digits: Array) -> list[str]:
    """Swiss numbers as written at home: ``079 123 45 67`` or ``0791234567``."""
    spaced = rng.random(len(digits)) < 0.6
    return [
        f"0{d[:2]} {d[2:5]} {d[5:7]} {d[7:]}" if blanks else f"0{d}"
        for d, blanks in zip(digits, spaced, strict=True)
    ]


def _languages(rng: np.random.Generator, region: Array) -> Array:
    main = np.where(region == "Romandie", "fr", np.where(region == "Tessin", "it", "de"))
    result: Array = np.where(rng.random(len(region)) < 0.05, "en", main).astype(object)
    return result


def _deleted(rng: np.random.Generator, created: Array) -> pa.Array:
    """About 3 % are deleted some day after they were created, within the two years."""
    gone = (rng.random(len(created)) < 0.03) & (created < DAYS - 60)
    day = np.maximum(created + 30, rng.integers(0, DAYS, len(created)))
    day = np.minimum(day, DAYS - 1)
    return nullable(dates(day).astype("datetime64[us]"), gone, pa.timestamp("us", tz="UTC"))
