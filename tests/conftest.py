"""Fixtures all tests share: real servers, a clean environment, no way out of this machine."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servers

pytest_plugins = ["tests.demo_fixture"]
SHARED_VARIABLE = "RUNDBLICK_SHARED"
LOOPBACK = ("127.", "::1", "localhost")


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers once, before any test worker."""
    if hasattr(config, "workerinput"):
        return
    folder = Path(tempfile.mkdtemp(prefix="rundblick-tests-"))
    config.stash[FOLDER] = folder
    config.stash[STARTED] = servers.start_missing(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started."""
    if STARTED in config.stash:
        servers.stop(config.stash[STARTED])
        shutil.rmtree(config.stash[FOLDER], ignore_errors=True)


FOLDER = pytest.StashKey[Path]()
STARTED = pytest.StashKey[list[tuple[servers.Server, Path]]]()


@pytest.fixture(scope="module")
def postgres_database() -> Iterator[str]:
    """The URL of an empty PostgreSQL database of this test module."""
    with servers.fresh_postgres() as url:
        yield url


@pytest.fixture(scope="module")
def mysql_database() -> Iterator[str]:
    """The URL of an empty MariaDB database; skipped where there is none, but never in CI."""
    try:
        with servers.fresh_mysql() as url:
            yield url
    except servers.MissingServer as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared test data; skipped where there is none, but never in CI."""
    folder = Path(os.environ.get(SHARED_VARIABLE, Path(__file__).parents[2] / "shared"))
    if not folder.is_dir():
        reason = f"no shared test data at {folder}: set {SHARED_VARIABLE} to its folder"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RUNDBLICK_TODAY", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _stay_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches another machine by accident."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and not str(address[0]).startswith(LOOPBACK):
            raise AssertionError(f"a test tried to reach {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
