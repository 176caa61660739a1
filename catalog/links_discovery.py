"""Proposes links nobody declared: foreign keys inside a silo, and keys that two silos share."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from catalog.links import Link
from catalog.links_candidates import Candidate, candidates
from catalog.links_measure import Measuring, Pair
from catalog.links_reading import key_side
from catalog.links_sketch import Figures, KeySketch
from connectors.clock import Deadline
from connectors.errors import SchemaDrift
from connectors.schema import SiloSchema, Table

LEAST_CONTAINED = 0.2
LEAST_MATCH = 0.3
MOST_FAN_OUT = 1.5
MOST_CONFIRMED = 40
MOST_FOREIGN_KEYS = 100
# Samples of one key set under two normalisers differ by chance; nearer ones count as equal.
TOLERANCE = 0.03
# Whole numbers from 1 upwards are contained in one another by chance.
INTEGER_WEIGHT = 0.6
BETTER = 0.05


@dataclass(frozen=True)
class _Proposal:
    """A pair to confirm, what it rests on, and how much that is worth (0 to 1)."""

    pair: Pair
    reason: str
    weight: float
    contained: float = 1.0


def discover(
    schema: SiloSchema,
    silos: Collection[str],
    declared: Sequence[Link],
    measuring: Measuring,
    deadline: Deadline,
) -> tuple[Link, ...]:
    """Links of these silos that are not declared, best first, with figures but no moment.

    A proposed right side holds each key about once. For each left column only the best right one
    is proposed, and none when a declared link of it does as well.

    Raises:
        SiloCancelled: On cancel.
    """
    known = {link.ends for link in declared}
    keys = [p for p in _foreign_keys(schema, silos) if _ends(p.pair) not in known]
    compared = [
        (a, b)
        for a, b in candidates(schema, silos)
        if frozenset((a.side.name.lower(), b.side.name.lower())) not in known
    ]
    wanted = {c.side: c.normalisers for pair in compared for c in pair}
    measuring.sketch(wanted, deadline)
    likely = [found for a, b in compared for found in _likely(a, b, measuring)]
    likely.sort(key=lambda p: (-p.weight * p.contained, p.pair.left.name, p.pair.right.name))
    asked = [*keys[:MOST_FOREIGN_KEYS], *likely[:MOST_CONFIRMED]]
    figures = measuring.measure([p.pair for p in asked], deadline)
    links = [_link(p, figures[p.pair]) for p in asked if p.pair in figures]
    confirmed = [link for link in links if _confirmed(link)]
    return tuple(_best(confirmed, declared))


def _ends(pair: Pair) -> frozenset[str]:
    return frozenset((pair.left.name.lower(), pair.right.name.lower()))


def _foreign_keys(schema: SiloSchema, silos: Collection[str]) -> Iterator[_Proposal]:
    for table in schema:
        for key in table.foreign_keys if table.silo in silos else ():
            target = schema.tables.get(f"{table.silo}.{key.table}".lower())
            pair = _key_pair(table, key.columns, target, key.references) if target else None
            if pair is not None:
                yield _Proposal(pair, "foreign key", 1.0)


def _key_pair(
    table: Table, columns: Sequence[str], target: Table, references: Sequence[str]
) -> Pair | None:
    """The pair of a foreign key; None when one of its columns cannot be read."""
    try:
        return Pair(key_side(table, columns), key_side(target, references), "exact")
    except SchemaDrift:
        return None


def _likely(a: Candidate, b: Candidate, measuring: Measuring) -> Iterator[_Proposal]:
    """The best direction and the plainest normaliser of two columns; nothing when unlike."""
    tried: list[_Proposal] = []
    for name in (n for n in a.normalisers if n in b.normalisers):
        sides = {c: measuring.sketches.get((c.side, name)) for c in (a, b)}
        for left, right in ((a, b), (b, a)):
            first, second = sides[left], sides[right]
            if first is not None and second is not None:
                contained = _contained(first, second)
                pair = Pair(left.side, right.side, name)
                tried.append(_Proposal(pair, _reason(left), _weight(left, right), contained))
    best = max((p.contained for p in tried), default=0.0)
    if best >= LEAST_CONTAINED:
        # Of two unique sides the smaller one is the left; `max` keeps the first, the plainest.
        plain = next(p for p in tried if p.contained >= best - TOLERANCE).pair.normaliser
        yield max((p for p in tried if p.pair.normaliser == plain), key=lambda p: p.contained)


def _contained(left: KeySketch, right: KeySketch) -> float:
    """Share of left keys at the right; 0 when the right holds many rows a key."""
    if right.repeats > MOST_FAN_OUT or right.rows == 0:
        return 0.0
    found = left.contained_in(right)
    # A small left side may have no key within the right one's sample: reading it will tell.
    return LEAST_CONTAINED if found is None and left.rows else found or 0.0


def _reason(candidate: Candidate) -> str:
    return f"{candidate.about} {candidate.kind}".strip()


def _weight(left: Candidate, right: Candidate) -> float:
    return INTEGER_WEIGHT if left.kind == "number" and left.integer and right.integer else 1.0


def _link(proposal: _Proposal, figures: Figures) -> Link:
    pair, fan_out = proposal.pair, figures.fan_out
    # Of an empty table only the foreign key speaks.
    match = 1.0 if figures.match_rate is None else figures.match_rate
    score = proposal.weight * match / max(1.0, fan_out or 1.0)
    return Link(
        pair.left.name,
        pair.right.name,
        pair.normaliser,
        "proposed",
        match_rate=figures.match_rate,
        key_match_rate=figures.key_match_rate,
        fan_out=fan_out,
        method=figures.method,
        score=round(score, 3),
        reason=proposal.reason,
    )


def _confirmed(link: Link) -> bool:
    """An empty table tells nothing against its foreign key."""
    if link.reason == "foreign key":
        return True
    enough = link.match_rate is not None and link.match_rate >= LEAST_MATCH
    return enough and link.fan_out is not None and link.fan_out <= MOST_FAN_OUT


def _best(links: Iterable[Link], declared: Sequence[Link]) -> Iterator[Link]:
    """Foreign keys, and of the others the best right side of each left one; best first."""
    known = {link.left.lower(): link.match_rate or 0.0 for link in declared}
    for link in sorted(links, key=lambda link: (-(link.score or 0.0), link.left, link.right)):
        if link.reason == "foreign key":
            yield link
        elif (link.match_rate or 0.0) > known.get(link.left.lower(), -BETTER) + BETTER:
            known[link.left.lower()] = 1.0
            yield link
