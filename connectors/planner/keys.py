"""Rule: a small fragment's keys restrict a larger one before it is read (a semi-join).

The restriction may let too much through, never too little: the join itself stays in the remainder.
Which equality may carry keys in which direction:

- WHERE, and ON of an inner join: both ways, since a row without a partner is dropped.
- ON of a LEFT JOIN: from the preserved side to the other.
- an equality between a subquery and the query around it: into the subquery; out of it as well where
  the subquery is an EXISTS that must hold.
- ``x IN (SELECT y ...)`` that must hold: from y to x, and from x to y where y is not the outcome of
  an aggregate.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import prod

from sqlglot import exp

from connectors.planner.builder import Builder
from connectors.planner.conditions import aliases_in, conjuncts, side_of, where_of
from connectors.planner.estimates import distinct_values, row_width
from connectors.planner.kept_rows import Conditions, kept_rows, only_kept, share
from connectors.planner.kinds import kind_of
from connectors.planner.normal import sources_of
from connectors.planner.plan import Fragment, KeySource
from connectors.planner.receivers import Receiver, spelled_output

KEY_KINDS = frozenset({"int", "text", "uuid"})
KEY_BYTES = 8
FEWEST_SAVED = 100
LARGEST_SHARE = 0.8
GAIN = 2
# A guess may be wrong: with up to so many times the keys allowed, the run decides.
DOUBT = 10


@dataclass(frozen=True)
class Edge:
    """Keys may go from an expression over one alias to an expression over another."""

    giver: exp.Expr
    taker: exp.Expr


def add_keys(tree: exp.Query, builder: Builder) -> None:
    """Add key sources to the builder's fragments; smallest fragments first, never in a circle."""
    edges = _closed(edge for select in tree.find_all(exp.Select) for edge in _edges(select))
    _Carrier(edges, readers_of(tree, builder), kept_rows(tree, builder), builder).carry_all()


