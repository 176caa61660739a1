"""Reads ``semantic/*.yaml``: Ossie 0.2 keys, Rundblick's own, and the company's glossary."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, cast, get_args

from catalog import normalisers, semantic_checks
from catalog.expressions import read_expression, read_query
from catalog.semantic_model import (
    Dataset,
    Field,
    Labels,
    Metric,
    Proposal,
    Relationship,
    SemanticModel,
    Term,
    VerifiedQuestion,
)
from catalog.semantic_offers import read_offer
from catalog.semantic_roles import KEYS as ROLES
from catalog.semantic_roles import read_roles
from catalog.yaml_nodes import Node, read_document
from connectors.errors import ConfigurationError
from connectors.schema import Sensitivity

GLOSSARY = "glossary.yaml"
VENDOR = "RUNDBLICK"
_COMMON = ("name", "description", "ai_context", "custom_extensions", "rundblick")


def load_semantic_model(folder: Path | None) -> SemanticModel:
    """Read all semantic files of a folder as one model; its parts may refer across files.

    Args:
        folder: Folder of the YAML files; None gives an empty model.

    Returns:
        The model; `raw` holds each file's content by file name.

    Raises:
        ConfigurationError: Naming file and key: a key is unknown or missing, a name stands twice
            or refers to nothing, or an expression does not parse.
    """
    if folder is None:
        return SemanticModel()
    if not folder.is_dir():
        message = f"the folder of semantic files {str(folder)!r} is not there"
        raise ConfigurationError(message, hint="Check 'semantic' in silos.yaml")
    documents = [read_document(path) for path in sorted(folder.glob("*.yaml"))]
    parts = semantic_checks.Parts()
    for document in documents:
        (_read_glossary if document.file == GLOSSARY else _read_file)(document, parts)
    semantic_checks.check(parts)
    raw = {document.file: document.data for document in documents}
    return _assembled(parts, raw)


def read_glossary(path: Path) -> tuple[Term, ...]:
    """The terms of a glossary alone; what they refer to is not looked up.

    Raises:
        ConfigurationError: The file cannot be read, or a key is unknown or missing.
    """
    parts = semantic_checks.Parts()
    _read_glossary(read_document(path), parts)
    return tuple(item for item, _ in parts.terms)


def _assembled(parts: semantic_checks.Parts, raw: Mapping[str, object]) -> SemanticModel:
    return SemanticModel(
        datasets={item.name: item for item, _ in parts.datasets},
        relationships=tuple(item for item, _ in parts.relationships),
        metrics={item.name: item for item, _ in parts.metrics},
        verified_questions=tuple(parts.questions),
        glossary=tuple(item for item, _ in parts.terms),
        offers=tuple(item for item, _ in parts.offers),
        raw=raw,
    )


def _read_file(document: Node, parts: semantic_checks.Parts) -> None:
    document.only("version", "semantic_model", "verified_questions")
    for model in document.children("semantic_model"):
        model.only(*_COMMON, "datasets", "relationships", "metrics")
        parts.datasets += [(_dataset(node), node) for node in model.children("datasets")]
        parts.relationships += [
            (_relationship(node), node) for node in model.children("relationships")
        ]
        parts.metrics += [(_metric(node), node) for node in model.children("metrics")]
        offers = _own(model, "offers").children("offers")
        parts.offers += [(read_offer(node), node) for node in offers]
    parts.questions += [_question(node) for node in document.children("verified_questions")]


def _dataset(node: Node) -> Dataset:
    node.only(*_COMMON, "source", "primary_key", "unique_keys", "fields")
    own = _own(node, "labels", "always", "latest", "entity", "proposed", *ROLES)
    source = node.needed("source")
    if source.count(".") != 2 or not all(source.split(".")):
        raise node.error("source", f"{source!r} is not a three-part name silo.schema.table")
    return Dataset(
        name=node.needed("name"),
        source=source,
        primary_key=node.texts("primary_key"),
        fields=tuple(_field(child) for child in node.children("fields")),
        description=node.text("description") or "",
        labels=own.labels("labels"),
        synonyms=_synonyms(node),
        always=read_expression(own, "always"),
        latest=_latest(own),
        entity=own.text("entity"),
        roles=read_roles(own),
        proposed=_proposal(own),
    )


def _latest(own: Node) -> tuple[tuple[str, ...], str] | None:
    if own.data.get("latest") is None:
        return None
    latest = own.child("latest")
    latest.only("by", "order")
    keys = latest.texts("by")
    if not keys:
        raise latest.error("by", "missing")
    return keys, latest.needed("order")


def _field(node: Node) -> Field:
    node.only(*_COMMON, "expression", "datatype", "dimension", "label")
    own = _own(node, "labels", "codes", "sensitivity", "proposed")
    dimension = node.child("dimension")
    dimension.only("is_time")
    name = node.needed("name")
    return Field(
        name=name,
        expression=read_expression(node, "expression") or name,
        datatype=node.text("datatype") or "String",
        dimension=node.data.get("dimension") is not None,
        is_time=bool(dimension.value("is_time", bool)),
        labels=own.labels("labels"),
        synonyms=_synonyms(node),
        codes=_codes(own),
        sensitivity=own.choice("sensitivity", get_args(Sensitivity)),
        description=node.text("description") or "",
        proposed=_proposal(own),
    )


def _proposal(own: Node) -> Proposal | None:
    if own.data.get("proposed") is None:
        return None
    node = own.child("proposed")
    node.only("score", "reason")
    score = node.number("score", most=1)
    if score is None:
        raise node.error("score", "missing")
    return Proposal(score, node.text("reason") or "")


def _codes(own: Node) -> dict[str, Labels]:
    codes = own.child("codes")
    labels = Node(own.file, codes.where, {_code(key): value for key, value in codes.data.items()})
    return {key: labels.labels(key) for key in labels.data}


def _code(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _relationship(node: Node) -> Relationship:
    node.only(*_COMMON, "from", "to", "from_columns", "to_columns")
    own = _own(node, "normaliser", "match_rate", "fan_out", "measured", "reviewed_by", "proposed")
    left, right = node.texts("from_columns"), node.texts("to_columns")
    if not left or len(left) != len(right):
        raise node.error("to_columns", "as many as from_columns, and at least one, are needed")
    return Relationship(
        name=node.needed("name"),
        from_dataset=node.needed("from"),
        to_dataset=node.needed("to"),
        from_columns=left,
        to_columns=right,
        normaliser=_normaliser(own),
        match_rate=own.number("match_rate", most=1),
        fan_out=own.number("fan_out"),
        measured=own.day("measured"),
        reviewed_by=own.text("reviewed_by"),
        proposed=_proposal(own),
    )


def _normaliser(own: Node) -> str:
    name = own.text("normaliser") or "exact"
    try:
        normalisers.check(name)
    except ConfigurationError as error:
        raise own.error("normaliser", error.message, error.hint) from error
    return name


def _metric(node: Node) -> Metric:
    node.only(*_COMMON, "expression", "datatype")
    own = _own(node, "labels", "time", "better", "unit", "touchpoint", "source", "proposed")
    expression = read_expression(node, "expression")
    if expression is None:
        raise node.error("expression", "missing")
    return Metric(
        name=node.needed("name"),
        expression=expression,
        description=node.text("description") or "",
        datatype=node.text("datatype") or "Decimal",
        labels=own.labels("labels"),
        synonyms=_synonyms(node),
        time=own.text("time"),
        better=cast("Literal['up', 'down'] | None", own.choice("better", ("up", "down"))),
        unit=own.text("unit"),
        touchpoint=own.text("touchpoint"),
        source=own.text("source") or "model",
        examples=_context(node).texts("examples"),
        proposed=_proposal(own),
    )


def _question(node: Node) -> VerifiedQuestion:
    node.only("question", "sql", "verified_by", "verified_on")
    question = node.labels("question")
    if not question:
        raise node.error("question", "missing")
    return VerifiedQuestion(
        question=question,
        sql=read_query(node, "sql"),
        verified_by=node.text("verified_by"),
        verified_on=node.day("verified_on"),
    )


def _read_glossary(document: Node, parts: semantic_checks.Parts) -> None:
    """The terms under `terms`, or the whole file where nothing but terms stands in it."""
    terms = document.child("terms") if "terms" in document.data else document
    if terms is not document:
        document.only("terms")
    for key in terms.data:
        node = _term_node(terms, key)
        parts.terms.append((_term(str(key), node), node))


def _term_node(terms: Node, key: str) -> Node:
    """The mapping of a term; the short form is the meaning alone."""
    if isinstance(terms.data[key], str):
        return Node(terms.file, f"terms.{key}", {"meaning": terms.data[key]})
    return Node(terms.file, f"terms.{key}", terms.data[key])


def _term(key: str, node: Node) -> Term:
    node.only("meaning", "metric", "sql", "dataset", "proposed")
    forms = tuple(form.strip() for form in key.split(" / ") if form.strip())
    sql = read_expression(node, "sql")
    return Term(
        forms,
        node.needed("meaning"),
        metric=node.text("metric"),
        sql=sql,
        dataset=node.text("dataset"),
        proposed=_proposal(node),
    )


def _synonyms(node: Node) -> tuple[str, ...]:
    return _context(node).texts("synonyms")


def _context(node: Node) -> Node:
    """The mapping under `ai_context`; empty where it is a plain text."""
    if isinstance(node.data.get("ai_context"), str):
        return Node(node.file, f"{node.where}.ai_context", {})
    context = node.child("ai_context")
    context.only("synonyms", "instructions", "examples")
    return context


def _own(node: Node, *known: str) -> Node:
    """Rundblick's own keys: under `rundblick`, or as JSON among the custom extensions."""
    merged: dict[str, object] = {}
    for extension in node.children("custom_extensions"):
        extension.only("vendor", "vendor_name", "data")
        if VENDOR in (extension.text("vendor"), extension.text("vendor_name")):
            merged.update(_json(extension))
    merged.update(node.child("rundblick").data)
    own = Node(node.file, f"{node.where}.rundblick", merged)
    own.only(*known)
    return own


def _json(extension: Node) -> Mapping[str, object]:
    data = extension.data.get("data")
    try:
        content = json.loads(data) if isinstance(data, str) else data
    except json.JSONDecodeError as error:
        raise extension.error("data", f"not valid JSON: {error}") from error
    return Node(extension.file, f"{extension.where}.data", content).data
