import re
from pathlib import Path

import pytest
import yaml

from connectors.errors import ConfigurationError, PolicyViolation
from connectors.masks import Mask, read_mask
from connectors.policy import load_policy
from tests.connectors.company import tables

DOCS = Path(__file__).parents[2] / "docs" / "policy.md"
ACCOUNTS = next(table for table in tables() if table.name == "accounts")
EMAIL = ACCOUNTS.by_name["email"]


def written(tmp_path, text):
    path = tmp_path / "policy.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_everything_is_readable():
    assert load_policy(None).rights().reads(ACCOUNTS)


def test_the_documented_example_loads(tmp_path):
    (example,) = re.findall(r"```yaml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    policy = load_policy(written(tmp_path, example))
    assert policy.default_role == "management"
    assert policy.rights("marketing").mask(ACCOUNTS, EMAIL) == Mask("null")
    assert set(yaml.safe_load(example)["roles"]) == {"management", "marketing"}


def test_a_requested_role_narrows_and_never_widens(tmp_path):
    path = written(
        tmp_path,
        "default_role: small\nroles:\n  small: {read: ['crm.*']}\n  all: {read: ['*']}\n",
    )
    rights = load_policy(path).rights("all")
    sends = next(table for table in tables() if table.name == "sends")
    assert rights.reads(ACCOUNTS)
    assert not rights.reads(sends)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("roles: {}", "default_role"),
        ("default_role: a\nroles: {b: {read: ['*']}}", "'a'"),
        ("default_role: a\nroles: {a: {read: ['*'], reed: 1}}", "reed"),
        ("default_role: a\nroles: {a: {read: ['*'], columns: {x: {blur: 3}}}}", "blur"),
        ("{", "YAML"),
    ],
)
def test_a_mistake_names_file_and_place(tmp_path, text, place):
    with pytest.raises(ConfigurationError) as caught:
        load_policy(written(tmp_path, text))
    assert place in str(caught.value)
    assert "policy.yaml" in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"fort\.yaml"):
        load_policy(tmp_path / "fort.yaml")


def test_an_unknown_role_lists_those_there_are():
    with pytest.raises(PolicyViolation) as caught:
        load_policy(None).rights("chef")
    assert "default" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("mask", "kind", "literal", "shown"),
    [
        (Mask("null"), "VARCHAR", "'anna'", None),
        (Mask("constant", "X"), "VARCHAR", "'anna'", "X"),
        (Mask("year"), "TIMESTAMP", "TIMESTAMP '2026-05-06 07:08:09'", "2026-01-01 00:00:00"),
        (Mask("bucket", 10), "INTEGER", "37", "30"),
        (Mask("bucket", 100), "DECIMAL(12, 2)", "250.75::DECIMAL(12, 2)", "200.00"),
        (Mask("partial", (1, 2)), "VARCHAR", "'anna.muster'", "a***er"),
        (Mask("partial", (1, 2)), "VARCHAR", "'ab'", "***"),
        (Mask("keys", ("page",)), "JSON", '\'{"page": "x", "mail": "y"}\'::JSON', '{"page":"x"}'),
        (Mask("year"), "VARCHAR", "'anna'", None),
    ],
)
def test_a_mask_keeps_the_type_and_hides_the_value(mask, kind, literal, shown):
    import duckdb
    from sqlglot import exp

    expression = mask.expression(exp.column("c", table="t"), kind).sql("duckdb")
    query = f"SELECT {expression} AS c, typeof({expression}) AS k FROM (SELECT {literal} AS c) AS t"
    value, found = duckdb.connect().execute(query).fetchone()
    assert (None if value is None else str(value)) == shown
    assert found.replace(",", ", ") == kind
    empty = f"SELECT {expression} FROM (SELECT CAST(NULL AS {kind}) AS c) AS t"
    assert duckdb.connect().execute(empty).fetchone() == (None,)


def test_the_stricter_of_two_masks_counts():
    assert Mask("deny").strictness > Mask("null").strictness > Mask("bucket", 1).strictness


@pytest.mark.parametrize(
    "raw", ["blur", {"bucket": 0}, {"bucket": True}, {"keys": "a"}, {"partial": {"start": 99}}, 3]
)
def test_what_is_no_mask_is_refused(raw):
    with pytest.raises(ConfigurationError):
        read_mask(raw, "here")
