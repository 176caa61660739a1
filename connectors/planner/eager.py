"""Rule: rows that an aggregate will put together anyway are put together in their silo first.

``SUM(o.betrag)`` by the customer's region needs of each customer's orders only their sum. The
silo groups by all columns the rest of the query still reads; a join that repeats such a row
repeats its sum as it would have repeated each row. AVG becomes a sum and a count. Where repeated
rows change nothing, as under DISTINCT, EXISTS or IN, the silo leaves them out.
"""

from collections.abc import Iterator, Mapping

from sqlglot import exp

from connectors.planner.builder import Builder, relation
from connectors.planner.conditions import aliases_in, conjuncts, is_strict, side_of, where_of
from connectors.planner.estimates import group_count
from connectors.planner.plan import Fragment
from connectors.planner.sources import Source
from connectors.trees import nodes_of

PARTIAL = (exp.Sum, exp.Count, exp.Min, exp.Max, exp.Avg)
WORTH = 0.6
OUTER = ("RIGHT", "FULL", "OTHER")
# Functions of one row. Of any other it is not sure that it does not count rows.
SCALARS: frozenset[type[exp.Expr]] = frozenset({
    exp.Abs, exp.And, exp.Between, exp.Case, exp.Cast, exp.Ceil, exp.Coalesce, exp.Concat,
    exp.DateTrunc, exp.Day, exp.EndsWith, exp.Exists, exp.Extract, exp.Floor, exp.Greatest, exp.If,
    exp.In, exp.Least, exp.Left, exp.Length, exp.Like, exp.Lower, exp.Month, exp.Not, exp.Nullif,
    exp.Or, exp.Quarter, exp.RegexpReplace, exp.Replace, exp.Right, exp.Round, exp.StartsWith,
    exp.Substring, exp.TimestampTrunc, exp.Trim, exp.TryCast, exp.Upper, exp.Year,
})  # fmt: skip


def aggregate_early(
    select: exp.Select, sources: Mapping[str, Source], builder: Builder
) -> frozenset[str]:
    """Aggregate sources in their silos, the largest first; lower-case aliases of those done.

    A second one only where no aggregate adds up or counts: its rows repeat those of the first.
    """
    if not _fits(select):
        return frozenset()
    counts = bool(_aggregates(select))
    done: set[str] = set()
    for source in sorted(sources.values(), key=lambda source: -(source.rows or 0)):
        plan = _Early(select, source, sources, builder)
        if plan.worth_it(nullable=not counts) and plan.apply() is not None:
            done.add(source.alias.lower())
    return frozenset(done)


def _fits(select: exp.Select) -> bool:
    """A SELECT whose outcome depends on its rows in no other way than by its aggregates."""
    group, distinct = select.args.get("group"), select.args.get("distinct")
    odd = group is not None and any(
        group.args.get(key) for key in ("grouping_sets", "rollup", "cube", "all")
    )
    odd = odd or (distinct is not None and bool(distinct.args.get("on")))
    joins = select.args.get("joins") or ()
    if odd or select.args.get("qualify") or any(side_of(join) in OUTER for join in joins):
        return False
    fits = bool(_aggregates(select)) or (group is None and _is_set(select))
    return fits and all(_plain(node) for node in _own(select))


def _is_set(select: exp.Select) -> bool:
    """True where a repeated row of the result changes nothing."""
    if select.args.get("distinct"):
        return True
    if select.args.get("limit") or select.args.get("offset"):
        return False
    holder = select.parent
    while isinstance(holder, (exp.Paren, exp.Subquery)) and not holder.alias:
        holder = holder.parent
    if isinstance(holder, exp.SetOperation):
        return bool(holder.args.get("distinct"))
    return isinstance(holder, (exp.Exists, exp.In))


def _plain(node: exp.Expr) -> bool:
    if isinstance(node, (exp.Window, exp.Filter, exp.Lateral, exp.WithinGroup, exp.Unnest)):
        return False
    known = type(node) in SCALARS
    return known or isinstance(node, exp.AggFunc) or not isinstance(node, exp.Func)


def _own(node: exp.Expr) -> Iterator[exp.Expr]:
    """Nodes of a SELECT without those of the queries inside it."""
    for child in node.iter_expressions():
        if not isinstance(child, exp.Query):
            yield child
            yield from _own(child)


def _aggregates(select: exp.Select) -> list[exp.Expr]:
    found = [node for node in _own(select) if isinstance(node, exp.AggFunc)]
    return [node for node in found if not isinstance(node.parent, exp.Window)]


