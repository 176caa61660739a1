"""A service reads its silos again when it is due, and takes over what other processes stored."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import app
from assistant.jobs import Job, Jobs
from assistant.schedule import Schedule, next_due
from assistant.services import Services
from catalog.refresh import refresh
from connectors.config import RefreshSettings, load_settings
from tests.assistant.interfaces.small_shop import change_shop, make_shop

NOON = datetime(2026, 10, 24, 12, tzinfo=UTC)


def when(value: object) -> RefreshSettings:
    return RefreshSettings.model_validate(value)


@pytest.mark.parametrize(
    ("value", "due"),
    [
        ("6h", datetime(2026, 10, 24, 18, tzinfo=UTC)),
        ("1d", datetime(2026, 10, 25, 12, tzinfo=UTC)),
        ("12:00", datetime(2026, 10, 25, 12, tzinfo=UTC)),
        ("12:01", datetime(2026, 10, 24, 12, 1, tzinfo=UTC)),
        ({"when": "03:30", "timezone": "Europe/Zurich"}, datetime(2026, 10, 25, 2, 30, tzinfo=UTC)),
        ({"when": "14:00", "timezone": "Europe/Zurich"}, datetime(2026, 10, 25, 13, tzinfo=UTC)),
    ],
)
def test_when_a_refresh_is_due_next(value: object, due: datetime) -> None:
    assert next_due(when(value), NOON) == due


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Services]:
    config = make_shop(tmp_path)
    text = config.read_text(encoding="utf-8")
    config.write_text(
        f"{text}catalog: {{refresh: {{when: 1h, profile: false}}}}\n", encoding="utf-8"
    )
    services = app.open_services(load_settings(config))
    yield services
    services.close()


def ended(jobs: Jobs, job_id: str) -> Job:
    """The job once it has ended; its threads are daemons, so it is waited for by its state."""
    waited = threading.Event()
    for _ in range(500):
        job = jobs.get(job_id)
        assert job is not None
        if job.state != "running":
            return job
        waited.wait(0.02)
    raise AssertionError("the job never ended")


def test_a_due_refresh_is_a_job_and_not_started_twice(shop: Services, tmp_path: Path) -> None:
    jobs = Jobs()
    schedule, read = Schedule(shop, jobs), shop.catalog.read_at
    assert schedule.look(read + timedelta(minutes=59)) is None
    change_shop(tmp_path, "ALTER TABLE orders ADD COLUMN paid TEXT")
    started = schedule.look(read + timedelta(minutes=61))
    assert started is not None
    job = ended(jobs, started)
    assert job.state == "done"
    assert job.result is not None
    assert (job.result["version"], job.result["broken"]) == (2, [])
    assert shop.catalog.version == 2
    assert schedule.look(read + timedelta(minutes=90)) is None
    assert [made.id for made in jobs.all()] == [started]
    assert b'rundblick_refreshes_total{state="done"} 1.0' in shop.telemetry.text()


def test_one_that_failed_is_tried_again_only_when_due(shop: Services, tmp_path: Path) -> None:
    jobs = Jobs()
    schedule, read = Schedule(shop, jobs), shop.catalog.read_at
    (tmp_path / "shop.db").write_text("this is no database")
    started = schedule.look(read + timedelta(hours=2))
    assert started is not None
    assert ended(jobs, started).state == "failed"
    assert schedule.look(read + timedelta(hours=2, minutes=59)) is None
    assert schedule.look(read + timedelta(hours=3)) is not None
    assert b'rundblick_refreshes_total{state="failed"}' in shop.telemetry.text()


def test_a_version_of_another_process_is_taken_over(shop: Services, tmp_path: Path) -> None:
    change_shop(tmp_path, "CREATE TABLE gifts (id INTEGER PRIMARY KEY)")
    refresh(shop.settings, profile=False)
    assert (shop.catalog.version, shop.catalog.outdated) == (1, True)
    schedule = Schedule(shop, Jobs(), look_s=0.01)
    schedule.start()
    for _ in range(500):
        if shop.catalog.version == 2:
            break
        threading.Event().wait(0.02)
    schedule.stop()
    assert (shop.catalog.version, shop.catalog.outdated) == (2, False)
