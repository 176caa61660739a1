"""Names as people and catalogs spell them: restored after resolution, unique in the output."""

import re
from collections.abc import Mapping

from sqlglot import exp
from sqlglot.errors import ErrorLevel
from sqlglot.optimizer.scope import traverse_scope

from connectors.binder.text import DIALECT, PARSER_FAILURES
from connectors.schema import Table

PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
MAX_NAME = 60
# Words DuckDB or a silo's dialect reads as syntax.
RESERVED_WORDS = """
    all analyse analyze and anti any array as asc asof asymmetric at authorization between binary
    both by case cast char character check coalesce collate collation column columns concurrently
    constraint create cross current_catalog current_date current_role current_schema current_time
    current_timestamp current_user date dec decimal default deferrable delete desc describe distinct
    do else end except exclude exists extract false fetch filter float for foreign freeze from full
    generated glob grant group grouping grouping_id groups having ilike in initially inner insert
    int integer intersect interval into is isnull join key lambda lateral leading left like limit
    localtime localtimestamp map natural not notnull null nullif numeric offset on only or order
    outer over overlaps partition pivot pivot_longer pivot_wider placing positional precision
    primary qualify range rank real references replace returning right row rows select semi set
    setof show similar smallint some struct substring summarize symmetric system table tablesample
    then time timestamp to trailing treat trim true try_cast union unique unpack unpivot update user
    using values varchar variadic verbose when where window with within xmlattributes year month day
    hour minute second
"""
RESERVED = frozenset(RESERVED_WORDS.split())


def name_outputs(tree: exp.Query) -> None:
    """Name the unnamed outputs after what is written: ``count(*)``; in place, before resolving."""
    for select in _branches(tree):
        for projection in list(select.expressions):
            if isinstance(projection, (exp.Alias, exp.Column, exp.Star, exp.Aliases)):
                continue
            if projection.is_star:
                continue
            text = written(projection)
            alias = exp.to_identifier(text[:MAX_NAME], quoted=True)
            projection.replace(exp.Alias(this=projection.copy(), alias=alias))


def written(node: exp.Expr) -> str:
    """An expression as text for names and messages; never for running."""
    quiet = ErrorLevel.IGNORE
    try:
        return node.sql(
            DIALECT, comments=False, normalize_functions="lower", unsupported_level=quiet
        )
    except PARSER_FAILURES:
        return node.key


def _branches(tree: exp.Expr) -> list[exp.Select]:
    """The SELECTs whose columns are the output: one, or each side of a set operation."""
    if isinstance(tree, exp.Select):
        return [tree]
    if isinstance(tree, exp.SetOperation):
        return [*_branches(tree.this), *_branches(tree.expression)]
    return _branches(tree.this) if isinstance(tree, exp.Subquery) else []


def spellings(tree: exp.Query, tables: Mapping[str, Table]) -> dict[str, str]:
    """How each name is spelled, by lower case: given names first, then the catalog's columns."""
    found: dict[str, str] = {}
    for node in tree.find_all(exp.Alias, exp.TableAlias):
        given = [node.args.get("alias"), node.this, *(node.args.get("columns") or ())]
        for part in given:
            if isinstance(part, exp.Identifier):
                found.setdefault(part.name.lower(), part.name)
    for table in tables.values():
        for column in table.columns:
            found.setdefault(column.name.lower(), column.name)
    for identifier in tree.find_all(exp.Identifier):
        found.setdefault(identifier.name.lower(), identifier.name)
    return found


def restore(tree: exp.Query, spelled: Mapping[str, str], tables: Mapping[str, Table]) -> None:
    """Spell every name again as given, columns and tables as the catalog does, in place."""
    for identifier in list(tree.find_all(exp.Identifier)):
        identifier.set("this", spelled.get(identifier.name.lower(), identifier.name))
    for scope in traverse_scope(tree):
        sources = {alias.lower(): source for alias, source in scope.sources.items()}
        for column in scope.columns:
            source = sources.get(column.table.lower())
            if isinstance(source, exp.Table) and source.args.get("db"):
                table = tables[_full_name(source)]
                exact = table.column(column.name)
                if exact is not None:
                    column.this.set("this", exact.name)
    for node in tree.find_all(exp.Table):
        if node.args.get("catalog"):
            _spell_table(node, tables[_full_name(node)])
    for identifier in tree.find_all(exp.Identifier):
        identifier.set("quoted", needs_quotes(identifier.name))


def _full_name(node: exp.Table) -> str:
    return ".".join(part.name for part in node.parts).lower()


def _spell_table(node: exp.Table, table: Table) -> None:
    for key, name in (("this", table.name), ("db", table.schema), ("catalog", table.silo)):
        node.args[key].set("this", name)


def needs_quotes(name: str) -> bool:
    """True for names that are not plain lower-case words."""
    return not PLAIN.fullmatch(name) or name in RESERVED


def make_unique(tree: exp.Query) -> None:
    """Number repeated output names: ``id``, ``id_2``; in place."""
    first = _branches(tree)[0]
    taken: set[str] = set()
    for projection in first.expressions:
        name = projection.alias_or_name
        unique, number = name, 2
        while unique.lower() in taken:
            unique, number = f"{name}_{number}", number + 1
        taken.add(unique.lower())
        if unique != name:
            projection.set("alias", exp.to_identifier(unique, quoted=needs_quotes(unique)))
