"""What the catalog shows to people and programs: silos, tables, hits, links, changes."""

from typing import Any

from assistant.answer_json import plain
from assistant.language import detect_language
from assistant.services import Services

Rows = list[dict[str, Any]]


def silos(services: Services) -> Rows:
    """One entry per configured silo, with its number of tables in the catalog."""
    schema = services.catalog.schema
    return [
        {
            "name": silo.name,
            "kind": silo.kind,
            "database": silo.scheme,
            "owner": silo.owner,
            "purpose": silo.purpose,
            "tables": len(schema.silo(silo.name)),
        }
        for silo in services.settings.silos
    ]


def tables(services: Services, role: str | None = None) -> Rows:
    """One entry per table the role may read, with its columns."""
    readable = services.federation.readable(role)
    return [
        {
            "name": table.full_name,
            "kind": table.kind,
            "comment": table.comment,
            "rows": table.row_estimate,
            "columns": [
                {
                    "name": column.name,
                    "type": column.type,
                    "comment": column.comment,
                    "sensitivity": table.sensitivity.get(column.name, "none"),
                }
                for column in table.columns
            ],
        }
        for table in services.catalog.schema
        if table.full_name in readable
    ]


def search(services: Services, words: str, role: str | None = None, limit: int = 10) -> Rows:
    """Hits for some words, best first."""
    readable = services.federation.readable(role)
    language = detect_language(words)
    context = services.catalog.search(words, language, role_tables=readable, limit=limit)
    hits: Rows = plain(context.hits)
    return hits


def links(services: Services) -> Rows:
    """Declared links, measured or not, then proposed ones, best first."""
    return [
        {
            "left": link.left,
            "right": link.right,
            "normaliser": link.normaliser,
            "match_rate": _rounded(link.match_rate),
            "fan_out": _rounded(link.fan_out),
            "origin": link.origin,
            "name": link.name,
            "key_match_rate": _rounded(link.key_match_rate),
            "method": link.method,
            "measured_at": link.measured_at.isoformat(timespec="seconds")
            if link.measured_at
            else None,
            "score": link.score,
            "reason": link.reason,
        }
        for link in services.catalog.links
    ]


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 4)


def changes(services: Services) -> Rows:
    """What changed between the last two versions of the catalog."""
    found: Rows = plain(services.catalog.changes())
    return found
