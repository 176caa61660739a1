"""Rule: a filter runs in the silo of the one table it speaks of.

A filter moves only where that cannot change the answer: WHERE reaches a table no outer join can
fill with nulls; ON reaches the side that is matched. A filter that rejects null may also run below
an outer join, and then stays in the remainder as well. Of a condition that a silo cannot decide, or
an OR over several tables, each silo gets what must hold for its own table; the whole stays.
"""

from collections.abc import Mapping

from sqlglot import exp

from connectors.planner.builder import Builder
from connectors.planner.conditions import (
    aliases_in,
    conjuncts,
    joined,
    rejects_null,
    set_where,
    short,
    side_of,
    where_of,
)
from connectors.planner.estimates import rows_after
from connectors.planner.plain import weaker
from connectors.planner.sources import Source

Sources = Mapping[str, Source]


def push_filters(select: exp.Select, sources: Sources, builder: Builder) -> None:
    """Give each source the filters its silo can run; in place."""
    _push_where(select, sources, builder)
    _push_on(select, sources, builder)
    for source in sources.values():
        table = next(iter(source.tables.values()))
        source.rows = rows_after(table, source.filters)


def _push_where(select: exp.Select, sources: Sources, builder: Builder) -> None:
    kept = []
    for part in where_of(select):
        source = _only_source(part, sources)
        if source is None:
            _push_implied(part, sources, builder)
        elif source.nullable:
            if rejects_null(part, source.alias):
                _push(part.copy(), source, builder)
        elif _push(part, source, builder):
            continue
        kept.append(part)
    set_where(select, kept)


def _push_on(select: exp.Select, sources: Sources, builder: Builder) -> None:
    for join in select.args.get("joins") or ():
        side = side_of(join)
        on = join.args.get("on")
        if on is None or side not in ("", "LEFT"):
            continue
        kept = []
        for part in conjuncts(on):
            source = _only_source(part, sources)
            reached = source is not None and (
                source.node is join.this or (not side and not source.nullable)
            )
            if source is None or not reached or not _push(part, source, builder):
                kept.append(part)
        join.set("on", joined(kept) or exp.true())
        if not kept and not side and not join.args.get("kind"):
            join.set("kind", "INNER")


def _only_source(part: exp.Expr, sources: Sources) -> Source | None:
    """The one table a condition speaks of."""
    aliases = aliases_in(part)
    if len(aliases) != 1 or part.find(exp.Query):
        return None
    return sources.get(aliases.pop())


def _push(part: exp.Expr, source: Source, builder: Builder) -> bool:
    """True when the silo decides a condition; else it gets what the condition implies, if any."""
    reason = builder.reason(part, source.silo)
    if reason is None:
        source.filters.append(part)
        return True
    source.kept.append(f"filter {short(part)}: {reason}")
    made = _implied(part, source, builder)
    if made is not None:
        source.filters.append(made)
    return False


def _push_implied(part: exp.Expr, sources: Sources, builder: Builder) -> None:
    """Of an OR over several tables give each silo what must hold for its own."""
    if not isinstance(part, exp.Or):
        return
    for alias in sorted(aliases_in(part) & set(sources)):
        source = sources[alias]
        made = None if source.nullable else _implied(part, source, builder)
        if made is not None:
            source.filters.append(made)


def _implied(part: exp.Expr, source: Source, builder: Builder) -> exp.Expr | None:
    """What a condition says of one source alone that its silo can decide; None for nothing."""
    bare = part.unnest()
    if aliases_in(bare) == {source.alias.lower()} and not bare.find(exp.Query):
        if builder.reason(bare, source.silo) is None:
            return bare.copy()
        made = None if isinstance(bare, (exp.And, exp.Or)) else weaker(bare)
        if made is not None:
            return made if builder.reason(made, source.silo) is None else None
    if not isinstance(bare, (exp.And, exp.Or)):
        return None
    sides = [_implied(side, source, builder) for side in bare.flatten()]
    known = [side for side in sides if side is not None]
    if isinstance(bare, exp.And):
        return joined(known)
    return exp.or_(*known, copy=False, wrap=True) if len(known) == len(sides) else None
