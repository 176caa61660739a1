"""Gives every column its table, expands stars and USING, and says which name is wrong."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NoReturn

from rapidfuzz import process
from sqlglot import exp
from sqlglot.errors import OptimizeError, SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope
from sqlglot.schema import MappingSchema

from connectors.binder.oracle import UNREADABLE
from connectors.binder.text import DIALECT, PARSER_FAILURES
from connectors.errors import AmbiguousName, BindError, ForbiddenConstruct, UnknownColumn
from connectors.schema import Table

Tables = Mapping[str, Table]


def resolve_columns(tree: exp.Query, tables: Tables) -> exp.Query:
    """The tree with every column qualified, stars expanded, USING as ON, types annotated.

    Raises:
        UnknownColumn: No table at hand has it; the nearest name is in the hint.
        AmbiguousName: Several tables have it.
        ForbiddenConstruct: A whole row is used as a value.
        BindError: Anything else that does not resolve.
    """
    using = _mark_using(tree)
    schema = _mapping(tables)
    try:
        resolved = qualify(
            tree,
            dialect=DIALECT,
            schema=schema,
            quote_identifiers=False,
            validate_qualify_columns=False,
        )
    except (OptimizeError, *PARSER_FAILURES) as error:
        _explain_failure(str(error), tables)
    row = resolved.find(exp.TableColumn)
    if row is not None:
        _refuse_row(row.name)
    _refuse_unresolved(resolved, tables)
    if using:
        expand_using(resolved)
    return resolved


def _explain_failure(text: str, tables: Tables) -> NoReturn:
    """What the library could not resolve, in our own words where a column is named."""
    named = re.search(r"[Cc]olumn:? '?\"?(\w+)", text)
    if named is None:
        raise BindError(f"the query does not bind: {text.splitlines()[0]}")
    name = named.group(1)
    for table in tables.values():
        column = table.column(name)
        if column is not None and column.type == UNREADABLE:
            _refuse_unreadable(name, table)
    near = _nearest(name, {n for table in tables.values() for n in table.by_name})
    searched = ", ".join(table.full_name for table in tables.values())
    raise UnknownColumn(f"the column {name!r} is not to be found in {searched}", hint=near)


def annotate(tree: exp.Query, tables: Tables) -> exp.Query:
    """Put sqlglot's types on every node, in place; unknown where it cannot tell."""
    return annotate_types(tree, schema=_mapping(tables, exact=True), dialect=DIALECT)


def _mapping(tables: Tables, *, exact: bool = False) -> MappingSchema:
    """The tables as sqlglot knows a schema: names in lower case, or exactly as spelled."""
    spell = str if exact else str.lower
    nested: dict[str, Any] = {}
    for table in tables.values():
        columns = {
            spell(column.name): data_type(column.type)
            for column in table.by_name.values()
            if column.type != UNREADABLE
        }
        schemas = nested.setdefault(spell(table.silo), {})
        schemas.setdefault(spell(table.schema), {})[spell(table.name)] = columns
    return MappingSchema(nested, dialect=DIALECT, normalize=False)


@lru_cache(maxsize=1_000)
def data_type(canonical: str) -> exp.DataType:
    """A canonical type as sqlglot's; UNKNOWN when sqlglot has none."""
    try:
        return exp.DataType.build(canonical, dialect=DIALECT)
    except SqlglotError:
        return exp.DataType.build("UNKNOWN")


def _mark_using(tree: exp.Query) -> bool:
    """Remember which joins merge columns; True when any does."""
    marked = False
    for join in tree.find_all(exp.Join):
        if join.args.get("using"):
            join.meta["using"] = tuple(i.name.lower() for i in join.args["using"])
            marked = True
    return marked


def _refuse_unresolved(tree: exp.Query, tables: Tables) -> None:
    for scope in traverse_scope(tree):
        if not isinstance(scope.expression, exp.Select):
            continue
        for column in scope.unqualified_columns:
            _explain(column, scope, tables)
        if scope.external_columns and not scope.is_correlated_subquery:
            _explain(scope.external_columns[0], scope, tables)
        _refuse_unknown_fields(scope, tables)


def _refuse_unknown_fields(scope: Scope, tables: Tables) -> None:
    """A qualified column must be one its source really has."""
    known = {name: columns_of(source, tables) for name, source in scope.sources.items()}
    for column in scope.columns:
        fields = known.get(column.table)
        if fields is not None and column.name.lower() not in fields:
            _unknown(column, {column.table: fields}, scope, tables)


def columns_of(source: object, tables: Tables) -> frozenset[str] | None:
    """Lower-case columns of a table or subquery; None when they cannot be told."""
    if isinstance(source, exp.Table):
        table = tables.get(".".join(part.name for part in source.parts).lower())
        if table is None:
            return None
        return frozenset(n for n, c in table.by_name.items() if c.type != UNREADABLE)
    if isinstance(source, Scope) and isinstance(source.expression, exp.Query):
        names = source.outer_columns or source.expression.named_selects
        return None if "*" in names else frozenset(name.lower() for name in names)
    return None


