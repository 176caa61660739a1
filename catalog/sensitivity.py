"""Which columns hold what kind of personal data, told by their names (German and English)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from catalog.semantic_model import SemanticModel
from connectors.schema import PERSONAL, Column, ColumnStats, Sensitivity, Table

FOLDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PERSON = (
    "kunde|kunden|kundin|customer|cust|client|person|people|persons|personen|contact|kontakt|user|users|"
    "nutzer|benutzer|member|mitglied|mitglieder|employee|mitarbeiter|lead|subscriber|abonnent|"
    "patient|agent|visitor|besucher|anrufer|caller|profile|account|empfaenger|recipient"
)
PERSON_TABLE = re.compile(rf"(?:^|_)(?:{_PERSON})(?:s|n|en|e)?(?:_|$)")
# The account of an ``account_id`` is most often a company or a tenant.
_WITH_ID = _PERSON.replace("|account", "")
_OF_PERSON = (
    rf"(?:{_WITH_ID})_?(?:lookup_)?"
    r"(?:id|nr|no|nummer|number|key|ref|guid|uuid|code)(?:_|$)"
)

Rule = tuple[Sensitivity, re.Pattern[str], str]
TEXT, NUMBER_OR_TEXT, ANY = "text", "number or text", "any"
# Part of a longer name that tells about a thing, not what it is: the id of a mail, a code, a file.
ABOUT = re.compile(
    r"(?:_(?:ids?|types?|status|count|flags?|at|date|version|carrier|code|groups?|group_name|level"
    r"|file_?name|name_override|format|is_default|verified|template|token|url)|file_?name_override)"
    r"(?:_c)?$|^(?:label|utm)_|^(?:is|has|enable|use)_|server_ip"
)
_WHEN = r"last_(?:\w+_)?(?:seen|active|activity|login|click|clicked|open|opened|visit)"
# The first rule that fits a name and a type wins; names are folded to lower_case_with_underscores.
RULES: tuple[Rule, ...] = (
    (
        "consent",
        re.compile(
            r"einwillig|consent|opt(?:ed|s)?_?(?:in|out)(?:_|$)|zustimmung|permission|newsletter"
            r"|widerruf|accepts_marketing|do_?not_?(?:call|contact|mail|email)|unsubscribed"
        ),
        ANY,
    ),
    (
        "payment",
        re.compile(
            r"iban|(?:^|_)bic(?:_|$)|swift|kreditkart|credit_?card|card_?n(?:um|o)|kartennummer|cvv"
            r"|cvc|kontonummer|konto_?nr|account_?number|bank_?(?:account|verbindung|konto|name)"
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
    ("behaviour", re.compile(_WHEN), ANY),
    (
        "contact",
        re.compile(
            r"(?:anrufer|caller)_?(?:nummer|number|id)|postal_?code|post_?code|postleitzahl"
            r"|(?:^|_)zip|(?:^|_)plz(?:_|$)|province_code"
        ),
        NUMBER_OR_TEXT,
    ),
    (
        "contact",
        re.compile(
            r"e_?mail|(?:^|_)mail(?:_|$|adr)|telefon|telephone|phone|(?:^|_)tel(?:_|$)"
            r"|mobil(?:e|nummer)?(?:_|$)|handy|natel|(?:^|_)fax(?:_|$)|add?ress"
        ),
        "thing",
    ),
    (
        "contact",
        re.compile(
            r"strasse|street|hausnummer|hausnr|(?:^|_)ip(?:_|$)|whatsapp|skype|(?:^|_)zustell"
            r"|city(?:_c)?$|(?:^|_)(?:wohn)?ort(?:_|$)|longitude|latitude|linked_?in(?:_url|_c)?$"
            r"|(?:billing|shipping|mailing)_(?:state|country|province|region)"
            r"|(?:^|_)(?:to|from|cc|bcc|reply_?to)_?(?:addrs?|formatted)(?:_|$)|^(?:cc|bcc)$"
        ),
        "thing text",
    ),
    (
        "identifier",
        re.compile(
            rf"(?:vor|nach|first|last|full|sur|family|familien|middle|maiden|nick|user|benutzer"
            rf"|from|sender|(?:{_PERSON}))_?name|(?:^|_)(?:inhaber|holder|ansprechpartner)"
            r"|manager(?:_name)?$"
        ),
        "thing text",
    ),
    ("identifier", re.compile(_OF_PERSON), ANY),
    (
        "identifier",
        re.compile(
            r"(?:created|modified|updated|published|changed|checked_out|deleted)_by(?:_|$)"
            r"|(?:^|_)owner(?:_id)?$|(?:^|_)user(?:_start)?$|assigned_user"
        ),
        NUMBER_OR_TEXT,
    ),
    (
        "identifier",
        re.compile(
            r"cookie|(?:session|device|visit|visitor|anonymous)_?id(?:_|$)|fingerprint"
            r"|(?:^|_)(?:verified|trusted|known|registered)_devices?$"
        ),
        ANY,
    ),
    (
        "identifier",
        re.compile(
            r"(?:^|_)token$|password|passwort|(?:^|_)secret$|(?:api|system|private|secret)_?key$"
        ),
        TEXT,
    ),
    (
        "free_text",
        re.compile(
            r"kommentar|comment|betreff|subject|(?:^|_)body(?:_|$)|nachricht|message|notiz"
            r"|(?:^|_)notes?(?:_|$)|bemerk|remark|transcript|transkript|feedback|freitext|verbatim"
            r"|free_?text|(?:^|_)text(?:_|$)|antworttext|inhalt|(?:^|_)content(?:_|$)|descri"
            r"|beschreib|(?:^|_)infos?(?:_|$)|^data$"
        ),
        "thing text",
    ),
    (
        "behaviour",
        re.compile(
            r"referr?er|user_agent|(?:page|current|landing|visited|recorded|seiten?)_url"
            r"|^(?:property_)?(?:page|seite|url)$|^url_(?:path|query|title|recorded)|page_?(?:title|path)"
            r"|^query$|(?:^|_)(?:event|klick|click|geoeffnet)(?:ed)?(?:_|$)"
        ),
        TEXT,
    ),
)
# A title is a person's own words where people write.
WRITTEN_TABLE = re.compile(r"thread|ticket|message|nachricht|case|post(?:s|$)|review|note")
_TEXTS = ("VARCHAR", "TEXT", "JSON", "CHAR", "UNKNOWN", "BLOB")
_INTEGERS = ("INTEGER", "UINTEGER", "BIGINT", "UBIGINT", "HUGEINT", "DECIMAL")
PERSONAL_VALUE = re.compile(
    r"[^@\s]+@[^@\s]+\.[^@\s]+|\+?\d[\d /().-]{7,}\d|[A-Z]{2}\d{2}[A-Z0-9 ]{11,}"
)


@lru_cache(50_000)
def fold(name: str) -> str:
    """``KundenEMail`` as ``kunden_email``-like lower case with underscores, umlauts folded."""
    parted = _CAMEL.sub("_", name).lower().translate(FOLDED)
    return re.sub(r"[^a-z0-9]+", "_", parted).strip("_")


def classify(table: Table) -> Mapping[str, Sensitivity]:
    """The class of each column that has one other than ``none``, by its name as spelled."""
    about_people = bool(PERSON_TABLE.search(fold(table.name)))
    written = bool(WRITTEN_TABLE.search(fold(table.name)))
    classes = {
        c.name: _class_of(fold(c.name), _family(c), about_people=about_people, written=written)
        for c in table.columns
    }
    return {name: found for name, found in classes.items() if found != "none"}


@lru_cache(20_000)
def _class_of(name: str, family: str, *, about_people: bool, written: bool) -> Sensitivity:
    for sensitivity, pattern, needed in RULES:
        if _fits(family, needed, name) and pattern.search(name):
            return sensitivity
    if about_people and (name == "id" or (name == "name" and family == TEXT)):
        return "identifier"
    return "free_text" if written and name == "title" and family == TEXT else "none"


def _fits(family: str, needed: str, name: str) -> bool:
    """Whether a rule is for such a type; those of things pass by names that are about one."""
    if needed.startswith("thing"):
        families = (TEXT,) if needed.endswith(TEXT) else (TEXT, NUMBER_OR_TEXT)
        return family in families and not ABOUT.search(name)
    return needed == ANY or family in (TEXT, needed)


def _family(column: Column) -> str:
    if column.native_type.lower().startswith("enum("):
        return ANY  # the silo's own list of values: nobody writes into it
    if column.type.startswith(_TEXTS):
        return TEXT
    return NUMBER_OR_TEXT if column.type.startswith(_INTEGERS) else ANY


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
