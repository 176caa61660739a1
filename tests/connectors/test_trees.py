"""Copies of trees: equal, typed alike, and independent of the first."""

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.errors import UnsupportedError
from sqlglot.optimizer.annotate_types import annotate_types

from connectors.trees import copied, nodes_of, text

SQL = """
WITH w AS (SELECT a, COUNT(*) AS n FROM t WHERE b IN (1, 2) GROUP BY a)
SELECT w.a, CASE WHEN n > 1 THEN 'x' END AS c FROM w LEFT JOIN u ON u.a = w.a ORDER BY 1 LIMIT 3
"""


@pytest.fixture
def tree():
    return annotate_types(sqlglot.parse_one(SQL, dialect="duckdb"), dialect="duckdb")


def test_a_copy_is_equal_and_says_the_same(tree):
    made = copied(tree)
    assert made == tree
    assert made.sql("duckdb") == tree.sql("duckdb")
    assert [type(node) for node in made.walk()] == [type(node) for node in tree.walk()]


def test_a_copy_has_the_library_copys_links_types_and_marks(tree):
    tree.find(exp.Join).meta["using"] = ("a",)
    for mine, theirs in zip(copied(tree).walk(), tree.copy().walk(), strict=True):
        assert (mine.arg_key, mine.index) == (theirs.arg_key, theirs.index)
        assert (mine.parent is None) == (theirs.parent is None)
        assert mine.type == theirs.type
        assert (mine._meta or {}) == (theirs._meta or {})


def test_a_change_of_the_copy_leaves_the_first_alone(tree):
    before, made = tree.sql("duckdb"), copied(tree)
    for column in list(made.find_all(exp.Column)):
        column.replace(exp.Literal.number(7))
    made.find(exp.Select).set("limit", None)
    assert tree.sql("duckdb") == before


def test_a_part_is_copied_without_what_is_around_it(tree):
    part = tree.find(exp.Case)
    assert copied(part).parent is None
    assert copied(part) == part


def test_the_text_is_the_librarys_and_the_tree_stays(tree):
    before = repr(tree)
    assert text(tree, "postgres") == tree.sql("postgres")
    assert repr(tree) == before


def test_what_a_dialect_cannot_say_is_an_error(tree):
    with pytest.raises(UnsupportedError, match="NULLS LAST"):
        text(tree, "mysql")


def test_all_nodes_of_a_class_are_found(tree):
    assert {id(n) for n in nodes_of(tree, exp.Column)} == {id(n) for n in tree.find_all(exp.Column)}
    assert nodes_of(exp.column("a"), exp.Literal) == []
