"""What may run inside a silo: an allow-list per dialect; all else stays in the engine.

An entry says that the silo's result equals DuckDB's for every value of the types it names; the test
of each entry runs on the real server. ``explain`` quotes the reason when a part is not on the list.
docs/pushdown.md tells the same in a table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

import connectors.planner.checks as checks
import connectors.planner.function_checks as function_checks

Check = Callable[[exp.Expr], bool]
Entries = dict[str, Check | None]


@dataclass(frozen=True)
class AllowList:
    """What one kind of silo may run.

    Attributes:
        nodes: Node class name -> check of its argument types; None where every use is right.
        everything: True for a silo that speaks the canonical dialect itself.
        backslash: True when a backslash in a text literal means itself.
    """

    nodes: Mapping[str, Check | None] = field(default_factory=dict)
    everything: bool = False
    backslash: bool = True


def _each(names: str, check: Check | None = None) -> Entries:
    return dict.fromkeys(names.split(), check)


COMPARISONS = "EQ NEQ GT GTE LT LTE In Between"
PARTS = """
    Year Quarter Month Week WeekOfYear Day DayOfMonth DayOfWeek DayOfWeekIso DayOfYear
"""
_STRUCTURE: Entries = {
    **_each("From Where Alias TableAlias Table Identifier Column Literal Null Paren And Or Not"),
    "Select": checks.plain_select,
}
_VALUES: Entries = {
    "If": checks.branch,
    "Is": checks.truth,
    "Nullif": checks.nullif,
    "Coalesce": checks.same_kind,
    "Case": checks.case,
    "Neg": function_checks.negated,
    **_each(COMPARISONS, checks.compares),
}
_QUERIES: Entries = {
    **_each("Having Order Limit Offset Boolean Subquery CTE Exists Star DataType Var"),
    "Count": checks.count,
    "Sum": checks.summed,
    "Avg": checks.summed,
    "Min": checks.extreme,
    "Max": checks.extreme,
    "LogicalAnd": checks.of_boolean,
    "LogicalOr": checks.of_boolean,
    "Filter": checks.filtered,
    "Group": checks.group,
    "Distinct": checks.distinct,
    "Ordered": checks.ordered,
    "Join": checks.join,
    "With": checks.not_recursive,
    "Union": checks.union,
    "Div": checks.safe_division,
}
_TEXT: Entries = {
    "Like": checks.like,
    "Escape": checks.escape,
    "Substring": function_checks.substring,
    "Left": function_checks.sized,
    "Trim": function_checks.trim,
    "Replace": function_checks.replace,
    "StrPosition": function_checks.position,
    "RegexpLike": function_checks.matches,
    **_each("Lower Upper", function_checks.folded),
    **_each("Concat DPipe", function_checks.joins_texts),
}
_NUMERIC: Entries = {
    "Mod": checks.remainder_of_ints,
    "Abs": function_checks.absolute,
    **_each("Greatest Least", checks.two_of_a_kind),
}
_RICH: Entries = {
    **_STRUCTURE,
    **_VALUES,
    **_QUERIES,
    **_TEXT,
    **_NUMERIC,
    **_each("Add Sub Mul", checks.exact_numbers),
    **_each("Floor Ceil", function_checks.to_whole),
    "Round": function_checks.rounded,
    "Cast": checks.cast,
    "DataTypeParam": None,
    "Length": function_checks.of_text,
    "Right": function_checks.sized,
    "RegexpReplace": function_checks.rewrites,
    "SHA2": function_checks.hashed,
    "Extract": function_checks.part,
    **_each(PARTS, function_checks.of_moment),
    "TimestampTrunc": function_checks.trunc,
    "DateDiff": function_checks.days_between,
    **_each("Stddev StddevSamp StddevPop Variance VariancePop", checks.spread),
}
_POSTGRES: Entries = {
    **_RICH,
    **_each("Add Sub", checks.with_interval),
    **_each("Interval RowNumber Rank DenseRank"),
    **_each("Greatest Least", checks.same_kind),
    **_each("Except Intersect", checks.union),
    "Window": checks.window,
    "SplitPart": function_checks.split_part,
    "StartsWith": function_checks.prefix,
}
_SQLITE: Entries = {
    **_STRUCTURE,
    **_VALUES,
    **_QUERIES,
    **_TEXT,
    **_NUMERIC,
    **_each(COMPARISONS, checks.compares_in_sqlite),
    **_each("Add Sub Mul", checks.inside_division),
    **_each("Sum Avg", checks.summed_in_sqlite),
    **_each("Year Month Day DayOfMonth", function_checks.of_moment),
    "Column": checks.fits_a_double,
    "Literal": checks.number_fits_a_double,
    "Cast": checks.cast_in_sqlite,
    "Extract": function_checks.part_in_sqlite,
    "TimestampTrunc": function_checks.trunc_in_sqlite,
}
_ANSI: Entries = {
    **_STRUCTURE,
    **_VALUES,
    **_each(COMPARISONS, checks.condition_everywhere),
    "Column": checks.no_boolean,
    "Literal": checks.number_fits_a_double,
    "Is": checks.null_only,
    "Nullif": checks.compares_everywhere,
    "Case": checks.case_without_operand,
}
ALLOW_LISTS: Mapping[str, AllowList] = {
    "duckdb": AllowList(everything=True),
    "postgres": AllowList(_POSTGRES),
    "mysql": AllowList(_RICH, backslash=False),
    "sqlite": AllowList(_SQLITE),
    "ansi": AllowList(_ANSI),
}


def why_local(tree: exp.Expr, allowed: AllowList) -> str | None:
    """Why a tree cannot run in the silo, or None when all of it can.

    Types must be on the nodes (sqlglot's annotation). The first part in the way is named.
    """
    if allowed.everything:
        return None
    for node in tree.walk():
        name = type(node).__name__
        if name not in allowed.nodes:
            return f"{name} is not on the silo's list"
        check = allowed.nodes[name]
        if check is not None and not check(node):
            return f"{_written(node)} differs there"
        if not allowed.backslash and _has_backslash(node):
            return "a text with a backslash"
    return None


def _has_backslash(node: exp.Expr) -> bool:
    """Patterns have none where they are sent: their writer spells them without."""
    text = isinstance(node, exp.Literal) and "\\" in node.name
    return text and not isinstance(node.parent, exp.RegexpReplace)


def _written(node: exp.Expr) -> str:
    text = node.sql("duckdb", comments=False)
    return text if len(text) <= 60 else f"{text[:57]}..."
