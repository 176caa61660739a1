"""Copies of syntax trees, their text and their nodes, faster than the library: queries wait."""

from typing import TypeVar

from sqlglot import exp
from sqlglot.dialects.dialect import DialectType
from sqlglot.errors import ErrorLevel

Tree = TypeVar("Tree", bound=exp.Expr)


def copied(tree: Tree) -> Tree:
    """A copy of a tree that shares what is never changed in place: the types on its nodes."""
    made: Tree = tree.__class__()
    stack: list[tuple[exp.Expr, exp.Expr]] = [(tree, made)]
    while stack:
        node, copy = stack.pop()
        copy._type, copy._hash = node._type, node._hash
        if node._meta is not None:
            copy._meta = dict(node._meta)
        for key, value in node.args.items():
            if isinstance(value, exp.Expr):
                copy.args[key] = _below(value, copy, key, None, stack)
            elif type(value) is list:
                copy.args[key] = [
                    _below(v, copy, key, place, stack) if isinstance(v, exp.Expr) else v
                    for place, v in enumerate(value)
                ]
            else:
                copy.args[key] = value
    return made


def _below(
    node: exp.Expr,
    parent: exp.Expr,
    key: str,
    place: int | None,
    stack: list[tuple[exp.Expr, exp.Expr]],
) -> exp.Expr:
    made = node.__class__()
    made.parent, made.arg_key, made.index = parent, key, place
    stack.append((node, made))
    return made


def text(tree: exp.Expr, dialect: DialectType) -> str:
    """A tree as SQL without comments; it is not changed.

    Raises:
        UnsupportedError: The dialect cannot say it.
    """
    return copied(tree).sql(dialect, comments=False, unsupported_level=ErrorLevel.RAISE, copy=False)


def nodes_of(tree: exp.Expr, kind: type[Tree]) -> list[Tree]:
    """Nodes of a class in a tree, in no order."""
    made: list[Tree] = []
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, kind):
            made.append(node)
        for value in node.args.values():
            if type(value) is list:
                stack += [each for each in value if isinstance(each, exp.Expr)]
            elif isinstance(value, exp.Expr):
                stack.append(value)
    return made
