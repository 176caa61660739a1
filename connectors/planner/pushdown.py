"""What may run inside a silo: an allow-list per dialect; all else stays in the engine.

An entry says that the silo's result equals DuckDB's for every value of the types it names; the test
of each entry runs on the real server. ``explain`` quotes the reason when a part is not on the list.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from connectors.planner.kinds import MOMENTS, NUMBERS, comparable, kind_of

Check = Callable[[exp.Expr], bool]
ORDERED = NUMBERS | MOMENTS | {"text", "boolean"}
GROUPED = ORDERED | {"uuid"}


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


def _compares(node: exp.Expr) -> bool:
    return comparable(kind_of(node.this), kind_of(node.expression))


def _is_in(node: exp.Expr) -> bool:
    values = node.args.get("expressions") or []
    query = node.args.get("query")
    if query is not None:
        values = [query.unnest().selects[0]]
    return bool(values) and all(comparable(kind_of(node.this), kind_of(v)) for v in values)


def _between(node: exp.Expr) -> bool:
    ends = (node.args["low"], node.args["high"])
    return all(comparable(kind_of(node.this), kind_of(end)) for end in ends)


def _null_or_bool(node: exp.Expr) -> bool:
    return isinstance(node.expression, (exp.Null, exp.Boolean))


def _exact_number(node: exp.Expr) -> bool:
    return all(kind_of(side) in ("int", "decimal") for side in (node.this, node.expression))


def _inside_division(node: exp.Expr) -> bool:
    """SQLite counts in doubles: right where the result becomes one anyway."""
    kinds = {kind_of(side) for side in (node.this, node.expression)}
    parent = node.parent
    while isinstance(parent, (exp.Paren, exp.Add, exp.Sub, exp.Mul)):
        parent = parent.parent
    return isinstance(parent, exp.Div) and kinds <= {"int", "decimal", "double"}


def _safe_division(node: exp.Expr) -> bool:
    """Both sides numbers, the divisor never 0: DuckDB gives infinity, others null or an error."""
    divisor = node.expression.unnest()
    guarded = isinstance(divisor, exp.Nullif) and divisor.expression.name == "0"
    return guarded and all(kind_of(side) in NUMBERS for side in (node.this, divisor.this))


def _same_kind(node: exp.Expr) -> bool:
    kinds = {kind_of(part) for part in (node.this, *node.expressions)} - {"null"}
    return (len(kinds) == 1 and kinds <= GROUPED) or kinds <= NUMBERS


def _nullif(node: exp.Expr) -> bool:
    return comparable(kind_of(node.this), kind_of(node.expression))


def _case(node: exp.Expr) -> bool:
    branches = [branch.args["true"] for branch in node.args["ifs"]]
    default = node.args.get("default")
    kinds = {kind_of(part) for part in (*branches, *([default] if default else []))} - {"null"}
    return node.this is None and (kinds <= NUMBERS or (len(kinds) == 1 and kinds <= GROUPED))


def _sum(node: exp.Expr) -> bool:
    return kind_of(node.this) in ("int", "decimal", "double")


def _sum_of_ints(node: exp.Expr) -> bool:
    return kind_of(node.this) in ("int", "double")


def _extreme(node: exp.Expr) -> bool:
    return not node.expressions and kind_of(node.this) in NUMBERS | MOMENTS | {"text"}


def _count(node: exp.Expr) -> bool:
    counted = node.this
    if isinstance(counted, exp.Distinct):
        return len(counted.expressions) == 1 and kind_of(counted.expressions[0]) in GROUPED
    return isinstance(counted, exp.Star) or not node.expressions


def _cast(node: exp.Expr) -> bool:
    source, target = kind_of(node.this), kind_of(node)
    if isinstance(node.this, exp.Literal) and target in MOMENTS:
        return True
    if target == "date":
        return source in MOMENTS
    if target == "double":
        return source in NUMBERS
    return source == target or (source, target) == ("int", "decimal")


def _cast_of_numbers(node: exp.Expr) -> bool:
    source, target = kind_of(node.this), kind_of(node)
    literal = isinstance(node.this, exp.Literal) and target == "date"
    return literal or (source == "int" and target in ("int", "double"))


def _like(node: exp.Expr) -> bool:
    pattern = node.expression
    plain = isinstance(pattern, exp.Literal) and "\\" not in pattern.name
    return plain and kind_of(node.this) == "text"


def _ordered(node: exp.Expr) -> bool:
    """With DISTINCT, text cannot be ordered by its bytes: the order must be an output column."""
    select = node.find_ancestor(exp.Select)
    distinct = select is not None and bool(select.args.get("distinct"))
    return kind_of(node.this) in (ORDERED - {"text"} if distinct else ORDERED)


def _with(node: exp.Expr) -> bool:
    return not node.args.get("recursive")


def _group(node: exp.Expr) -> bool:
    plain = not any(node.args.get(key) for key in ("grouping_sets", "rollup", "cube", "all"))
    return plain and all(kind_of(key) in GROUPED for key in node.expressions)


def _distinct(node: exp.Expr) -> bool:
    return not node.args.get("on")


def _join(node: exp.Expr) -> bool:
    side = str(node.args.get("side") or "").upper()
    kind = str(node.args.get("kind") or "").upper()
    return side in ("", "LEFT") and kind in ("", "INNER", "OUTER", "CROSS")


def _month_or_so(node: exp.Expr) -> bool:
    unit = str(node.args["unit"].name).upper()
    return unit in ("DAY", "MONTH", "QUARTER", "YEAR", "WEEK") and kind_of(node.this) in MOMENTS


def _part(node: exp.Expr) -> bool:
    return node.name.upper() in ("YEAR", "MONTH", "DAY") and kind_of(node.expression) in MOMENTS


def _substring(node: exp.Expr) -> bool:
    ends = (node.args.get("start"), node.args.get("length"))
    plain = all(isinstance(end, exp.Literal) and int(end.name) > 0 for end in ends)
    return plain and kind_of(node.this) == "text"


def _number(node: exp.Expr) -> bool:
    return kind_of(node.this) in NUMBERS


def _plain_select(node: exp.Expr) -> bool:
    return not any(node.args.get(key) for key in ("qualify", "windows", "sample", "pivots"))


_WORDS = """
    From Where Having Order Limit Offset Alias TableAlias Table Identifier Column Literal Null
    Boolean Paren Subquery DataType DataTypeParam Var Star And Or Not If
