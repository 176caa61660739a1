"""Several drafts of one question, and the one that most of them agree with.

Two drafts agree when their statements give the same rows, whatever their SQL, or when both refuse
or ask back. Drawing ends as soon as more than half of the most possible drafts agree.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from assistant.drafting import Drafted
from assistant.evaluation.scoring import same
from connectors.errors import ModelError, RundblickError
from connectors.query import FragmentReceipt, QueryResult

MAX_ROWS = 1_000
SECONDS = 30.0
Draw = Callable[[int], Drafted]
Run = Callable[[str, str | None, int, float], QueryResult]
"""(SQL, role, most rows, seconds) -> result."""
Rows = tuple[tuple[object, ...], ...]


@dataclass(frozen=True)
class Vote:
    """The chosen draft.

    Attributes:
        drafted: With the replies of all drafts, and receipts of the statements that were tried.
        agreement: Share of the drafts that agree with it, 0 to 1.
    """

    drafted: Drafted
    agreement: float


@dataclass
class _Group:
    """Drafts that agree; `rows` is None where there are none to compare."""

    first: Drafted
    rows: Rows | None
    size: int = 1


class Voter:
    """Draws and compares drafts; thread-safe, keeps nothing."""

    def __init__(self, run: Run, most: int) -> None:
        self._run = run
        self._most = most

    def choose(self, draw: Draw, role: str | None) -> Vote:
        """The first draft of the largest group.

        Args:
            draw: Makes the draft of a number, from 0.
            role: Whose rights statements are tried under.

        Raises:
            ModelError: No draft came about; the first one's.
        """
        groups: list[_Group] = []
        tried: list[FragmentReceipt] = []
        drawn: list[Drafted] = []
        fault: ModelError | None = None
        for number in range(self._most):
            try:
                drawn.append(draw(number))
            except ModelError as error:
                fault = fault or error
                continue
            _enter(groups, drawn[-1], self._rows(drawn[-1], role, tried))
            if max(group.size for group in groups) > self._most / 2:
                break
        if not groups:
            raise fault or ModelError("no draft came about")
        best = max(groups, key=lambda group: group.size)
        replies = tuple(reply for drafted in drawn for reply in drafted.replies)
        probes = (*best.first.probes, *tried)
        chosen = replace(best.first, replies=replies, probes=probes)
        return Vote(chosen, best.size / len(drawn))

    def _rows(
        self, drafted: Drafted, role: str | None, tried: list[FragmentReceipt]
    ) -> Rows | None:
        """The rows of a statement; None when it has none or fails, which agrees with nothing."""
        if drafted.review is None:
            return None
        try:
            result = self._run(drafted.review.bound.sql, role, MAX_ROWS, SECONDS)
        except RundblickError:
            return None
        tried.extend(result.receipt.fragments)
        return tuple(tuple(row) for row in result.rows())


def _enter(groups: list[_Group], drafted: Drafted, rows: Rows | None) -> None:
    for group in groups:
        if _agree(group, drafted, rows):
            group.size += 1
            return
    groups.append(_Group(drafted, rows))


def _agree(group: _Group, drafted: Drafted, rows: Rows | None) -> bool:
    kinds = (group.first.submitted.kind, drafted.submitted.kind)
    if kinds[0] != kinds[1]:
        return False
    if kinds[0] != "sql":
        return True
    return group.rows is not None and rows is not None and same(group.rows, rows)
