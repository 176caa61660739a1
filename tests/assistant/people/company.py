"""A company of ten people in three SQLite silos: each of them is held back by something else."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import app
from assistant.people.audiences import Audiences
from assistant.services import Services
from catalog.refresh import refresh
from connectors.config import load_settings

SILOS = """
silos:
  - {name: crm, kind: crm, url: "sqlite:///crm.db", owner: sales, purpose: contract}
  - {name: mail, kind: campaign, url: "sqlite:///mail.db", owner: marketing, purpose: consent}
  - {name: desk, kind: service, url: "sqlite:///desk.db", owner: service, purpose: health}
policy: policy.yaml
semantic: semantic
today: 2026-10-31
activation:
  channels:
    email: {most: 2, days: 30, cost: 0.5, per_day: 3}
"""
POLICY = """
default_role: all
roles:
  all: {read: ["*"]}
  blind: {read: ["*"], columns: {"mail.main.consents.*": "null"}}
  bern: {read: ["*"], rows: {"crm.main.people": "region = 'Bern'"}}
"""
CRM = """
CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, region TEXT, gone INTEGER);
INSERT INTO people VALUES
    (1, 'anna@x.example', 'Bern', 0), (2, ' BEA@x.example ', 'Bern', 0), (3, NULL, 'Bern', 0),
    (4, 'dora@x.example', 'Bern', 0), (5, 'emil@x.example', 'Bern', 0),
    (6, 'fred@x.example', 'Bern', 0), (7, 'gerd@x.example', 'Bern', 0),
    (8, 'hans@x.example', 'Bern', 0), (9, 'ida@x.example', 'Bern', 1),
    (10, 'jan@x.example', 'Genf', 0);
CREATE TABLE blocks (person INTEGER, channel TEXT);
INSERT INTO blocks VALUES (6, 'email'), (1, 'post');
CREATE TABLE orders (id INTEGER PRIMARY KEY, person INTEGER, day DATE, amount REAL);
INSERT INTO orders VALUES (1, 1, '2026-10-20', 20), (2, 1, '2026-01-01', 30), (3, 2, '2026-05-01', 9);
"""
MAIL = """
CREATE TABLE consents (email TEXT, purpose TEXT, yes BOOLEAN);
INSERT INTO consents VALUES
    ('ANNA@x.example', 'news', 1), ('bea@x.example', 'news', 1), ('dora@x.example', 'news', 0),
    ('emil@x.example', 'sms', 1), ('fred@x.example', 'news', 1), ('gerd@x.example', 'news', 1),
    ('hans@x.example', 'news', 1), ('hans@x.example', 'news', NULL), ('ida@x.example', 'news', 1),
    ('jan@x.example', 'news', 1);
CREATE TABLE sends (id INTEGER PRIMARY KEY, email TEXT, day DATE, clicked BOOLEAN);
INSERT INTO sends VALUES
    (1, 'gerd@x.example', '2026-10-30', 0), (2, 'GERD@x.example', '2026-10-01', 0),
    (3, 'anna@x.example', '2026-10-30', 1), (4, 'anna@x.example', '2026-09-01', 1),
    (5, 'bea@x.example', '2026-09-01', 0), (6, 'jan@x.example', '2026-10-02', 0);
"""
DESK = """
CREATE TABLE cases (id INTEGER PRIMARY KEY, email TEXT, open BOOLEAN, topic TEXT);
INSERT INTO cases VALUES (1, 'jan@x.example', 1, 'late'), (2, 'anna@x.example', 0, 'late');
"""
MODEL = """
semantic_model:
  - name: company
    datasets:
      - name: people
        source: crm.main.people
        primary_key: [id]
        fields: [{name: id}, {name: email}, {name: region, dimension: {}}]
        rundblick: {entity: person, always: gone = 0, addresses: {email: email}}
      - name: blocks
        source: crm.main.blocks
        fields: [{name: person}]
        rundblick: {consent: {email: {rows: channel = 'email', given: "FALSE"}}}
      - name: orders
        source: crm.main.orders
        fields: [{name: person}]
        rundblick: {purchase: {time: day, value: amount}}
      - name: consents
        source: mail.main.consents
        fields: [{name: email}]
        rundblick: {consent: {email: {rows: purpose = 'news', given: "yes"}}}
      - name: sends
        source: mail.main.sends
        fields: [{name: email}]
        rundblick: {contact: {time: day, channels: {email: "TRUE"}, response: clicked}}
      - name: cases
        source: desk.main.cases
        fields: [{name: email}]
        rundblick: {complaint: open}
    relationships:
      - {name: b, from: blocks, to: people, from_columns: [person], to_columns: [id]}
      - {name: o, from: orders, to: people, from_columns: [person], to_columns: [id]}
      - {name: c, from: consents, to: people, from_columns: [email], to_columns: [email], rundblick: {normaliser: lower(trim)}}
      - {name: s, from: sends, to: people, from_columns: [email], to_columns: [email], rundblick: {normaliser: lower(trim)}}
      - {name: d, from: cases, to: people, from_columns: [email], to_columns: [email], rundblick: {normaliser: lower(trim)}}
    rundblick:
      offers:
        - name: voucher
          labels: {de: Gutschein, en: voucher}
          because: {de: wohnt in Bern, en: lives in Bern}
          touchpoint: shop
          channels: {email: 0.1}
          value: 20
          select: [{dataset: people, where: "region IN ('Bern', 'Genf')"}]
"""


def make_company(folder: Path) -> Path:
    """Write and catalog the company; the path of its silos.yaml."""
    for name, script in (("crm", CRM), ("mail", MAIL), ("desk", DESK)):
        with closing(sqlite3.connect(folder / f"{name}.db")) as connection:
            connection.executescript(script)
    (folder / "policy.yaml").write_text(POLICY, encoding="utf-8")
    (folder / "semantic").mkdir()
    (folder / "semantic" / "company.yaml").write_text(MODEL, encoding="utf-8")
    config = folder / "silos.yaml"
    config.write_text(SILOS, encoding="utf-8")
    refresh(load_settings(config), profile=False)
    return config


@contextmanager
def open_company(config: Path) -> Iterator[Services]:
    """Services over the company, closed in the end."""
    services = app.open_services(load_settings(config))
    try:
        yield services
    finally:
        services.close()


def audiences_of(services: Services, role: str | None = None) -> Audiences:
    """The audiences under a role."""
    return Audiences(
        services.settings, services.catalog.model, services.federation, services.clock, role
    )
