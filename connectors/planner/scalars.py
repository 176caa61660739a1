"""Rule: the value of a scalar subquery goes ahead to the silo whose rows are compared with it.

``betrag > (SELECT AVG(...) FROM other)``: the subquery's fragments run first, the engine computes
its value, and the silo gets it as a literal. The comparison itself stays in the remainder. No row
and NULL both mean that no row passes.
"""

from collections.abc import Iterator, Mapping

from sqlglot import exp

from connectors.planner.builder import Builder
from connectors.planner.conditions import aliases_in, conjuncts, is_strict, side_of, where_of
from connectors.planner.kept_rows import share
from connectors.planner.keys import FEWEST_SAVED, readers_of
from connectors.planner.kinds import kind_of
from connectors.planner.normal import sources_of
from connectors.planner.plan import Fragment, KeySource
from connectors.planner.receivers import over_tables
from connectors.planner.values import hole_of

COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)


def send_values(tree: exp.Query, builder: Builder) -> None:
    """Add the values to the fragments that can be compared with them."""
    readers = readers_of(tree, builder)
    for select in tree.find_all(exp.Select):
        for part, reached in _conditions(select):
            if isinstance(part, COMPARISONS):
                for taker, value in ((part.this, part.expression), (part.expression, part.this)):
                    target = _target(taker, reached, readers, builder)
                    if target is not None and _is_value(value):
                        _send(part, taker, value, target, builder)


def _conditions(select: exp.Select) -> Iterator[tuple[exp.Expr, set[str]]]:
    """Conditions, and the aliases whose rows one that does not hold leaves out."""
    own = {source.alias_or_name.lower() for source in sources_of(select)}
    yield from ((part, own) for part in where_of(select))
    for join in select.args.get("joins") or ():
        side = side_of(join)
        if side in ("", "LEFT"):
            reached = own if not side else {join.this.alias_or_name.lower()}
            yield from ((part, reached) for part in conjuncts(join.args.get("on")))


def _target(
    taker: exp.Expr, reached: set[str], readers: Mapping[str, list[str]], builder: Builder
) -> Fragment | None:
    """The fragment that alone gives a side of the comparison and is read nowhere else."""
    aliases = aliases_in(taker)
    if taker.find(exp.Query) or len(aliases) != 1 or not aliases <= reached:
        return None
    found = readers.get(aliases.pop(), [])
    return builder.fragments[found[0]] if len(found) == 1 and is_strict(taker) else None


def _is_value(value: exp.Expr) -> bool:
    """One value for the whole query: subqueries that nothing outside them is part of."""
    inner = {
        source.alias_or_name.lower()
        for select in value.find_all(exp.Select)
        for source in sources_of(select)
    }
    return value.find(exp.Query) is not None and aliases_in(value) <= inner


def _send(
    part: exp.Expr, taker: exp.Expr, value: exp.Expr, target: Fragment, builder: Builder
) -> None:
    names = list(dict.fromkeys(table.name for table in value.find_all(exp.Table)))
    known = all(name in builder.fragments for name in names)
    if not names or not known or any(builder.waits_for(name, target.name) for name in names):
        return
    made, hole = over_tables(taker, target), hole_of(kind_of(value))
    if made is None or hole is None or not _pays(part, target):
        return
    sides = (made, hole) if taker is part.this else (hole, made)
    asked = type(part)(this=sides[0], expression=sides[1])
    if builder.reason(asked, target.silo) is not None:
        return
    condition = builder.spelled(asked, target)
    if condition is not None:
        # An aggregate has one row even where the first fragment has none.
        key = f"CASE WHEN COUNT(*) >= 0 THEN {value.sql('duckdb', comments=False)} END"
        source = KeySource(condition, names[0], key, 1, after=tuple(names[1:]), value=True)
        _add(source, part, target, builder)


def _pays(part: exp.Expr, target: Fragment) -> bool:
    rows = target.estimated_rows
    return rows is None or rows * (1 - share(part)) >= FEWEST_SAVED


def _add(source: KeySource, part: exp.Expr, target: Fragment, builder: Builder) -> None:
    rows = target.estimated_rows
    builder.amend(
        target.name,
        keys=(*target.keys, source),
        pushed=(*target.pushed, f"a value from {builder.fragments[source.fragment].silo}"),
        estimated_rows=None if rows is None else max(1, round(rows * share(part))),
    )
