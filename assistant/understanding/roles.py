"""Which part each phrase of a question plays: what is counted, of whom, per what, with what."""

from dataclasses import dataclass, field
from itertools import pairwise

from sqlglot import exp

from assistant.compiler.formulas import formula
from assistant.compiler.paths import path
from assistant.understanding.heard import Heard
from assistant.understanding.lexicon import Match
from assistant.understanding.markers import (
    AND,
    AVERAGE,
    LIST,
    NOT,
    RATIO,
    SHARE,
    WHICH,
    WITH,
    number_of,
)
from assistant.understanding.words import fold, word_set
from catalog.semantic_model import Dataset, SemanticModel

SPEND = word_set("ausgegeben ausgibt ausgeben gibt spent spend spends spending spendet umgesetzt")
AMONG = word_set("an am allen aller den der in of the among all at von unter total")
IN = frozenset({"in", "bei", "fuer", "for", "an", "auf", "mit", "with", "on", "at"})
PER_WORDS = frozenset({"pro", "je", "per", "jede", "jeder", "each", "every"})
BY = frozenset({"per", "via", "ueber", "through", "by"})
ARTICLES = frozenset({"ein", "eine", "einer", "einem", "einen", "a", "an", "jede", "each"})
COUNTING = (("wie", "viele"), ("wie", "vielen"), ("how", "many"), ("wie", "oft"), ("how", "often"))
COUNT_WORDS = frozenset({"anzahl", "number", "count", "wieviele", "zahl"})
LINKS = NOT | WITH


@dataclass
class Roles:
    """Parts of a question.

    Attributes:
        counting: „wie viele", "how many", "number of" is asked.
        listing: „welche", "list" is asked: names rather than a figure.
        entity: Dataset whose rows are chosen by what they did or have; None when none is.
        head: The match that names the entity, when it is what is counted or listed.
        mentions: Other matches that name the entity.
        things: Metrics and datasets that are neither entity, event nor divisor, in order.
        events: What members of the entity did or have.
        per: The divisor, with its scale: „auf 100 Bestellungen".
    """

    counting: bool
    listing: bool
    entity: str | None = None
    head: Match | None = None
    mentions: list[Match] = field(default_factory=list)
    things: list[Match] = field(default_factory=list)
    events: list[Match] = field(default_factory=list)
    per: Match | None = None
    scale: int = 1
    per_places: tuple[int, ...] = ()


def entities(model: SemanticModel) -> dict[str, Dataset]:
    """Datasets that others refer to by one key: customers, products, campaigns."""
    targets = {step.to_dataset for step in model.relationships}
    return {
        name: dataset
        for name, dataset in model.datasets.items()
        if name in targets and len(dataset.primary_key) == 1 and dataset.labels
    }


def counts_entity(name: str, model: SemanticModel) -> str | None:
    """The entity whose rows a metric counts, such as customers or new customers."""
    made = formula(name, model)
    owner = entities(model).get(made.dataset or "")
    if owner is None or not isinstance(made.tree, exp.Count):
        return None
    if not isinstance(made.tree.this, exp.Distinct):
        return None
    inner = made.tree.this.expressions[0]
    same = isinstance(inner, exp.Column) and inner.name == owner.primary_key[0]
    return owner.name if same and inner.table == owner.name else None


def names_entity(match: Match, heard: Heard, model: SemanticModel) -> str | None:
    """The entity a phrase names: „Kunden", „Neukunden", or by a word in it „Premiumkunden"."""
    known = entities(model)
    for meaning in match.of("metric"):
        entity = counts_entity(meaning.name, model)
        if entity is not None:
            return entity
    if not match.of("metric"):
        for meaning in match.of("dataset"):
            if meaning.name in known:
                return meaning.name
    for meaning in match.of("value"):
        owner = known.get(meaning.name.split(".")[0])
        if owner is not None and _word_in(heard.said(match), owner):
            return owner.name
    return None


def _word_in(said: str, dataset: Dataset) -> bool:
    """True when a phrase ends with the name of the dataset's rows."""
    names = (*dataset.labels.values(), *dataset.synonyms)
    ends = {fold(name.split()[-1]).rstrip("ens") for name in names if len(name) > 4}
    last = fold(said.split()[-1]).rstrip("ens")
    return any(last.endswith(end) for end in ends if len(end) > 2)


def assign(heard: Heard, model: SemanticModel) -> Roles:
    """The parts of a question; every metric and dataset it names has one."""
    norms = [word.norm for word in heard.words]
    pairs = set(pairwise(norms))
    roles = Roles(
        counting=not pairs.isdisjoint(COUNTING) or not COUNT_WORDS.isdisjoint(norms),
        listing=_lists_names(norms),
    )
    things = [m for m in heard.matches if _is_thing(m, heard, model)]
    things = _divided(things, heard, roles)
    _choose_entity(things, heard, model, roles)
    taken = {id(m) for m in (*roles.events, *roles.mentions, roles.head, roles.per)}
    roles.things = [m for m in things if id(m) not in taken]
    return roles


def _lists_names(norms: list[str]) -> bool:
    """„Welche", "list": names are asked for, not a share or a number."""
    if not norms or SHARE & set(norms):
        return False
    if norms[0] == "what" and norms[1:2] and norms[1] in ("the", "our"):
        return False
    return norms[0] in LIST | WHICH or (norms[0] in IN and norms[1:2] != [] and norms[1] in WHICH)


