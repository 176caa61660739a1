import dataclasses
import json
import tempfile
from datetime import date
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog import semantic_writer
from catalog.ossie import from_ossie, to_ossie
from catalog.semantic_files import load_semantic_model
from catalog.semantic_model import (
    Dataset,
    Field,
    Metric,
    Proposal,
    Relationship,
    SemanticModel,
    Term,
    VerifiedQuestion,
)
from connectors.errors import ConfigurationError
from tests.catalog.ossie_schema import OSSIE_SCHEMA

ROOT = Path(__file__).parents[2]


def written(folder, files):
    for name, content in files.items():
        (folder / name).write_text(semantic_writer.text(content), encoding="utf-8")
    return load_semantic_model(folder)


def through_ossie(model, folder):
    """The model exported, written, validated, read and imported."""
    documents = {}
    for name, document in to_ossie(model).items():
        text = semantic_writer.text(document)
        documents[name] = yaml.safe_load(text)
        jsonschema.validate(json.loads(json.dumps(documents[name])), OSSIE_SCHEMA)
    return written(folder, from_ossie(documents))


def bare(model):
    return dataclasses.replace(model, raw={})


def test_the_demo_goes_to_ossie_and_back(tmp_path):
    model = load_semantic_model(ROOT / "demo" / "semantic")
    assert bare(through_ossie(model, tmp_path)) == bare(model)


def test_the_example_of_the_contract_goes_to_ossie_and_back(shared, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    example = (shared / "contracts" / "semantic.example.yaml").read_text(encoding="utf-8")
    (source / "service.yaml").write_text(example, encoding="utf-8")
    model = load_semantic_model(source)
    goal = tmp_path / "goal"
    goal.mkdir()
    assert bare(through_ossie(model, goal)) == bare(model)


def test_what_ossie_has_no_place_for_comes_back(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.yaml").write_text(
        """
semantic_model:
  - name: a
    custom_extensions: [{vendor: OTHER, data: {x: 1}}]
    datasets:
      - name: t
        source: s.m.t
        unique_keys: [[k]]
        ai_context: Free text for a model
        fields:
          - {name: k, label: Key}
          - {name: odd, datatype: Geography}
          - name: two
            expression: {dialects: [{dialect: DUCKDB, expression: k || k}]}
    relationships:
      - {name: r, from: t, to: t, from_columns: [k], to_columns: [k], description: itself}
  - name: only_metrics
    metrics: [{name: m, expression: COUNT(t.k)}]
"""
    )
    goal = tmp_path / "goal"
    goal.mkdir()
    model = load_semantic_model(source)
    back = through_ossie(model, goal)
    assert bare(back) == bare(model)
    first = back.raw["a.yaml"]["semantic_model"][0]
    assert first["relationships"][0]["description"] == "itself"
    assert first["datasets"][0]["unique_keys"] == [["k"]]
    assert json.loads(first["custom_extensions"][0]["data"]) == {"x": 1}


def test_an_ossie_document_of_another_tool_is_read(tmp_path):
    document = {
        "version": "0.2.0.dev0",
        "semantic_model": [
            {
                "name": "sales",
                "datasets": [
                    {
                        "name": "orders",
                        "source": "shop.public.orders",
                        "custom_extensions": [{"vendor_name": "DBT", "data": "{}"}],
                        "fields": [
                            {
                                "name": "amount",
                                "expression": {
                                    "dialects": [
                                        {"dialect": "SNOWFLAKE", "expression": "IFF(a, 1, 0)"}
                                    ]
                                },
                            }
                        ],
                    }
                ],
            }
        ],
    }
    model = written(tmp_path, from_ossie({"sales.yaml": document}))
    assert model.datasets["orders"].fields[0].expression == "CASE WHEN a THEN 1 ELSE 0 END"


def test_a_model_without_datasets_is_refused():
    with pytest.raises(ConfigurationError, match="no dataset to export"):
        to_ossie(SemanticModel(raw={"glossary.yaml": {"terms": {}}}))


def test_a_broken_extension_of_ours_is_named():
    broken = [{"vendor_name": "RUNDBLICK", "data": "{"}]
    model = {"name": "m", "datasets": [{"name": "d", "custom_extensions": broken}]}
    with pytest.raises(ConfigurationError, match=r"a\.yaml: d: custom_extensions: not valid JSON"):
        from_ossie({"a.yaml": {"semantic_model": [model]}})


NAMES = st.from_regex(r"[a-z]{3,8}_x", fullmatch=True)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=9)
LABELS = st.fixed_dictionaries({"de": TEXTS, "en": TEXTS})
MARKS = st.none() | st.builds(Proposal, st.floats(0, 1).map(lambda x: round(x, 3)), TEXTS)
SYNONYMS = st.lists(TEXTS, max_size=3).map(tuple)
DAYS = st.none() | st.dates(date(2000, 1, 1), date(2030, 1, 1))
FIELDS = st.builds(
    Field,
    name=NAMES,
    expression=st.sampled_from(["a", '"order"', "a + 1", "LOWER(b)"]),
    datatype=st.sampled_from(["String", "Integer", "DateTimeTz", "Geography"]),
    dimension=st.booleans(),
    is_time=st.just(False),
    labels=LABELS,
    synonyms=SYNONYMS,
    codes=st.dictionaries(st.sampled_from(["0", "1", "-2", "007", "no", "true", "x"]), LABELS),
    sensitivity=st.sampled_from([None, "contact", "health"]),
    description=TEXTS,
    proposed=MARKS,
)


