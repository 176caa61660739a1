"""The conditions under which a silo computes a node as DuckDB does; one function an entry.

Each takes an annotated node of the canonical tree and is true where the silo may run it.
"""

import re

from sqlglot import exp

from connectors.planner.kinds import MOMENTS, NUMBERS, comparable, kind_of, size_of

ORDERED = NUMBERS | MOMENTS | {"text", "boolean"}
GROUPED = ORDERED | {"uuid"}
EXACT = frozenset({"int", "decimal"})
SIGNED = EXACT | {"double"}
DAY = re.compile(r"\d{4}-\d\d-\d\d")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|\+00(:00)?)?)?")
SQLITE_DIGITS = 15


def children(node: exp.Expr, *keys: str) -> list[exp.Expr]:
    """Arguments that are there, lists flattened."""
    found: list[exp.Expr] = []
    for key in keys:
        value = node.args.get(key)
        found += value if isinstance(value, list) else [value] if value is not None else []
    return found


def compared(node: exp.Expr) -> list[exp.Expr]:
    """What a comparison compares, its left side first."""
    query = node.args.get("query")
    return [
        *children(node, "this", "expression", "low", "high", "expressions"),
        *([query.unnest().selects[0]] if query is not None else []),
    ]


def compares(node: exp.Expr) -> bool:
    """All sides are of families that compare alike everywhere."""
    first, *others = compared(node)
    return bool(others) and all(comparable(kind_of(first), kind_of(other)) for other in others)


def compares_in_sqlite(node: exp.Expr) -> bool:
    """SQLite compares a whole number with a double exactly, DuckDB as doubles."""
    first, *others = compared(node)
    pairs = [(first, other) for other in others]
    exact = all(
        {kind_of(a), kind_of(b)} != {"int", "double"} or isinstance(a.unnest(), exp.Literal)
        or isinstance(b.unnest(), exp.Literal) for a, b in pairs
    )  # fmt: skip
    return exact and compares(node)


def compares_everywhere(node: exp.Expr) -> bool:
    """Numbers, and days with days; no database is sure to compare text by its bytes."""
    kinds = {kind_of(side) for side in compared(node)} - {"null"}
    return compares_in_sqlite(node) and (kinds <= SIGNED or kinds == {"date"})


def condition_everywhere(node: exp.Expr) -> bool:
    """The same in the place of a condition: not every database can show a truth value."""
    holder: exp.Expr = node
    while isinstance(holder.parent, (exp.Paren, exp.And, exp.Or, exp.Not)):
        holder = holder.parent
    shown = isinstance(holder.parent, (exp.Alias, exp.Coalesce, exp.Case, exp.Nullif))
    value = isinstance(holder.parent, exp.If) and holder is not holder.parent.this
    return not shown and not value and compares_everywhere(node)


def truth(node: exp.Expr) -> bool:
    """IS NULL of anything, IS TRUE of a boolean."""
    null = isinstance(node.expression, exp.Null)
    is_truth = isinstance(node.expression, exp.Boolean) and kind_of(node.this) == "boolean"
    return null or is_truth


def null_only(node: exp.Expr) -> bool:
    """IS NULL."""
    return isinstance(node.expression, exp.Null)


def exact_numbers(node: exp.Expr) -> bool:
    """Both sides without rounding."""
    return all(kind_of(side) in EXACT for side in (node.this, node.expression))


def with_interval(node: exp.Expr) -> bool:
    """A moment and a plain number of days, months, hours; or two exact numbers."""
    step = node.expression
    if not isinstance(step, exp.Interval):
        return exact_numbers(node)
    unit = str(getattr(step.args.get("unit"), "name", "")).upper().removesuffix("S")
    plain = isinstance(step.this, exp.Literal) and step.this.name.isdigit()
    known = unit in ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR", "HOUR", "MINUTE", "SECOND")
    return plain and known and unit != "QUARTER" and kind_of(node.this) in MOMENTS


def inside_division(node: exp.Expr) -> bool:
    """SQLite counts in doubles: right where the result becomes one anyway."""
    kinds = {kind_of(side) for side in (node.this, node.expression)}
    parent = node.parent
    while isinstance(parent, (exp.Paren, exp.Add, exp.Sub, exp.Mul)):
        parent = parent.parent
    return isinstance(parent, exp.Div) and kinds <= SIGNED


def safe_division(node: exp.Expr) -> bool:
    """Both sides numbers, the divisor never 0: DuckDB gives infinity, others null or an error."""
    divisor = node.expression.unnest()
    guarded = isinstance(divisor, exp.Nullif) and divisor.expression.name == "0"
    return guarded and all(kind_of(side) in NUMBERS for side in (node.this, divisor.this))


