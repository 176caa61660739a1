"""dbt's semantic models and metrics (MetricFlow YAML) as ours; what does not fit is named."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from catalog.proposal.naming import identifier
from catalog.proposal.roles import family
from catalog.semantic_model import Dataset, Field, Labels, Metric, Relationship
from connectors.errors import ConfigurationError
from connectors.schema import SiloSchema, Table

REF = re.compile(r"(?:ref|source)\((?:\s*['\"][^'\"]+['\"]\s*,)?\s*['\"]([^'\"]+)['\"]\s*\)")
AGGREGATES = {
    "sum": "SUM({})", "average": "AVG({})", "avg": "AVG({})", "min": "MIN({})", "max": "MAX({})",
    "count": "COUNT({})", "count_distinct": "COUNT(DISTINCT {})", "median": "MEDIAN({})",
    "sum_boolean": "SUM(CASE WHEN {} THEN 1 ELSE 0 END)",
}  # fmt: skip
FILTER = re.compile(
    r"\{\{\s*(?:Dimension|TimeDimension|Entity)\(\s*['\"]([^'\"]+)['\"][^)]*\)\s*\}\}"
)


@dataclass(frozen=True)
class Lost:
    """A part of the dbt files that has no place in our model, and why."""

    part: str
    reason: str


@dataclass
class Imported:
    """What became of dbt files: parts of ours, and what was lost of theirs."""

    datasets: list[Dataset] = field(default_factory=list)
    relationships: list[Relationship] = field(default_factory=list)
    metrics: list[Metric] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)


def is_dbt(document: Mapping[str, Any]) -> bool:
    """Whether a YAML document is dbt's: ours has ``semantic_model``, dbt ``semantic_models``."""
    own = "semantic_model" in document
    return not own and bool(document.keys() & {"semantic_models", "metrics", "models"})


def read_dbt(paths: Sequence[Path], schema: SiloSchema) -> Imported:
    """Read dbt's YAML files as one project.

    Args:
        paths: Files with ``semantic_models`` and ``metrics``.
        schema: The catalog's tables: a dbt model is the table of its name.

    Raises:
        ConfigurationError: A file cannot be read or is no YAML mapping.
    """
    return _Reader(schema).read([_loaded(path) for path in paths])


def _loaded(path: Path) -> Mapping[str, Any]:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(f"cannot read {path.name}: {error}") from error
    if not isinstance(data, Mapping):
        raise ConfigurationError(f"{path.name}: expected a mapping")
    return data