"""
_STRUCTURE: dict[str, Check | None] = dict.fromkeys(_WORDS.split())
_SELECT: dict[str, Check | None] = {
    "Select": _plain_select,
    "Is": _null_or_bool,
    "In": _is_in,
    "Between": _between,
    "Nullif": _nullif,
    "Coalesce": _same_kind,
    "Case": _case,
    "Neg": _number,
    **dict.fromkeys(("EQ", "NEQ", "GT", "GTE", "LT", "LTE"), _compares),
}
_AGGREGATES: dict[str, Check | None] = {
    "Count": _count,
    "Sum": _sum,
    "Avg": _sum,
    "Min": _extreme,
    "Max": _extreme,
    "Group": _group,
    "Distinct": _distinct,
    "Ordered": _ordered,
    "Join": _join,
    "With": _with,
    "CTE": None,
    "Exists": None,
}
_ARITHMETIC: dict[str, Check | None] = dict.fromkeys(("Add", "Sub", "Mul"), _exact_number)
_RICH = {
    **_STRUCTURE,
    **_SELECT,
    **_AGGREGATES,
    **_ARITHMETIC,
    "Div": _safe_division,
    "Cast": _cast,
    "Like": _like,
    "Substring": _substring,
    "Extract": _part,
    "TimestampTrunc": _month_or_so,
    "DateTrunc": _month_or_so,
}
ALLOW_LISTS: Mapping[str, AllowList] = {
    "duckdb": AllowList(everything=True),
    "postgres": AllowList({**_RICH, "Filter": None}),
    "mysql": AllowList(_RICH, backslash=False),
    "sqlite": AllowList(
        {
            **_STRUCTURE,
            **_SELECT,
            **_AGGREGATES,
            **dict.fromkeys(("Add", "Sub", "Mul"), _inside_division),
            "Sum": _sum_of_ints,
            "Avg": _sum_of_ints,
            "Div": _safe_division,
            "Cast": _cast_of_numbers,
            "Substring": _substring,
            "Filter": None,
        }
    ),
    "ansi": AllowList({**_STRUCTURE, **_SELECT}),
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
        if isinstance(node, exp.Literal) and not allowed.backslash and "\\" in node.name:
            return "a text with a backslash"
    return None


def _written(node: exp.Expr) -> str:
    text = node.sql("duckdb", comments=False)
    return text if len(text) <= 60 else f"{text[:57]}..."
