"""Which of a fragment's rows the remainder keeps: only those need to give keys."""

from sqlglot import exp

from connectors.planner.builder import Builder
from connectors.planner.conditions import aliases_in, where_of
from connectors.planner.estimates import EQUALS, OTHERWISE
from connectors.planner.normal import sources_of

Conditions = dict[str, list[exp.Expr]]


def kept_rows(tree: exp.Query, builder: Builder) -> Conditions:
    """By lower-case alias the conditions of WHERE that its fragment's rows alone decide."""
    found: Conditions = {}
    relations = {
        table.alias_or_name.lower(): table.name
        for table in tree.find_all(exp.Table)
        if table.name in builder.fragments
    }
    for select in tree.find_all(exp.Select):
        own = {source.alias_or_name.lower() for source in sources_of(select)}
        for part in where_of(select):
            alias = _only_alias(part, own)
            if alias in relations and _reads_only(part, relations[alias]):
                found.setdefault(alias, []).append(part)
    return found


def share(part: exp.Expr) -> float:
    """A guess at the share of rows a condition keeps, 0 to 1."""
    return EQUALS if isinstance(part, exp.EQ) else OTHERWISE


def only_kept(key: exp.Expr, conditions: list[exp.Expr]) -> exp.Expr:
    """The key where the conditions hold, else null, over a relation's own columns."""
    if not conditions:
        return key
    made = exp.and_(*conditions)
    inner = _inner_aliases(made)
    for column in made.find_all(exp.Column):
        if column.table.lower() not in inner:
            column.set("table", None)
    return exp.Case(ifs=[exp.If(this=made, true=key)])


def _only_alias(part: exp.Expr, own: set[str]) -> str:
    """The one alias a condition speaks of, whose subqueries depend on no row; else empty."""
    inner = _inner_aliases(part)
    outer = aliases_in(part) - inner
    inside = {name for query in part.find_all(exp.Select) for name in aliases_in(query)}
    alone = len(outer) == 1 and outer <= own and not (inside & outer)
    return outer.pop() if alone else ""


def _inner_aliases(part: exp.Expr) -> set[str]:
    queries = part.find_all(exp.Select)
    return {source.alias_or_name.lower() for query in queries for source in sources_of(query)}


def _reads_only(part: exp.Expr, name: str) -> bool:
    return all(table.name == name for table in part.find_all(exp.Table))
