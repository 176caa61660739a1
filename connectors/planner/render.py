"""Writes a canonical tree in a silo's dialect so that it means there what it means in DuckDB.

Text is the trap: MariaDB finds ``'a' = 'A'`` and ``'a' = 'a '`` true, PostgreSQL orders by the
database's language and pads CHAR. What a dialect needs stands in its own file ``write_*.py``.
"""

from collections.abc import Callable, Iterable, Mapping

from sqlglot import exp

from connectors.planner.kinds import kind_of, typed
from connectors.planner.spelling import Sources
from connectors.planner.write_mysql import spell_out as for_mysql
from connectors.planner.write_postgres import spell_out as for_postgres
from connectors.planner.write_sqlite import spell_out as for_sqlite
from connectors.schema import Table
from connectors.trees import copied, text

WRITERS: Mapping[str, Callable[[exp.Query, Sources], None]] = {
    "mysql": for_mysql,
    "postgres": for_postgres,
    "sqlite": for_sqlite,
}


def render(tree: exp.Query, dialect: str, tables: Iterable[Table]) -> tuple[exp.Query, str]:
    """The tree in the silo's own names and semantics, and its SQL without comments.

    Raises:
        UnsupportedError: The dialect cannot say it.
    """
    own = copied(tree)
    if dialect != "duckdb":
        sources = Sources.of(own, {table.full_name.lower(): table for table in tables})
        _filters(own)
        _exact_arithmetic(own)
        _order_by_expressions(own)
        _drop_casts(own)
        writer = WRITERS.get(dialect)
        if writer is not None:
            writer(own, sources)
    for node in own.find_all(exp.Table):
        node.set("catalog", None)
    for identifier in own.find_all(exp.Identifier):
        identifier.set("quoted", True)
    return own, write(own, dialect)


def write(tree: exp.Query, dialect: str) -> str:
    """A tree that `render` made, as text for its silo."""
    return text(tree, dialect)


def _filters(tree: exp.Query) -> None:
    """``SUM(x) FILTER (WHERE y)`` as ``SUM(CASE WHEN y THEN x END)``: every silo knows that."""
    for node in list(tree.find_all(exp.Filter)):
        aggregate, condition = node.this, node.expression.this
        counted = aggregate.this
        if isinstance(counted, exp.Star):
            counted.replace(exp.Literal.number(1))
        elif isinstance(counted, exp.Distinct):
            counted = counted.expressions[0]
        value = aggregate.this if isinstance(counted, exp.Star) else counted
        kept = exp.If(this=condition.copy(), true=value.copy())
        value.replace(typed(exp.Case(ifs=[kept]), value.type))
        node.replace(aggregate)


def _exact_arithmetic(tree: exp.Query) -> None:
    """Averages and quotients as doubles, as DuckDB computes them."""
    for average in list(tree.find_all(exp.Avg)):
        total, count = exp.Sum(this=average.this.copy()), exp.Count(this=average.this.copy())
        divisor = exp.Nullif(this=count, expression=exp.Literal.number(0))
        average.replace(exp.Paren(this=exp.Div(this=_double(total), expression=_double(divisor))))
    for division in tree.find_all(exp.Div):
        division.set("typed", True)
        for key in ("this", "expression"):
            side = division.args[key]
            if not isinstance(side, exp.Cast) or kind_of(side) != "double":
                side.replace(_double(side.copy()))


def _double(node: exp.Expr) -> exp.Cast:
    return exp.Cast(this=node, to=exp.DataType.build("DOUBLE"))


def _order_by_expressions(tree: exp.Query) -> None:
    """Order by what an output name stands for: text needs a collation beside it."""
    for ordered in list(tree.find_all(exp.Ordered)):
        column, holder = ordered.this, ordered.find_ancestor(exp.Query)
        if not isinstance(column, exp.Column) or column.table or kind_of(column) != "text":
            continue
        outputs = holder.selects if isinstance(holder, exp.Select) else []
        meant = next((p for p in outputs if p.alias_or_name == column.name), None)
        if meant is not None:
            column.replace(meant.unalias().copy())


def _drop_casts(tree: exp.Query) -> None:
    """A text is a text of any length in DuckDB; some silos would cut it off."""
    for cast in list(tree.find_all(exp.Cast)):
        kinds = {kind_of(cast), kind_of(cast.this)}
        if kinds in ({"text"}, {"boolean"}):
            cast.replace(cast.this)
