"""How well the name of a column names a table of the same silo: told before anything is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from catalog.synonyms import synonyms
from catalog.words import stems, words

Words = tuple[str, ...]
# What stands behind the name of the thing: ``kunden_nr``, ``orderRef``; "by" is a person.
_ENDINGS = "id ids uuid guid nr no num nummer number ref key fk code pk by von"
ENDINGS = frozenset(_ENDINGS.split())
SHORTEST_STEM = 3
RELATIVES = frozenset(
    ["parent", "child", "original", "root", "ancestor", "vorgaenger", "eltern", "related", "source"]
)
# Who does something in a system is one of its users.
_ACTORS = (
    "owner author creator inviter acceptor assignee editor sender agent actor reviewer approver "
    "manager supervisor modifier admin operator reporter requester besitzer autor bearbeiter "
    "ersteller by von"
)
ACTORS = frozenset(_ACTORS.split())
_USER_TABLES = "user users member staff employee agent admin benutzer mitarbeiter"
MANAGERS = frozenset({"manager", "supervisor", "vorgesetzter"})
USER_TABLES = frozenset(_USER_TABLES.split())
WHOLE, EXACT, RELATIVE, JOINED, LONGER, ACTOR = 1.0, 0.95, 0.9, 0.93, 0.75, 0.72
CONTEXT, WITHOUT_CONTEXT, BEGINNING, SYNONYM, SHORTENED, ENDS_WITH = 0.4, 0.6, 0.55, 0.6, 0.5, 0.5


@dataclass(frozen=True)
class TableName:
    """A table as its name tells it: its words, without the prefix all tables of its silo share."""

    table: str
    words: Words


def table_name(name: str, prefix: str = "") -> TableName:
    """The words of a table's name."""
    return TableName(name, tuple(words(name.removeprefix(prefix))) or tuple(words(name)))


def thing(column: str) -> Words:
    """What a column numbers: ``claim`` of ``claim_id``; nothing when its name is no reference.

    A name written in one word, such as ``userid``, loses its ending too.
    """
    parts = list(words(column))
    while len(parts) > 1 and parts[-1] in ENDINGS and parts[-1] not in ACTORS:
        parts.pop()
        ended = True
    else:
        ended = len(parts) < len(words(column)) or parts[-1:] in (["by"], ["von"])
    if not ended and parts and parts[-1].endswith("id"):
        parts[-1] = parts[-1].removesuffix("id")
        ended = len(parts[-1]) >= SHORTEST_STEM
    return tuple(parts) if ended else ()


def named(about: Words, goal: TableName, own: TableName) -> float:
    """How well (0 to 1) the thing of a column in table `own` names the table `goal`."""
    same = goal.table == own.table
    if same:
        return RELATIVE if _is_relative(about, goal) else _longer(about, goal.words)
    scores = [
        _whole(about, goal.words, own.words),
        _synonym(about, goal.words),
        ACTOR if _is_actor(about) and _is_user(goal.words) else 0.0,
    ]
    return max(scores)


def _is_relative(about: Words, goal: TableName) -> bool:
    """``parent_id`` and ``parent_category_id`` of a table of categories."""
    if about[-1] in RELATIVES or (about[-1] in MANAGERS and _is_user(goal.words)):
        return True
    return bool(RELATIVES & set(about)) and _alike(about[-1], goal.words[-1])


def _whole(about: Words, goal: Words, own: Words) -> float:
    if _same(about, goal):
        return EXACT
    if "".join(about) == "".join(goal) or _alike("".join(about), "".join(goal)):
        return JOINED
    if len(goal) > len(about) and _same(about, goal[-len(about) :]):
        return WITHOUT_CONTEXT + CONTEXT * _shared(goal[: -len(about)], own)
    if longer := _longer(about, goal):
        return longer
    if len(goal) > len(about) and _same(about, goal[: len(about)]):
        return BEGINNING + 0.1 * _shared(goal[len(about) :], own)
    if len(goal) > 1 and _alike(about[-1], goal[-1]):
        return 0.5 + 0.3 * _shared(goal[:-1], own + about)
    return _shortened(about, goal)


def _longer(about: Words, goal: Words) -> float:
    """``archive_template`` of templates, ``associated_category`` of a category itself."""
    ends = len(about) > len(goal) and _same(goal, about[-len(goal) :])
    return LONGER if ends else 0.0


def _shortened(about: Words, goal: Words) -> float:
    """``dept`` of departments, ``unsubscribeform`` of forms."""
    last, other = about[-1], goal[-1]
    if len(goal) == len(about) == 1 and len(last) >= SHORTEST_STEM and _abbreviates(last, other):
        return SHORTENED
    ends = len(goal) == 1 and any(len(s) > SHORTEST_STEM and last.endswith(s) for s in stems(other))
    return ENDS_WITH if ends and not _alike(last, other) else 0.0


def _abbreviates(short: str, word: str) -> bool:
    """Its letters stand in the word in this order, the first two at its beginning."""
    letters = iter(word)
    return word.startswith(short[:2]) and all(letter in letters for letter in short)


def _synonym(about: Words, goal: Words) -> float:
    """``contact_id`` of leads: the words of customer experience in two languages."""
    if len(about) != 1 or len(goal) != 1:
        return 0.0
    others = (phrase[0] for phrase in synonyms().of(about[0]) if len(phrase) == 1)
    return SYNONYM if any(_alike(other, goal[0]) for other in others) else 0.0


def _is_actor(about: Words) -> bool:
    return about[-1] in ACTORS or (about[-1] in USER_TABLES and len(about) > 1)


def _is_user(goal: Words) -> bool:
    return goal[-1] in USER_TABLES and len(goal) == 1


def _shared(extra: Sequence[str], own: Sequence[str]) -> float:
    """Share of words that stand in the own table's name too."""
    return sum(any(_alike(word, mine) for mine in own) for word in extra) / len(extra)


def _same(a: Words, b: Words) -> bool:
    return len(a) == len(b) and all(_alike(*pair) for pair in zip(a, b, strict=True))


@lru_cache(maxsize=200_000)
def _alike(a: str, b: str) -> bool:
    """One word in singular or plural."""
    return a == b or bool(stems(a) & stems(b))
