"""How one dataset is reached from another: along relationships, only from many to one."""

from collections import deque

from catalog.semantic_model import Relationship, SemanticModel

Path = tuple[Relationship, ...]


def path(model: SemanticModel, start: str, goal: str) -> Path | None:
    """The shortest chain of relationships from `start` to `goal`; empty when equal, None when none.

    Only many→one steps are taken, so joining never repeats a row of `start`.
    """
    queue: deque[tuple[str, Path]] = deque([(start, ())])
    seen = {start}
    while queue:
        here, taken = queue.popleft()
        if here == goal:
            return taken
        for step in model.relationships:
            if step.from_dataset == here and step.to_dataset not in seen:
                seen.add(step.to_dataset)
                queue.append((step.to_dataset, (*taken, step)))
    return None


def reachable(model: SemanticModel, start: str) -> dict[str, int]:
    """Datasets reachable from `start` with the number of steps; `start` itself with 0."""
    found = {start: 0}
    queue = deque([start])
    while queue:
        here = queue.popleft()
        for step in model.relationships:
            if step.from_dataset == here and step.to_dataset not in found:
                found[step.to_dataset] = found[here] + 1
                queue.append(step.to_dataset)
    return found
