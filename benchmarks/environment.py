"""Where benchmarks keep their data, and the environment of the peers they are measured against.

DuckDB's scanner extensions exist as wheels up to 1.5.5 only, so the peers have an environment of
their own with exactly that version.
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
    "connectorx==0.4.6",
    "trino==0.340.0",
    "psycopg[binary]==3.3.9",
    "pyarrow==26.0.1",
)
PEERS = Path(__file__).parent / "peers"


def peer_python() -> Path:
    """The peers' interpreter; its environment is made on first use and when the packages change."""
    home = FOLDER / "peer"
    python, ready, wanted = home / "bin" / "python", home / ".ready", "\n".join(PEER_PACKAGES)
    if not ready.exists() or ready.read_text() != wanted:
        uv = shutil.which("uv") or str(Path(".tools/bin/uv").absolute())
        subprocess.run([uv, "venv", "-q", "--clear", home], check=True)
        install: list[str | Path] = [uv, "pip", "install", "-q", "--python", python, *PEER_PACKAGES]
        subprocess.run(install, check=True)
        ready.write_text(wanted)
    return python


def run_peer(script: str, *arguments: str | Path) -> None:
    """Run a script of benchmarks/peers to its end, in the peers' environment."""
    subprocess.run([peer_python(), PEERS / script, *arguments], check=True, stdout=sys.stderr)
