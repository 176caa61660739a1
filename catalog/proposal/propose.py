"""From the catalog to a semantic model: subjects, relationships, metrics, glossary."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from catalog.metric_glossary import ambiguous_terms, with_variants
from catalog.proposal.datasets import dataset
from catalog.proposal.metrics import metrics
from catalog.proposal.relations import relationships
from catalog.proposal.subjects import Subject, subjects
from catalog.proposal.terms import link_terms
from catalog.proposal.vocabulary import vocabulary
from catalog.semantic_model import Dataset, Metric, Relationship, SemanticModel, Term
from connectors.config import SiloSettings
from connectors.schema import SiloSchema


@dataclass(frozen=True)
class Proposed:
    """A proposal, by silo.

    Attributes:
        datasets: By silo; so are metrics, and relationships by where they start.
        terms: The glossary, each term linked to what it most likely means.
        left_out: Why a table is no dataset, by full name.
    """

    datasets: Mapping[str, Sequence[Dataset]]
    relationships: Mapping[str, Sequence[Relationship]]
    metrics: Mapping[str, Sequence[Metric]]
    terms: Sequence[Term] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)

    def model(self) -> SemanticModel:
        """The proposal as one semantic model."""
        every = [item for items in self.datasets.values() for item in items]
        figures = [item for items in self.metrics.values() for item in items]
        return SemanticModel(
            datasets={item.name: item for item in every},
            relationships=tuple(r for items in self.relationships.values() for r in items),
            metrics={item.name: item for item in figures},
            glossary=tuple(self.terms),
        )


def propose(
    schema: SiloSchema,
    silos: Sequence[SiloSettings],
    *,
    only: str | None = None,
    terms: Iterable[Term] = (),
) -> Proposed:
    """Propose a semantic model for all silos, or for one of them.

    Nothing is read from a silo: names, types, keys, comments and the catalog's statistics tell it.
    A column of a personal class is never a dimension.

    Args:
        schema: The catalog's tables, with statistics where there are any.
        silos: Their kinds and time zones.
        only: Name of the one silo to propose for.
        terms: Terms of a glossary to link.
    """
    kinds = {silo.name: silo.kind for silo in silos}
    # Names are chosen among all tables: a proposal for one silo fits the one for another.
    found, left = subjects(schema, kinds, vocabulary())
    chosen = [s for s in found if only in (None, s.table.silo)]
    steps = relationships(chosen, {silo.name: silo.timezone for silo in silos})
    figures = metrics(chosen)
    by_silo = _by_silo(chosen)
    silo_of = {subject.name: silo for silo, group in by_silo.items() for subject in group}
    linked = _linked(steps)
    made = Proposed(
        datasets={
            silo: [dataset(s, linked.get(s.name, ())) for s in group]
            for silo, group in by_silo.items()
        },
        relationships={
            silo: [step for step in steps if silo_of[step.from_dataset] == silo] for silo in by_silo
        },
        metrics={
            silo: [with_variants(metric) for subject in group for metric in figures[subject.name]]
            for silo, group in by_silo.items()
        },
        left_out={name: why for name, why in left.items() if only in (None, name.split(".")[0])},
    )
    model = made.model()
    linked_terms = link_terms(terms, model, schema)
    known = {form.lower() for term in linked_terms for form in term.forms}
    asked = (t for t in ambiguous_terms(model) if not known & {form.lower() for form in t.forms})
    return replace(made, terms=(*linked_terms, *asked))


def _linked(steps: Iterable[Relationship]) -> dict[str, set[str]]:
    """Fields that relationships use, by dataset."""
    found: dict[str, set[str]] = {}
    for step in steps:
        found.setdefault(step.from_dataset, set()).update(step.from_columns)
        found.setdefault(step.to_dataset, set()).update(step.to_columns)
    return found


def _by_silo(chosen: Sequence[Subject]) -> dict[str, list[Subject]]:
    found: dict[str, list[Subject]] = {}
    for subject in chosen:
        found.setdefault(subject.table.silo, []).append(subject)
    return found
