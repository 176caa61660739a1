"""The guard at the only door to data: a BoundQuery becomes a SecuredQuery or is refused."""

from collections.abc import Iterator
from dataclasses import InitVar, dataclass

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from connectors.binder import bind_condition, settle, settled, spell
from connectors.binder.columns import annotate
from connectors.constructs import check
from connectors.errors import ForbiddenColumn, ForbiddenConstruct, ForbiddenTable, PolicyViolation
from connectors.masks import Mask
from connectors.policy import Policy, Rights
from connectors.query import BoundQuery, OutputColumn
from connectors.schema import Column, Table
from connectors.trees import copied

_SEAL = object()


@dataclass(frozen=True)
class SecuredQuery:
    """A query that passed the guard; only `secure` makes one.

    Attributes:
        tree: As BoundQuery's, with masks and row filters as subqueries in place of the tables
            they apply to. Never mutate it: copy first.
        tables: Catalog tables read, each once, in order of first use.
        columns: Output columns in order.
        sql: What will run, as canonical SQL.
        role: The role it runs under.
        notes: What the policy changed, one phrase each: masks and row filters.
    """

    tree: exp.Query
    tables: tuple[Table, ...]
    columns: tuple[OutputColumn, ...]
    sql: str
    role: str
    notes: tuple[str, ...]
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            message = "a SecuredQuery comes only from the guard"
            raise PolicyViolation(message, hint="Call connectors.guard.secure(bound, policy).")


def secure(bound: BoundQuery, policy: Policy, role: str | None = None) -> SecuredQuery:
    """Check a bound query against the allow-lists and the policy, and put its masks in place.

    Args:
        bound: From the binder; it is not trusted and not changed.
        policy: Roles, masks, row filters.
        role: Requested role; it narrows the policy's default role.

    Raises:
        ForbiddenTable: The role may not read a table; table and role are named.
        ForbiddenColumn: The role may not use a column; column and role are named.
        ForbiddenConstruct: Something outside the allow-lists.
        ForbiddenFunction: A function outside the allow-list.
        PolicyViolation: There is no such role.
    """
    try:
        return _secure(bound, policy.rights(role))
    except RecursionError as error:
        raise ForbiddenConstruct("the query nests too deeply", hint="Simplify it.") from error


def _secure(bound: BoundQuery, rights: Rights) -> SecuredQuery:
    check(bound.tree)
    known = {table.full_name.lower(): table for table in bound.tables}
    tree = copied(bound.tree)
    scans = _scans(tree, known, rights)
    notes = tuple(note for scan in scans for note in scan.replace(rights))
    if notes:
        text, tree = settle(tree)
        annotate(tree, known)
    else:
        text, tree = settled(bound.tree), bound.tree
    return SecuredQuery(
        tree, bound.tables, bound.columns, text, rights.name, tuple(dict.fromkeys(notes)), _SEAL
    )


