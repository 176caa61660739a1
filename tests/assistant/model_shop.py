"""A shop in one SQLite file that a scripted chat model is asked about, end to end."""

import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import app
from assistant.answer import Answer
from assistant.pipeline import AskRequest, ask
from assistant.services import Services
from catalog.refresh import refresh
from connectors.config import ModelSettings, load_settings
from tests.scripted_model import Endpoint, Scripted, scripted_endpoint

SILOS = """
silos:
  - {name: shop, kind: shop, url: "sqlite:///shop.db"}
semantic: semantic
today: 2026-10-31
"""
SEMANTIC = """
version: "0.2.0"
semantic_model:
  - name: shop
    datasets:
      - name: people
        source: shop.main.people
        primary_key: [id]
        fields:
          - {name: id, expression: id, datatype: Integer}
          - {name: segment, expression: segment, dimension: {}}
        rundblick: {labels: {de: Leute, en: people}}
    metrics:
      - name: people_count
        expression: COUNT(DISTINCT people.id)
        rundblick: {labels: {de: Leute, en: people}, unit: count}
"""
SECRETS = ("anna.muster@example.org", "Annabelle", "+41791234567", "sehr unzufrieden mit")
CATEGORIES = ("Goldkundschaft", "Silberkundschaft")
ROWS = [
    (n, SECRETS[0], SECRETS[1], SECRETS[2], f"{SECRETS[3]} der Lieferung Nummer {n} an mich", c)
    for n, c in enumerate(CATEGORIES * 3)
]


def make_shop(folder: Path) -> Path:
    """Write and catalog the shop; the path of its silos.yaml."""
    with closing(sqlite3.connect(folder / "shop.db")) as connection:
        connection.execute(
            "CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, vorname TEXT, telefon TEXT, "
            "kommentar TEXT, segment TEXT)"
        )
        connection.executemany("INSERT INTO people VALUES (?, ?, ?, ?, ?, ?)", ROWS)
        connection.commit()
    (folder / "semantic").mkdir()
    (folder / "semantic" / "shop.yaml").write_text(SEMANTIC, encoding="utf-8")
    config = folder / "silos.yaml"
    config.write_text(SILOS, encoding="utf-8")
    refresh(load_settings(config))
    return config


@contextmanager
def asked_shop(config: Path, **settings: object) -> Iterator["AskedShop"]:
    """Services over the shop, whose chat model plays what each question scripts."""
    with scripted_endpoint() as endpoint:
        model = ModelSettings(base_url=endpoint.url, api_key="k", chat="scripted", **settings)
        services = app.open_services(load_settings(config).model_copy(update={"model": model}))
        try:
            yield AskedShop(services, endpoint)
        finally:
            services.close()


@dataclass(frozen=True)
class AskedShop:
    """The services, and the endpoint that keeps what it was sent."""

    services: Services
    endpoint: Endpoint

    def ask(self, script: Sequence[Scripted], *questions: str) -> list[Answer]:
        """Ask in one conversation of its own; requests of earlier calls are forgotten."""
        self.endpoint.requests.clear()
        self.endpoint.script[:] = script
        conversation = uuid.uuid4().hex
        requests = (AskRequest(question, conversation, None, "de") for question in questions)
        return [ask(self.services, request) for request in requests]
