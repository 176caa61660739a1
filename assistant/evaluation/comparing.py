"""Two runs side by side: what became right, what became wrong, which figures changed."""

from dataclasses import dataclass

from assistant.evaluation.running import Result, Run
from assistant.evaluation.scoring import Difference, Outcome
from assistant.evaluation.summary import Totals, totals


@dataclass(frozen=True)
class Change:
    """One question whose outcome or figures changed; `now` is the later result."""

    before: Result
    now: Result


@dataclass(frozen=True)
class Comparison:
    """A later run against an earlier one, over the questions both asked.

    Attributes:
        before: Totals of the earlier run over these questions.
        newly_right: Questions that are right now and were not.
        newly_wrong: Questions that were right and are not now.
        changed: Not right in both, but with another outcome, rows or status.
        added: Keys only the later run has; `gone` those only the earlier one has.
    """

    before: Totals
    now: Totals
    newly_right: tuple[Change, ...]
    newly_wrong: tuple[Change, ...]
    changed: tuple[Change, ...]
    added: tuple[str, ...]
    gone: tuple[str, ...]


def compare(before: Run, now: Run) -> Comparison:
    """Compare two runs question by question, each in each language."""
    old = {result.key: result for result in before.results}
    new = {result.key: result for result in now.results}
    both = [Change(old[key], new[key]) for key in new if key in old]
    return Comparison(
        before=totals("before", [change.before for change in both]),
        now=totals("now", [change.now for change in both]),
        newly_right=tuple(c for c in both if _right(c.now) and not _right(c.before)),
        newly_wrong=tuple(c for c in both if _right(c.before) and not _right(c.now)),
        changed=tuple(
            c for c in both if _neither_right(c) and _figures(c.before) != _figures(c.now)
        ),
        added=tuple(key for key in new if key not in old),
        gone=tuple(key for key in old if key not in new),
    )


def _right(result: Result) -> bool:
    return result.outcome == "right"


def _neither_right(change: Change) -> bool:
    return not _right(change.before) and not _right(change.now)


def _figures(result: Result) -> tuple[Outcome, str, Difference | None]:
    return result.outcome, result.status, result.difference
