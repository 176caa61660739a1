"""Rules that write a query in a form the later rules can read; each keeps its meaning exactly."""

from collections.abc import Mapping

from sqlglot import exp

from connectors.planner.conditions import (
    conjuncts,
    joined,
    rejects_null,
    set_where,
    side_of,
    where_of,
)
from connectors.planner.kinds import kind_of, typed


def normalise(tree: exp.Query) -> None:
    """Unique aliases, no columns where only existence counts, common parts drawn out of OR."""
    _Aliases().visit(tree, {})
    for exists in tree.find_all(exp.Exists):
        _slim(exists)
    for place in list(tree.find_all(exp.Where, exp.Having)):
        place.set("this", _factored(place.this))
    for join in list(tree.find_all(exp.Join)):
        if join.args.get("on") is not None:
            join.set("on", _factored(join.args["on"]))
    for select in tree.find_all(exp.Select):
        _make_inner(select)
        _spread_constants(select)


class _Aliases:
    """Gives every table and derived table an alias that nothing else in the query has."""

    def __init__(self) -> None:
        self.taken: set[str] = set()

    def visit(self, node: exp.Expr, names: Mapping[str, str]) -> None:
        """Rename below a node; `names` are the aliases in reach and what they became."""
        if isinstance(node, exp.Column):
            fresh = names.get(node.table.lower())
            if fresh is not None and fresh != node.table:
                node.set("table", exp.to_identifier(fresh, quoted=True))
        elif isinstance(node, exp.Select):
            self._select(node, names)
            return
        for child in list(node.iter_expressions()):
            self.visit(child, names)

    def _select(self, select: exp.Select, outer: Mapping[str, str]) -> None:
        sources = sources_of(select)
        own = {source.alias_or_name.lower(): self._fresh(source) for source in sources}
        reach = {**outer, **own}
        inside = {id(source) for source in sources if isinstance(source, exp.Subquery)}
        with_ = select.args.get("with_")
        for child in list(select.iter_expressions()):
            if child is with_:
                self.visit(child, outer)
            else:
                self._below(child, reach, outer, inside)

    def _below(
        self, node: exp.Expr, reach: Mapping[str, str], outer: Mapping[str, str], inside: set[int]
    ) -> None:
        """Derived tables see what is outside the query; everything else its own sources too."""
        if id(node) in inside:
            self.visit(node.this, outer)
        elif isinstance(node, (exp.From, exp.Join)):
            for child in list(node.iter_expressions()):
                self._below(child, reach, outer, inside)
        else:
            self.visit(node, reach)

    def _fresh(self, source: exp.Expr) -> str:
        name, number = source.alias_or_name, 2
        fresh = name
        while fresh.lower() in self.taken:
            fresh, number = f"{name}_{number}", number + 1
        self.taken.add(fresh.lower())
        if fresh != name:
            alias = source.args.get("alias") or exp.TableAlias()
            alias.set("this", exp.to_identifier(fresh, quoted=True))
            source.set("alias", alias)
        return fresh


def sources_of(select: exp.Select) -> list[exp.Expr]:
    """What stands in FROM and its joins and has a name, in order."""
    from_ = select.args.get("from_")
    joins = select.args.get("joins") or ()
    nodes = [*([from_.this] if from_ is not None else []), *(join.this for join in joins)]
    return [node for node in nodes if node.alias_or_name]


def _make_inner(select: exp.Select) -> None:
    """A LEFT JOIN whose unmatched rows WHERE drops is an inner join."""
    joins = select.args.get("joins") or ()
    if any(side_of(join) not in ("", "LEFT") for join in joins):
        return
    parts = where_of(select)
    for join in joins:
        alias = join.this.alias_or_name
        if side_of(join) and any(rejects_null(part, alias) for part in parts):
            join.set("side", None)
            join.set("kind", "INNER")


def _spread_constants(select: exp.Select) -> None:
    """``a.x = 5 AND a.x = b.y`` says ``b.y = 5`` as well."""
    parts = where_of(select)
    inner = [join for join in select.args.get("joins") or () if not side_of(join)]
    equal = [
        p
        for p in (*parts, *(p for j in inner for p in conjuncts(j.args.get("on"))))
        if isinstance(p, exp.EQ)
    ]
    constants = {p.this: p.expression for p in parts if _fixes(p)}
    added: list[exp.Expr] = []
    for part in equal:
        for left, right in ((part.this, part.expression), (part.expression, part.this)):
            known = constants.get(left)
            plain = isinstance(right, exp.Column) and right not in constants
            if known is not None and plain and kind_of(left) == kind_of(right):
                constants[right] = known
                added.append(typed(exp.EQ(this=right.copy(), expression=known.copy()), part.type))
    if added:
        set_where(select, [*parts, *added])


def _fixes(part: exp.Expr) -> bool:
    return (
        isinstance(part, exp.EQ)
        and isinstance(part.this, exp.Column)
        and isinstance(part.expression, exp.Literal)
    )


def _slim(exists: exp.Exists) -> None:
    """EXISTS asks for a row, whatever stands in it."""
    select = exists.this.unnest()
    if isinstance(select, exp.Select) and not any(
        part.find(exp.AggFunc, exp.Window) for part in select.selects
    ):
        select.set("expressions", [exp.Literal.number(1)])
        select.set("distinct", None)


def _factored(condition: exp.Expr) -> exp.Expr:
    """``(a AND b) OR (a AND c)`` as ``a AND (b OR c)``; true of null as well."""
    made = [part for whole in conjuncts(condition) for part in _drawn_out(whole)]
    return joined(made) or condition


def _drawn_out(part: exp.Expr) -> list[exp.Expr]:
    if not isinstance(part, exp.Or):
        return [part]
    branches = [conjuncts(branch) for branch in part.flatten()]
    common = [p for p in branches[0] if all(p in branch for branch in branches[1:])]
    if not common:
        return [part]
    rests = [joined([p for p in branch if p not in common]) for branch in branches]
    known = [rest for rest in rests if rest is not None]
    if len(known) < len(rests):
        return common
    return [*common, exp.Paren(this=exp.or_(*known, copy=False, wrap=True))]
