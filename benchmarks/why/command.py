"""`python -m benchmarks why`: seconds, queries at silos and bytes of why-questions on the demo.

Each planted effect is asked for in German and English, once to warm up, then `--runs` times; the
figure's own query counts too. The demo is built in `--folder` where it is not there yet.
"""

import argparse
import statistics
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import yaml

import app
import demo
from assistant.answer import Answer
from assistant.pipeline import AskRequest, ask
from assistant.services import Services
from catalog.refresh import refresh
from connectors.config import load_settings

LIMITS = {"seconds": 15.0, "fragments": 60.0, "megabytes": 10.0}


@dataclass(frozen=True)
class Cost:
    """Of one question: wall seconds, queries at a silo, bytes out of the silos."""

    seconds: float
    fragments: int
    bytes: int


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 0 when the 95th percentiles keep the limits, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks why", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(".demo"))
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args(arguments)
    folder = asked.folder.absolute()
    if not (folder / "silos.yaml").exists():
        folder.mkdir(parents=True, exist_ok=True)
        demo.build(folder)
    with demo.start(folder) as running:
        settings = load_settings(running.config)
        refresh(settings)
        with closing(app.open_services(settings)) as services:
            costs = _measured(services, asked.runs)
    return report(costs)


def questions() -> list[str]:
    """One why-question of each planted effect and language, each once."""
    path = Path(demo.__file__).parent / "effects.yaml"
    effects = yaml.safe_load(path.read_text(encoding="utf-8"))["effects"]
    asked = (effect.get("why", effect["ask"]) for effect in effects)
    return list(dict.fromkeys(question for pair in asked for question in pair.values()))


def _measured(services: Services, runs: int) -> dict[str, list[Cost]]:
    for question in questions():
        ask(services, AskRequest(question))
    return {question: [_cost(services, question) for _ in range(runs)] for question in questions()}


def _cost(services: Services, question: str) -> Cost:
    began = time.perf_counter()
    answer = ask(services, AskRequest(question))
    return cost(answer, time.perf_counter() - began)


def cost(answer: Answer, seconds: float) -> Cost:
    """What an answer took, its investigation included."""
    own = answer.receipt.fragments if answer.receipt else ()
    spent = answer.investigation.spent if answer.investigation else {}
    fragments = len(own) + int(spent.get("fragments", 0))
    size = sum(fragment.bytes for fragment in own) + int(spent.get("bytes", 0))
    return Cost(seconds, fragments, size)


def report(costs: dict[str, list[Cost]]) -> int:
    """A table by question, then the percentiles over all; 1 when one is beyond its limit."""
    print("| question | median s | queries | MB |\n|:--|--:|--:|--:|")
    for question, each in costs.items():
        seconds = statistics.median(c.seconds for c in each)
        size = max(c.bytes for c in each) / 1e6
        print(f"| {question} | {seconds:.1f} | {max(c.fragments for c in each)} | {size:.2f} |")
    every = [c for each in costs.values() for c in each]
    found = {
        "seconds": _high([c.seconds for c in every]),
        "fragments": float(max(c.fragments for c in every)),
        "megabytes": max(c.bytes for c in every) / 1e6,
    }
    print(
        f"\np95 {found['seconds']:.1f} s of {len(every)} questions; at most "
        f"{found['fragments']:.0f} queries and {found['megabytes']:.2f} MB"
    )
    return int(any(found[name] > limit for name, limit in LIMITS.items()))


def _high(values: Sequence[float]) -> float:
    """The 95th percentile."""
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=20, method="inclusive")[18]