def _explain(column: exp.Column, scope: Scope, tables: Tables) -> NoReturn:
    known = {name: columns_of(source, tables) or () for name, source in scope.sources.items()}
    name = column.name.lower()
    if column.table and column.table not in known:
        near = _nearest(column.table, known)
        message = f"there is no table {column.table!r} in this FROM (for {column.sql()!r})"
        raise UnknownColumn(message, hint=near)
    having = [source for source, names in known.items() if name in names]
    if len(having) > 1:
        message = f"the column {column.name!r} is in several tables: {', '.join(having)}"
        raise AmbiguousName(message, hint=f"Write {having[0]}.{column.name}, for example.")
    if not column.table and column.name in known:
        _refuse_row(column.name)
    _unknown(column, known, scope, tables)


def _refuse_row(name: str) -> NoReturn:
    message = f"{name!r} is a table: a whole row cannot be used as a value"
    raise ForbiddenConstruct(message, hint="Name its columns.")


def _unknown(
    column: exp.Column, known: Mapping[str, Iterable[str]], scope: Scope, tables: Tables
) -> NoReturn:
    searched = ", ".join(_source_name(name, scope) for name in known) or "nothing"
    hidden = _unreadable(column, scope, tables)
    if hidden:
        _refuse_unreadable(column.name, hidden)
    near = _nearest(column.name, {name for names in known.values() for name in names})
    raise UnknownColumn(f"there is no column {column.name!r} in {searched}", hint=near)


def _refuse_unreadable(name: str, table: Table) -> NoReturn:
    message = f"the column {name!r} of {table.full_name!r} has no canonical type"
    raise UnknownColumn(message, hint="It cannot be read; leave it out.")


def _unreadable(column: exp.Column, scope: Scope, tables: Tables) -> Table | None:
    for alias, source in scope.sources.items():
        if isinstance(source, exp.Table) and column.table in ("", alias):
            table = tables.get(".".join(part.name for part in source.parts).lower())
            exact = table.column(column.name) if table is not None else None
            if exact is not None and exact.type == UNREADABLE:
                return table
    return None


def _source_name(alias: str, scope: Scope) -> str:
    source = scope.sources.get(alias)
    if isinstance(source, exp.Table) and source.args.get("db"):
        return ".".join(part.name for part in source.parts)
    return alias


def _nearest(name: str, names: Iterable[str]) -> str | None:
    near = process.extract(name.lower(), sorted(names), limit=3, score_cutoff=50)
    return f"Nearest: {', '.join(match[0] for match in near)}." if near else None


def expand_using(tree: exp.Query) -> None:
    """Correct the ON that came from USING: after an outer join the merged column counts.

    ``a FULL JOIN b USING (k) JOIN c USING (k)`` joins c on ``coalesce(a.k, b.k) = c.k``, where the
    library compares ``a.k`` alone. Merged references become the side that is never null.
    """
    for select in list(tree.find_all(exp.Select)):
        _expand_select(select)


def _expand_select(select: exp.Select) -> None:
    merged: dict[str, list[exp.Expr]] = {}
    before: list[str] = []
    from_ = select.args.get("from_")
    if from_ is not None:
        before.append(from_.this.alias_or_name)
    for join in select.args.get("joins") or ():
        right = join.alias_or_name
        names = join.meta.get("using", ())
        conditions = [_condition(join, name, right, merged) for name in names]
        if conditions:
            join.set("on", exp.and_(*conditions, copy=False))
        before.append(right)


def _condition(
    join: exp.Join, name: str, right: str, merged: dict[str, list[exp.Expr]]
) -> exp.Expr:
    """The equality for one merged column; `merged` grows by this join's part in it."""
    other = exp.column(name, table=right)
    if name not in merged:
        merged[name] = [_left_side(join, name, right)]
    parts = merged[name]
    left = parts[0].copy() if len(parts) == 1 else exp.func("coalesce", *(p.copy() for p in parts))
    side = str(join.args.get("side") or "").upper()
    if side == "RIGHT":
        merged[name] = [other]
    elif side == "FULL":
        merged[name] = [*parts, other]
    return exp.EQ(this=left, expression=other.copy())


def _left_side(join: exp.Join, name: str, right: str) -> exp.Expr:
    """The column on the left that the library chose for this name."""
    for equality in join.args["on"].find_all(exp.EQ):
        if equality.expression == exp.column(name, table=right):
            left: exp.Expr = equality.this
            return left.copy()
    message = f"USING ({name}) cannot be resolved"
    raise BindError(message, hint="Write ON with both columns.")
