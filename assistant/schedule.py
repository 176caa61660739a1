"""Refreshes the catalog of a running service when it is due, and takes over newer versions."""

import logging
import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from assistant.jobs import Jobs, Report
from assistant.refreshing import refresh_service
from assistant.services import Services
from connectors.config import RefreshSettings
from connectors.errors import RundblickError

LOG = logging.getLogger(__name__)
KIND = "refresh"
LOOK_S = 30.0


def next_due(when: RefreshSettings, last: datetime) -> datetime:
    """The first moment after `last` at which a refresh is due, in UTC.

    A time of day that its time zone skips or repeats in a night of spring or autumn comes once.
    """
    if when.at is None:
        return last + timedelta(seconds=when.every_s or 0.0)
    there = last.astimezone(ZoneInfo(when.timezone))
    day = there.date()
    while True:
        due = datetime.combine(day, when.at, there.tzinfo).astimezone(UTC)
        if due > last:
            return due
        day += timedelta(days=1)


class Schedule:
    """Looks every few seconds whether a refresh is due, and whether another process made one.

    Start it once; a refresh it starts is a job as any other, so two never run at a time.
    """

    def __init__(self, services: Services, jobs: Jobs, look_s: float = LOOK_S) -> None:
        self._services = services
        self._jobs = jobs
        self._look_s = look_s
        self._stop = threading.Event()
        self._tried: datetime | None = None
        self._thread = threading.Thread(target=self._run, name="schedule", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Stop looking; a refresh that runs goes on."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.wait(self._look_s):
            self.look(datetime.now(UTC))

    def look(self, now: datetime) -> str | None:
        """Do what is due at this moment; the id of the refresh that was started, if one was."""
        self._take_over()
        when = self._services.settings.catalog.refresh
        if when is None or now < next_due(when, self._last()):
            return None
        self._tried = now

        def work(report: Report) -> Any:
            return refresh_service(self._services, report, profile=when.profile)

        job = self._jobs.start(KIND, work)
        LOG.info("scheduled refresh %s started", job.id)
        return job.id

    def _last(self) -> datetime:
        """When silos were last read, or tried: one that fails is not tried again at once."""
        read = self._services.catalog.read_at
        return max(read, self._tried) if self._tried else read

    def _take_over(self) -> None:
        """The version another process stored, such as `catalog refresh` of a cron job."""
        try:
            if self._services.catalog.outdated:
                self._services.catalog.reload()
        except RundblickError as error:
            LOG.warning("the newer catalog is not taken over: %s", error.message)
