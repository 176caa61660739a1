"""The plan as text, with true rows and bytes after a run."""

from collections.abc import Iterator

from connectors.planner.plan import FederatedPlan, Fragment
from connectors.query import FragmentReceipt, Receipt


def explain(plan: FederatedPlan, receipt: Receipt | None = None) -> str:
    """The plan in lines of text; `receipt` adds what each fragment really gave."""
    lines: list[str] = []
    runs = list(receipt.fragments) if receipt is not None else []
    for fragment in plan.fragments:
        run = next((r for r in runs if r.silo == fragment.silo), None)
        if run is not None:
            runs.remove(run)
        lines += _fragment(fragment, run)
    lines.append(f"remainder: {plan.remainder or 'none, the rows are the answer'}")
    lines += [f"note: {note}" for note in plan.notes]
    return "\n".join(lines)


def _fragment(fragment: Fragment, run: FragmentReceipt | None) -> Iterator[str]:
    yield f"{fragment.name} in {fragment.silo} ({fragment.dialect}): {fragment.sql}"
    yield from (f"   pushed: {phrase}" for phrase in fragment.pushed)
    yield from (f"   kept:   {phrase}" for phrase in fragment.kept)
    yield from (f"   waits for {key.fragment} and takes {key.key}" for key in fragment.keys)
    yield f"   rows:   {_number(fragment.estimated_rows)} expected" + (
        f", {run.rows:,} came" if run else ""
    )
    yield f"   bytes:  {_number(fragment.estimated_bytes)} expected" + (
        f", {run.bytes:,} came, {run.keys_sent:,} keys sent" if run else ""
    )
    if run is not None and not run.snapshot:
        yield "   moment: not the same as that of the silo's other fragments"


def _number(estimate: int | None) -> str:
    return "unknown" if estimate is None else f"{estimate:,}"
