"""The conditions under which a silo computes a function as DuckDB does; see `checks`."""

from collections.abc import Mapping

from sqlglot import exp

from connectors.planner.checks import SIGNED, children
from connectors.planner.kinds import MOMENTS, kind_of
from connectors.planner.plain import OTHER_SIGNS, is_guarded

HASH = "^[0-9a-f]{64}$"
# One way to match each, so leftmost-first and leftmost-longest agree. With the flags tested: with
# "g" every place is replaced, without only the first, which MariaDB cannot say of an open pattern.
PATTERNS: Mapping[str, tuple[str, ...]] = {
    "[^0-9]": ("g",),
    "[^0-9+]": ("g",),
    r"(.)\++": ("g",),
    r"^(\s*(?:\+|00)[\s0-9]+)\(0\)": ("", "g"),
    "^00": ("", "g"),
    "^0": ("", "g"),
    "^(?:00|011)": ("", "g"),
    "^1?([2-9][0-9]{9})$": ("", "g"),
}


def trunc(node: exp.Expr) -> bool:
    """To days, weeks, months, quarters and years."""
    unit = str(node.args["unit"].name).upper()
    return unit in ("DAY", "MONTH", "QUARTER", "YEAR", "WEEK") and kind_of(node.this) in MOMENTS


def trunc_in_sqlite(node: exp.Expr) -> bool:
    """What the first characters of the text say."""
    unit = str(node.args["unit"].name).upper()
    return unit in ("DAY", "MONTH", "YEAR") and kind_of(node.this) in MOMENTS


def part(node: exp.Expr) -> bool:
    """Parts of a moment that are whole numbers."""
    known = ("YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "DOW", "DAYOFWEEK", "ISODOW", "DOY",
             "DAYOFYEAR")  # fmt: skip
    of_day = node.name.upper() in known and kind_of(node.expression) in MOMENTS
    of_time = node.name.upper() in ("HOUR", "MINUTE", "SECOND")
    return of_day or (of_time and kind_of(node.expression) in MOMENTS - {"date"})


def part_in_sqlite(node: exp.Expr) -> bool:
    """What the characters of the text say."""
    return node.name.upper() in ("YEAR", "MONTH", "DAY") and kind_of(node.expression) in MOMENTS


def of_moment(node: exp.Expr) -> bool:
    """YEAR(x) and the like."""
    return kind_of(node.this) in MOMENTS


def days_between(node: exp.Expr) -> bool:
    """DATE_DIFF in days, months or years."""
    unit = str(getattr(node.args.get("unit"), "name", "")).upper()
    ends = {kind_of(node.this), kind_of(node.expression)}
    return unit in ("DAY", "MONTH", "YEAR") and ends <= MOMENTS


def of_text(node: exp.Expr) -> bool:
    """A function of one text."""
    return kind_of(node.this) == "text"


def joins_texts(node: exp.Expr) -> bool:
    """Texts put together."""
    parts = children(node, "this", "expression", "expressions")
    return all(kind_of(value) == "text" for value in parts)


def substring(node: exp.Expr) -> bool:
    """From a plain place, counted from 1, with or without a plain length."""
    ends = children(node, "start", "length")
    plain = all(isinstance(end, exp.Literal) and end.name.isdigit() for end in ends)
    return plain and all(int(e.name) > 0 for e in ends) and bool(ends) and of_text(node)


def sized(node: exp.Expr) -> bool:
    """LEFT and RIGHT by a plain number above 0."""
    size = node.expression
    plain = isinstance(size, exp.Literal) and size.name.isdigit() and int(size.name) > 0
    return plain and of_text(node)


def replace(node: exp.Expr) -> bool:
    """By plain texts; an empty text to look for means nothing to some and all to others."""
    found, made = node.args.get("expression"), node.args.get("replacement")
    return of_text(node) and _filled(found) and isinstance(made, exp.Literal)


def _filled(node: object) -> bool:
    return isinstance(node, exp.Literal) and node.is_string and bool(node.name)


def split_part(node: exp.Expr) -> bool:
    """By a plain text, counted from the left."""
    index = node.args["part_index"]
    plain = isinstance(index, exp.Literal) and index.name.isdigit() and int(index.name) > 0
    return plain and _filled(node.args["delimiter"]) and of_text(node)


def position(node: exp.Expr) -> bool:
    """Where a plain text stands."""
    extra = any(node.args.get(key) for key in ("position", "occurrence"))
    return of_text(node) and _filled(node.args["substr"]) and not extra


def prefix(node: exp.Expr) -> bool:
    """STARTS_WITH a plain text."""
    return of_text(node) and _filled(node.expression)


def trim(node: exp.Expr) -> bool:
    """By plain characters, or by all blanks Unicode knows."""
    signs = node.args.get("expression")
    return of_text(node) and (signs is None or _filled(signs)) and not node.args.get("collation")


def negated(node: exp.Expr) -> bool:
    """Minus, of signed numbers."""
    return kind_of(node.this) in SIGNED


def absolute(node: exp.Expr) -> bool:
    """ABS, of signed numbers."""
    return kind_of(node.this) in SIGNED


def to_whole(node: exp.Expr) -> bool:
    """FLOOR and CEIL of decimals."""
    return kind_of(node.this) == "decimal" and not node.args.get("decimals")


def rounded(node: exp.Expr) -> bool:
    """ROUND of decimals to a plain number of places; of doubles the silos differ."""
    places = node.args.get("decimals")
    plain = places is None or (isinstance(places, exp.Literal) and places.name.isdigit())
    return plain and kind_of(node.this) == "decimal"


def folded(node: exp.Expr) -> bool:
    """LOWER and UPPER of plain ASCII: rows with other signs pass by a test beside it."""
    return of_text(node) and is_guarded(node)


def matches(node: exp.Expr) -> bool:
    """The test for signs beyond printable ASCII; of printable ASCII also whether it is a hash."""
    pattern = node.expression
    if not isinstance(pattern, exp.Literal) or node.args.get("flag"):
        return False
    known = pattern.name == OTHER_SIGNS or (pattern.name == HASH and is_guarded(node.this))
    return known and of_text(node)


def rewrites(node: exp.Expr) -> bool:
    """REGEXP_REPLACE of printable ASCII by a pattern that every library reads alike."""
    pattern, made, flags = (node.args.get(k) for k in ("expression", "replacement", "modifiers"))
    if not isinstance(pattern, exp.Literal) or not isinstance(made, exp.Literal):
        return False
    how = "" if flags is None else flags.name
    return how in PATTERNS.get(pattern.name, ()) and of_text(node) and is_guarded(node)


def hashed(node: exp.Expr) -> bool:
    """SHA-256 of printable ASCII."""
    length = node.args.get("length")
    return (length is None or length.name == "256") and of_text(node) and is_guarded(node)