@dataclass
class _Scan:
    """One use of a catalog table and the columns the query takes from it."""

    node: exp.Table
    table: Table
    used: dict[str, Column]

    def replace(self, rights: Rights) -> Iterator[str]:
        """Put a subquery with masks and row filters in the table's place; yield what was done."""
        masks = self._masks(rights)
        filters = rights.filters(self.table)
        if not masks and not filters:
            return
        alias = self.node.args["alias"]
        self.node.replace(exp.Subquery(this=self._select(masks, filters), alias=alias.copy()))
        for name in masks:
            yield f"{self.table.full_name}.{name} is masked for role {rights.name!r}"
        if filters:
            yield f"rows of {self.table.full_name} are limited for role {rights.name!r}"

    def _masks(self, rights: Rights) -> dict[str, Mask]:
        masks = {}
        for column in self.used.values():
            mask = rights.mask(self.table, column)
            if mask is not None and mask.kind == "deny":
                name = f"{self.table.full_name}.{column.name}"
                message = f"the role {rights.name!r} may not read the column {name!r}"
                raise ForbiddenColumn(message, hint="Leave it out, or ask for access.")
            if mask is not None:
                masks[column.name] = mask
        return masks

    def _select(self, masks: dict[str, Mask], filters: tuple[str, ...]) -> exp.Select:
        alias = self.node.args["alias"].this
        outputs = [self._output(column, alias, masks) for column in self.used.values()]
        select = exp.select(*(outputs or [exp.alias_(exp.Literal.number(1), "one")]), copy=False)
        select = select.from_(self.node.copy(), copy=False)
        for text in filters:
            condition = bind_condition(text, self.table)
            for column in condition.find_all(exp.Column):
                column.set("table", alias.copy())
            select = select.where(condition, copy=False)
        return select

    def _output(self, column: Column, alias: exp.Identifier, masks: dict[str, Mask]) -> exp.Expr:
        name = spell(column.name)
        plain = exp.Column(this=name, table=alias.copy())
        mask = masks.get(column.name)
        shown = mask.expression(plain, column.type) if mask else plain
        return exp.Alias(this=shown, alias=name.copy())


def _scans(tree: exp.Query, known: dict[str, Table], rights: Rights) -> list[_Scan]:
    """Every use of a catalog table, checked against the rights, with the columns it gives."""
    scans: dict[int, _Scan] = {}
    for node in tree.find_all(exp.Table):
        if node.args.get("db"):
            table = known.get(".".join(part.name for part in node.parts).lower())
            if table is None:
                raise ForbiddenTable(f"{node.sql('duckdb')!r} is not a table of the bound query")
            if not rights.reads(table):
                message = f"the role {rights.name!r} may not read the table {table.full_name!r}"
                raise ForbiddenTable(message, hint="Use other tables, or ask for access.")
            scans[id(node)] = _Scan(node, table, {})
    seen: set[int] = set()
    for scope in traverse_scope(tree):
        seen |= _note_columns(scope, scans)
    _note_rest([c for c in tree.find_all(exp.Column) if id(c) not in seen], scans)
    return list(scans.values())


def _note_columns(scope: Scope, scans: dict[int, _Scan]) -> set[int]:
    """Note the columns each scan of this scope gives; return the ids of those attributed."""
    _refuse_loose_tables(scope, scans)
    sources = {name: scans.get(id(source)) for name, source in scope.sources.items()}
    selects = scope.expression.selects if isinstance(scope.expression, exp.Select) else []
    if any(projection.is_star for projection in selects):
        for scan in filter(None, sources.values()):
            scan.used = {column.name.lower(): column for column in scan.table.columns}
    outputs = {projection.alias_or_name for projection in selects}
    seen = set()
    for column in scope.columns:
        if column.table in sources:
            seen.add(id(column))
            _use(sources[column.table], column)
        elif not column.table and column.name in set(sources) - outputs:
            message = f"{column.name!r} is a table: a whole row cannot be used as a value"
            raise ForbiddenConstruct(message, hint="Name its columns.")
    return seen


def _refuse_loose_tables(scope: Scope, scans: dict[int, _Scan]) -> None:
    for source in scope.sources.values():
        if not isinstance(source, exp.Table):
            continue
        named = isinstance(source.this, exp.Identifier)
        if named and id(source) not in scans:
            message = f"{source.sql('duckdb')!r} is neither a catalog table nor a WITH table"
            raise ForbiddenTable(message)


def _note_rest(columns: list[exp.Column], scans: dict[int, _Scan]) -> None:
    """A column of no known scope counts for every scan it might belong to."""
    for column in columns:
        for scan in scans.values():
            if column.table.lower() in ("", scan.node.alias.lower()):
                _use(scan, column)


def _use(scan: _Scan | None, column: exp.Column) -> None:
    exact = scan.table.column(column.name) if scan is not None else None
    if scan is not None and exact is not None:
        scan.used.setdefault(exact.name.lower(), exact)
