"""`python -m benchmarks retrieval`: is the needed table among the first 1, 5 and 10 found?"""

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks.catalog.systems import systems
from benchmarks.environment import FOLDER
from benchmarks.retrieval.pairs import Pair, read_pairs
from catalog.catalog import Catalog
from catalog.refresh import refresh
from connectors.config import CatalogSettings, Settings, SiloSettings

DEPTHS = (1, 5, 10)
LEAST_AT_10 = 0.95
Ranks = Mapping[tuple[str, str], Sequence[int | None]]


def main(arguments: Sequence[str]) -> int:
    """Print the recall; 0 when it is high enough at 10 in both languages of each split shown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks retrieval", description=__doc__)
    parser.add_argument("--split", choices=("dev", "test", "all"), default="dev")
    parser.add_argument("--missed", action="store_true", help="say what was missed; dev only")
    asked = parser.parse_args(arguments)
    catalog = Catalog.open(_refreshed(FOLDER / "catalog"))
    splits = ("dev", "test") if asked.split == "all" else (asked.split,)
    pairs = [pair for pair in read_pairs() if pair.split in splits]
    ranks = ranks_of(catalog, pairs, missed=asked.missed and asked.split == "dev")
    catalog.close()
    print("| split | language | questions | recall@1 | recall@5 | recall@10 |")
    print("|---|---|---|---|---|---|")
    for (split, language), found in sorted(ranks.items()):
        shown = " | ".join(f"{recall(found, depth):.3f}" for depth in DEPTHS)
        print(f"| {split} | {language} | {len(found)} | {shown} |")
    return 0 if all(recall(found, 10) >= LEAST_AT_10 for found in ranks.values()) else 1


def _refreshed(folder: Path) -> Settings:
    """Settings of the catalog the benchmark of that name leaves; it is made when missing."""
    if not folder.exists():
        with systems(folder) as settings:
            refresh(settings, profile=False)
    nothing_read = SiloSettings(name="unused", url="sqlite://")
    return Settings(
        path=folder.parent / "silos.yaml",
        silos=(nothing_read,),
        catalog=CatalogSettings(path=folder),
    )


def ranks_of(catalog: Catalog, pairs: Iterable[Pair], *, missed: bool = False) -> Ranks:
    """Rank from 1 of the first table that serves, by (split, language); None beyond the tenth."""
    ranks: dict[tuple[str, str], list[int | None]] = {}
    for pair in pairs:
        for language, question in pair.questions.items():
            context = catalog.search(question, language, limit=max(DEPTHS))
            names = [f"{t.silo}.{t.name}".lower() for t in context.tables[: max(DEPTHS)]]
            wanted = {name.lower() for name in pair.tables}
            rank = next((n for n, name in enumerate(names, 1) if name in wanted), None)
            ranks.setdefault((pair.split, language), []).append(rank)
            if missed and rank is None:
                print(f"{language} {question}\n  {pair.tables} not in {names}", file=sys.stderr)
    return ranks


def recall(ranks: Sequence[int | None], depth: int) -> float:
    """Share of questions whose table is among the first `depth`."""
    return sum(rank is not None and rank <= depth for rank in ranks) / len(ranks)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
