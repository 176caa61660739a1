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
    estimate = "unknown" if fragment.estimated_rows is None else f"{fragment.estimated_rows:,}"
    yield f"   rows:   {estimate} expected" + (
        f", {run.rows:,} came, {run.bytes:,} bytes, {run.keys_sent:,} keys sent" if run else ""
    )
