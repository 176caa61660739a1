"""Rule: what only plain ASCII makes alike is decided in the silo for plain rows; all others pass.

Which letters LOWER knows depends on the server, but not for A to Z. So ``LOWER(x) = 'a'`` goes to
the silo as ``LOWER(x) = 'a' OR x holds another sign``: never too few rows, and the condition is
checked again here. The test for other signs is the same for every value in every dialect.
"""

from sqlglot import exp

from connectors.planner.kinds import kind_of, typed

OTHER_SIGNS = "[^ -~]"
FOLDING = (exp.Lower, exp.Upper, exp.RegexpReplace, exp.SHA2)


def weaker(part: exp.Expr) -> exp.Expr | None:
    """A condition that holds wherever `part` does and that silos decide alike; None without one.

    Args:
        part: Canonical, annotated, over columns; it is not changed.
    """
    holder = exp.Paren(this=part.copy())
    for node in list(holder.find_all(exp.ILike)):
        if not _as_like(node):
            return None
    guard = let_through(holder.this)
    if guard is None:
        return None
    return typed(exp.Or(this=holder, expression=guard), exp.DType.BOOLEAN)


def let_through(node: exp.Expr) -> exp.Expr | None:
    """True for the rows of which a silo may not decide; None when it may decide of all."""
    folded = [column for fold in node.find_all(*FOLDING) for column in folded_columns(fold)]
    tests = [_holds_other_signs(column) for column in dict.fromkeys(folded)]
    return exp.or_(*tests, copy=False, wrap=False) if tests else None


def _holds_other_signs(column: exp.Column) -> exp.Expr:
    test = exp.RegexpLike(this=column.copy(), expression=exp.Literal.string(OTHER_SIGNS))
    return typed(test, exp.DType.BOOLEAN)


def folded_columns(node: exp.Expr) -> list[exp.Column]:
    """The texts that stand inside a function."""
    return [column for column in node.find_all(exp.Column) if kind_of(column) == "text"]


def is_plain(text: str) -> bool:
    """Printable ASCII alone."""
    return all(" " <= sign <= "~" for sign in text)


def is_guard(node: exp.Expr) -> bool:
    """A test for signs beyond printable ASCII."""
    return isinstance(node, exp.RegexpLike) and node.expression.name == OTHER_SIGNS


def is_guarded(node: exp.Expr) -> bool:
    """Every text in a function is plain: a literal by itself, a column by a test beside it."""
    literals = [literal for literal in node.find_all(exp.Literal) if literal.is_string]
    if not all(is_plain(literal.name) for literal in literals):
        return False
    open_columns = set(folded_columns(node))
    holder = node.parent
    while holder is not None and open_columns:
        if isinstance(holder, exp.Or):
            open_columns -= {side.this for side in holder.flatten() if is_guard(side)}
        holder = holder.parent
    return not open_columns


def _as_like(node: exp.ILike) -> bool:
    """Write ``x ILIKE 'A%'`` as ``LOWER(x) LIKE 'a%'``; False where the two may differ."""
    pattern = node.expression
    plain = isinstance(pattern, exp.Literal) and is_plain(pattern.name)
    if not plain or isinstance(node.parent, exp.Escape):
        return False
    made = exp.Like(
        this=typed(exp.Lower(this=node.this.copy()), exp.DType.VARCHAR),
        expression=exp.Literal.string(pattern.name.lower()),
        negate=node.args.get("negate"),
    )
    node.replace(typed(made, exp.DType.BOOLEAN))
    return True
