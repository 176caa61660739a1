"""Which columns hold what kind of personal data, told by their names (German and English)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from catalog.semantic_model import SemanticModel
from connectors.schema import PERSONAL, Column, ColumnStats, Sensitivity, Table

FOLDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PERSON = (
    "kunde|kunden|kundin|customer|client|person|people|persons|personen|contact|kontakt|user|users|"
    "nutzer|benutzer|member|mitglied|mitglieder|employee|mitarbeiter|lead|subscriber|abonnent|"
    "patient|agent|visitor|besucher|anrufer|caller|profile|account|empfaenger|recipient"
)
PERSON_TABLE = re.compile(rf"(?:^|_)(?:{_PERSON})(?:s|n|en|e)?(?:_|$)")
_OF_PERSON = rf"(?:^|_)(?:{_PERSON})_?(?:id|nr|no|nummer|number|key|ref|guid|uuid|code)(?:_|$)"

Rule = tuple[Sensitivity, re.Pattern[str], str]
TEXT, NUMBER_OR_TEXT, ANY = "text", "number or text", "any"
# The first rule that fits a name and a type wins; names are folded to lower_case_with_underscores.
RULES: tuple[Rule, ...] = (
    (
        "consent",
        re.compile(r"einwillig|consent|opt_?in|opt_?out|zustimmung|permission|newsletter|widerruf"),
        ANY,
    ),
    (
        "payment",
        re.compile(
            r"iban|(?:^|_)bic(?:_|$)|kreditkart|credit_?card|card_?n(?:um|o)|kartennummer|cvv|cvc"
            r"|kontonummer|konto_?nr|account_?number|bank_?(?:account|verbindung|konto)"
        ),
        ANY,
    ),
    (
        "health",
        re.compile(r"diagnos|krankheit|krankenk|health|gesundheit|allerg|medizin|medical|blutgrup"),
        ANY,
    ),
    (
        "identifier",
        re.compile(
            r"geburt|birth|(?:^|_)dob(?:_|$)|(?:^|_)ahv|(?:^|_)ssn(?:_|$)|sozialvers|passnummer"
            r"|passport|ausweis"
        ),
        ANY,
    ),
    (
        "contact",
        re.compile(
            r"e_?mail|(?:^|_)mail(?:_|$|adr)|telefon|phone|(?:^|_)tel(?:_|$)|mobil(?:e|nummer)?(?:_|$)"
            r"|handy|natel|(?:^|_)fax(?:_|$)|(?:anrufer|caller)_?(?:nummer|number|id)"
        ),
        NUMBER_OR_TEXT,
    ),
    (
        "contact",
        re.compile(
            r"strasse|street|add?ress|hausnummer|hausnr|(?:^|_)ip(?:_|$)|whatsapp|skype|(?:^|_)zustell"
        ),
        TEXT,
    ),
    (
        "identifier",
        re.compile(
            rf"(?:vor|nach|first|last|full|sur|family|familien|middle|maiden|nick|user|benutzer|(?:{_PERSON}))"
            r"_?name|(?:^|_)(?:inhaber|holder|ansprechpartner)"
        ),
        TEXT,
    ),
    ("identifier", re.compile(_OF_PERSON), ANY),
    ("identifier", re.compile(r"cookie|session_?id|device_?id|fingerprint|anonymous_?id"), ANY),
    (
        "free_text",
        re.compile(
            r"kommentar|comment|betreff|subject|(?:^|_)body(?:_|$)|nachricht|message|notiz"
            r"|(?:^|_)notes?(?:_|$)|bemerk|remark|transcript|transkript|feedback|freitext|verbatim"
            r"|free_?text|(?:^|_)text(?:_|$)|antworttext|inhalt|(?:^|_)content(?:_|$)"
        ),
        TEXT,
    ),
    (
        "behaviour",
        re.compile(
            r"(?:^|_)(?:page|seite|url|referr?er|user_agent|event|klick|click|geoeffnet)(?:_|s|ed|$)"
        ),
        ANY,
    ),
)
_TEXTS = ("VARCHAR", "TEXT", "JSON", "CHAR", "UNKNOWN", "BLOB")
_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UBIGINT", "DECIMAL")
PERSONAL_VALUE = re.compile(
    r"[^@\s]+@[^@\s]+\.[^@\s]+|\+?\d[\d /().-]{7,}\d|[A-Z]{2}\d{2}[A-Z0-9 ]{11,}"
)


def fold(name: str) -> str:
    """``KundenEMail`` as ``kunden_email``-like lower case with underscores, umlauts folded."""
    parted = _CAMEL.sub("_", name).lower().translate(FOLDED)
    return re.sub(r"[^a-z0-9]+", "_", parted).strip("_")


def classify(table: Table) -> Mapping[str, Sensitivity]:
    """The class of each column that has one other than ``none``, by its name as spelled."""
    about_people = bool(PERSON_TABLE.search(fold(table.name)))
    classes = {c.name: _class_of(c, about_people=about_people) for c in table.columns}
    return {name: found for name, found in classes.items() if found != "none"}


def _class_of(column: Column, *, about_people: bool) -> Sensitivity:
    name, family = fold(column.name), _family(column.type)
    for sensitivity, pattern, family_needed in RULES:
        fits = family_needed == ANY or family in (TEXT, family_needed)
        if fits and pattern.search(name):
            return sensitivity
    if about_people and (name == "id" or (name == "name" and family == TEXT)):
        return "identifier"
    return "none"


def _family(canonical: str) -> str:
    if canonical.startswith(_TEXTS):
        return TEXT
    return NUMBER_OR_TEXT if canonical.startswith(_INTEGERS) else ANY


def looks_personal(values: Iterable[str]) -> bool:
    """True when a value has the form of an address, a telephone number or an account number."""
    return any(PERSONAL_VALUE.fullmatch(value.strip()) for value in values)


def declared(model: SemanticModel) -> Mapping[tuple[str, str], Sensitivity]:
    """What semantic files say, by lower-case (table's full name, column)."""
    found: dict[tuple[str, str], Sensitivity] = {}
    for dataset in model.datasets.values():
        for item in dataset.fields:
            if item.sensitivity is not None:
                key = (dataset.source.lower(), item.expression.strip('"').lower())
                found[key] = item.sensitivity  # type: ignore[assignment]  # checked on reading
    return found


def protect(table: Table, stated: Mapping[tuple[str, str], Sensitivity]) -> Table:
    """The table with declared classes over told ones, and no values of personal columns."""
    classes = dict(table.sensitivity)
    for column in table.columns:
        said = stated.get((table.full_name.lower(), column.name.lower()))
        if said is not None:
            classes[column.name] = said
    stats = {
        name: _without_values(found) if classes.get(name) in PERSONAL else found
        for name, found in table.stats.items()
    }
    return replace(table, sensitivity=classes, stats=stats)


def _without_values(stats: ColumnStats) -> ColumnStats:
    return replace(stats, minimum=None, maximum=None, values=())