def remainder_of_ints(node: exp.Expr) -> bool:
    """A divisor that is a plain number above 0."""
    plain = isinstance(node.expression, exp.Literal) and node.expression.name.strip("0").isdigit()
    return plain and kind_of(node.this) == "int"


def like_kinds(*nodes: exp.Expr) -> bool:
    """All of one family, or all numbers."""
    kinds = {kind_of(node) for node in nodes} - {"null"}
    return (len(kinds) == 1 and kinds <= GROUPED) or kinds <= NUMBERS


def same_kind(node: exp.Expr) -> bool:
    """COALESCE and the like over one family, or over numbers."""
    return like_kinds(*children(node, "this", "expressions"))


def two_of_a_kind(node: exp.Expr) -> bool:
    """GREATEST and LEAST of two values: null counts for nothing in DuckDB."""
    values = children(node, "this", "expressions")
    return len(values) == 2 and len({kind_of(v) for v in values}) == 1 and like_kinds(*values)


def nullif(node: exp.Expr) -> bool:
    """Two sides that compare."""
    return comparable(kind_of(node.this), kind_of(node.expression))


def case(node: exp.Expr) -> bool:
    """Branches of one family; CASE x WHEN compares alike."""
    branches = [branch.args["true"] for branch in node.args["ifs"]]
    against = [branch.this for branch in node.args["ifs"]] if node.this is not None else []
    matched = all(comparable(kind_of(node.this), kind_of(value)) for value in against)
    return matched and like_kinds(*branches, *children(node, "default"))


def case_without_operand(node: exp.Expr) -> bool:
    """CASE WHEN, with branches of one family."""
    return node.this is None and case(node)


def branch(node: exp.Expr) -> bool:
    """A WHEN of CASE, or IF with values of one family."""
    if isinstance(node.parent, exp.Case):
        return True
    return kind_of(node.this) == "boolean" and like_kinds(*children(node, "true", "false"))


def summed(node: exp.Expr) -> bool:
    """SUM and AVG of signed numbers."""
    value = node.this
    if isinstance(value, exp.Distinct):
        return len(value.expressions) == 1 and kind_of(value.expressions[0]) in EXACT
    return kind_of(value) in SIGNED


def summed_in_sqlite(node: exp.Expr) -> bool:
    """Not decimals: SQLite adds them as doubles."""
    value = node.this.expressions[0] if isinstance(node.this, exp.Distinct) else node.this
    return summed(node) and kind_of(value) != "decimal"


def spread(node: exp.Expr) -> bool:
    """Deviations of exact numbers: with infinities among them DuckDB raises, others do not."""
    return kind_of(node.this) in EXACT


def extreme(node: exp.Expr) -> bool:
    """MIN and MAX of what has an order."""
    return not node.expressions and kind_of(node.this) in NUMBERS | MOMENTS | {"text"}


def count(node: exp.Expr) -> bool:
    """COUNT of rows, of a value, of one distinct value."""
    counted = node.this
    if isinstance(counted, exp.Distinct):
        return len(counted.expressions) == 1 and kind_of(counted.expressions[0]) in GROUPED
    return isinstance(counted, exp.Star) or not node.expressions


def filtered(node: exp.Expr) -> bool:
    """FILTER of an aggregate that leaves nulls out, as CASE makes of it."""
    known = (exp.Count, exp.Sum, exp.Avg, exp.Min, exp.Max, exp.LogicalAnd, exp.LogicalOr)
    return isinstance(node.this, known)


def of_boolean(node: exp.Expr) -> bool:
    """A truth value."""
    return kind_of(node.this) == "boolean"


def plain_moment(node: exp.Expr) -> bool:
    """A literal every silo reads alike: four-digit year, no offset but UTC."""
    form = DAY if kind_of(node) == "date" else MOMENT
    return bool(form.fullmatch(node.this.name))


def _wide_enough(node: exp.Expr) -> bool:
    """Every value of the source type fits without rounding: silos cut off differently."""
    source, target = size_of(node.this.type), size_of(node.args["to"])
    if source is None or target is None:
        return False
    return source[0] <= target[0] and source[1] <= target[1]


def cast(node: exp.Expr) -> bool:
    """Casts that lose nothing, and those to days, doubles and text."""
    source, target = kind_of(node.this), kind_of(node)
    if isinstance(node.this, exp.Literal) and target in MOMENTS:
        return plain_moment(node)
    if target in EXACT and source in EXACT:
        return _wide_enough(node)
    if target == "double":
        return source in NUMBERS
    if target == "text":
        return source in ("text", "int", "uuid")
    if target == "date":
        return source in MOMENTS
    return (source == target and source != "other") or (source, target) == ("date", "timestamp")


