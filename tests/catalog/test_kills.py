"""A refresh killed at any moment leaves the old catalog or the new one, whole."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
POINTS = 8


@pytest.mark.timeout(240)
def test_a_killed_refresh_leaves_the_old_or_the_new_catalog(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.catalog.killed", str(tmp_path), str(POINTS)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    lines = ended.stdout.splitlines()
    assert len(lines) == POINTS, ended.stderr[-2000:]
    assert all(line.endswith("intact") for line in lines), ended.stdout
