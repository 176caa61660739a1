"""A semantic model as the content of a YAML file, in the short form `semantic_files` reads."""

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from catalog.semantic_model import (
    Dataset,
    Field,
    Metric,
    Proposal,
    Relationship,
    Term,
    VerifiedQuestion,
)
from catalog.semantic_roles import write_roles

_MAP, _SEQ = "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"
VERSION = "0.2.0"
WIDTH = 110
Content = dict[str, Any]


def document(
    name: str,
    datasets: Iterable[Dataset] = (),
    relationships: Iterable[Relationship] = (),
    metrics: Iterable[Metric] = (),
    questions: Iterable[VerifiedQuestion] = (),
) -> Content:
    """The content of one file with one model."""
    model = _filled(
        name=name,
        datasets=[_dataset(item) for item in datasets],
        relationships=[_relationship(item) for item in relationships],
        metrics=[_metric(item) for item in metrics],
    )
    asked = [_question(item) for item in questions]
    return _filled(version=VERSION, semantic_model=[model], verified_questions=asked)


def glossary(terms: Iterable[Term]) -> Content:
    """The content of glossary.yaml; a term with nothing but a meaning in the short form."""
    written: Content = {}
    for term in terms:
        content = _filled(
            meaning=term.meaning,
            metric=term.metric,
            dataset=term.dataset,
            sql=term.sql,
            proposed=_proposed(term.proposed),
        )
        written[" / ".join(term.forms)] = term.meaning if len(content) == 1 else content
    return {"terms": written}


def text(content: Mapping[str, Any], comment: str = "") -> str:
    """The content as YAML, keys in the order given, small parts on one line each."""
    lines = "".join(f"# {line}\n" for line in comment.splitlines())
    dumped = yaml.dump(
        dict(content), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH
    )
    return lines + dumped


class _Dumper(yaml.SafeDumper):
    """Mappings without a list or mapping of their own stand on one line."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_mapping(
        self, tag: str, mapping: Any, flow_style: bool | None = None
    ) -> yaml.MappingNode:
        flat = all(not isinstance(value, dict | list) for value in dict(mapping).values())
        return super().represent_mapping(tag, mapping, flow_style=flat)

    def represent_sequence(
        self, tag: str, sequence: Any, flow_style: bool | None = None
    ) -> yaml.SequenceNode:
        flat = all(not isinstance(value, dict | list) for value in sequence)
        return super().represent_sequence(tag, sequence, flow_style=flat)


_Dumper.add_representer(dict, lambda dumper, data: dumper.represent_mapping(_MAP, data.items()))
_Dumper.add_representer(list, lambda dumper, data: dumper.represent_sequence(_SEQ, data))


def _dataset(item: Dataset) -> Content:
    latest = {"by": list(item.latest[0]), "order": item.latest[1]} if item.latest else None
    return _filled(
        name=item.name,
        source=item.source,
        primary_key=list(item.primary_key),
        description=item.description,
        ai_context=_synonyms(item.synonyms),
        fields=[_field(child) for child in item.fields],
        rundblick=_filled(
            labels=dict(item.labels),
            entity=item.entity,
            always=item.always,
            latest=latest,
            **write_roles(item.roles),
            proposed=_proposed(item.proposed),
        ),
    )


def _field(item: Field) -> Content:
    content = _filled(name=item.name, expression=item.expression, datatype=item.datatype)
    if item.dimension:
        content["dimension"] = {"is_time": True} if item.is_time else {}
    codes = {_code(value): dict(labels) for value, labels in item.codes.items()}
    return content | _filled(
        description=item.description,
        ai_context=_synonyms(item.synonyms),
        rundblick=_filled(
            labels=dict(item.labels),
            codes=codes,
            sensitivity=item.sensitivity,
            proposed=_proposed(item.proposed),
        ),
    )


def _relationship(item: Relationship) -> Content:
    own = _filled(
        normaliser=None if item.normaliser == "exact" else item.normaliser,
        match_rate=item.match_rate,
        fan_out=item.fan_out,
        measured=item.measured,
        reviewed_by=item.reviewed_by,
        proposed=_proposed(item.proposed),
    )
    return _filled(
        name=item.name,
        **{"from": item.from_dataset},
        to=item.to_dataset,
        from_columns=list(item.from_columns),
        to_columns=list(item.to_columns),
        rundblick=own,
    )


def _metric(item: Metric) -> Content:
    return _filled(
        name=item.name,
        expression=item.expression,
        description=item.description,
        datatype=None if item.datatype == "Decimal" else item.datatype,
        ai_context=_filled(synonyms=list(item.synonyms), examples=list(item.examples)),
        rundblick=_filled(
            labels=dict(item.labels),
            time=item.time,
            better=item.better,
            unit=item.unit,
            touchpoint=item.touchpoint,
            source=None if item.source == "model" else item.source,
            proposed=_proposed(item.proposed),
        ),
    )


def _question(item: VerifiedQuestion) -> Content:
    return _filled(
        question=dict(item.question),
        sql=item.sql,
        verified_by=item.verified_by,
        verified_on=item.verified_on,
    )


def _proposed(mark: Proposal | None) -> Content | None:
    return {"score": mark.score, "reason": mark.reason} if mark else None


def _synonyms(words: tuple[str, ...]) -> Content | None:
    return {"synonyms": list(words)} if words else None


def _code(value: str) -> int | str:
    """A code as people write it: ``0`` rather than ``'0'``, where that reads back the same."""
    return int(value) if value.lstrip("-").isdecimal() and str(int(value)) == value else value


def _filled(**parts: Any) -> Content:
    """The parts that say something."""
    return {key: value for key, value in parts.items() if value not in (None, "", [], {})}
