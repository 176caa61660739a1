"""A shop in one SQLite file, with two roles: its catalog is read in a moment."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import app
from assistant.services import Services
from catalog.refresh import refresh
from connectors.config import load_settings

SILOS = """
silos:
  - {name: shop, kind: shop, url: "sqlite:///shop.db", owner: web, purpose: contract}
policy: policy.yaml
today: 2026-10-31
"""
POLICY = """
default_role: all
roles:
  all: {read: ["*"], columns: {"*.email": {constant: "***"}}}
  orders: {read: ["shop.main.orders"], columns: {"*.amount": deny}}
"""
TABLES = """
CREATE TABLE orders (id INTEGER PRIMARY KEY, amount REAL);
CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT);
INSERT INTO orders VALUES (1, 9.5), (2, 20.25);
INSERT INTO people VALUES (1, 'anna@example.org');
"""


def make_shop(folder: Path) -> Path:
    """Write and catalog the shop; the path of its silos.yaml."""
    change_shop(folder, TABLES)
    (folder / "policy.yaml").write_text(POLICY, encoding="utf-8")
    config = folder / "silos.yaml"
    config.write_text(SILOS, encoding="utf-8")
    refresh(load_settings(config), profile=False)
    return config


def change_shop(folder: Path, statements: str) -> None:
    """Change the database behind the catalog's back."""
    with closing(sqlite3.connect(folder / "shop.db")) as connection:
        connection.executescript(statements)


@contextmanager
def open_shop(config: Path) -> Iterator[Services]:
    """Services over the shop, closed in the end."""
    services = app.open_services(load_settings(config))
    try:
        yield services
    finally:
        services.close()
