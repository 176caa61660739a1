"""„Warum ist der NPS gesunken?": what is asked for, without the why."""

import re
from dataclasses import dataclass
from typing import Literal

Way = Literal["up", "down"]
ASKED = re.compile(
    r"^\s*(?:und\s+|and\s+|also\s+|so\s+)?(?:"
    r"warum|weshalb|wieso|weswegen|woran lieg(?:t|en)(?: es)?|woran lag es|wie kommt es"
    r"|was (?:ist|war|sind|waren) (?:der grund|die gründe|die ursachen?|schuld)(?: für| an)?"
    r"|was (?:treibt|trieb|steckt hinter|erklärt|verursacht|beeinflusst)|was hat .{0,12}?verursacht"
    r"|wodurch|why|how come|what (?:is|was|are|were) (?:the )?(?:reasons?|causes?|drivers?) "
    r"(?:for|of|behind)|what (?:drives?|drove|explains?|explained|caused?|causes"
    r"|(?:is|was) (?:behind|driving))"
    r")\b[\s,:]*",
    re.IGNORECASE,
)
UP = (
    r"gestiegen|steigen|steigt|stiegen|stieg|zugenommen|zunimmt|zunehmen|nahmen? zu|gewachsen"
    r"|wächst|wachsen|erhöht|angestiegen|anstieg|zunahme|zuwachs|besser geworden|höher"
    r"|mehr(?: geworden)?"
    r"|rise[ns]?|rose|rising|increased?|increas(?:es|ing)|grow[ns]?|grew|growth|went up|gone? up"
    r"|going up|higher|more|jump(?:ed)?|surged?"
)
DOWN = (
    r"gesunken|sinken|sinkt|sanken|sank|gefallen|fallen|fällt|fielen|fiel|abgenommen|abnimmt"
    r"|abnehmen|nahmen? ab|zurückgegangen|zurückgehen|zurückgeht|gingen zurück|ging zurück"
    r"|rückgang|abnahme|einbruch|eingebrochen|schlechter(?: geworden)?|tiefer|niedriger"
    r"|weniger(?: geworden)?|drop(?:s|ped|ping)?|fell|falls?|falling|declin(?:e[ds]?|ing)"
    r"|decreas(?:e[ds]?|ing)|fewer|less|went down|gone? down|going down|lower|sinking|worse"
    r"|shrank|shrunk"
)
MOVED: dict[Way, re.Pattern[str]] = {
    "up": re.compile(rf"(?<!\w)(?:{UP})(?!\w)", re.IGNORECASE),
    "down": re.compile(rf"(?<!\w)(?:{DOWN})(?!\w)", re.IGNORECASE),
}
REST = re.compile(
    r"(?<!\w)(?:dass|so (?:stark|sehr|deutlich)|stark|deutlich|plötzlich|sharply|suddenly|so much"
    r"|the|das|sich|verändert|verändern|veränderung|geändert|changed?|change|plötzliche[rn]?)(?!\w)",
    re.IGNORECASE,
)
REASONS = re.compile(r"grund|gründe|reason", re.IGNORECASE)
LONE = re.compile(r"^(?:[\s?.!,]|\b(?:das|so|ist|war|es|is|was|it|this|that)\b)*$", re.IGNORECASE)


@dataclass(frozen=True)
class Why:
    """A question for a cause.

    Attributes:
        plain: The question without the why and without the movement: what moved, when, for whom.
            Empty when it only goes on from the last question.
        way: Where it is said to have moved; None when that is not said.
    """

    plain: str
    way: Way | None


def read_why(question: str) -> Why | None:
    """What a why-question is about; None for any other question, such as for stated reasons."""
    found = ASKED.match(question)
    if found is None:
        return None
    rest = question[found.end() :]
    ways = [way for way, pattern in MOVED.items() if pattern.search(rest)]
    if REASONS.search(found[0]) and not ways:
        return None  # „Gründe der Kündigungen": what people gave as their reasons
    for pattern in (*MOVED.values(), REST):
        rest = pattern.sub(" ", rest)
    rest = re.sub(r"\s+([?.!,])", r"\1", re.sub(r"\s+", " ", rest)).strip(" ,")
    plain = "" if LONE.match(rest) else rest
    return Why(plain, ways[0] if len(ways) == 1 else None)