class _Early:
    """One source of one SELECT, aggregated before the join."""

    def __init__(
        self, select: exp.Select, source: Source, sources: Mapping[str, Source], builder: Builder
    ) -> None:
        self.select = select
        self.source = source
        self.sources = sources
        self.builder = builder
        self.alias = source.alias.lower()
        self.parts: dict[str, exp.Expr] = {}
        self.aggregates = _aggregates(select)
        self.ours = [node for node in self.aggregates if self._partial(node)]
        self.keys = self._keys()

    def worth_it(self, *, nullable: bool) -> bool:
        """Every aggregate allows it, and there are clearly fewer groups than rows."""
        if not self.keys or (self.source.nullable and not nullable and not self._strict()):
            return False
        others = [node for node in self.aggregates if node not in self.ours]
        if not all(self._unmoved(node) for node in others):
            return False
        rows, made = self.source.rows, self._groups()
        return rows is not None and made is not None and made < WORTH * rows

    def apply(self) -> Fragment | None:
        """Make the fragment and rewrite the aggregates; None when the silo cannot run it."""
        finals = [(node, self._final(node)) for node in self.ours]
        tree = self._tree()
        if self.builder.reason(tree, self.source.silo) is not None:
            return None
        made = self._groups()
        phrases = [f"filter {part.sql('duckdb', comments=False)}" for part in self.source.filters]
        fragment = self.builder.add(
            tree,
            None,
            pushed=["partial aggregation" if self.ours else "repeated rows left out", *phrases],
            kept=self.source.kept,
            rows=made,
        )
        if fragment is None:
            return None
        for node, final in finals:
            node.replace(final)
        self.source.node.replace(relation(fragment, self.source.alias))
        return fragment

    def _groups(self) -> int | None:
        """Groups expected; what is not known of a column is taken from one it must equal."""
        alike = dict(self._partners())
        counts = (self.source.distinct(key) or alike.get(key) for key in self.keys)
        return group_count(self.source.rows, counts)

    def _partners(self) -> Iterator[tuple[str, int]]:
        """For a column of ours the distinct values of another source's that it is joined with."""
        joins = self.select.args.get("joins") or ()
        parts = [*where_of(self.select), *(p for j in joins for p in conjuncts(j.args.get("on")))]
        for part in parts:
            sides = [part.this, part.expression] if isinstance(part, exp.EQ) else []
            if all(isinstance(side, exp.Column) for side in sides):
                for own, other in (sides, sides[::-1]) if sides else ():
                    there = self.sources.get(other.table.lower())
                    known = there.distinct(other.name) if there is not None else None
                    if own.table.lower() == self.alias and known:
                        yield own.name.lower(), known

    def _partial(self, node: exp.Expr) -> bool:
        """An aggregate over rows of this source alone, or over all rows."""
        if not isinstance(node, PARTIAL) or node.find(exp.Query, exp.Order):
            return False
        if isinstance(node.this, exp.Distinct) or node.expressions:
            return False
        found = aliases_in(node)
        return found == {self.alias} or (not found and isinstance(node, exp.Count))

    def _strict(self) -> bool:
        """Of a row that an outer join made of nulls each aggregate sees null, or one row."""
        return all(_of_rows(node) or is_strict(node.this) for node in self.ours)

    def _unmoved(self, node: exp.Expr) -> bool:
        """An aggregate that repeated rows do not change."""
        counted = isinstance(node, (exp.Count, exp.Sum, exp.Avg))
        distinct = counted and isinstance(node.this, exp.Distinct)
        return distinct or isinstance(node, (exp.Min, exp.Max))

    def _keys(self) -> list[str]:
        """Columns the rest of the query reads: outside our own aggregates."""
        inside = {id(column) for node in self.ours for column in nodes_of(node, exp.Column)}
        names = {
            column.name.lower()
            for column in nodes_of(self.select.root(), exp.Column)
            if column.table.lower() == self.alias and id(column) not in inside
        }
        return [name for name in self.source.places if name in names]

    def _final(self, node: exp.Expr) -> exp.Expr:
        """What puts the parts of one aggregate together."""
        if isinstance(node, exp.Avg):
            total = exp.Sum(this=self._part(exp.Sum(this=node.this.copy())))
            count = exp.Sum(this=self._part(exp.Count(this=node.this.copy())))
            divisor = exp.Nullif(this=count, expression=exp.Literal.number(0))
            double = exp.DataType.build("DOUBLE")
            sides = (exp.Cast(this=side, to=double.copy()) for side in (total, divisor))
            return exp.Paren(this=exp.Div(this=next(sides), expression=next(sides)))
        part: exp.Expr = self._part(node)
        if _of_rows(node) and self.source.nullable:
            part = exp.Coalesce(this=part, expressions=[exp.Literal.number(1)])
        if isinstance(node, exp.Count):
            counted = exp.Coalesce(this=exp.Sum(this=part), expressions=[exp.Literal.number(0)])
            return exp.Cast(this=counted, to=exp.DataType.build("BIGINT"))
        return type(node)(this=part)

    def _part(self, node: exp.Expr) -> exp.Column:
        """The output column that carries an aggregate of each group; equal ones are one."""
        inner = self.source.inside(node)
        written = inner.sql("duckdb", comments=False)
        name = next((n for n, made in self.parts.items() if _same(made, written)), None)
        if name is None:
            name = f"part_{len(self.parts) + 1}"
            self.parts[name] = inner
        return exp.column(
            exp.to_identifier(name, quoted=True),
            exp.to_identifier(self.source.alias, quoted=True),
        )

    def _tree(self) -> exp.Select:
        outputs = {key: self.source.inner(key) for key in self.keys}
        select = self.source.body.copy()
        made = [*outputs.items(), *self.parts.items()]
        select.set(
            "expressions",
            [exp.Alias(this=e, alias=exp.to_identifier(name, quoted=True)) for name, e in made],
        )
        for part in self.source.filters:
            select = select.where(part.copy(), copy=False)
        select.set("group", exp.Group(expressions=[e.copy() for e in outputs.values()]))
        return select


def _of_rows(node: exp.Expr) -> bool:
    """COUNT(*), which counts a row of nulls as well."""
    return isinstance(node, exp.Count) and not aliases_in(node)


def _same(node: exp.Expr, written: str) -> bool:
    return node.sql("duckdb", comments=False) == written
