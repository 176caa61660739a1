"""`python -m benchmarks retrieval`: is the needed table among the first 1, 5 and 10 found?"""

import argparse
import json
import statistics
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from assistant.chat_model import BYTES_PER_TOKEN
from assistant.drafting import TOOLS
from assistant.period_hints import period_hints
from assistant.pipeline import MOST_FOUND
from assistant.schema_prompt import schema_text
from assistant.translators.llm import prompt
from benchmarks.catalog.systems import systems
from benchmarks.environment import FOLDER
from benchmarks.retrieval.pairs import Pair, read_pairs
from catalog.catalog import Catalog
from catalog.refresh import refresh
from connectors.clock import Clock
from connectors.config import CatalogSettings, Settings, SiloSettings

DEPTHS = (1, 5, 10)
LEAST_AT_10 = 0.95
MOST_TOKENS = 6_000
Ranks = Mapping[tuple[str, str], Sequence[int | None]]


def main(arguments: Sequence[str]) -> int:
    """Print the recall; 0 when it is high enough at 10 in both languages of each split shown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks retrieval", description=__doc__)
    parser.add_argument("--split", choices=("dev", "test", "all"), default="dev")
    parser.add_argument("--prompts", action="store_true", help="tokens of a request instead")
    parser.add_argument("--missed", action="store_true", help="say what was missed; dev only")
    asked = parser.parse_args(arguments)
    catalog = Catalog.open(_refreshed(FOLDER / "catalog"))
    splits = ("dev", "test") if asked.split == "all" else (asked.split,)
    pairs = [pair for pair in read_pairs() if pair.split in splits]
    if asked.prompts:
        return _prompts(catalog, pairs)
    ranks = ranks_of(catalog, pairs, missed=asked.missed and asked.split == "dev")
    catalog.close()
    print("| split | language | questions | recall@1 | recall@5 | recall@10 |")
    print("|---|---|---|---|---|---|")
    for (split, language), found in sorted(ranks.items()):
        shown = " | ".join(f"{recall(found, depth):.3f}" for depth in DEPTHS)
        print(f"| {split} | {language} | {len(found)} | {shown} |")
    return 0 if all(recall(found, 10) >= LEAST_AT_10 for found in ranks.values()) else 1


def _prompts(catalog: Catalog, pairs: Iterable[Pair]) -> int:
    """Print how many tokens a request to a chat model has; 0 when the median is within 6,000."""
    questions = [(text, lang) for pair in pairs for lang, text in pair.questions.items()]
    sizes = sorted(request_tokens(catalog, *question) for question in questions)
    catalog.close()
    median, most = statistics.median(sizes), sizes[-1]
    print(
        f"{len(catalog.schema):,} tables, {len(sizes)} requests: median {median:,.0f} tokens, "
        f"most {most:,}; rules and tools {fixed_tokens():,} of them"
    )
    return 0 if median <= MOST_TOKENS else 1


def fixed_tokens() -> int:
    """Tokens that are the same for every question: rules and tools."""
    return _tokens(prompt("draft")) + _tokens(json.dumps(TOOLS))


def request_tokens(catalog: Catalog, question: str, language: str) -> int:
    """Tokens of the first request for a question, estimated as bytes / 4."""
    context = catalog.search(question, language, limit=MOST_FOUND)
    hints = period_hints(question, Clock(), "de" if language == "de" else "en")
    text = f"{schema_text(context, show_values=True)}\n{hints}\n{question}"
    return fixed_tokens() + _tokens(text)


def _tokens(text: str) -> int:
    return len(text.encode()) // BYTES_PER_TOKEN


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