class _Reader:
    def __init__(self, schema: SiloSchema) -> None:
        self.schema = schema
        self.made = Imported()
        self.measures: dict[str, tuple[str, str | None, Mapping[str, Any]]] = {}
        self.dimensions: dict[str, str] = {}
        self.primary: dict[str, tuple[str, str]] = {}
        self.foreign: list[tuple[str, str, str]] = []

    def read(self, documents: Sequence[Mapping[str, Any]]) -> Imported:
        """Semantic models first: metrics speak of their measures."""
        for document in documents:
            for model in document.get("semantic_models") or []:
                self._model(model)
            for model in document.get("models") or []:
                if isinstance(model, Mapping) and "semantic_model" in model:
                    name = f"models.{model.get('name')}.semantic_model"
                    self._lose(name, "the nested form of newer dbt versions is not read")
        self._relations()
        metrics = [m for document in documents for m in document.get("metrics") or []]
        for metric in sorted(metrics, key=lambda m: m.get("type") in ("derived", "ratio")):
            self._metric(metric)
        self._derived_fit()
        return self.made

    def _lose(self, part: str, reason: str) -> None:
        self.made.lost.append(Lost(part, reason))

    def _model(self, model: Mapping[str, Any]) -> None:
        name = str(model.get("name"))
        table = self._table(name, str(model.get("model") or name))
        if table is None:
            return
        own = identifier(name)
        fields: dict[str, Field] = {}
        keys: list[str] = []
        for entity in model.get("entities") or []:
            self._entity(own, entity, fields, keys, table)
        for dimension in model.get("dimensions") or []:
            self._dimension(own, dimension, fields, table)
        default = (model.get("defaults") or {}).get("agg_time_dimension")
        for measure in model.get("measures") or []:
            self._measure(own, measure, default, fields, table)
        for key in model.keys() - _KNOWN_OF_MODEL:
            self._lose(f"semantic_models.{name}.{key}", "there is no such key in ours")
        self.made.datasets.append(
            Dataset(
                name=own,
                source=table.full_name,
                primary_key=tuple(keys),
                fields=tuple(fields.values()),
                description=_text(model.get("description")),
                labels=_labels(model),
            )
        )

    def _table(self, name: str, model: str) -> Table | None:
        match = REF.search(model)
        wanted = match[1] if match else model
        found = self.schema.find(wanted)
        if len(found) == 1:
            return found[0]
        many = "several tables" if found else "no table"
        self._lose(f"semantic_models.{name}", f"{many} of the catalog named {wanted!r}")
        return None

    def _entity(
        self,
        own: str,
        entity: Mapping[str, Any],
        fields: dict[str, Field],
        keys: list[str],
        table: Table,
    ) -> None:
        name, kind = str(entity.get("name")), entity.get("type")
        made = self._field(fields, name, entity, table)
        if kind in ("primary", "unique"):
            keys += [made] if kind == "primary" else []
            self.primary.setdefault(name, (own, made))
        elif kind == "foreign":
            self.foreign.append((own, name, made))
        else:
            self._lose(f"entities.{own}.{name}", f"type {kind!r}: kept as a field only")

    def _field(
        self,
        fields: dict[str, Field],
        name: str,
        content: Mapping[str, Any],
        table: Table,
        **more: Any,
    ) -> str:
        """A field by the name dbt gives it; its expression is over the table's columns."""
        expression = _text(content.get("expr")) or name
        made = identifier(name)
        description = _text(content.get("description"))
        datatype = _datatype(expression, table)
        fields.setdefault(made, Field(made, expression, datatype, description=description, **more))
        return made

    def _dimension(
        self, own: str, content: Mapping[str, Any], fields: dict[str, Field], table: Table
    ) -> None:
        name = str(content.get("name"))
        is_time = content.get("type") == "time"
        labels = _labels(content) or _named(name)
        made = self._field(
            fields, name, content, table, dimension=True, is_time=is_time, labels=labels
        )
        self.dimensions[f"{own}.{name}"] = f"{own}.{made}"
        params = content.get("type_params") or {}
        if "validity_params" in params:
            self._lose(f"dimensions.{own}.{name}.validity_params", "no slowly changing dimensions")

    def _measure(
        self,
        own: str,
        content: Mapping[str, Any],
        default: str | None,
        fields: dict[str, Field],
        table: Table,
    ) -> None:
        name, aggregate = str(content.get("name")), str(content.get("agg"))
        part = f"measures.{own}.{name}"
        if aggregate not in AGGREGATES:
            self._lose(part, f"no aggregation {aggregate!r}")
            return
        if content.get("non_additive_dimension"):
            self._lose(f"{part}.non_additive_dimension", "summed over all rows instead")
        expression = _text(content.get("expr")) or name
        if expression == "1":
            formula = "COUNT(*)"
        else:
            field_name = name if name not in fields else f"{name}_value"
            made = self._field(fields, field_name, {"expr": expression}, table)
            formula = AGGREGATES[aggregate].format(f"{own}.{made}")
        time = content.get("agg_time_dimension") or default
        self.measures[name] = (formula, f"{own}.{identifier(time)}" if time else None, content)
        if content.get("create_metric"):
            self._add(
                {"name": name, "label": content.get("label")}, formula, self.measures[name][1]
            )

    def _relations(self) -> None:
        for own, name, column in self.foreign:
            goal = self.primary.get(name)
            if goal is None:
                self._lose(f"entities.{own}.{name}", "no semantic model has it as its primary key")
            elif goal[0] != own:
                step = f"{own}_to_{goal[0]}"
                names = {relation.name for relation in self.made.relationships}
                named = step if step not in names else f"{step}_by_{column}"
                self.made.relationships.append(
                    Relationship(named, own, goal[0], (column,), (goal[1],))
                )

    def _metric(self, metric: Mapping[str, Any]) -> None:
        name, kind = str(metric.get("name")), metric.get("type")
        params = metric.get("type_params") or {}
        part = f"metrics.{name}"
        if kind == "simple":
            made = self._measured(part, params.get("measure"), metric.get("filter"))
            if made is not None:
                self._add(metric, *made)
        elif kind == "ratio":
            self._ratio(part, metric, params)
        elif kind == "derived":
            self._derived(part, metric, params)
        elif kind == "cumulative":
            self._lose(part, "cumulative metrics have no formula over one period")
        else:
            self._lose(part, f"no metric of type {kind!r}")

    def _measured(self, part: str, measure: Any, condition: Any) -> tuple[str, str | None] | None:
        """(Formula, time) of a measure under filters; None when something has no place."""
        content = measure if isinstance(measure, Mapping) else {"name": measure}
        known = self.measures.get(str(content.get("name")))
        if known is None:
            self._lose(part, f"there is no measure {content.get('name')!r}")
            return None
        for key in content.keys() & {"fill_nulls_with", "join_to_timespine"}:
            self._lose(f"{part}.{key}", "empty periods are left out")
        formula, time, _ = known
        conditions = [c for c in (*_list(content.get("filter")), *_list(condition)) if c]
        if not conditions:
            return formula, time
        made = [self._condition(str(text), (time or formula)) for text in conditions]
        if None in made:
            self._lose(part, f"the filter {conditions} names what is not a dimension here")
            return None
        return _filtered(formula, " AND ".join(f"({text})" for text in made)), time

    def _condition(self, text: str, near: str) -> str | None:
        """A filter with our field names; None when one is not known."""
        missing = False

        def ours(match: re.Match[str]) -> str:
            nonlocal missing
            entity, _, name = match[1].rpartition("__")
            owner = self.primary.get(entity, (near.split(".")[0], ""))[0]
            found = self.dimensions.get(f"{owner}.{name}")
            missing = missing or found is None
            return found or ""

        made = FILTER.sub(ours, text)
        return None if missing or "{{" in made else made

    def _ratio(self, part: str, metric: Mapping[str, Any], params: Mapping[str, Any]) -> None:
        names = [self._input(part, params.get(key)) for key in ("numerator", "denominator")]
        if metric.get("filter"):
            self._lose(f"{part}.filter", "a filter over a ratio; filter its parts")
        elif None not in names:
            self._add(metric, f"{names[0]} / {names[1]}", None, unit="ratio")

    def _derived(self, part: str, metric: Mapping[str, Any], params: Mapping[str, Any]) -> None:
        expression = _text(params.get("expr"))
        for entry in params.get("metrics") or []:
            content = entry if isinstance(entry, Mapping) else {"name": entry}
            if self._input(part, content) is None:
                return
            alias = content.get("alias")
            if alias:
                expression = re.sub(rf"\b{re.escape(alias)}\b", str(content["name"]), expression)
        self._add(metric, expression, None)

    def _input(self, part: str, entry: Any) -> str | None:
        content = entry if isinstance(entry, Mapping) else {"name": entry}
        hard = content.keys() & {"filter", "offset_window", "offset_to_grain"}
        if any(content[key] for key in hard):
            self._lose(part, f"{', '.join(sorted(hard))} of {content.get('name')!r}")
            return None
        return identifier(str(content.get("name")))

    def _add(
        self, metric: Mapping[str, Any], formula: str, time: str | None, unit: str | None = None
    ) -> None:
        name = str(metric.get("name"))
        made = Metric(
            name=identifier(name),
            expression=formula,
            description=_text(metric.get("description")),
            datatype="Integer" if formula.startswith("COUNT(") else "Decimal",
            labels=_labels(metric) or _named(name),
            time=time,
            unit=unit or ("count" if formula.startswith("COUNT(") else None),
            source="dbt",
        )
        if made.name not in {known.name for known in self.made.metrics}:
            self.made.metrics.append(made)

    def _derived_fit(self) -> None:
        """Drop what is derived from a metric that was lost; again, as one may rest on another."""
        words = re.compile(r"[A-Za-z_]\w*")
        while True:
            names = {metric.name for metric in self.made.metrics}
            broken = [m for m in self.made.metrics if _derives(m) and _missing(m, words, names)]
            if not broken:
                return
            for metric in broken:
                self.made.metrics.remove(metric)
                self._lose(f"metrics.{metric.name}", "rests on a metric that is not there")


