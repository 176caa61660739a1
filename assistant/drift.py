"""What a change in the silos broke: metrics, links and checked questions that no longer fit."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from assistant.model_check import Problem, check_model
from catalog.changes import Change
from catalog.documents import metric_tables, question_tables
from catalog.links import Link
from catalog.semantic_model import SemanticModel
from connectors.clock import Clock
from connectors.schema import SiloSchema


@dataclass(frozen=True)
class Broken:
    """A part of the semantic model, or a proposed link, that no longer fits the catalog.

    Attributes:
        part: dataset, field, relationship, metric, question or link.
        tables: Lower-case full names of the tables it reads, also of those that are gone.
        problem: What does not fit.
        causes: The changes of its tables that explain it; empty when it was broken before.
    """

    part: str
    name: str
    tables: tuple[str, ...]
    problem: str
    causes: tuple[str, ...] = ()


def drift(
    model: SemanticModel,
    schema: SiloSchema,
    changes: Sequence[Change],
    clock: Clock,
    links: Iterable[Link] = (),
) -> tuple[Broken, ...]:
    """What is broken now, in the model's order; then proposed links whose columns are gone.

    Args:
        model: What the semantic files say.
        schema: The tables as they are now.
        changes: From the version before, to tell the causes.
        clock: The reference day.
        links: Those of the version before.
    """
    problems = check_model(model, schema, clock)
    problems = (*problems, *_cut_links(problems, model))
    found = [_broken(problem, model, schema, changes) for problem in problems]
    gone = (link for link in links if link.origin == "proposed" and link.reason)
    return (*found, *_links(gone, schema, changes))


def _cut_links(problems: Sequence[Problem], model: SemanticModel) -> Iterator[Problem]:
    """Links whose dataset or key field is broken: the check names only the first fault."""
    broken = {problem.name for problem in problems if problem.kind in ("dataset", "field")}
    for step in model.relationships:
        ends = ((step.from_dataset, step.from_columns), (step.to_dataset, step.to_columns))
        keys = {f"{dataset}.{column}" for dataset, columns in ends for column in columns}
        lost = sorted(broken & {step.from_dataset, step.to_dataset, *keys})
        if lost:
            yield Problem("relationship", step.name, f"it needs {', '.join(lost)}")


def _broken(
    problem: Problem, model: SemanticModel, schema: SiloSchema, changes: Sequence[Change]
) -> Broken:
    tables = tuple(sorted(_tables(problem, model, schema)))
    causes = tuple(_said(change) for change in changes if _touched(change) & set(tables))
    return Broken(problem.kind, problem.name, tables, problem.problem, causes)


def _tables(problem: Problem, model: SemanticModel, schema: SiloSchema) -> frozenset[str]:
    name = problem.name
    if problem.kind == "metric":
        return metric_tables(model.metrics[name], model)
    if problem.kind == "question":
        asked = (q for q in model.verified_questions if name in q.question.values())
        return frozenset().union(*(question_tables(q.sql, schema) for q in asked))
    datasets = [name.partition(".")[0]]
    if problem.kind == "relationship":
        step = next(r for r in model.relationships if r.name == name)
        datasets = [step.from_dataset, step.to_dataset]
    return frozenset(model.datasets[item].source.lower() for item in datasets)


def _links(
    links: Iterable[Link], schema: SiloSchema, changes: Sequence[Change]
) -> Iterator[Broken]:
    """Links one of whose plain columns is no longer there."""
    for link in links:
        gone = [side for side in (link.left, link.right) if not _there(side, schema)]
        if gone:
            tables = tuple(sorted({_table(side).lower() for side in (link.left, link.right)}))
            causes = tuple(_said(change) for change in changes if _touched(change) & set(tables))
            problem = f"{' and '.join(gone)} is gone"
            yield Broken("link", f"{link.left} → {link.right}", tables, problem, causes)


def _there(side: str, schema: SiloSchema) -> bool:
    table = schema.tables.get(_table(side).lower())
    column = side[len(_table(side)) + 1 :]
    plain = all(part.isidentifier() for part in column.split(", "))
    return table is not None and (
        not plain or all(table.column(part) is not None for part in column.split(", "))
    )


def _table(side: str) -> str:
    return ".".join(side.split(".", 3)[:3])


def _touched(change: Change) -> set[str]:
    """The table of a change, and its old name when it was renamed; additions break nothing."""
    if change.kind == "added":
        return set()
    before = change.detail.removeprefix("was: ") if change.column is None else ""
    return {change.table.lower(), before.lower()}


def _said(change: Change) -> str:
    place = f"{change.table}.{change.column}" if change.column else change.table
    detail = f" ({change.detail})" if change.detail else ""
    return f"{change.kind}: {place}{detail}"
