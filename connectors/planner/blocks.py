"""Rule: a query block over one silo runs there whole, when all of it is on the silo's list."""

from sqlglot import exp

from connectors.planner.builder import Builder, relation
from connectors.planner.plan import Fragment
from connectors.query import OutputColumn


def push_whole(
    query: exp.Query, builder: Builder, columns: tuple[OutputColumn, ...] | None = None
) -> Fragment | None:
    """A fragment that is the whole block, or None when it is not one silo's or not all allowed."""
    silo = _only_silo(query, builder)
    if silo is None or not _stands_alone(query):
        return None
    reason = builder.reason(query, silo)
    if reason is not None:
        builder.notes.append(f"{silo}: not run whole, {reason}")
        return None
    rows = _estimate(query, builder)
    return builder.add(query, columns, pushed=_phrases(query), rows=rows)


def push_blocks(tree: exp.Query, builder: Builder) -> None:
    """Replace each outermost inner block that one silo can run by its fragment's relation."""
    for child in _inner_blocks(tree):
        fragment = push_whole(child, builder) if _worth_it(child) else None
        if fragment is None:
            push_blocks(child, builder)
        else:
            child.replace(_select_all(fragment))


def _inner_blocks(tree: exp.Expr) -> list[exp.Query]:
    """The query blocks directly inside a block, not those inside them."""
    found: list[exp.Query] = []
    for node in tree.iter_expressions():
        if isinstance(node, (exp.Select, exp.SetOperation)):
            found.append(node)
        else:
            found += _inner_blocks(node)
    return found


def _worth_it(query: exp.Query) -> bool:
    """A block that joins without aggregating may send more than its tables hold."""
    joins = query.args.get("joins")
    return not joins or _aggregates(query) or bool(query.args.get("limit"))


def _aggregates(query: exp.Query) -> bool:
    if query.args.get("group") or query.args.get("distinct"):
        return True
    return any(projection.find(exp.AggFunc) for projection in query.selects)


def _only_silo(query: exp.Query, builder: Builder) -> str | None:
    silos = {table.silo for table in builder.tables_of(query)}
    return silos.pop() if len(silos) == 1 else None


def _stands_alone(query: exp.Query) -> bool:
    """True when no column and no table of the block comes from outside it."""
    common = {cte.alias.lower() for cte in query.find_all(exp.CTE)}
    aliases = set()
    for node in query.find_all(exp.Table, exp.Subquery, exp.CTE):
        aliases.add(node.alias_or_name.lower())
        bare = isinstance(node, exp.Table) and not node.args.get("catalog")
        if bare and node.name.lower() not in common:
            return False
    return all(c.table.lower() in aliases for c in query.find_all(exp.Column) if c.table)


def _select_all(fragment: Fragment) -> exp.Select:
    columns = [exp.column(exp.to_identifier(c.name, quoted=True)) for c in fragment.columns]
    return exp.select(*columns).from_(relation(fragment))


def _phrases(query: exp.Query) -> list[str]:
    phrases = ["whole query"]
    if _aggregates(query):
        phrases.append("aggregation")
    if query.args.get("joins"):
        phrases.append("joins")
    if query.find(exp.Where):
        phrases.append("filters")
    if query.args.get("limit"):
        phrases.append("limit")
    return phrases


def _estimate(query: exp.Query, builder: Builder) -> int | None:
    limit = query.args.get("limit")
    if limit is not None and isinstance(limit.expression, exp.Literal):
        return int(limit.expression.name)
    if _aggregates(query) and not query.args.get("group"):
        return 1
    estimates = [table.row_estimate for table in builder.tables_of(query)]
    known = [rows for rows in estimates if rows is not None]
    return max(known) if len(known) == len(estimates) else None
