"""The words of periods: months, units, comparisons and how they are written, in both languages."""

from assistant.metric_query import Grain

MONTHS = (
    ("januar", "january", "jan"), ("februar", "february", "feb"), ("märz", "maerz", "march", "mar"),
    ("april", "apr"), ("mai", "may"), ("juni", "june", "jun"), ("juli", "july", "jul"),
    ("august", "aug"), ("september", "sept", "sep"), ("oktober", "october", "okt", "oct"),
    ("november", "nov"), ("dezember", "december", "dez", "dec"),
)  # fmt: skip
MONTH_NUMBERS = {name: number for number, names in enumerate(MONTHS, 1) for name in names}
UNITS: dict[str, Grain] = {
    "tag": "day", "tage": "day", "tagen": "day", "day": "day", "days": "day",
    "woche": "week", "wochen": "week", "week": "week", "weeks": "week",
    "monat": "month", "monate": "month", "monaten": "month", "monats": "month",
    "month": "month", "months": "month", "quartal": "quarter", "quartale": "quarter",
    "quartalen": "quarter", "quartals": "quarter", "quarter": "quarter", "quarters": "quarter",
    "jahr": "year", "jahre": "year", "jahren": "year", "jahres": "year", "year": "year",
    "years": "year",
}  # fmt: skip
COUNTS = {
    "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9,
    "zehn": 10, "zwölf": 12, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "twelve": 12,
}  # fmt: skip
UNIT = "(" + "|".join(sorted(UNITS, key=len, reverse=True)) + ")"
MONTH = "(" + "|".join(sorted(MONTH_NUMBERS, key=len, reverse=True)) + r")\b\.?"
COUNT = r"(\d{1,3}|" + "|".join(COUNTS) + ")"
LAST = r"(?:letzte[snmr]?|vergangene[snmr]?|vorige[snmr]?|last|past|previous)"
DAY = (
    r"(\d{4}-\d{2}-\d{2}|\d{1,2}\.\s?\d{1,2}\.\s?\d{4}"
    rf"|\d{{1,2}}\.?\s{MONTH}(?:\s\d{{4}})?)"
)
THIS = r"(?:diese[snmr]?|laufende[snmr]?|aktuelle[snmr]?|heurige[snmr]?|this|(?:the )?current)"
SAME = (
    r"(?:in |im |within |während |during )?(?:that|the same|diese[mrsn]|jene[mrsn]|(?:dem|der|im)"
    r" (?:selben|gleichen)|demselben|derselben|selben|gleichen)"
    r" (?:quartal|monat|jahr|woche|zeitraum|halbjahr|quarter|month|year|week|period|time)s?"
)
ORDINALS = {
    "erste": 1, "zweite": 2, "dritte": 3, "vierte": 4, "letzte": 4,
    "first": 1, "second": 2, "third": 3, "fourth": 4,
}  # fmt: skip
ORDINAL = r"(erste|zweite|dritte|vierte|first|second|third|fourth)[snmr]?"
QUARTER = (
    r"(?:q([1-4])|([1-4])\.\s?quartals?|([1-4])(?:st|nd|rd|th) quarter"
    rf"|{ORDINAL}\s(?:quartals?|quarter))"
)
HALF = (
    r"(?:h([12])\b|([12])\.\s?(?:halbjahr|jahreshälfte)|([12])(?:st|nd) half"
    rf"|{ORDINAL}\s(?:halbjahr|jahreshälfte|half))"
)
YEAR_BEHIND = (
    r"(?:\s(?:(?:of|im jahr|in|des jahres)\s)?"
    r"(20\d{2}|(?:of )?(?:this|last) year|(?:dieses|letzten|vergangenen) jahr(?:es)?"
    r"|(?:im |in )?(?:vorjahr|letzten jahr))\b)?"
)
BEFORE = r"(?:in den |über die |over the |in the |der |die |the )"
FROM = r"(?:vom|von|ab|zwischen|between|from)"
UNTIL = r"(?:bis(?:\szum)?|und|and|to|until|till)"
ADVERBS: dict[str, Grain] = {
    "täglich": "day", "daily": "day", "wöchentlich": "week", "weekly": "week",
    "monatlich": "month", "monthly": "month", "quartalsweise": "quarter", "quarterly": "quarter",
    "jährlich": "year", "yearly": "year", "annually": "year", "monatsweise": "month",
}  # fmt: skip
OVER_TIME = (
    r"\b(?:im zeitverlauf|im verlauf|zeitliche[nr]? (?:verlauf|entwicklung)|entwicklung|trend"
    r"|entwickelt(?:e|en)?|over time|develop(?:ed|ment)?|evolv(?:e|ed))\b"
)
TO_DATE = r"(?:\sbis heute|\sto date|\sso far|\sbisher|\sbis jetzt|\sup to now)?"
GROWING = (
    r"\b(?:wachstum|gewachsen|wuchs|gestiegen|stieg|zugenommen|gesunken|sank|abgenommen"
    r"|zurückgegangen|verändert|veränderung|entwickelt|grow|grew|grown|growth|increased?|rise|rose"
    r"|risen|fall|fell|fallen|decreased?|dropp?(?:ed)?|declined?|changed?|develop(?:ed)?)\b"
)
AGAINST = (
    r"\b(?:im vergleich (?:zu[rm]?|mit(?: de[mr])?)|gegenüber(?: de[mr])?"
    r"|verglichen mit(?: de[mr])?|ggü\.?"
    r"|compared (?:with|to)|versus|vs\.?|against|(?:mehr |weniger |höher |tiefer )?als|than)"
)
COMPARISONS: tuple[tuple[str, Grain | None], ...] = (
    (rf"{AGAINST}\s(?:im |zum )?vorjahr\w*", "year"),
    (r"\bzum vorjahr\w*", "year"),
    (rf"{AGAINST}\s(?:im |zum )?vorquartal\w*", "quarter"),
    (rf"{AGAINST}\s(?:im |zum )?vormonat\w*", "month"),
    (rf"{AGAINST}\s(?:im |zum )?vorperiode\b", None),
    (rf"{AGAINST}\s(?:(?:in |im |zum |the |der |dem )*(?:same|gleichen|selben)\s"
     r"(?:period|quarter|month|week|time|zeitraum|quartal|monat|woche)\s(?:of |in |des |im |the )*"
     r"(?:(?:last|previous|prior) year|year before|a year (?:ago|earlier)|vorjahr\w*"
     r"|letzten jahr(?:es)?))",
     "year"),
    (rf"{AGAINST}\s(?:in )?(?:the )?(?:last|previous|prior) year\b", "year"),
    (rf"{AGAINST}\s(?:in )?(?:the year before|a year (?:ago|earlier|before))\b", "year"),
    (rf"{AGAINST}\s(?:im )?(?:letzten|letztes|vergangenen) jahr\b", "year"),
    (rf"{AGAINST}\s(?:in )?(?:(?:the )?(?:last|previous|prior) quarter|the quarter before)\b",
     "quarter"),
    (rf"{AGAINST}\s(?:in )?(?:(?:the )?(?:last|previous|prior) month|the month before)\b",
     "month"),
    (rf"{AGAINST}\s(?:(?:the )?(?:last|previous|prior) period|the period before)\b", None),
    (r"\b(?:year[- ](?:over|on)[- ]year|yoy|im jahresvergleich)\b", "year"),
)  # fmt: skip
