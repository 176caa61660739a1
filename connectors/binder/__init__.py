"""Canonical SQL to a BoundQuery: one SELECT, every name and type resolved, rendered anew."""

from functools import lru_cache

from sqlglot import exp
from sqlglot.errors import SqlglotError

from connectors.binder.columns import annotate, resolve_columns
from connectors.binder.moments import fix_moments
from connectors.binder.names import make_unique, name_outputs, needs_quotes, restore, spellings
from connectors.binder.oracle import shared_oracle
from connectors.binder.tables import resolve_tables
from connectors.binder.text import DIALECT, PARSER_FAILURES, parse
from connectors.clock import Clock
from connectors.constructs import check
from connectors.errors import (
    BindError,
    ConfigurationError,
    ForbiddenConstruct,
    PolicyViolation,
    UsageError,
)
from connectors.query import BoundQuery
from connectors.schema import SiloSchema, Table
from connectors.trees import copied
from connectors.trees import text as written


def bind(sql: str, schema: SiloSchema, clock: Clock) -> BoundQuery:
    """Resolve one canonical SELECT against the catalog. Nothing is sent anywhere.

    Args:
        sql: A SELECT, set operation or VALUES in DuckDB's dialect; names in 1 to 3 parts.
        schema: The catalog's tables.
        clock: Gives now() and current_date their one value.

    Returns:
        The query with the tree, its tables, output columns with canonical types, and its text. In
        ORDER BY and DISTINCT ON a column without a table is an output name.

    Raises:
        ParseError: The text is not SQL.
        NotASelect: It is not exactly one SELECT.
        ForbiddenConstruct: It is too long, too deep, or uses something outside the allow-lists.
        ForbiddenFunction: It calls a function outside the allow-list.
        BindError: A name or a type does not fit; the subclass says which, the hint what is near.
    """
    try:
        return _bind(sql, schema, clock)
    except RecursionError as error:
        raise ForbiddenConstruct("the query nests too deeply", hint="Simplify it.") from error


def _bind(sql: str, schema: SiloSchema, clock: Clock) -> BoundQuery:
    tree = parse(sql)
    name_outputs(tree)
    fix_moments(tree, clock)
    check(tree)
    sources = resolve_tables(tree, schema)
    spelled = spellings(tree, sources.tables)
    tree = resolve_columns(tree, sources.tables)
    restore(tree, spelled, sources.tables)
    make_unique(tree)
    text, tree = settle(tree)
    tables = tuple(sources.tables.values())
    columns = shared_oracle().columns(tree, tables)
    return BoundQuery(annotate(tree, sources.tables), tables, columns, text)


def settle(tree: exp.Query) -> tuple[str, exp.Query]:
    """Canonical text of a resolved tree, and the tree that text parses to.

    What is checked and planned is thus what the text says, even where the parser has two trees for
    one text.

    Raises:
        BindError: Text and tree never agree.
        ForbiddenConstruct: The text holds something outside the allow-lists.
    """
    text = render(tree)
    return text, copied(_settled(text))


def settled(tree: exp.Query) -> str:
    """Canonical text of a tree, checked as `settle` does; the tree it parses to is not needed.

    Raises:
        BindError: Text and tree never agree.
        ForbiddenConstruct: The text holds something outside the allow-lists.
    """
    text = render(tree)
    _settled(text)
    return text


@lru_cache(maxsize=16)
def _settled(text: str) -> exp.Query:
    """What a text parses to, once it is sure that this means the same; copy it before a change."""
    again = parse(text)
    if render(again) != text:
        message = "the query cannot be written down without a change of meaning"
        raise BindError(message, hint="Write the expression in another way.")
    check(again)
    return again


def render(tree: exp.Expr) -> str:
    """A tree as canonical SQL, without comments.

    Raises:
        BindError: It holds something the canonical dialect cannot say.
    """
    try:
        return written(tree, DIALECT)
    except (SqlglotError, *PARSER_FAILURES) as error:
        message = f"the query cannot be written in the canonical dialect: {error}"
        raise BindError(message, hint="Use DuckDB's own functions and syntax.") from error


def spell(name: str) -> exp.Identifier:
    """An identifier with quotes where they are needed."""
    return exp.Identifier(this=name, quoted=needs_quotes(name))


def bind_condition(text: str, table: Table) -> exp.Expr:
    """A condition of policy.yaml over one table, resolved; its columns carry the table's name.

    Raises:
        ConfigurationError: It does not bind, or reads another table.
    """
    try:
        return _bind_condition(text, table)
    except (UsageError, PolicyViolation, RecursionError) as error:
        message = f"the row filter {text!r} does not fit {table.full_name!r}: {error}"
        raise ConfigurationError(message, hint="Correct policy.yaml.") from error


def _bind_condition(text: str, table: Table) -> exp.Expr:
    source = exp.table_(spell(table.name), spell(table.schema), spell(table.silo))
    tree = parse(f"SELECT 1 AS one FROM {source.sql(DIALECT)} WHERE ({text})")
    name = table.full_name.lower()
    check(tree)
    resolve_tables(tree, SiloSchema([table]))
    resolved = resolve_columns(tree, {name: table})
    restore(resolved, {}, {name: table})
    if len(list(resolved.find_all(exp.Table))) > 1:
        raise BindError("a row filter reads its own table only")
    condition: exp.Expr = resolved.args["where"].this
    return condition.copy()


__all__ = ["bind", "bind_condition", "render", "settle", "settled", "spell"]
