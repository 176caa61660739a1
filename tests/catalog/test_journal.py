"""A refresh that was killed goes on where it stopped, and never with what is out of date."""

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from catalog import introspection
from catalog.journal import Journal, bare
from catalog.refresh import refresh
from catalog.store import Store
from connectors.clock import Cancellation, Deadline
from connectors.config import Settings, SiloSettings
from connectors.schema import ColumnStats, Table
from connectors.silos.base import Connector
from tests.catalog.places import settings, sqlite_silo, table

KUNDEN = table("crm.main.kunden", "id BIGINT", "name", stats={"name": ColumnStats(0.5, 2)})
SILO = SiloSettings(name="crm", url="sqlite:///crm.db")
STATEMENTS = [f"CREATE TABLE t{n} (id INTEGER PRIMARY KEY, art TEXT)" for n in range(6)]
# Dies by itself once three steps are done: the silo's dictionary, and two tables.
KILLED = """
import os, signal, sys
from pathlib import Path
from catalog.refresh import refresh
from connectors.config import load_settings
def die(step):
    if step.done == 3:
        os.kill(os.getpid(), signal.SIGKILL)
refresh(load_settings(Path(sys.argv[1])), progress=die)
"""


def journal(folder: Path, *, profile: bool = True) -> Journal:
    return Journal(folder, {}, profile=profile)


def test_tables_are_kept_until_a_version_holds_them(tmp_path: Path) -> None:
    kept = journal(tmp_path)
    assert (kept.tables(SILO), kept.whole(SILO)) == ({}, None)
    kept.add(SILO, [KUNDEN])
    assert journal(tmp_path).tables(SILO) == {KUNDEN.full_name: KUNDEN}
    assert kept.whole(SILO) is None
    kept.end(SILO)
    assert journal(tmp_path).whole(SILO) == (KUNDEN,)
    kept.forget()
    assert (kept.tables(SILO), kept.whole(SILO)) == ({}, None)


def test_another_way_of_reading_gives_other_tables(tmp_path: Path) -> None:
    kept = journal(tmp_path)
    kept.add(SILO, [KUNDEN])
    kept.end(SILO)
    assert journal(tmp_path, profile=False).whole(SILO) is None
    elsewhere = SILO.model_copy(update={"url": "sqlite:///other.db"})
    assert kept.tables(elsewhere) == {}
    declared = {("crm.main.kunden", "name"): "health"}
    assert Journal(tmp_path, declared, profile=True).whole(SILO) is None  # type: ignore[arg-type]


def test_what_is_old_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = journal(tmp_path)
    kept.add(SILO, [KUNDEN])
    kept.end(SILO)
    monkeypatch.setattr("catalog.journal.WHOLE_S", -1)
    assert kept.whole(SILO) is None
    assert kept.tables(SILO)
    monkeypatch.setattr("catalog.journal.TABLE_S", -1)
    assert kept.tables(SILO) == {}


def test_a_broken_journal_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "reading.sqlite3").write_text("no database at all, but long enough to be read")
    kept = journal(tmp_path)
    assert kept.tables(SILO) == {}
    kept.add(SILO, [KUNDEN])
    assert kept.tables(SILO) == {KUNDEN.full_name: KUNDEN}


def test_what_a_profile_adds_is_no_part_of_a_table() -> None:
    assert bare(KUNDEN) == bare(replace(KUNDEN, stats={}, row_estimate=7))


@pytest.fixture
def killed(tmp_path: Path) -> Settings:
    """A silo whose first refresh was killed by SIGKILL while it read statistics."""
    made = settings(tmp_path, sqlite_silo(tmp_path, "crm", *STATEMENTS))
    config = tmp_path / "silos.yaml"
    config.write_text(
        "silos: [{name: crm, url: 'sqlite:///crm.db'}]\ncatalog: {path: catalog}\n", "utf-8"
    )
    root = Path(__file__).parents[2]
    ended = subprocess.run([sys.executable, "-c", KILLED, str(config)], cwd=root, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert Store(made.catalog.path).versions() == ()
    assert (made.catalog.path / "reading.sqlite3").stat().st_size > 0
    return made


def test_a_killed_refresh_reads_no_table_twice(
    killed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    profile = introspection.profile

    def counted(connector: Connector, table: Table, deadline: Deadline, c: Cancellation) -> Table:
        read.append(table.name)
        return profile(connector, table, deadline, c)

    monkeypatch.setattr(introspection, "profile", counted)
    report = refresh(killed)
    assert report.tables == 6
    assert 2 <= len(read) <= 4
    assert all(t.stats for t in Store(killed.catalog.path).latest().schema)
    read.clear()
    refresh(killed)
    assert len(read) == 6


def test_a_table_that_changed_meanwhile_is_read_again(killed: Settings, tmp_path: Path) -> None:
    sqlite_silo(tmp_path, "crm", *(f"ALTER TABLE t{n} ADD COLUMN neu TEXT" for n in range(6)))
    refresh(killed)
    schema = Store(killed.catalog.path).latest().schema
    assert all(t.column("neu") and "neu" in t.stats for t in schema)


def test_a_silo_read_to_its_end_is_not_asked_again(tmp_path: Path) -> None:
    silos = [sqlite_silo(tmp_path, name, *STATEMENTS) for name in ("crm", "shop")]
    made = settings(tmp_path, *silos)
    kept = Journal(made.catalog.path, {}, profile=True)
    meter = introspection.Meter(None)
    introspection.Reading(True, {}, meter, Cancellation(), kept).all(silos[:1])
    (tmp_path / "crm.db").unlink()
    report = refresh(made)
    assert (report.resumed, report.silos, report.tables) == (("crm",), ("crm", "shop"), 12)
