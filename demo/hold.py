"""Holds the demo's servers while a command runs: ``python -m demo.hold --folder .demo -- CMD``."""

import argparse
import subprocess
import sys
from pathlib import Path

from demo.build import start


def main(words: list[str]) -> int:
    """Start the servers of a built demo, run the command, stop them; the command's exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(".demo"))
    parser.add_argument("command", nargs="+")
    given = parser.parse_args(words)
    with start(given.folder):
        return subprocess.run(given.command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
