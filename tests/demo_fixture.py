"""The demo company, built and cataloged once per test process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import app
import demo
from assistant.services import Services
from catalog.refresh import refresh
from connectors.config import load_settings


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the demo's silos.yaml; its servers run, its catalog is read."""
    folder = tmp_path_factory.mktemp("demo")
    demo.build(folder)
    with demo.start(folder) as running:
        refresh(load_settings(running.config))
        yield folder


@pytest.fixture(scope="session")
def demo_services(demo_folder: Path) -> Iterator[Services]:
    """Services over the demo, without a chat model."""
    services = app.open_services(load_settings(demo_folder / "silos.yaml"))
    yield services
    services.close()