@st.composite
def models(draw):
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    datasets = [draw(_dataset(name)) for name in names]
    steps = [draw(_relationship(f"r{place}", names)) for place in range(draw(st.integers(0, 2)))]
    metrics = [draw(_metric(f"m{place}", names)) for place in range(draw(st.integers(0, 2)))]
    asked = st.builds(
        VerifiedQuestion, LABELS, st.just("SELECT 1 AS one"), verified_by=TEXTS, verified_on=DAYS
    )
    terms = st.builds(Term, TEXTS.map(lambda t: (t,)), TEXTS, proposed=MARKS)
    questions = draw(st.lists(asked, max_size=2))
    glossary = draw(st.lists(terms, max_size=2, unique_by=lambda term: term.forms))
    return datasets, steps, metrics, questions, glossary


def _dataset(name):
    return st.builds(
        Dataset,
        name=st.just(name),
        source=st.just("s.m.t"),
        primary_key=st.just(("key",)),
        fields=st.lists(FIELDS, max_size=3, unique_by=lambda f: f.name).map(tuple),
        description=TEXTS,
        labels=LABELS,
        synonyms=SYNONYMS,
        always=st.sampled_from([None, "gone IS NULL"]),
        latest=st.sampled_from([None, (("key",), "changed_at")]),
        entity=st.sampled_from([None, "person"]),
        proposed=MARKS,
    )


def _relationship(name, names):
    return st.builds(
        Relationship,
        st.just(name),
        st.sampled_from(names),
        st.sampled_from(names),
        st.just(("key",)),
        st.just(("key",)),
        normaliser=st.sampled_from(["exact", "lower(trim)", "e164(CH)"]),
        match_rate=st.none() | st.floats(0, 1),
        fan_out=st.none() | st.floats(0, 9),
        measured=DAYS,
        reviewed_by=st.none() | TEXTS,
        proposed=MARKS,
    )


def _metric(name, names):
    return st.builds(
        Metric,
        st.just(name),
        st.sampled_from(names).map(lambda n: f"COUNT(DISTINCT {n}.key)"),
        description=TEXTS,
        datatype=st.sampled_from(["Decimal", "Integer"]),
        labels=LABELS,
        synonyms=SYNONYMS,
        time=st.none() | st.sampled_from(names).map(lambda n: f"{n}.key"),
        better=st.sampled_from([None, "up", "down"]),
        unit=st.sampled_from([None, "CHF"]),
        touchpoint=st.none() | TEXTS,
        source=st.sampled_from(["model", "glossary"]),
        examples=SYNONYMS,
        proposed=MARKS,
    )


@settings(max_examples=60, deadline=None)
@given(models())
def test_any_model_goes_to_ossie_and_back_without_loss(parts):
    datasets, steps, metrics, questions, glossary = parts
    files = {"a.yaml": semantic_writer.document("a", datasets, steps, metrics, questions)}
    if glossary:
        files["glossary.yaml"] = semantic_writer.glossary(glossary)
    with tempfile.TemporaryDirectory() as name:
        source, goal = Path(name, "source"), Path(name, "goal")
        source.mkdir()
        goal.mkdir()
        model = written(source, files)
        assert list(model.datasets.values()) == datasets
        assert model.metrics == {metric.name: metric for metric in metrics}
        assert bare(through_ossie(model, goal)) == bare(model)