class _Carrier:
    """Carries keys along edges and keeps count of what they leave."""

    def __init__(
        self,
        edges: list[Edge],
        readers: Mapping[str, list[str]],
        kept: Conditions,
        builder: Builder,
    ) -> None:
        self.edges = edges
        self.kept = kept
        self.readers = readers
        self.builder = builder
        self.rows = {name: f.estimated_rows for name, f in builder.fragments.items()}
        self.counts: dict[tuple[str, str], int] = {}

    def carry_all(self) -> None:
        """Settle one fragment after the other; each gives keys to those still waiting."""
        waiting, rows = set(self.rows), self.rows
        while waiting:
            smallest = min(waiting, key=lambda name: (rows[name] is None, rows[name] or 0, name))
            waiting.remove(smallest)
            for edge in self.edges:
                givers, takers = self._readers_of(edge.giver), self._readers_of(edge.taker)
                if givers[0] == smallest and len(takers) == 1 and takers[0] in waiting:
                    self._carry(edge, smallest, takers[0])

    def _readers_of(self, node: exp.Expr) -> list[str]:
        return self.readers.get(next(iter(aliases_in(node))), [""])

    def _carry(self, edge: Edge, source: str, target: str) -> None:
        """Restrict the taker of an edge, when that pays."""
        taker = self.builder.fragments[target]
        if {kind_of(edge.giver)} != {kind_of(edge.taker)} & KEY_KINDS:
            return
        few, many = self.rows[source], self.rows[target]
        known = self._distinct(edge.taker, target) or many
        if few is None or many is None or not known or self.builder.waits_for(source, target):
            return
        few = max(1, round(few * prod(share(part) for part in self._kept(edge.giver))))
        keys = min(few, self._distinct(edge.giver, source) or few)
        left = self._rows_left(taker, keys, known, many)
        inside = Receiver.of(edge.taker, taker, self.builder) if left is not None else None
        if inside is None or left is None:
            return
        self.rows[target] = left
        for column in edge.taker.find_all(exp.Column):
            self.counts[target, column.name.lower()] = min(keys, known)
        most = self._before(edge.taker, target) or many
        self._restrict(edge, inside, source, taker, round(most * LARGEST_SHARE))

    def _rows_left(self, target: Fragment, keys: int, known: int, many: int) -> int | None:
        """Rows of the target after the restriction; None when it does not pay.

        `known` is how many distinct values the receiving column has.
        """
        allowed = self.builder.capabilities[target.silo].max_keys
        if keys > allowed * DOUBT:
            return None
        left = round(many * min(1.0, keys / known))
        if left > many * LARGEST_SHARE or many - left < FEWEST_SAVED:
            return None
        saved = (many - left) * row_width(column.type for column in target.columns)
        return max(1, left) if saved >= GAIN * KEY_BYTES * min(keys, allowed) else None

    def _distinct(self, node: exp.Expr, name: str) -> int | None:
        """Distinct values of a column after the keys it got; None when unknown."""
        known, column = self._before(node, name), node.find(exp.Column)
        after = self.counts.get((name, column.name.lower())) if column is not None else None
        return after if known is None else min(known, after or known)

    def _before(self, node: exp.Expr, name: str) -> int | None:
        """Distinct values of a column before it got keys; None when unknown."""
        column = node.find(exp.Column)
        if column is None:
            return None
        known = self.builder.values.get((name, column.name.lower()))
        return known or _distinct_before(column, self.builder.fragments[name], self.builder)

    def _restrict(
        self, edge: Edge, inside: "Receiver", source: str, target: Fragment, most: int
    ) -> None:
        """Note the source; with more than `most` keys the restriction would not pay."""
        key = edge.giver.copy()
        for column in [key] if isinstance(key, exp.Column) else key.find_all(exp.Column):
            column.set("table", None)
        limit = min(self.builder.capabilities[target.silo].max_keys, max(most, 1))
        written = only_kept(key, self._kept(edge.giver)).sql("duckdb", comments=False)
        made = KeySource(inside.column, source, written, limit, inside.otherwise)
        kept = [key for key in target.keys if not self._holds(key, made, edge)]
        phrases = {key: self._phrase(key) for key in (*target.keys, made)}
        pushed = [phrase for phrase in target.pushed if phrase not in phrases.values()]
        self.builder.amend(
            target.name,
            keys=(*kept, made),
            pushed=(*pushed, *dict.fromkeys(phrases[key] for key in (*kept, made))),
            estimated_rows=self.rows[target.name],
        )

    def _kept(self, giver: exp.Expr) -> list[exp.Expr]:
        return self.kept.get(next(iter(aliases_in(giver))), [])

    def _phrase(self, key: KeySource) -> str:
        return f"keys from {self.builder.fragments[key.fragment].silo}"

    def _holds(self, old: KeySource, new: KeySource, edge: Edge) -> bool:
        """True when the old keys leave out nothing more: the new ones are among them."""
        source = self.builder.fragments[new.fragment]
        if old.column != new.column or not isinstance(edge.giver, exp.Column):
            return False
        given = spelled_output(edge.giver, source.tree)
        return any(
            key.column == given and (key.fragment, key.key) == (old.fragment, old.key)
            for key in source.keys
        )


def _distinct_before(column: exp.Column, fragment: Fragment, builder: Builder) -> int | None:
    """Distinct values of a column before any filter; None when unknown."""
    found = spelled_output(column, fragment.tree)
    if not isinstance(found, exp.Column):
        return None
    for name in fragment.tables:
        table = builder.tables[name.lower()]
        if table.column(found.name) is not None:
            return distinct_values(table, found.name)
    return None


def readers_of(tree: exp.Query, builder: Builder) -> dict[str, list[str]]:
    """The fragment behind each alias, first in its list; more entries when others read it too."""
    names: dict[str, str] = {}
    uses: dict[str, int] = {}
    for node in tree.find_all(exp.Table):
        if node.name in builder.fragments:
            names[node.alias_or_name.lower()] = node.name
            uses[node.name] = uses.get(node.name, 0) + 1
    return {alias: [name] * uses[name] for alias, name in names.items()}


