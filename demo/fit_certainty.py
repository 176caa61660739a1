"""Fits the reader's certainty on the questions it is developed on: prints weights and AUC.

``python -m demo.fit_certainty --folder .demo``; needs a built demo, starts its servers. Readings
that would be asked back about are answered here too, so that there are wrong ones to learn from.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import app
from assistant.compiler import compile_query
from assistant.evaluation.gold import read_golds
from assistant.evaluation.questions import load_questions
from assistant.evaluation.scoring import difference
from assistant.evaluation.summary import separation
from assistant.services import Services
from assistant.understanding.certainty import features
from assistant.understanding.lexicon import Lexicon
from assistant.understanding.reading import Reader
from connectors.config import load_settings
from connectors.errors import RundblickError
from demo.build import start

HERE = Path(__file__).parent
FILES = ("questions.yaml", "questions_forms.yaml", "questions_more.yaml")
RIDGE = 1.0
Example = tuple[tuple[float, ...], bool]


def examples(services: Services) -> Iterator[Example]:
    """Features and rightness of each reading of the dev questions that makes a query."""
    model = services.catalog.model
    reader = Reader(model, Lexicon(model, services.catalog.schema), services.clock)
    for name in FILES:
        file = load_questions(HERE / name)
        chosen = [q for q in file.questions if q.split != "test"]
        golds = read_golds(services, file, chosen)
        for question in chosen:
            for language, text in question.texts.items():
                reading = reader.read(text, language)
                if reading.query is None or reading.refusal is not None:
                    continue
                try:
                    sql = compile_query(reading.query, model, language).sql
                    rows = services.federation.run(sql).rows()
                except RundblickError:
                    continue
                gold = golds.get(question.id)
                yield features(reading.signals), gold is not None and not difference(rows, gold)


def fit(inputs: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Weights of a logistic curve by Newton's method, the first without ridge."""
    weights = np.zeros(inputs.shape[1])
    ridge = RIDGE * np.eye(inputs.shape[1])
    ridge[0, 0] = 0.0
    for _ in range(50):
        chance = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (chance - right) + ridge @ weights
        curve = (inputs.T * (chance * (1 - chance))) @ inputs + ridge + 1e-9 * np.eye(len(weights))
        weights -= np.linalg.solve(curve, slope)
    return weights


def main(words: list[str]) -> None:
    """Print the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(".demo"))
    folder = parser.parse_args(words).folder
    with start(folder) as running:
        services = app.open_services(load_settings(running.config))
        found = list(examples(services))
        services.close()
    inputs = np.array([features for features, _ in found], dtype=float)
    right = np.array([right for _, right in found], dtype=float)
    weights = fit(inputs, right)
    pairs = [(float(score), bool(ok)) for score, ok in zip(inputs @ weights, right, strict=True)]
    said = ", ".join(f"{weight:.2f}" for weight in weights)
    sys.stdout.write(
        f"{len(found)} readings, {right.mean():.3f} right, AUC {separation(pairs):.3f}\n"
    )
    sys.stdout.write(f"FITTED = Weights({said})\n")


if __name__ == "__main__":
    main(sys.argv[1:])
