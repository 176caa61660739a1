"""`python -m benchmarks NAME ...` runs the benchmark of that name: a folder with a `command.py`."""

import sys
from importlib import import_module
from pathlib import Path


def names() -> list[str]:
    """The benchmarks there are."""
    return sorted(path.parent.name for path in Path(__file__).parent.glob("*/command.py"))


def main(arguments: list[str]) -> int:
    """Run one benchmark; the exit code is its own, 2 when there is none of that name."""
    if not arguments or arguments[0] not in names():
        print(f"usage: python -m benchmarks {{{','.join(names())}}} ...", file=sys.stderr)
        return 2
    code: int = import_module(f"benchmarks.{arguments[0]}.command").main(arguments[1:])
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
