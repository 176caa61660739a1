"""The scores of random companies as lines of text and as JSON."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from assistant.evaluation.companies.scoring import Report, Share

NONE = "–"


def lines(report: Report) -> Iterator[str]:
    """One figure a line, with the counts it is made of."""
    yield f"companies                  {report.companies}, {report.effects} effects planted"
    yield f"recall (power ≥ 0.8)       {_said(report.recall)}"
    yield f"precision                  {_said(report.precision)}"
    yield f"direction                  {_said(report.direction)}"
    yield f"coverage of 95 % intervals {_said(report.coverage)}"
    off = NONE if report.size is None else f"{100 * report.size:.1f} %"
    yield f"size, median error         {off}"
    yield f"empty companies with any   {_said(report.told)}"
    decoys = ", ".join(f"{name} {count}" for name, count in report.decoys.items())
    yield f"decoys fallen for          {decoys or 'none'}"
    yield f"queries a question         {report.queries:.1f}"
    yield f"seconds a question         {report.seconds:.2f}"
    yield "recall by kind"
    yield from (f"  {name:38} {_said(share)}" for name, share in report.recall_by_kind.items())
    yield "precision by type"
    yield from (f"  {name:38} {_said(share)}" for name, share in report.precision_by_type.items())


def to_json(report: Report) -> dict[str, Any]:
    """The same; a share as ``{hits, of}``."""
    return asdict(report)


def _said(share: Share) -> str:
    if share.value is None:
        return NONE
    return f"{100 * share.value:5.1f} %  ({share.hits} of {share.of})"
