"""Each rule's plans, word for word. `RUNDBLICK_UPDATE_GOLDENS=1 pytest ...` writes them anew.

A file of `goldens/` is one rule. Each of its cases is a title, perhaps a role, the query, `--`, and the
plan: fragments with estimated rows, what was pushed, what was kept, keys; the remainder.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.connectors.planner.golden_company import planned, written

FOLDER = Path(__file__).parent / "goldens"
UPDATE = bool(os.environ.get("RUNDBLICK_UPDATE_GOLDENS"))
CASE = re.compile(
    r"# (?P<title>[^\n]+)\n(?:# role: (?P<role>\w+)\n)?(?P<sql>.+?)\n--\n(?P<plan>.*)", re.S
)


@dataclass(frozen=True)
class Golden:
    title: str
    role: str | None
    sql: str
    plan: str

    def made(self) -> str:
        return written(planned(self.sql, self.role))

    def text(self, plan: str) -> str:
        role = f"# role: {self.role}\n" if self.role else ""
        return f"# {self.title}\n{role}{self.sql}\n--\n{plan}\n"


def read(path: Path) -> list[Golden]:
    found = []
    for text in re.split(r"\n(?=# (?!role))", path.read_text(encoding="utf-8").strip()):
        match = CASE.fullmatch(text.strip() + ("\n" if text.strip().endswith("--") else ""))
        assert match, f"{path.name}: a case is `# title`, SQL, `--`, plan; this is not: {text[:80]}"
        found.append(Golden(match["title"], match["role"], match["sql"], match["plan"].strip()))
    return found


FILES = sorted(FOLDER.glob("*.txt"))
CASES = [
    pytest.param(path, i, id=f"{path.stem}: {golden.title}")
    for path in FILES
    for i, golden in enumerate(read(path))
]


@pytest.fixture(scope="module", autouse=True)
def _written_anew():
    """With the variable set: write what the planner makes now, to be read before it is kept."""
    if UPDATE:
        for path in FILES:
            path.write_text("\n".join(g.text(g.made()) for g in read(path)), encoding="utf-8")


@pytest.mark.parametrize(("path", "number"), CASES)
def test_a_plan_is_the_golden_one(path, number):
    golden = read(path)[number]
    assert golden.made() == golden.plan


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_plan_is_the_same_each_time_it_is_made(path):
    for golden in read(path):
        assert golden.made() == golden.made()


def test_every_rule_has_goldens():
    """The planner's rules, by the names of their modules' subjects."""
    assert {path.stem for path in FILES} >= {
        "aggregation", "columns", "computed", "exists", "filters", "inner_blocks", "join_groups",
        "keys", "letters", "limits", "masks", "scalars", "sets", "whole_query",
    }  # fmt: skip