def cast_in_sqlite(node: exp.Expr) -> bool:
    """SQLite has no types to cast to but numbers and text."""
    source, target = kind_of(node.this), kind_of(node)
    if isinstance(node.this, exp.Literal) and target in MOMENTS:
        return plain_moment(node)
    if target in ("date", "timestamp"):
        return source in ("date", "timestamp")
    if target == "boolean":
        return source == "boolean"
    if target == "text":
        return source in ("text", "int")
    whole = target == "int" and _wide_enough(node)
    return source == "int" and (whole or target == "double")


def fits_a_double(node: exp.Expr) -> bool:
    """SQLite keeps a decimal as a double: exact up to 15 digits."""
    size = size_of(node.type)
    return kind_of(node) != "decimal" or (size is not None and sum(size) <= SQLITE_DIGITS)


def number_fits_a_double(node: exp.Expr) -> bool:
    """The same of a literal."""
    return kind_of(node) != "decimal" or len(node.name.replace(".", "")) <= SQLITE_DIGITS


def no_boolean(node: exp.Expr) -> bool:
    """Not every database has truth values; and see fits_a_double."""
    return kind_of(node) != "boolean" and fits_a_double(node)


def like(node: exp.Expr) -> bool:
    """A plain pattern without backslash, which some take as an escape."""
    pattern = node.expression
    plain = isinstance(pattern, exp.Literal) and "\\" not in pattern.name
    return plain and kind_of(node.this) == "text"


def escape(node: exp.Expr) -> bool:
    """LIKE with one plain escape character that always escapes something."""
    sign, pattern = node.expression, node.this.expression
    if not isinstance(node.this, exp.Like) or not isinstance(pattern, exp.Literal):
        return False
    if not isinstance(sign, exp.Literal) or len(sign.name) != 1 or sign.name in "\\%_":
        return False
    pieces = re.fullmatch(rf"([^{re.escape(sign.name)}]|{re.escape(sign.name)}[%_])*", pattern.name)
    return pieces is not None


def ordered(node: exp.Expr) -> bool:
    """With DISTINCT or UNION, text cannot be ordered by its bytes, as the order is an output."""
    holder = node.find_ancestor(exp.Query)
    only_outputs = isinstance(holder, exp.SetOperation) or (
        isinstance(holder, exp.Select) and bool(holder.args.get("distinct"))
    )
    return kind_of(node.this) in (ORDERED - {"text"} if only_outputs else ORDERED)


def not_recursive(node: exp.Expr) -> bool:
    """WITH alone."""
    return not node.args.get("recursive")


def group(node: exp.Expr) -> bool:
    """Plain keys of families that group alike."""
    plain = not any(node.args.get(key) for key in ("grouping_sets", "rollup", "cube", "all"))
    return plain and all(kind_of(key) in GROUPED for key in node.expressions)


def distinct(node: exp.Expr) -> bool:
    """DISTINCT without ON."""
    return not node.args.get("on")


def join(node: exp.Expr) -> bool:
    """Inner, left and cross joins."""
    side = str(node.args.get("side") or "").upper()
    kind = str(node.args.get("kind") or "").upper()
    return side in ("", "LEFT") and kind in ("", "INNER", "OUTER", "CROSS")


def union(node: exp.Expr) -> bool:
    """Branches whose columns are of the same families; plain SELECTs, no order or limit."""
    branches = [node.this, node.expression]
    if not all(_plain_branch(b) for b in branches) or node.args.get("by_name"):
        return False
    first, second = ([kind_of(s) for s in b.selects] for b in branches)
    sorted_or_cut = any(node.args.get(key) for key in ("order", "limit", "offset"))
    return first == second and set(first) <= GROUPED and not sorted_or_cut


def _plain_branch(node: exp.Expr) -> bool:
    if isinstance(node, exp.Union):
        return True
    own = ("order", "limit", "offset", "with_")
    return isinstance(node, exp.Select) and not any(node.args.get(key) for key in own)


def plain_select(node: exp.Expr) -> bool:
    """Without QUALIFY, SAMPLE or PIVOT."""
    return not any(node.args.get(key) for key in ("qualify", "windows", "sample", "pivots"))


def window(node: exp.Expr) -> bool:
    """Numbering and sums over a partition, with the default frame; not inside an aggregate."""
    known = isinstance(node.this, (exp.RowNumber, exp.Rank, exp.DenseRank, exp.Sum, exp.Count,
                                   exp.Min, exp.Max))  # fmt: skip
    distinct_one = node.this.find(exp.Distinct) is not None
    keys = node.args.get("partition_by") or []
    plain = not any(node.args.get(key) for key in ("spec", "alias", "first"))
    return known and plain and not distinct_one and all(kind_of(key) in GROUPED for key in keys)
