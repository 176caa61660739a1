"""The trade's metrics and words with several meanings, as `glossary/metrics.yaml` says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from catalog.semantic_model import Labels, Metric, Proposal, SemanticModel, Term

FILE = Path(__file__).parent / "glossary" / "metrics.yaml"
AMBIGUOUS = 0.5


@dataclass(frozen=True)
class Definition:
    """A metric as it is used in the trade.

    Attributes:
        metric: Name of the metric a proposal makes of it; None when people must define it.
        formula: The usual one, in words.
        variants: Others in use, by name; an answer names the one it took.
        better: up, down or None.
    """

    id: str
    labels: Labels
    synonyms: tuple[str, ...]
    formula: str
    metric: str | None = None
    variants: Mapping[str, str] = field(default_factory=dict)
    better: str | None = None
    source: str = ""
    caveat: str = ""


@dataclass(frozen=True)
class Ambiguous:
    """Words that mean several things; `meanings` by the metric or a name of each."""

    words: tuple[str, ...]
    meanings: Mapping[str, str]


@cache
def _content() -> Any:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


@cache
def definitions() -> tuple[Definition, ...]:
    """All metrics, in the file's order."""
    return tuple(_definition(dict(item)) for item in _content()["metrics"])


def _definition(item: dict[str, Any]) -> Definition:
    labels = {"de": str(item.pop("de")), "en": str(item.pop("en"))}
    return Definition(labels=labels, synonyms=tuple(map(str, item.pop("also", ()))), **item)


@cache
def ambiguous() -> tuple[Ambiguous, ...]:
    """All words with several meanings."""
    return tuple(Ambiguous(tuple(i["words"]), i["meanings"]) for i in _content()["ambiguous"])


def ambiguous_terms(model: SemanticModel) -> Iterator[Term]:
    """Terms for the words a model's metrics give two or more meanings, to be asked back on."""
    for item in ambiguous():
        served = [name for name in item.meanings if name in model.metrics]
        if len(served) > 1:
            meanings = "; ".join(f"{name}: {item.meanings[name]}" for name in served)
            reason = "its words name several metrics"
            yield Term(
                item.words,
                f"ambiguous, ask which: {meanings}",
                proposed=Proposal(AMBIGUOUS, reason),
            )


def with_variants(metric: Metric) -> Metric:
    """The metric, its description naming the other ways the trade computes it."""
    known = next((item for item in definitions() if item.metric == metric.name), None)
    if known is None or not known.variants:
        return metric
    others = "; ".join(f"{name}: {text}" for name, text in known.variants.items())
    return replace(metric, description=f"{metric.description}. Also in use: {others}")
