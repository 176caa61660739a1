"""Checks that the parts of a semantic model refer to one another, across files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from sqlglot import exp

from catalog.expressions import parse_expression
from catalog.semantic_model import Dataset, Metric, Relationship, Term, VerifiedQuestion
from catalog.semantic_offers import Offer
from catalog.yaml_nodes import Node, nearest


class _Named(Protocol):
    @property
    def name(self) -> str:
        """What other parts refer to."""


N = TypeVar("N", bound=_Named)


@dataclass
class Parts:
    """What the files hold, each part with the node it was read from."""

    datasets: list[tuple[Dataset, Node]] = field(default_factory=list)
    relationships: list[tuple[Relationship, Node]] = field(default_factory=list)
    metrics: list[tuple[Metric, Node]] = field(default_factory=list)
    questions: list[VerifiedQuestion] = field(default_factory=list)
    terms: list[tuple[Term, Node]] = field(default_factory=list)
    offers: list[tuple[Offer, Node]] = field(default_factory=list)


def check(parts: Parts) -> None:
    """Refuse double names and references to what is not there.

    Raises:
        ConfigurationError: Naming file and key of the first problem.
    """
    datasets = _by_name(parts.datasets)
    metrics = _by_name(parts.metrics)
    _by_name(parts.relationships)
    names = {name: _columns(dataset, node) for name, (dataset, node) in datasets.items()}
    for relationship, node in parts.relationships:
        _check_relationship(relationship, node, names)
    for metric, node in parts.metrics:
        _check_metric(metric, node, names, metrics)
    _check_no_circle(metrics)
    for term, node in parts.terms:
        if term.metric is not None:
            _known(node, "metric", term.metric, metrics)
        if term.dataset is not None:
            _known(node, "dataset", term.dataset, datasets)
    _by_name(parts.offers)
    for offer, node in parts.offers:
        for condition in offer.select:
            _known(node, "select", condition.dataset, datasets)


def _by_name(parts: Sequence[tuple[N, Node]]) -> dict[str, tuple[N, Node]]:
    found: dict[str, tuple[N, Node]] = {}
    for part, node in parts:
        if part.name in found:
            other = found[part.name][1]
            raise node.error("name", f"{part.name!r} stands in {other.file} too, at {other.where}")
        found[part.name] = (part, node)
    return found


def _columns(dataset: Dataset, node: Node) -> frozenset[str]:
    """What may stand behind ``dataset.``: fields, and columns the dataset itself names."""
    fields = [item.name for item in dataset.fields]
    double = next((name for name in fields if fields.count(name) > 1), None)
    if double:
        raise node.error(f"fields.{double}", "stands twice")
    keys = dataset.latest[0] if dataset.latest else ()
    plain = (item.expression for item in dataset.fields if item.expression.isidentifier())
    return frozenset((*fields, *dataset.primary_key, *keys, *plain))


def _check_relationship(
    relationship: Relationship, node: Node, names: Mapping[str, frozenset[str]]
) -> None:
    sides = (
        ("from", relationship.from_dataset, relationship.from_columns),
        ("to", relationship.to_dataset, relationship.to_columns),
    )
    for key, dataset, columns in sides:
        _known(node, key, dataset, names)
        for column in columns:
            _known(node, f"{key}_columns", column, names[dataset])


def _check_metric(
    metric: Metric,
    node: Node,
    names: Mapping[str, frozenset[str]],
    metrics: Mapping[str, tuple[Metric, Node]],
) -> None:
    for column in _references(metric, node):
        if column.table:
            _known(node, "expression", column.table, names)
            _known(node, "expression", column.name, names[column.table])
        else:
            _known(node, "expression", column.name, metrics)
    if metric.time is not None:
        dataset, _, name = metric.time.partition(".")
        _known(node, "rundblick.time", dataset, names)
        _known(node, "rundblick.time", name, names[dataset])


def _references(metric: Metric, node: Node) -> Iterator[exp.Column]:
    yield from parse_expression(node, "expression", metric.expression).find_all(exp.Column)


def _check_no_circle(metrics: Mapping[str, tuple[Metric, Node]]) -> None:
    bases = {
        name: [column.name for column in _references(*entry) if not column.table]
        for name, entry in metrics.items()
    }
    for name, (_, node) in metrics.items():
        reached = set(bases[name])
        while new := {base for middle in reached for base in bases[middle]} - reached:
            reached |= new
        if name in reached:
            raise node.error("expression", f"the metric {name!r} is defined by itself")


def _known(node: Node, key: str, name: str, known: Iterable[str]) -> None:
    if name not in known:
        raise node.error(key, f"{name!r} is not defined", nearest(name, known))
