"""Measures links: every left key set is sketched, then its sample is looked up at the right."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from catalog.links_reading import KeyReader, KeySide, problem
from catalog.links_sketch import Figures, KeySketch, Tally
from connectors.clock import Deadline
from connectors.errors import RundblickError, SiloCancelled

AT_ONCE = 4
Key = tuple[KeySide, str]


@dataclass(frozen=True)
class Pair:
    """A link to measure."""

    left: KeySide
    right: KeySide
    normaliser: str


@dataclass
class Measuring:
    """Reads sides and remembers their sketches for as long as one refresh lasts.

    Attributes:
        problems: What went wrong by the name of a side that could not be read.
        step: Called when a side has been read, with its name.
    """

    reader: KeyReader
    step: Callable[[str], None] = lambda name: None
    sketches: dict[Key, KeySketch] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    def sketch(self, wanted: Mapping[KeySide, Collection[str]], deadline: Deadline) -> None:
        """Read sides and keep a sketch for each of their normalisers."""
        missing = {
            side: [name for name in names if (side, name) not in self.sketches]
            for side, names in wanted.items()
        }
        self._each([side for side, names in missing.items() if names], missing, deadline)

    def _each(
        self, sides: Sequence[KeySide], names: Mapping[KeySide, list[str]], deadline: Deadline
    ) -> None:
        def one(side: KeySide) -> None:
            made = {name: KeySketch() for name in names[side]}
            for batch in self.reader.read(side, names[side], deadline, whole=False):
                for name, keys in batch.items():
                    made[name].add(keys)
            self.sketches.update({(side, name): sketch for name, sketch in made.items()})

        self._all(sides, one)

    def measure(self, pairs: Sequence[Pair], deadline: Deadline) -> dict[Pair, Figures]:
        """The figures of each pair whose sides could both be read; the others' are `problems`."""
        lefts: dict[KeySide, set[str]] = defaultdict(set)
        for pair in pairs:
            lefts[pair.left].add(pair.normaliser)
        self.sketch(lefts, deadline)
        readable = [pair for pair in pairs if (pair.left, pair.normaliser) in self.sketches]
        tallies = self._tallied(readable, deadline)
        return {
            pair: self.sketches[pair.left, pair.normaliser].figures(tallies[key])
            for pair in readable
            if (key := (pair.right, pair.normaliser)) in tallies
        }

    def _tallied(self, pairs: Sequence[Pair], deadline: Deadline) -> dict[Key, Tally]:
        """How often each wanted key stands at the right; all lefts of a side share one reading."""
        wanted: dict[KeySide, dict[str, list[KeySketch]]] = defaultdict(lambda: defaultdict(list))
        for pair in pairs:
            sketch = self.sketches[pair.left, pair.normaliser]
            wanted[pair.right][pair.normaliser].append(sketch)
        tallies: dict[Key, Tally] = {}

        def one(side: KeySide) -> None:
            made = {
                name: Tally(np.unique(np.concatenate([sketch.wanted() for sketch in sketches])))
                for name, sketches in wanted[side].items()
            }
            for batch in self.reader.read(side, list(made), deadline, whole=True):
                for name, keys in batch.items():
                    made[name].add(keys)
            tallies.update({(side, name): tally for name, tally in made.items()})

        self._all(list(wanted), one)
        return tallies

    def _all(self, sides: Sequence[KeySide], work: Callable[[KeySide], None]) -> None:
        """Work on sides at once; a problem of one does not stop the others.

        Raises:
            SiloCancelled: On cancel.
        """

        def guarded(side: KeySide) -> None:
            try:
                work(side)
            except SiloCancelled:
                raise
            except RundblickError as error:
                self.problems[side.name] = problem(error)
            self.step(side.name)

        with ThreadPoolExecutor(AT_ONCE, "links") as pool:
            list(pool.map(guarded, sides))