def _closed(edges: Iterable[Edge]) -> list[Edge]:
    """The edges and those that follow: keys of a that hold for b hold for what equals b.

    Only equalities that carry keys both ways are followed; those make all their columns alike, so
    any of them may also give what one of them gives.
    """
    made = list(edges)
    known = {(edge.giver, edge.taker) for edge in made}
    alike = _classes(known)
    follow = [(a, b) for a, others in alike.items() for b in others]
    follow += [(other, b) for a, b in known for other in alike.get(a, ())]
    for giver, taker in sorted(set(follow) - known, key=str):
        if not isinstance(giver, exp.Column) or not isinstance(taker, exp.Column):
            continue
        if aliases_in(giver) != aliases_in(taker):
            made.append(Edge(giver, taker))
    return made


def _classes(known: set[tuple[exp.Expr, exp.Expr]]) -> dict[exp.Expr, set[exp.Expr]]:
    """For each expression all that equal it, by equalities that carry keys both ways."""
    classes: dict[exp.Expr, set[exp.Expr]] = {}
    for giver, taker in known:
        if (taker, giver) in known:
            joined = classes.get(giver, {giver}) | classes.get(taker, {taker})
            classes |= dict.fromkeys(joined, joined)
    return classes


def _edges(select: exp.Select) -> Iterator[Edge]:
    own = {source.alias_or_name.lower() for source in sources_of(select)}
    around = _around(select)
    for part in where_of(select):
        yield from _between(part, own, around=around)
        yield from _in_query(part)
    for join in select.args.get("joins") or ():
        side = side_of(join)
        if side in ("", "LEFT"):
            joined = join.this.alias_or_name.lower()
            for part in conjuncts(join.args.get("on")):
                takers = own if not side else {joined}
                yield from _between(part, takers, givers=own)


def _between(
    part: exp.Expr,
    takers: set[str],
    *,
    givers: set[str] | None = None,
    around: frozenset[str] = frozenset(),
) -> Iterator[Edge]:
    """Edges of an equality of two aliases; keys may also leave a subquery to those `around` it."""
    if not isinstance(part, exp.EQ):
        return
    for giver, taker in ((part.this, part.expression), (part.expression, part.this)):
        if part.find(exp.Query) or len(aliases_in(giver)) != 1 or len(aliases_in(taker)) != 1:
            continue
        (given,), (taken,) = aliases_in(giver), aliases_in(taker)
        inner = taken in takers and (givers is None or given in givers)
        if given != taken and (inner or (taken in around and given in takers)):
            yield Edge(giver, taker)


def _around(select: exp.Select) -> frozenset[str]:
    """Aliases of the query around an EXISTS that every row passing its WHERE satisfies."""
    exists = _out_of(select.parent, exp.Paren, exp.Subquery)
    if not isinstance(exists, exp.Exists) or _counts_rows(select):
        return frozenset()
    where = _out_of(exists.parent, exp.And, exp.Paren)
    if not isinstance(where, exp.Where) or not isinstance(where.parent, exp.Select):
        return frozenset()
    return frozenset(source.alias_or_name.lower() for source in sources_of(where.parent))


def _out_of(node: exp.Expr | None, *kinds: type[exp.Expr]) -> exp.Expr | None:
    while isinstance(node, kinds):
        node = node.parent
    return node


def _counts_rows(select: exp.Select) -> bool:
    """Rows of the result do not simply come from rows of the tables."""
    if any(select.args.get(key) for key in ("limit", "offset", "qualify", "having")):
        return True
    return any(part.find(exp.AggFunc, exp.Window) for part in select.selects)


def _in_query(part: exp.Expr) -> Iterator[Edge]:
    query = part.args.get("query") if isinstance(part, exp.In) else None
    select = query.unnest() if query is not None else None
    if not isinstance(select, exp.Select) or not isinstance(part, exp.In):
        return
    outer, inner = part.this, select.selects[0].unalias()
    if not isinstance(inner, exp.Column) or len(aliases_in(outer)) != 1:
        return
    if isinstance(outer, exp.Column):
        yield Edge(inner, outer)
    if not any(select.args.get(key) for key in ("limit", "offset", "qualify", "distinct")):
        grouped = select.args.get("group")
        if grouped is None or inner in grouped.expressions:
            yield Edge(outer, inner)
