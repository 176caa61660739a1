"""Rule: tables of one silo that a query joins are joined there, where that moves less.

Inner joins may change their order, so two tables need not be neighbours. Whether the join pays is a
guess from keys and statistics; the answer is the same either way.
"""

from collections.abc import Iterator
from itertools import combinations

from sqlglot import exp

from connectors.planner.builder import Builder
from connectors.planner.conditions import (
    aliases_in,
    conjuncts,
    joined,
    set_where,
    side_of,
    where_of,
)
from connectors.planner.sources import Source
from connectors.trees import nodes_of

# Names of equal columns by the lower-case alias of their source.
Equal = dict[str, str]
OUTER = ("RIGHT", "FULL", "OTHER")


def join_groups(select: exp.Select, sources: dict[str, Source], builder: Builder) -> None:
    """Merge sources of one silo, best pair first, until none pays; in place."""
    joins = select.args.get("joins") or ()
    if not joins or any(side_of(join) in OUTER for join in joins):
        return
    silos = [source.silo for source in sources.values() if _free(source)]
    if len(silos) == len(set(silos)):
        return
    _to_where(select)
    while True:
        pairs = combinations([s for s in sources.values() if _free(s)], 2)
        found = [made for pair in pairs if (made := _Pair.of(*pair, select, builder)) is not None]
        if not found:
            break
        best = max(found, key=lambda pair: pair.gain)
        best.merge(select, sources)


def _free(source: Source) -> bool:
    """Not below an outer join, and not with conditions kept for lack of a place."""
    join = source.node.parent
    return not source.nullable and not (isinstance(join, exp.Join) and side_of(join))


def _to_where(select: exp.Select) -> None:
    """Conditions of inner joins stand in WHERE from here on: no outer join reads them there."""
    parts = where_of(select)
    for join in select.args.get("joins") or ():
        if not side_of(join) and join.args.get("on") is not None:
            parts += [part for part in conjuncts(join.args["on"]) if not _true(part)]
            join.set("on", None)
            join.set("kind", "CROSS")
    set_where(select, parts)


def _true(part: exp.Expr) -> bool:
    return isinstance(part, exp.Boolean) and bool(part.this)


class _Pair:
    """Two sources that could be one."""

    def __init__(
        self, left: Source, right: Source, conditions: list[exp.Expr], rows: int, gain: int
    ) -> None:
        self.left = left
        self.right = right
        self.conditions = conditions
        self.rows = rows
        self.gain = gain

    @classmethod
    def of(
        cls, left: Source, right: Source, select: exp.Select, builder: Builder
    ) -> "_Pair | None":
        """The pair, when the silo can join the two and less leaves it so."""
        if left.silo != right.silo or not builder.capabilities[left.silo].joins:
            return None
        both = {left.alias.lower(), right.alias.lower()}
        conditions = [
            part
            for part in where_of(select)
            if aliases_in(part) == both
            and not part.find(exp.Query)
            and builder.reason(part, left.silo) is None
        ]
        rows = _rows(left, right, conditions)
        if rows is None:
            return None
        gain = _bytes(left, right, select, conditions, rows)
        return cls(left, right, conditions, rows, gain) if gain >= 0 else None

    def merge(self, select: exp.Select, sources: dict[str, Source]) -> None:
        """Make the two one source, in the place of the first."""
        left, right = self._in_order(select)
        inner = [left.inside(part) for part in self.conditions]
        inner = [right.inside(part) for part in inner]
        chosen = {id(part) for part in self.conditions}
        set_where(select, [part for part in where_of(select) if id(part) not in chosen])
        merged = _merged(left, right, inner, self.rows, list(_equal(self.conditions)))
        for source in (left, right):
            _rename(source, merged, select.root())
            del sources[source.alias.lower()]
        if right.node.parent is not None:
            right.node.parent.pop()
        sources[merged.alias.lower()] = merged

    def _in_order(self, select: exp.Select) -> tuple[Source, Source]:
        joins = [id(join.this) for join in select.args.get("joins") or ()]
        first = id(self.left.node) not in joins
        later = id(self.right.node) in joins
        if first or (later and joins.index(id(self.left.node)) < joins.index(id(self.right.node))):
            return self.left, self.right
        return self.right, self.left


