"""What the catalog shows to people and programs: silos, tables, hits, links, changes."""

from collections import Counter
from typing import Any

from assistant.answer_json import plain
from assistant.drift import Broken
from assistant.language import detect_language
from assistant.refreshing import broken_parts
from assistant.services import Services
from assistant.views import stock
from catalog.semantic_model import Language
from connectors.schema import Table

Rows = list[dict[str, Any]]


def silos(services: Services, role: str | None = None) -> Rows:
    """One entry per configured silo, with the number of its tables the role may read."""
    readable = services.federation.readable(role)
    count = Counter(name.split(".")[0] for name in readable)
    return [
        {
            "name": silo.name,
            "kind": silo.kind,
            "database": silo.scheme,
            "owner": silo.owner,
            "purpose": silo.purpose,
            "tables": count[silo.name],
        }
        for silo in services.settings.silos
    ]


def stock_of(services: Services, role: str | None = None) -> Rows:
    """The inventory: one entry per silo with its tables, what is missing, who asked how often."""
    found: Rows = plain(stock.entries(services, role))
    return found


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


def search(
    services: Services,
    words: str,
    role: str | None = None,
    limit: int = 10,
    language: Language | None = None,
) -> Rows:
    """Hits for some words, best first; without a language it is the words' own."""
    readable = services.federation.readable(role)
    spoken = language or detect_language(words)
    context = services.catalog.search(words, spoken, role_tables=readable, limit=limit)
    hits: Rows = plain(context.hits)
    return hits


def links(services: Services, role: str | None = None) -> Rows:
    """Declared links, measured or not, then proposed ones, best first.

    Only those whose tables the role may read on both sides.
    """
    starts = tuple(f"{name.lower()}." for name in services.federation.readable(role))
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
        if all(end.lower().startswith(starts) for end in (link.left, link.right))
    ]


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 4)


def changes(services: Services, role: str | None = None) -> Rows:
    """What changed between the last two versions, then what no longer fits because of it.

    Only of tables the role may read or could before. A broken part has the kind ``broken``, with
    what it is as ``part`` and ``name``, and the changes that explain it as ``causes``.
    """
    rights = services.federation.policy.rights(role)
    found = services.catalog.changes()
    seen: Rows = plain([change for change in found if rights.reads(_table(change.table))])
    for item in broken_parts(services.catalog, services.clock):
        if item.tables and all(rights.reads(_table(name)) for name in item.tables):
            seen.append(_broken(item))
    return seen


def _broken(item: Broken) -> dict[str, Any]:
    return {
        "kind": "broken",
        "table": item.tables[0],
        "column": None,
        "detail": f"{item.part} {item.name}: {item.problem}",
        "part": item.part,
        "name": item.name,
        "causes": list(item.causes),
    }


def _table(full_name: str) -> Table:
    """A table by name alone: one that is gone is no longer in the catalog."""
    silo, _, rest = full_name.partition(".")
    schema, _, name = rest.partition(".")
    return Table(silo, schema, name, ())
