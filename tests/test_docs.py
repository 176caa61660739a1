"""The documentation names what is there."""

import re
import subprocess
from pathlib import Path

import pytest

from connectors import errors

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
PATH = re.compile(r"`((?:assistant|catalog|connectors|demo|tests|benchmarks)/[\w/.]*)`")
COMMAND = re.compile(r"^rundblick (.+)$", re.M)


def by_name(page: Path) -> str:
    return page.name


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_every_link_leads_to_a_file(page):
    missing = [
        to for to in LINK.findall(page.read_text("utf-8")) if not (page.parent / to).exists()
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_every_path_named_exists(page):
    missing = [to for to in PATH.findall(page.read_text("utf-8")) if not (ROOT / to).exists()]
    assert missing == []


def test_every_room_stands_in_the_architecture():
    named = " ".join(PATH.findall((ROOT / "docs/architecture.md").read_text("utf-8")))
    packages = [*ROOT.glob("connectors/*/__init__.py"), *ROOT.glob("assistant/*/__init__.py")]
    rooms = {str(package.parent.relative_to(ROOT)) for package in packages}
    assert {room for room in rooms if room not in named} == set()


def test_every_dependency_has_its_reason():
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    listed = project[project.index("dependencies = [") : project.index("[project.scripts]")]
    names = set(re.findall(r'^\s*"([a-z0-9-]+)', listed, re.M))
    decisions = (ROOT / "docs/decisions.md").read_text("utf-8")
    assert {name for name in names if name not in decisions} == set()


def test_every_error_code_is_explained():
    headings = set(re.findall(r"^### `(\w+)`", (ROOT / "docs/errors.md").read_text("utf-8"), re.M))
    codes = {
        kind.code
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.RundblickError)
    }
    assert codes - headings <= {errors.RundblickError.code}


def test_the_readme_commands_are_commands():
    asked = COMMAND.findall((ROOT / "README.md").read_text("utf-8"))
    assert len(asked) >= 4
    help_text = subprocess.run(
        [".venv/bin/rundblick", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for line in asked:
        assert line.split()[0] in help_text


def test_the_two_commands_of_the_readme_are_targets():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    readme = (ROOT / "README.md").read_text("utf-8")
    assert re.findall(r"^make (\w+)$", readme, re.M) == ["demo", "test"]
    for target in ("demo", "test"):
        assert re.search(rf"^{target}:", makefile, re.M)
