"""Answers questions about the data itself: which systems are connected, and what lies there."""

import re
from collections.abc import Sequence
from datetime import date

from assistant.answer import Answer
from assistant.language import format_value, has_text, text
from assistant.services import Services
from assistant.views.base import Asked
from catalog.inventory import SiloEntry, inventory, personal_tables
from catalog.semantic_model import Language
from connectors.query import OutputColumn

SYSTEMS = r"(systeme?n?|silos?|datenbanken?|datenquellen?|systems?|databases?|data ?sources?)"
CONNECTED = r"(angebunden|angeschlossen|verbunden|verfügbar|connected|attached|available)"
QUESTIONS = re.compile(
    rf"\b{SYSTEMS}\b.*\b({CONNECTED}|haben wir|gibt es|do we have|are there)\b"
    rf"|\b{CONNECTED}\b.*\b{SYSTEMS}\b"
    r"|\bwelche daten (haben wir|gibt es|liegen|sind)\b|\bwas liegt (dort|wo)\b"
    r"|\bwo (liegen|sind|finde ich)\b.*daten\b"
    r"|\b(what|which) data (do we have|is there|is available|exists?)\b"
    r"|\bwhere (is|are|does|do)\b.*\bdata\b",
    re.IGNORECASE,
)
COLUMNS = (
    ("system", "VARCHAR"), ("kind", "VARCHAR"), ("database", "VARCHAR"), ("owner", "VARCHAR"),
    ("purpose", "VARCHAR"), ("tables", "BIGINT"), ("rows", "BIGINT"), ("personal", "BIGINT"),
    ("contents", "VARCHAR"), ("completeness", "DOUBLE"), ("newest", "DATE"), ("recent", "BIGINT"),
    ("linked_to", "VARCHAR"), ("matched", "DOUBLE"), ("touchpoint", "VARCHAR"),
    ("personalising", "VARCHAR"), ("questions", "BIGINT"), ("last_used", "DATE"),
    ("gaps", "VARCHAR"), ("follow_ups", "VARCHAR"),
)  # fmt: skip
UNITS = {
    "tables": "count", "rows": "count", "personal": "count", "questions": "count",
    "recent": "count", "completeness": "percent", "matched": "percent",
}  # fmt: skip


def entries(services: Services, role: str | None) -> tuple[SiloEntry, ...]:
    """The inventory as a role may see it."""
    readable = services.federation.readable(role)
    tables = [table for table in services.catalog.schema if table.full_name in readable]
    links, usage = services.catalog.links, services.usage.totals()
    return inventory(services.settings.silos, tables, links, usage, services.clock.day())


class View:
    """Which systems are connected, what lies there, and what is missing."""

    name = "catalog"

    def recognises(self, question: str) -> bool:
        """True for a question about the connected data rather than about customers."""
        return QUESTIONS.search(question) is not None

    def answer(self, asked: Asked) -> Answer:
        """The inventory as an answer: one row per system, its gaps in words."""
        found = entries(asked.services, asked.role)
        columns = [_column(name, kind, asked.language) for name, kind in COLUMNS]
        rows = [_row(entry, asked.language) for entry in found]
        return asked.answer(self.name, _said(found, asked.language), columns, rows)


def _column(name: str, kind: str, language: Language) -> OutputColumn:
    return OutputColumn(name, kind, UNITS.get(name), text(f"stock.{name}", language))


def _said(found: Sequence[SiloEntry], language: Language) -> str:
    tables = sum(len(entry.tables) for entry in found)
    counts = {"silos": len(found), "tables": tables, "rows": sum(entry.rows for entry in found)}
    written = {name: format_value(count, "count", language) for name, count in counts.items()}
    lines = [text("stock.said", language, **written), ""]
    for entry in found:
        about = _kind(entry, language)
        purpose = f", {entry.purpose}" if entry.purpose else ""
        names = ", ".join(table.name.rsplit(".", 1)[-1] for table in entry.tables)
        lines.append(f"- **{entry.name}** ({about}{purpose}): {names}")
    gaps = [f"- {entry.name}: {_gaps(entry, language)}" for entry in found if entry.gaps]
    if gaps:
        lines += ["", text("stock.to_do", language), *gaps]
    return "\n".join(lines)


def _kind(entry: SiloEntry, language: Language) -> str:
    key = f"kind.{entry.kind}"
    return text(key, language) if has_text(key, language) else entry.kind


def _gaps(entry: SiloEntry, language: Language) -> str:
    return "; ".join(text(f"stock.gap_{gap}", language) for gap in entry.gaps)


def _row(entry: SiloEntry, language: Language) -> tuple[object, ...]:
    newest: date | None = entry.newest.date() if entry.newest else None
    touchpoint = _kind(entry, language) if entry.touchpoint else None
    contents = [text(f"sensitivity.{kind}", language) for kind in entry.contents]
    return (
        entry.name, _kind(entry, language), entry.database,
        entry.owner, entry.purpose, len(entry.tables), entry.rows, personal_tables(entry),
        ", ".join(contents), _percent(entry.completeness), newest,
        sum(table.recent or 0 for table in entry.tables),
        ", ".join(entry.linked_to), _percent(entry.match_rate), touchpoint,
        text(f"stock.fit_{entry.personalising}", language), entry.questions,
        max((t.last_used for t in entry.tables if t.last_used), default=None),
        _gaps(entry, language), "; ".join(text(f"stock.do_{gap}", language) for gap in entry.gaps),
    )  # fmt: skip


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)
