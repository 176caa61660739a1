"""Semantic files as plain Apache Ossie 0.2, and back without loss.

Ossie has no key for much of what our files say: names per language, codes, filters. Such parts
travel as JSON in ``custom_extensions``: under the vendor RUNDBLICK what stands under ``rundblick``,
under RUNDBLICK_FILE what no part of a model has a place for.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from catalog.semantic_files import GLOSSARY, VENDOR
from catalog.semantic_model import SemanticModel
from catalog.semantic_writer import VERSION
from connectors.errors import ConfigurationError

# The one version the published JSON Schema accepts; the release is still to come.
OSSIE_VERSION = "0.2.0.dev0"
FILE_VENDOR = f"{VENDOR}_FILE"
SHORT_DIALECT = "ANSI_SQL"
DIALECTS = frozenset({"ANSI_SQL", "SNOWFLAKE", "MDX", "TABLEAU", "DATABRICKS", "MAQL", "BIGQUERY"})
DATATYPES = frozenset(
    [
        "String",
        "Integer",
        "Decimal",
        "Float",
        "Boolean",
        "Date",
        "Time",
        "DateTime",
        "DateTimeTz",
        "Opaque",
    ]
)
MODEL_PARTS = ("datasets", "relationships", "metrics")
BARE = "parts_without_datasets"
Content = dict[str, Any]


def to_ossie(model: SemanticModel) -> dict[str, Content]:
    """The model's files as Ossie documents, by file name.

    A file that cannot stand alone in Ossie, such as the glossary or one with relationships only,
    travels inside the first file that can.

    Raises:
        ConfigurationError: There is no dataset at all; Ossie asks for one.
    """
    files = {name: dict(content) for name, content in model.raw.items()}
    able = [name for name in sorted(files) if _stands_alone(name, files[name])]
    if not able:
        raise ConfigurationError("there is no dataset to export", hint="Run `catalog propose`")
    carried = {name: content for name, content in files.items() if name not in able}
    found = {name: _document(files[name]) for name in able}
    if carried:
        _extend(found[able[0]]["semantic_model"][0], {"files": carried})
    return found


def from_ossie(documents: Mapping[str, Mapping[str, Any]]) -> dict[str, Content]:
    """Semantic files in our short form, by file name, made of Ossie documents.

    Raises:
        ConfigurationError: A document is no Ossie model, or an extension of ours is broken.
    """
    found: dict[str, Content] = {}
    for name, document in documents.items():
        models = document.get("semantic_model")
        if not isinstance(models, list) or not all(isinstance(m, Mapping) for m in models):
            raise ConfigurationError(f"{name}: semantic_model: expected a list of models")
        content: Content = {"version": VERSION, "semantic_model": []}
        for model in models:
            plain, beside = _model_back(name, model)
            found.update(beside.pop("files", {}))
            content["semantic_model"] += [plain, *beside.pop(BARE, [])]
            content.update(beside)
        found[name] = content
    return found


def _stands_alone(name: str, content: Mapping[str, Any]) -> bool:
    models = content.get("semantic_model") or []
    return name != GLOSSARY and any(model.get("datasets") for model in models)


def _document(content: Mapping[str, Any]) -> Content:
    models = content["semantic_model"]
    full = [_model(model) for model in models if model.get("datasets")]
    bare = [model for model in models if not model.get("datasets")]
    beside = {k: v for k, v in content.items() if k not in ("version", "semantic_model")}
    beside |= {BARE: bare} if bare else {}
    if beside:
        _extend(full[0], beside)
    return {"version": OSSIE_VERSION, "semantic_model": full}


def _model(model: Mapping[str, Any]) -> Content:
    made = _part(model)
    made["datasets"] = [_dataset(item) for item in model["datasets"]]
    for key in ("relationships", "metrics"):
        if key in made:
            made[key] = [_part(item, relation=key == "relationships") for item in model[key] or []]
    return made


def _dataset(item: Mapping[str, Any]) -> Content:
    made = _part(item)
    if "fields" in made:
        made["fields"] = [_field(child) for child in item["fields"] or []]
    return made


def _field(item: Mapping[str, Any]) -> Content:
    # The loader takes a missing expression for the field's name; Ossie wants it said.
    return _part({"expression": item["name"], **item})


def _part(item: Mapping[str, Any], *, relation: bool = False) -> Content:
    """One part with our own keys as extensions; what Ossie has no key or value for beside them."""
    made = {key: value for key, value in item.items() if value is not None}
    own = made.pop("rundblick", None)
    beside: Content = {}
    if relation and "description" in made:
        beside["description"] = made.pop("description")
    if made.get("datatype", "String") not in DATATYPES:
        beside["datatype"] = made["datatype"]
        made["datatype"] = "Opaque"
    if "expression" in made:
        made["expression"], other = _expression(made["expression"])
        beside |= other
    if isinstance(made.get("primary_key"), str | int):
        made["primary_key"] = [made["primary_key"]]
    extensions = [_extension(entry) for entry in made.pop("custom_extensions", [])]
    if own:
        extensions.append({"vendor_name": VENDOR, "data": _json(own)})
    if beside:
        extensions.append({"vendor_name": FILE_VENDOR, "data": _json(beside)})
    return made | ({"custom_extensions": extensions} if extensions else {})


def _expression(found: Any) -> tuple[Content, Content]:
    """(The expression in Ossie's form, what of it Ossie has no dialect for)."""
    if isinstance(found, str):
        return {"dialects": [{"dialect": SHORT_DIALECT, "expression": found}]}, {}
    offers = found.get("dialects") or []
    known = [offer for offer in offers if offer.get("dialect") in DIALECTS]
    if len(known) == len(offers):
        return dict(found), {}
    first = offers[0]["expression"]
    return _expression(first)[0], {"expression": found}


def _extension(entry: Mapping[str, Any]) -> Content:
    data = entry.get("data")
    vendor = entry.get("vendor_name") or entry.get("vendor")
    return {"vendor_name": vendor, "data": data if isinstance(data, str) else _json(data)}


def _extend(part: Content, beside: Content) -> None:
    """Add to what the part carries under FILE_VENDOR."""
    extensions = part.setdefault("custom_extensions", [])
    for entry in extensions:
        if entry["vendor_name"] == FILE_VENDOR:
            entry["data"] = _json(json.loads(entry["data"]) | beside)
            return
    extensions.append({"vendor_name": FILE_VENDOR, "data": _json(beside)})


def _model_back(file: str, model: Mapping[str, Any]) -> tuple[Content, Content]:
    """(The model in our form, what it carried for its file)."""
    plain, beside = _part_back(file, model)
    for key in MODEL_PARTS:
        if key in plain:
            plain[key] = [_whole_back(file, item) for item in plain[key] or []]
    return plain, beside


def _whole_back(file: str, item: Mapping[str, Any]) -> Content:
    plain, beside = _part_back(file, item)
    plain |= beside
    if "fields" in plain:
        plain["fields"] = [_whole_back(file, child) for child in plain["fields"] or []]
    return plain


def _part_back(file: str, item: Mapping[str, Any]) -> tuple[Content, Content]:
    plain = dict(item)
    beside: Content = {}
    own: Content = {}
    others = []
    for entry in plain.pop("custom_extensions", None) or []:
        vendor = entry.get("vendor_name") or entry.get("vendor")
        if vendor == VENDOR:
            own |= _read(file, item, entry)
        elif vendor == FILE_VENDOR:
            beside |= _read(file, item, entry)
        else:
            others.append(entry)
    if "expression" in plain:
        plain["expression"] = _short(plain["expression"])
    plain |= {"custom_extensions": others} if others else {}
    plain |= {"rundblick": own} if own else {}
    return plain, beside


def _short(found: Any) -> Any:
    offers = found.get("dialects") if isinstance(found, Mapping) else None
    if offers and len(offers) == 1 and offers[0].get("dialect") == SHORT_DIALECT:
        return offers[0]["expression"]
    return found


def _read(file: str, item: Mapping[str, Any], entry: Mapping[str, Any]) -> Content:
    data = entry.get("data")
    try:
        found = json.loads(data) if isinstance(data, str) else data
    except json.JSONDecodeError as error:
        message = f"{file}: {item.get('name')}: custom_extensions: not valid JSON: {error}"
        raise ConfigurationError(message) from error
    if not isinstance(found, dict):
        raise ConfigurationError(f"{file}: {item.get('name')}: custom_extensions: no mapping")
    return found


def _json(data: Any) -> str:
    return json.dumps(_plain(data), ensure_ascii=False, default=_day)


def _plain(data: Any) -> Any:
    """JSON has no keys but text."""
    if isinstance(data, Mapping):
        return {_key(key): _plain(value) for key, value in data.items()}
    return [_plain(item) for item in data] if isinstance(data, list) else data


def _key(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)


def _day(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r} has no place in JSON")
