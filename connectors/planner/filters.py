"""Rule: a filter runs in the silo of the one table it speaks of.

A filter moves only where that cannot change the answer: WHERE reaches a table no outer join can
fill with nulls; ON reaches the side that is matched. A filter that rejects null may also run below
an outer join, and then stays in the remainder as well. Of an OR over several tables each silo gets
the part that must hold for its own table; the whole stays.
"""

from collections.abc import Iterator, Mapping

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
        source = _pushable(part, sources, builder)
        if source is not None and not source.nullable:
            source.filters.append(part)
            continue
        kept.append(part)
        if source is not None and rejects_null(part, source.alias):
            source.filters.append(part.copy())
        elif source is None:
            _push_implied(part, sources, builder)
    set_where(select, kept)


def _push_implied(part: exp.Expr, sources: Sources, builder: Builder) -> None:
    for source, implied in _implied(part, sources):
        if not source.nullable and builder.reason(implied, source.silo) is None:
            source.filters.append(implied)


def _implied(part: exp.Expr, sources: Sources) -> Iterator[tuple[Source, exp.Expr]]:
    """What an OR over several tables says of each of them alone."""
    if not isinstance(part, exp.Or):
        return
    branches = [conjuncts(branch) for branch in part.flatten()]
    for alias in sorted(aliases_in(part) & set(sources)):
        own = [_only(branch, alias) for branch in branches]
        if all(own):
            parts = [joined([p.copy() for p in branch]) for branch in own]
            yield sources[alias], exp.or_(*parts, copy=False, wrap=True)


def _only(branch: list[exp.Expr], alias: str) -> list[exp.Expr]:
    return [part for part in branch if aliases_in(part) == {alias} and not part.find(exp.Query)]


def _push_on(select: exp.Select, sources: Sources, builder: Builder) -> None:
    for join in select.args.get("joins") or ():
        side = side_of(join)
        on = join.args.get("on")
        if on is None or side not in ("", "LEFT"):
            continue
        kept = []
        for part in conjuncts(on):
            source = _pushable(part, sources, builder)
            own = source is not None and source.node is join.this
            if source is not None and (own or (not side and not source.nullable)):
                source.filters.append(part)
            else:
                kept.append(part)
        join.set("on", joined(kept) or exp.true())
        if not kept and not side and not join.args.get("kind"):
            join.set("kind", "INNER")


def _pushable(part: exp.Expr, sources: Sources, builder: Builder) -> Source | None:
    """The one table a condition speaks of, when its silo can run it; the reason when not."""
    aliases = aliases_in(part)
    if len(aliases) != 1 or part.find(exp.Query):
        return None
    source = sources.get(aliases.pop())
    if source is None:
        return None
    reason = builder.reason(part, source.silo)
    if reason is None:
        return source
    source.kept.append(f"filter {short(part)}: {reason}")
    return None
