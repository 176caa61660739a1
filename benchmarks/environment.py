"""Where benchmarks keep their data, and the environment of the peer they are measured against.

DuckDB's scanner extensions exist as wheels up to 1.5.5 only, so the peer has an environment of its
own with exactly that version.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(os.environ.get("RUNDBLICK_BENCH", ".bench"))
PEER_VERSION = "1.5.5"
PEER_PACKAGES = (
    f"duckdb=={PEER_VERSION}",
    f"duckdb-extension-tpch=={PEER_VERSION}",
    f"duckdb-extension-postgres-scanner=={PEER_VERSION}",
    f"duckdb-extension-mysql-scanner=={PEER_VERSION}",
    f"duckdb-extension-sqlite-scanner=={PEER_VERSION}",
)


def peer_python() -> Path:
    """The peer's interpreter; its environment is made on first use."""
    python = FOLDER / "peer" / "bin" / "python"
    if not (FOLDER / "peer" / ".ready").exists():
        uv = shutil.which("uv") or str(Path(".tools/bin/uv").absolute())
        subprocess.run([uv, "venv", "-q", "--clear", FOLDER / "peer"], check=True)
        install: list[str | Path] = [uv, "pip", "install", "-q", "--python", python, *PEER_PACKAGES]
        subprocess.run(install, check=True)
        (FOLDER / "peer" / ".ready").touch()
    return python


def run_peer(script: str, *arguments: str | Path) -> None:
    """Run a script of benchmarks/peers to its end, in the peer's environment."""
    path = Path(__file__).parent / "peers" / script
    subprocess.run([peer_python(), path, *arguments], check=True, stdout=sys.stderr)
