"""How well found links agree with those a system declares."""

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.links.truth import System
from catalog.links import Link


@dataclass(frozen=True)
class Score:
    """Declared links and found ones.

    Attributes:
        right: Declared and found.
        wrong: Found, but neither declared nor labelled by hand as true.
        missed: Declared and not found.
        also: Labelled by hand and found; `labelled` is how many there are.
    """

    right: int = 0
    wrong: int = 0
    missed: int = 0
    also: int = 0
    labelled: int = 0

    def __add__(self, other: "Score") -> "Score":
        """Both systems together."""
        return Score(
            self.right + other.right,
            self.wrong + other.wrong,
            self.missed + other.missed,
            self.also + other.also,
            self.labelled + other.labelled,
        )

    @property
    def precision(self) -> float:
        """Share of the found ones, 0 to 1; 1 when none was found."""
        found = self.right + self.wrong
        return self.right / found if found else 1.0

    @property
    def recall(self) -> float:
        """Share of the declared ones, 0 to 1."""
        return self.right / (self.right + self.missed)

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def ends(link: Link) -> tuple[str, str]:
    """Both sides as lower-case `table.column`; of a row condition its key."""
    return _end(link.left), _end(link.right)


def _end(side: str) -> str:
    _, _, rest = side.lower().split(".", 2)
    table, _, key = rest.partition(".")
    if key.startswith("case when"):
        key = key.rpartition(" then ")[2].removesuffix(" end")
    return f"{table}." + key.strip('"')


def score(system: System, links: Iterable[Link]) -> Score:
    """The score of the links found in one system."""
    found = {ends(link) for link in links}
    return Score(
        right=len(found & system.declared),
        wrong=len(found - system.declared - system.labelled),
        missed=len(system.declared - found),
        also=len(found & system.labelled),
        labelled=len(system.labelled),
    )


def mistakes(system: System, links: Iterable[Link]) -> list[str]:
    """One line per wrong or missed link."""
    found = {ends(link) for link in links}
    wrong = sorted(found - system.declared - system.labelled)
    lines = [f"wrong  {left} → {right}" for left, right in wrong]
    missed = sorted(system.declared - found)
    return lines + [f"missed {left} → {right}" for left, right in missed]
