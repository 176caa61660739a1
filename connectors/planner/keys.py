"""Rule: a small fragment's keys restrict a larger one before it is read (a semi-join).

The restriction may let too much through, never too little: the join itself stays in the remainder.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pyarrow as pa
from sqlglot import exp

from connectors.planner.builder import Builder
from connectors.planner.kinds import kind_of
from connectors.planner.plan import Fragment, KeySource
from connectors.planner.render import write

LARGEST_SOURCE = 20_000
WORTH = 2
KEY_KINDS = frozenset({"int", "text", "uuid"})
Pair = tuple[exp.Expr, exp.Column, bool]


def add_keys(tree: exp.Query, builder: Builder) -> None:
    """Add key sources to the builder's fragments; earlier ones never wait for later ones."""
    for select in tree.find_all(exp.Select):
        for giver, taker, optional in _pairs(select):
            _restrict(giver, taker, select, builder)
            if not optional and isinstance(giver, exp.Column):
                _restrict(taker, giver, select, builder)


def _pairs(select: exp.Select) -> Iterator[Pair]:
    """(giving side, plain column of the joined table, only in this direction) of equi-joins."""
    for join in select.args.get("joins") or ():
        side = str(join.args.get("side") or "").upper()
        on = join.args.get("on")
        if on is None or side not in ("", "LEFT") or join.args.get("method"):
            continue
        joined = join.this.alias_or_name.lower()
        for part in on.unnest().flatten() if isinstance(on.unnest(), exp.And) else [on.unnest()]:
            if isinstance(part, exp.EQ):
                yield from _oriented(part, joined, side == "LEFT")


def _oriented(part: exp.EQ, joined: str, optional: bool) -> Iterator[Pair]:
    for giver, taker in ((part.this, part.expression), (part.expression, part.this)):
        tables = {column.table.lower() for column in giver.find_all(exp.Column)}
        plain = isinstance(taker, exp.Column) and taker.table.lower() == joined
        if plain and len(tables) == 1 and joined not in tables and not giver.find(exp.Query):
            yield giver, taker, optional


def _restrict(giver: exp.Expr, taker: exp.Expr, select: exp.Select, builder: Builder) -> None:
    source = _fragment(next(giver.find_all(exp.Column)).table, select, builder)
    target = _fragment(next(taker.find_all(exp.Column)).table, select, builder)
    if source is None or target is None or not isinstance(taker, exp.Column):
        return
    if not _worth_it(source, target, giver, taker, builder):
        return
    key = giver.copy()
    for column in key.find_all(exp.Column):
        column.set("table", None)
    inside = _inside(taker, target)
    if inside is None:
        return
    limit = builder.capabilities[target.silo].max_keys
    made = KeySource(inside, source.name, key.sql("duckdb", comments=False), limit)
    phrase = f"keys from {source.silo}"
    builder.amend(target.name, keys=(*target.keys, made), pushed=(*target.pushed, phrase))


def _worth_it(
    source: Fragment, target: Fragment, giver: exp.Expr, taker: exp.Column, builder: Builder
) -> bool:
    """A known small source, a larger target, comparable keys, no circle, one key per pair."""
    few, many = source.estimated_rows, target.estimated_rows
    if few is None or many is None or few > LARGEST_SOURCE or many < WORTH * few:
        return False
    kinds = {kind_of(giver), kind_of(taker)}
    if len(kinds) != 1 or not kinds <= KEY_KINDS or "whole query" in target.pushed:
        return False
    taken = any(key.fragment == source.name for key in target.keys)
    return not taken and not _waits_for(source, target.name, builder)


def _waits_for(fragment: Fragment, name: str, builder: Builder) -> bool:
    if fragment.name == name:
        return True
    return any(_waits_for(builder.fragments[k.fragment], name, builder) for k in fragment.keys)


def _fragment(alias: str, select: exp.Select, builder: Builder) -> Fragment | None:
    """The fragment behind an alias, when nothing else reads that fragment."""
    for node in select.find_all(exp.Table):
        if node.alias_or_name.lower() == alias.lower() and node.name in builder.fragments:
            root = node.root()
            uses = [n for n in root.find_all(exp.Table) if n.name == node.name]
            return builder.fragments[node.name] if len(uses) == 1 else None
    return None


def _inside(taker: exp.Column, target: Fragment) -> exp.Expr | None:
    """The receiving column as the fragment's own tree spells it."""
    for projection in target.tree.selects:
        if projection.alias_or_name.lower() == taker.name.lower():
            return projection.unalias().copy()
    return None


def with_keys(fragment: Fragment, keys: Mapping[KeySource, pa.Array]) -> str:
    """The fragment's SQL with the given keys as IN lists, in its silo's dialect.

    A key source that is not in `keys` leaves the fragment unrestricted by it. No keys at all make
    a condition that is never true.
    """
    tree = fragment.tree.copy()
    for source, values in keys.items():
        literals = [_literal(value) for value in values.to_pylist()]
        inside = source.column.copy()
        condition = exp.In(this=inside, expressions=literals) if literals else _never()
        tree = tree.where(condition, copy=False) if isinstance(tree, exp.Select) else tree
    return write(tree, fragment.dialect)


def _never() -> exp.Expr:
    return exp.EQ(this=exp.Literal.number(1), expression=exp.Literal.number(0))


def _literal(value: object) -> exp.Expr:
    if isinstance(value, int):
        return exp.Literal.number(value) if value >= 0 else exp.Neg(this=exp.Literal.number(-value))
    return exp.Literal.string(str(value))


def ordered(fragments: Mapping[str, Fragment]) -> tuple[Fragment, ...]:
    """Fragments so that each comes after those it takes keys from."""
    done: dict[str, Fragment] = {}
    waiting = dict(fragments)
    while waiting:
        ready = [f for f in waiting.values() if all(k.fragment in done for k in f.keys)]
        for fragment in ready:
            done[fragment.name] = waiting.pop(fragment.name)
    return tuple(replace(f) for f in done.values())
