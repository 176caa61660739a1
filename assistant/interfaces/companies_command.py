"""``rundblick eval-insights``: scores the findings on random companies with known truth."""

import json
import sys
from collections.abc import Iterable
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import track

from assistant.evaluation.companies import report
from assistant.evaluation.companies.scoring import (
    FIRST_SEED,
    Scored,
    score_companies,
    summarise_companies,
)
from assistant.insights.base import detectors
from connectors.errors import RundblickError


def register(cli: typer.Typer) -> None:
    """Add the command."""

    @cli.command("eval-insights")
    def eval_insights(
        companies: Annotated[int, typer.Option(min=1, help="So many, and as many empty.")] = 60,
        seed: Annotated[int, typer.Option(min=0, help="Seed of the first.")] = FIRST_SEED,
        output: Annotated[Literal["text", "json"], typer.Option("--format")] = "text",
    ) -> None:
        """Score the findings on random companies with planted effects and decoys."""
        try:
            seeds = range(seed, seed + companies)
            full = _all(score_companies(detectors(), seeds), companies, "with effects")
            none = range(seed + companies, seed + 2 * companies)
            empty = _all(score_companies(detectors(), none, empty=True), companies, "empty")
        except RundblickError as error:
            sys.stderr.write(f"{error.message}\n")
            raise typer.Exit(error.exit_code) from error
        made = summarise_companies(full, empty)
        said = "\n".join(report.lines(made))
        if output == "json":
            said = json.dumps(report.to_json(made), ensure_ascii=False, indent=2)
        sys.stdout.write(said + "\n")


def _all(scored: Iterable[Scored], total: int, name: str) -> list[Scored]:
    console = Console(stderr=True)
    return list(track(scored, description=name, total=total, console=console, transient=True))
