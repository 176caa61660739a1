"""A reader over the demo's semantic model, with a catalog of its category values; no servers."""

from datetime import date
from pathlib import Path

from assistant.understanding.lexicon import Lexicon
from assistant.understanding.reading import Reader
from catalog.semantic_files import load_semantic_model
from connectors.clock import Clock
from connectors.schema import Column, ColumnStats, SiloSchema, Table

MODEL = load_semantic_model(Path(__file__).parents[3] / "demo" / "semantic")
VALUES = {
    "crm.public.kunden": {
        "region": ("Bern", "Ostschweiz", "Romandie", "Tessin", "Zürich"),
        "segment": ("Business", "Premium", "Standard"),
    },
    "service.public.anrufe": {"linie": ("ORDER", "SERVICE")},
    "dwh.main.abos": {"plan": ("Basis", "Familie", "Plus")},
    "dwh.main.bestellungen": {"kanal": ("App", "Filiale", "Webshop")},
    "dwh.main.produkte": {"kategorie": ("Schuhe", "Ski", "Zelte"), "marke": ("Bergluft", "Firn")},
    "survey.main.nps_antworten": {"touchpoint": ("Filiale", "Lieferung", "Support", "Webshop")},
}


def _table(name: str, values: dict[str, tuple[str, ...]]) -> Table:
    silo, schema, table = name.split(".")
    columns = tuple(Column(column, "VARCHAR") for column in values)
    stats = {column: ColumnStats(values=found) for column, found in values.items()}
    return Table(silo, schema, table, columns, stats=stats)


SCHEMA = SiloSchema([_table(name, values) for name, values in VALUES.items()])
READER = Reader(MODEL, Lexicon(MODEL, SCHEMA), Clock(date(2026, 10, 31)))


def read(question, language="de", earlier=None):
    return READER.read(question, language, earlier)


def clear(reading) -> bool:
    """True when nothing stands in the way of an answer."""
    return reading.query is not None and not (
        reading.uncovered
        or reading.unclear
        or reading.unreachable
        or reading.ambiguous
        or reading.timeless
        or reading.choices
        or reading.refusal
    )
