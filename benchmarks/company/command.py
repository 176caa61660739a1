"""`python -m benchmarks company`: a second company without a curated model, to be evaluated.

Two public databases are spread over four silos, their thin tables filled with random rows; the
semantic model is what the catalog proposes, beside a plain glossary.
"""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from benchmarks.company.questions import write_questions
from benchmarks.company.rows import TODAY, make_truth
from benchmarks.company.silos import held, write_silos
from benchmarks.defog.questions import default_folder
from catalog.catalog import Catalog
from catalog.proposal import propose, write
from catalog.refresh import refresh
from catalog.semantic_files import GLOSSARY, read_glossary
from connectors.config import Settings, load_settings

HERE = Path(__file__).parent


def main(arguments: Sequence[str]) -> int:
    """Build the company in a folder, hold its servers and run a command; its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks company", description=__doc__)
    parser.add_argument("--source", type=Path, default=default_folder())
    parser.add_argument("--folder", type=Path, default=Path(".company"))
    parser.add_argument("command", nargs="*", help="after --, run while the servers are held")
    asked = parser.parse_args(arguments)
    folder = asked.folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    with held(folder) as urls:
        config = _config(folder, urls)
        if not (folder / "semantic").exists():
            _build(asked.source, folder, urls, config)
        print(f"the company is held: {config}", file=sys.stderr, flush=True)
        return subprocess.run(asked.command, check=False).returncode if asked.command else 0


def _build(source: Path, folder: Path, urls: dict[str, str], config: Path) -> None:
    truth = folder / "truth.duckdb"
    make_truth(source, truth)
    write_silos(truth, urls)
    write_questions(source, HERE / "questions.yaml", truth, folder / "questions.yaml")
    plain = load_settings(config).model_copy(update={"semantic": None})
    refresh(plain)
    _propose(plain, folder / "semantic.new")
    (folder / "semantic.new").rename(folder / "semantic")
    refresh(load_settings(config))


def _propose(settings: Settings, place: Path) -> None:
    """What `catalog propose` gives, reviewed by nobody."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    terms = read_glossary(HERE / GLOSSARY)
    write(propose(Catalog.open(settings).schema, settings.silos, terms=terms), place)


def _config(folder: Path, urls: dict[str, str]) -> Path:
    silos = [{"name": name, "kind": "database", "url": url} for name, url in urls.items()]
    written = {
        "silos": silos,
        "catalog": {"path": ".rundblick"},
        "semantic": "semantic/",
        "today": TODAY,
    }
    path = folder / "silos.yaml"
    path.write_text(yaml.safe_dump(written, sort_keys=False), encoding="utf-8")
    return path