_KNOWN_OF_MODEL = frozenset(
    ["name", "model", "description", "label", "defaults", "entities", "dimensions", "measures"]
)


def _derives(metric: Metric) -> bool:
    return not re.search(r"\b(?:SUM|AVG|MIN|MAX|COUNT|MEDIAN)\(", metric.expression)


def _missing(metric: Metric, words: re.Pattern[str], names: set[str]) -> bool:
    calls = {word.lower() for word in re.findall(r"([A-Za-z_]\w*)\s*\(", metric.expression)}
    used = {word for word in words.findall(metric.expression) if word.lower() not in calls}
    return bool({word for word in used if not word.isupper()} - names)


def _filtered(formula: str, condition: str) -> str:
    """The aggregate over the rows that meet the condition only."""
    if formula == "COUNT(*)":
        return f"COUNT(CASE WHEN {condition} THEN 1 END)"
    start, _, rest = formula.partition("(")
    distinct = rest.startswith("DISTINCT ")
    inner = rest.removesuffix(")").removeprefix("DISTINCT ")
    kept = f"CASE WHEN {condition} THEN {inner} END"
    return f"{start}(DISTINCT {kept})" if distinct else f"{start}({kept})"


def _datatype(expression: str, table: Table) -> str:
    column = table.column(expression.strip('"'))
    if column is None:
        return "String"
    if column.type == "DATE":
        return "Date"
    kinds = {"integer": "Integer", "decimal": "Decimal", "boolean": "Boolean", "time": "DateTime"}
    return kinds.get(family(column.type), "String")


def _labels(content: Mapping[str, Any]) -> Labels:
    label = _text(content.get("label"))
    return {"de": label, "en": label} if label else {}


def _named(name: str) -> Labels:
    plain = name.replace("_", " ")
    return {"de": plain, "en": plain}


def _text(found: Any) -> str:
    return "" if found is None else str(found).strip()


def _list(found: Any) -> Iterator[Any]:
    yield from found if isinstance(found, list) else [found]