def _is_thing(match: Match, heard: Heard, model: SemanticModel) -> bool:
    if heard.groups(match) and not _lists(match, heard, model):
        return False
    if heard.listed(match):
        return False
    beside = heard.norm(match.first - 1)
    if match.of("value") and not match.of("dataset") and beside in BY:
        return False
    if heard.ranking and match.of("field") and not match.of("metric"):
        return False  # „die fünf meistverkauften Produkte": what is ranked
    if match.of("metric") or match.of("dataset"):
        return True
    return names_entity(match, heard, model) is not None


def _lists(match: Match, heard: Heard, model: SemanticModel) -> bool:
    """„Welche Kundinnen …": an entity after a question word is what is listed."""
    asked = heard.norm(match.first - 1) in WHICH
    named = names_entity(match, heard, model) is not None
    return asked and named and (not match.of("field") or bool(heard.marked(NOT)))


def _divided(things: list[Match], heard: Heard, roles: Roles) -> list[Match]:
    """Set the divisor apart: after „pro", „auf 100", or "a customer" of an average."""
    average = bool(heard.marked(AVERAGE))
    if average and len(things) == 1 and heard.marked(SPEND):
        roles.per = things[0]
        return []
    ratio = [p for p in heard.marked(RATIO) if p not in heard.used]
    if ratio and len(things) > 1 and heard.between(things[0], things[1])[-1:] in (["zu"], ["to"]):
        roles.per, roles.per_places = things[1], tuple(ratio)
        return [m for m in things if m is not roles.per]
    for match in things[1:]:
        _divisor(match, heard, roles, average=average)
    if average and roles.per is None and len(things) > 1:
        first = things[0]
        if heard.norm(first.first - 1) in ARTICLES and not roles.counting:
            roles.per = first
    return [m for m in things if m is not roles.per]


def _divisor(match: Match, heard: Heard, roles: Roles, *, average: bool) -> None:
    """Set the divisor when the words before the match make it one."""
    before, further = heard.norm(match.first - 1), heard.norm(match.first - 2)
    number = number_of(before)
    if match.of("value") and not match.of("dataset") and before in ("per", "je"):
        return  # „per Telefon" is no quotient
    if further in PER_WORDS and not number and _is_adjective(before, heard, match):
        roles.per, roles.per_places = match, (match.first - 1, match.first - 2)
    elif before in PER_WORDS:
        roles.per, roles.per_places = match, (match.first - 1,)
    elif before in ARTICLES and further == "auf":
        roles.per, roles.per_places = match, (match.first - 2,)
    elif number and further in PER_WORDS | {"auf"}:
        roles.per, roles.scale = match, number
        roles.per_places = (match.first - 1, match.first - 2)
    elif average and before in ARTICLES and roles.per is None:
        roles.per = match


def _is_adjective(word: str, heard: Heard, match: Match) -> bool:
    """„Pro gewonnenem Neukunden": written small, with an ending, and no phrase of its own."""
    small = heard.words[match.first - 1].text[:1].islower()
    alone = not any(m.first <= match.first - 1 <= m.last for m in heard.matches)
    return small and alone and word.endswith(("em", "en", "er", "ed")) and len(word) > 4


def _choose_entity(things: list[Match], heard: Heard, model: SemanticModel, roles: Roles) -> None:
    named = [(m, names_entity(m, heard, model)) for m in things]
    found = [(m, name) for m, name in named if name is not None]
    if not found or roles.per is not None:
        return
    first, entity = found[0]
    others = [m for m in things if m not in [f for f, name in found if name == entity]]
    reaching = [m for m in others if _reaches(m, str(entity), model)]
    leads = things[0] is first
    if not leads:
        linked = [m for m in reaching if m.first > first.last and _linked(first, m, heard)]
        earlier = [m for m in others if m.first < first.first]
        if not linked or not earlier:
            return
        roles.entity, roles.events = entity, linked
        roles.mentions = [m for m, name in found if name == entity]
        return
    asked = roles.counting or roles.listing or heard.marked(SHARE)
    if heard.marked(SHARE) and first.of("value") and _among(first, reaching, heard):
        return  # „Anteil der Premiumkunden an den Kündigungen"
    money = any(limit.unit and limit.unit.isupper() for limit in heard.thresholds)
    if not reaching and money and asked and heard.marked(SPEND):
        roles.entity, roles.head = entity, first
        return
    if not reaching or not (asked or any(_linked(first, m, heard) for m in reaching)):
        return
    roles.entity, roles.head, roles.events = entity, first, reaching
    roles.mentions = [m for m, name in found if name == entity and m is not first]


def _among(part: Match, wholes: list[Match], heard: Heard) -> bool:
    """The first of the wholes follows as „an allen", "among all", „am"."""
    between = heard.between(part, wholes[0]) if wholes else []
    return bool(between) and set(between) <= AMONG


def _linked(entity: Match, event: Match, heard: Heard) -> bool:
    """„mit", „die", „ohne" or the like leads from the entity to the event."""
    return not LINKS.isdisjoint(heard.between(entity, event))


def _reaches(match: Match, entity: str, model: SemanticModel) -> bool:
    """True for a metric or dataset whose rows belong to rows of the entity."""
    starts = [formula(m.name, model).dataset for m in match.of("metric")]
    starts += [m.name for m in match.of("dataset")] if not starts else []
    return any(start and path(model, start, entity) for start in starts)


def dataset_of(match: Match, model: SemanticModel) -> str | None:
    """The dataset a match speaks of; None for a derived metric."""
    for meaning in match.of("metric"):
        return formula(meaning.name, model).dataset
    for meaning in match.of("dataset"):
        return meaning.name
    return None


__all__ = ["AND", "Roles", "assign", "counts_entity", "dataset_of", "entities", "names_entity"]
