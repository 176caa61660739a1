"""A source: what one silo gives to one place in FROM, a table or several joined there."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlglot import exp

from connectors.planner.builder import Builder, relation
from connectors.planner.conditions import joined, short, side_of
from connectors.planner.estimates import distinct_values, row_width
from connectors.planner.normal import sources_of
from connectors.planner.plan import Fragment
from connectors.query import OutputColumn
from connectors.schema import Column, Table
from connectors.trees import nodes_of

Place = tuple[str, Column]


@dataclass
class Source:
    """One silo's part of a FROM.

    Attributes:
        alias: Its name in the remainder.
        node: Its place in the remainder's tree.
        silo: Where it lives.
        body: FROM and joins that run in the silo; no output columns, no WHERE.
        places: By lower-case output name: the alias in `body` and the column meant.
        tables: Catalog tables by their alias in `body`.
        nullable: An outer join may fill it with nulls.
        filters: Conditions that run in the silo, over the aliases in `body`.
        kept: What could not run there, with the reason.
        rows: Rows expected after the filters; None when unknown.
        computed: By output name what the silo computes beside its columns.
        matched: By lower-case output name: at most so many values have a partner inside.
    """

    alias: str
    node: exp.Expr
    silo: str
    body: exp.Select
    places: dict[str, Place]
    tables: dict[str, Table]
    nullable: bool = False
    filters: list[exp.Expr] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    rows: int | None = None
    computed: dict[str, exp.Expr] = field(default_factory=dict)
    matched: dict[str, int] = field(default_factory=dict)

    def used(self, root: exp.Expr) -> list[str]:
        """Output names the query still needs, in the order of the silo's columns."""
        alias = self.alias.lower()
        names = {c.name.lower() for c in nodes_of(root, exp.Column) if c.table.lower() == alias}
        return [name for name in self.places if name in names]

    def inner(self, name: str) -> exp.Column:
        """The column an output name stands for, inside the silo, with its type."""
        alias, column = self.places[name.lower()]
        made = exp.column(
            exp.to_identifier(column.name, quoted=True), exp.to_identifier(alias, quoted=True)
        )
        made.type = exp.DataType.build(column.type, dialect="duckdb", udt=True)
        return made

    def table(self, name: str) -> Table:
        """The catalog table behind an output name."""
        return self.tables[self.places[name.lower()][0].lower()]

    def distinct(self, name: str) -> int | None:
        """Distinct values of an output column; None when unknown."""
        return distinct_values(self.table(name), self.places[name.lower()][1].name)

    def values(self, name: str) -> int | None:
        """Distinct values of an output column that have a partner inside."""
        known = self.distinct(name)
        matched = self.matched.get(name.lower(), known)
        return min(known, matched) if known is not None and matched is not None else matched

    def width(self, names: list[str]) -> int:
        """Bytes of a row of these output columns."""
        return row_width(self.places[name][1].type for name in names)

    def inside(self, part: exp.Expr) -> exp.Expr:
        """A condition of the remainder over this source alone, as the silo spells it."""
        holder: exp.Paren = exp.Paren(this=part.copy())
        for column in list(holder.find_all(exp.Column)):
            if column.table.lower() == self.alias.lower():
                column.replace(self.inner(column.name))
        made: exp.Expr = holder.this
        return made


def table_source(node: exp.Table, table: Table, nullable: bool = False) -> Source:
    """The source that is one table."""
    alias = node.alias_or_name
    by_name = {column.name.lower(): column for column in reversed(table.columns)}
    return Source(
        alias=alias,
        node=node,
        silo=table.silo,
        body=exp.Select().from_(node.copy(), copy=False),
        places={c.name.lower(): (alias, by_name[c.name.lower()]) for c in table.columns},
        tables={alias.lower(): table},
        nullable=nullable,
        rows=table.row_estimate,
    )


def table_sources(select: exp.Select, builder: Builder) -> dict[str, Source]:
    """Tables of silos directly in FROM, by lower-case alias."""
    found: dict[str, Source] = {}
    for node in sources_of(select):
        side = side_of(node.parent) if isinstance(node.parent, exp.Join) else ""
        if side in ("RIGHT", "FULL"):
            for earlier in found.values():
                earlier.nullable = True
        table = builder.table(node) if isinstance(node, exp.Table) else None
        if table is not None and isinstance(node, exp.Table):
            made = table_source(node, table, nullable=side in ("LEFT", "FULL"))
            found[made.alias.lower()] = made
    return found


def emit(source: Source, scope: exp.Query, builder: Builder) -> Fragment | None:
    """Make the source's fragment and put its relation in its place."""
    names = source.used(scope.root())
    outputs = tuple(OutputColumn(*_shown(source, name)) for name in names)
    fragment = builder.add(
        _scan(source, names),
        None if source.computed else outputs or (OutputColumn("one", "INTEGER"),),
        pushed=tuple(_phrases(source, len(names))),
        kept=source.kept,
        rows=source.rows,
    )
    if fragment is None and source.filters:
        source.kept += [f"filter {short(p)}: cannot be written there" for p in source.filters]
        _give_back(source, scope)
        return emit(source, scope, builder)
    if fragment is not None:
        source.node.replace(relation(fragment, source.alias))
        builder.note_values(fragment, {_shown(source, n)[0]: source.values(n) for n in names})
    return fragment


def _shown(source: Source, name: str) -> tuple[str, str]:
    """Name and type of an output: a lone table's columns keep their spelling."""
    column = source.places[name][1]
    return (column.name if len(source.tables) == 1 else name), column.type


def _give_back(source: Source, scope: exp.Query) -> None:
    """The dialect cannot write the filters after all: they stay in the remainder."""
    parts, source.filters = source.filters, []
    join = source.node.parent
    if isinstance(join, exp.Join) and join.args.get("side"):
        join.set("on", joined([join.args["on"], *parts]))
    elif isinstance(scope, exp.Select):
        scope.where(*parts, copy=False)


def _scan(source: Source, names: list[str]) -> exp.Select:
    outputs: list[exp.Expr] = [
        exp.Alias(
            this=source.inner(name), alias=exp.to_identifier(_shown(source, name)[0], quoted=True)
        )
        for name in names
    ]
    outputs += [
        exp.Alias(this=made.copy(), alias=exp.to_identifier(name, quoted=True))
        for name, made in source.computed.items()
    ]
    select = source.body.copy()
    select.set("expressions", outputs or [exp.alias_(exp.Literal.number(1), "one")])
    for part in source.filters:
        select = select.where(part.copy(), copy=False)
    return select


def _phrases(source: Source, columns: int) -> Iterator[str]:
    yield from (f"filter {short(part)}" for part in source.filters)
    if len(source.tables) > 1:
        yield "joins " + ", ".join(table.name for table in source.tables.values())
    yield from (f"computes {short(made)}" for made in source.computed.values())
    yield f"{columns} of {sum(len(t.columns) for t in source.tables.values())} columns"
