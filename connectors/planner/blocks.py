"""Rule: a query block over one silo runs there whole, when all of it is on the silo's list."""

from sqlglot import exp

from connectors.planner.builder import Builder, relation
from connectors.planner.estimates import distinct_values, group_count, rows_after
from connectors.planner.plan import Fragment
from connectors.query import OutputColumn
from connectors.schema import Table
from connectors.trees import nodes_of

# HAVING keeps few groups; with more, the run drops the keys they would give.
FEW = 0.01


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
            _put(fragment, child)


def _put(fragment: Fragment, block: exp.Query) -> None:
    """The fragment in a block's place: as a table where a derived table or a CTE stood."""
    holder = block.parent
    if isinstance(holder, exp.Subquery) and _is_plain(holder):
        holder.replace(relation(fragment, holder.alias))
    elif not isinstance(holder, exp.CTE) or not _put_for_cte(fragment, holder):
        block.replace(_select_all(fragment))


def _is_plain(holder: exp.Subquery) -> bool:
    """A derived table with a name of its own and nothing else."""
    placed = isinstance(holder.parent, (exp.From, exp.Join)) and bool(holder.alias)
    return placed and not holder.alias_column_names and not holder.args.get("joins")


def _put_for_cte(fragment: Fragment, cte: exp.CTE) -> bool:
    """Read the fragment wherever the CTE is read, if its name means nothing else."""
    root, name = cte.root(), cte.alias.lower()
    same = [other for other in root.find_all(exp.CTE) if other.alias.lower() == name]
    if len(same) > 1 or cte.alias_column_names:
        return False
    for node in list(root.find_all(exp.Table)):
        if node.name.lower() == name and not node.args.get("catalog"):
            node.replace(relation(fragment, node.alias_or_name))
    with_ = cte.parent
    cte.pop()
    if isinstance(with_, exp.With) and not with_.expressions:
        with_.pop()
    return True


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
    return all(c.table.lower() in aliases for c in nodes_of(query, exp.Column) if c.table)


def _select_all(fragment: Fragment) -> exp.Select:
    columns = []
    for column in fragment.columns:
        made = exp.column(exp.to_identifier(column.name, quoted=True), fragment.name)
        made.type = exp.DataType.build(column.type, dialect="duckdb", udt=True)
        columns.append(made)
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
    sizes = [table.row_estimate for table in builder.tables_of(query)]
    known = [rows for rows in sizes if rows is not None]
    if len(known) < len(sizes):
        return None
    rows = max(known)
    where = query.args.get("where")
    if where is not None and len(sizes) == 1:
        rows = rows_after(builder.tables_of(query)[0], [where.this]) or rows
    group = query.args.get("group")
    if group is not None:
        rows = _groups(group, rows, builder.tables_of(query))
        rows = round(rows * FEW) + 1 if query.args.get("having") else rows
    return rows


def _groups(group: exp.Group, rows: int, tables: tuple[Table, ...]) -> int:
    """Groups by the distinct values of the key columns, at most as many as there are rows."""
    counts = [
        distinct_values(table, key.name)
        for key in group.expressions
        for table in tables
        if isinstance(key, exp.Column) and table.column(key.name) is not None
    ]
    known = counts if len(counts) >= len(group.expressions) else [None]
    return group_count(rows, known) or rows
