"""Rule: one fragment per table, with the columns the query needs and the filters the silo can run.

A filter moves only where that cannot change the answer: WHERE reaches a table no outer join can
fill with nulls; ON reaches the side that is matched. A filter that rejects null may also run below
an outer join, and then stays in the remainder as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlglot import exp

from connectors.planner.builder import Builder, relation
from connectors.query import OutputColumn
from connectors.schema import Table

REJECTS_NULL = (
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Like, exp.In, exp.Between,
)  # fmt: skip
SELECTIVITY: dict[type[exp.Expr], float] = {exp.EQ: 0.05, exp.In: 0.1, exp.Like: 0.1, exp.Is: 0.9}
OTHERWISE = 0.3
SHOWN = 90


@dataclass
class _Source:
    """A table in FROM and what is known of its place."""

    node: exp.Table
    table: Table
    nullable: bool = False
    filters: list[exp.Expr] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    @property
    def alias(self) -> str:
        return str(self.node.alias_or_name).lower()


def push_scans(tree: exp.Query, builder: Builder) -> None:
    """Replace every table of a silo left in the tree by its fragment's relation, in place."""
    for select in list(tree.find_all(exp.Select)):
        sources = _sources(select, builder)
        _push_where(select, sources, builder)
        _push_on(select, sources, builder)
        for source in sources.values():
            _replace(source, select, builder)
    for node in list(tree.find_all(exp.Table)):
        table = builder.table(node)
        if table is not None:
            _replace(_Source(node, table), tree, builder)


def _sources(select: exp.Select, builder: Builder) -> dict[str, _Source]:
    """Tables directly in FROM, by alias; `nullable` where an outer join may fill nulls."""
    found: dict[str, _Source] = {}
    from_ = select.args.get("from_")
    nodes = [(from_.this, "")] if from_ is not None else []
    joins = select.args.get("joins") or ()
    nodes += [(join.this, str(join.args.get("side") or "").upper()) for join in joins]
    for node, side in nodes:
        if side in ("RIGHT", "FULL"):
            for earlier in found.values():
                earlier.nullable = True
        table = builder.table(node) if isinstance(node, exp.Table) else None
        if table is not None:
            source = _Source(node, table, nullable=side in ("LEFT", "FULL"))
            found[source.alias] = source
    return found


def _conjuncts(condition: exp.Expr | None) -> list[exp.Expr]:
    """The parts of a condition joined by AND, without parentheses around them."""
    if condition is None:
        return []
    bare = condition.unnest()
    if isinstance(bare, exp.And):
        return [*_conjuncts(bare.this), *_conjuncts(bare.expression)]
    return [bare]


def _push_where(select: exp.Select, sources: dict[str, _Source], builder: Builder) -> None:
    where = select.args.get("where")
    kept = []
    for part in _conjuncts(where.this if where is not None else None):
        source = _pushable(part, sources, builder)
        if source is None:
            kept.append(part)
        elif not source.nullable:
            source.filters.append(part)
        else:
            kept.append(part)
            if isinstance(part, REJECTS_NULL):
                source.filters.append(part)
    select.set("where", exp.Where(this=exp.and_(*kept, copy=False)) if kept else None)


def _push_on(select: exp.Select, sources: dict[str, _Source], builder: Builder) -> None:
    for join in select.args.get("joins") or ():
        side = str(join.args.get("side") or "").upper()
        on = join.args.get("on")
        if on is None or side not in ("", "LEFT") or join.args.get("method"):
            continue
        kept = []
        for part in _conjuncts(on):
            source = _pushable(part, sources, builder)
            own = source is not None and source.node is join.this
            if source is not None and (own or (not side and not source.nullable)):
                source.filters.append(part)
            else:
                kept.append(part)
        join.set("on", exp.and_(*kept, copy=False) if kept else exp.true())
        if not kept and not side and not join.args.get("kind"):
            join.set("kind", "INNER")


def _pushable(part: exp.Expr, sources: dict[str, _Source], builder: Builder) -> _Source | None:
    """The one table a condition speaks of, when its silo can run it; the reason when not."""
    columns = list(part.find_all(exp.Column))
    aliases = {column.table.lower() for column in columns}
    if len(aliases) != 1 or part.find(exp.Query):
        return None
    source = sources.get(aliases.pop())
    if source is None:
        return None
    reason = builder.reason(part, source.table.silo)
    if reason is None:
        return source
    source.kept.append(f"filter {_short(part)}: {reason}")
    return None


def _replace(source: _Source, scope: exp.Query, builder: Builder) -> None:
    """Make the scan's fragment and put its relation in the table's place."""
    columns = tuple(_used(source, scope))
    fragment = builder.add(
        _scan(source, columns),
        columns or (OutputColumn("one", "INTEGER"),),
        pushed=_phrases(source, len(columns)),
        kept=source.kept,
        rows=_estimate(source),
    )
    if fragment is None and source.filters:
        source.kept += [
            f"filter {_short(part)}: cannot be written there" for part in source.filters
        ]
        _give_back(source, scope)
        _replace(source, scope, builder)
    elif fragment is not None:
        source.node.replace(relation(fragment, source.node.alias_or_name))


def _give_back(source: _Source, scope: exp.Query) -> None:
    """The dialect cannot write the filters after all: they stay in the remainder."""
    parts, source.filters = source.filters, []
    join = source.node.parent
    if isinstance(join, exp.Join) and join.args.get("side"):
        join.set("on", exp.and_(join.args["on"], *parts, copy=False))
    elif isinstance(scope, exp.Select):
        scope.where(*parts, copy=False)


def _used(source: _Source, scope: exp.Query) -> Iterator[OutputColumn]:
    """Columns of the table that the query still needs, in the table's order."""
    found = scope.find_all(exp.Column)
    names = {column.name.lower() for column in found if column.table.lower() == source.alias}
    for column in source.table.columns:
        if column.name.lower() in names and source.table.column(column.name) is column:
            yield OutputColumn(column.name, column.type)


def _scan(source: _Source, columns: tuple[OutputColumn, ...]) -> exp.Select:
    alias = exp.to_identifier(source.node.alias_or_name, quoted=True)
    outputs: list[exp.Expr] = []
    for column in columns:
        name = exp.to_identifier(column.name, quoted=True)
        plain = exp.Column(this=name, table=alias.copy())
        plain.type = exp.DataType.build(column.type, dialect="duckdb", udt=True)
        outputs.append(exp.Alias(this=plain, alias=name.copy()))
    if not outputs:
        outputs.append(exp.alias_(exp.Literal.number(1), "one"))
    select = exp.Select(expressions=outputs).from_(source.node.copy(), copy=False)
    for part in source.filters:
        select = select.where(part.copy(), copy=False)
    return select


def _phrases(source: _Source, columns: int) -> list[str]:
    phrases = [f"filter {_short(part)}" for part in source.filters]
    return [*phrases, f"{columns} of {len(source.table.columns)} columns"]


def _short(part: exp.Expr) -> str:
    text = part.sql("duckdb", comments=False)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


def _estimate(source: _Source) -> int | None:
    rows = source.table.row_estimate
    if rows is None:
        return None
    for part in source.filters:
        rows = int(rows * SELECTIVITY.get(type(part), OTHERWISE)) + 1
    return rows
