"""Values planted in rows are found nowhere after a refresh: not in store, index, vectors or logs."""

import logging
from pathlib import Path

import pytest

from catalog.catalog import Catalog
from catalog.refresh import refresh
from tests.catalog.places import duckdb_silo, settings

ROWS = 10_000
MARK = "zq7marker"
# Text of many values in any column; of few values in columns whose names tell that they are personal.
MANY = ("kunden_nr", "email", "telefon", "notiz", "feld_7", "wert", "beschreibung", "name")
FEW = ("vorname", "nachname", "strasse", "ort", "iban", "diagnose", "kommentar", "betreff", "token")


def planted() -> str:
    many = ", ".join(f"'{MARK}_{name}_' || i AS {name}" for name in MANY)
    few = ", ".join(f"'{MARK}_{name}_' || (i % 3) AS {name}" for name in FEW)
    contacts = (
        f"CASE i % 3 WHEN 0 THEN '{MARK}@a.ch' WHEN 1 THEN '{MARK}@b.ch' ELSE NULL END AS schuld"
    )
    return (
        f"CREATE TABLE kunden AS SELECT i AS id, {many}, {few}, {contacts} FROM range({ROWS}) t(i)"
    )


def test_no_planted_value_leaves_its_silo(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    view = "CREATE VIEW alle AS SELECT * FROM kunden"
    made = settings(tmp_path, duckdb_silo(tmp_path, "crm", planted(), view))
    report = refresh(made)
    catalog = Catalog.open(made)
    context = catalog.search("Wie heissen die Kunden und was steht in der Notiz?", "de")
    catalog.close()
    assert (report.tables, report.unprofiled) == (2, {})
    assert len(context.tables) == 2
    files = [path for path in made.catalog.path.rglob("*") if path.is_file()]
    assert len(files) > 3
    assert [path for path in files if MARK.encode() in path.read_bytes()] == []
    written = capfd.readouterr()
    assert MARK not in caplog.text + written.out + written.err + repr(context)