def _rows(left: Source, right: Source, conditions: list[exp.Expr]) -> int | None:
    """Rows of the join by its best equality; None when unknown or without one."""
    if left.rows is None or right.rows is None:
        return None
    known = [
        source.distinct(sides[source.alias.lower()])
        for sides in _equal(conditions)
        for source in (left, right)
    ]
    counts = [count for count in known if count]
    return max(1, left.rows * right.rows // max(counts)) if counts else None


def _equal(conditions: list[exp.Expr]) -> Iterator[Equal]:
    """The columns that equalities of two columns name."""
    for part in conditions:
        plain = all(isinstance(side, exp.Column) for side in part.iter_expressions())
        if isinstance(part, exp.EQ) and plain:
            yield {column.table.lower(): column.name for column in part.find_all(exp.Column)}


def _bytes(
    left: Source, right: Source, select: exp.Select, conditions: list[exp.Expr], rows: int
) -> int:
    """Bytes saved by joining in the silo; negative when it costs."""
    root = select.root()
    apart = sum((s.rows or 0) * s.width(s.used(root)) for s in (left, right))
    inside = {id(column) for part in conditions for column in part.find_all(exp.Column)}
    together = 0
    for source in (left, right):
        alias = source.alias.lower()
        names = {
            column.name.lower()
            for column in nodes_of(root, exp.Column)
            if column.table.lower() == alias and id(column) not in inside
        }
        together += source.width([name for name in source.places if name in names])
    return apart - rows * together


def _matched(left: Source, right: Source, equal: list[Equal], rows: int) -> dict[str, int]:
    """What the sources knew, and of equal columns that both have the values of the fewer."""
    made = {
        f"{source.alias}__{name}".lower(): count
        for source in (left, right)
        for name, count in source.matched.items()
    }
    for sides in equal:
        known = [s.values(sides[s.alias.lower()]) for s in (left, right)]
        known += [left.rows, right.rows]
        fewest = min([rows, *(count for count in known if count is not None)])
        made |= {f"{s.alias}__{sides[s.alias.lower()]}".lower(): fewest for s in (left, right)}
    return made


def _merged(
    left: Source, right: Source, conditions: list[exp.Expr], rows: int, equal: list[Equal]
) -> Source:
    body = left.body.copy()
    added = [exp.Join(this=right.body.args["from_"].this.copy(), kind="INNER")]
    added += [join.copy() for join in right.body.args.get("joins") or ()]
    # A condition may name any of the tables: only the last join sees them all.
    added[-1].set("on", joined([*conjuncts(added[-1].args.get("on")), *conditions]))
    for join in added:
        if join.args.get("on") is None:
            join.set("kind", "CROSS")
        body.append("joins", join)
    places = {
        f"{source.alias}__{name}".lower(): place
        for source in (left, right)
        for name, place in source.places.items()
    }
    return Source(
        matched=_matched(left, right, equal, rows),
        alias=f"{left.alias}_{right.alias}",
        node=left.node,
        silo=left.silo,
        body=body,
        places=places,
        tables={**left.tables, **right.tables},
        filters=[*left.filters, *right.filters],
        kept=[*left.kept, *right.kept],
        rows=rows,
    )


def _rename(source: Source, merged: Source, root: exp.Expr) -> None:
    """Columns of a source become those of the merged one."""
    alias = source.alias.lower()
    for column in nodes_of(root, exp.Column):
        if column.table.lower() == alias:
            name = f"{source.alias}__{column.name}".lower()
            column.set("this", exp.to_identifier(name, quoted=True))
            column.set("table", exp.to_identifier(merged.alias, quoted=True))
