"""Figures of contacts: mails, tickets, calls, surveys, web visits, consents."""

from collections.abc import Iterator

from catalog.proposal.figures import Asked, Figure
from catalog.proposal.formulas import (
    counted,
    every_row,
    hours,
    mark,
    measure,
    share,
    truth,
    untruth,
)
from catalog.proposal.roles import ColumnRole
from catalog.proposal.subjects import PEOPLE, Subject

ASKING = frozenset({"nps", "survey", "answer", "feedback", "review", "question"})
RECOMMEND_MOST, RATING_MOST = 10, 5
ANSWERED_WITHIN = 20
WEB_KINDS = frozenset({"web", "cdp", "journeys/cdp"})


def mails(asked: Asked) -> Iterator[Figure]:
    """Opens, clicks, bounces, unsubscribes per mail that was delivered."""
    subject, time = asked.subject, asked.time
    opened, clicked = mark(subject, "opened"), mark(subject, "clicked")
    bounced = mark(subject, "bounced")
    if subject.concept not in ("mail", "message", "broadcast", "campaign") or not (
        opened or bounced or clicked
    ):
        return
    sent = every_row(subject)
    delivered = counted(untruth(subject, bounced)) if bounced else sent
    base = f"; not counting {bounced.column.name}" if bounced else ""
    pairs = (
        ("open_rate", opened), ("click_rate", clicked),
        ("unsubscribe_rate", mark(subject, "unsubscribed")),
        ("spam_complaint_rate", mark(subject, "complained")),
    )  # fmt: skip
    for key, role in pairs:
        if role is not None:
            formula = share(counted(truth(subject, role)), delivered)
            yield Figure(key, formula, time, 0.9, f"{role.column.name} is filled{base}")
    if opened and clicked:
        formula = share(counted(truth(subject, clicked)), counted(truth(subject, opened)))
        yield Figure("click_to_open", formula, time, 0.85, "clicks per open")
    if bounced:
        lost = share(counted(truth(subject, bounced)), sent)
        yield Figure("mail_bounce_rate", lost, time, 0.9, f"named {bounced.column.name}")
        yield Figure("delivery_rate", share(delivered, sent), time, 0.85, "not bounced")


def tickets(asked: Asked) -> Iterator[Figure]:
    """What is open, how long it takes, how it ends."""
    subject, time = asked.subject, asked.time
    if subject.concept not in ("ticket", "conversation"):
        return
    done, start = mark(subject, "resolved", "closed"), subject.time
    if done is not None and done.family == "time":
        reason = f"{done.column.name} is filled when resolved"
        yield Figure("open_tickets", counted(untruth(subject, done)), None, 0.8, reason)
        if start is not None and start is not done:
            yield Figure("resolution_hours", hours(subject, start, done), time, 0.85, reason)
    first = _first_reply(subject)
    if first is not None and start is not None and start is not first:
        formula = hours(subject, start, first)
        yield Figure("first_response_hours", formula, time, 0.85, f"named {first.column.name}")
    for key, concept in (("first_contact_resolution", "firstcontact"),):
        flag = mark(subject, concept)
        if flag is not None:
            formula = share(counted(truth(subject, flag)), every_row(subject))
            yield Figure(key, formula, time, 0.8, f"named {flag.column.name}")
    late = mark(subject, "breached")
    if late is not None:
        kept = share(counted(untruth(subject, late)), every_row(subject))
        yield Figure("sla_attainment", kept, time, 0.75, f"named {late.column.name}")
    yield from _complaints(subject, time)


def _complaints(subject: Subject, time: str | None) -> Iterator[Figure]:
    for role in subject.of("dimension"):
        codes = {value for value, label in (role.codes or {}).items() if label["en"] == "complaint"}
        for value in codes:
            stored = value if role.family == "integer" else f"'{value}'"
            is_one = f"{subject.reference(role.column.name)} = {stored}"
            formula = share(counted(is_one), every_row(subject))
            yield Figure("complaint_rate", formula, time, 0.7, f"{role.column.name} {value}")


def _first_reply(subject: Subject) -> ColumnRole | None:
    for role in subject.of("time"):
        if "first" in role.keys and role.keys & {"replied", "answer", "submitted", "response"}:
            return role
    return None


def calls(asked: Asked) -> Iterator[Figure]:
    """Waiting, handling and hanging up."""
    subject, time = asked.subject, asked.time
    waiting = measure(subject, "waiting", "queue")
    gone = mark(subject, "abandoned")
    if subject.concept != "call":
        return
    if waiting is not None:
        name = subject.reference(waiting.column.name)
        reason = f"named {waiting.column.name}"
        yield Figure("waiting_time", f"AVG({name})", time, 0.85, reason)
        soon = f"{name} <= {ANSWERED_WITHIN}"
        quick = counted(f"{soon} AND {untruth(subject, gone)}" if gone else soon)
        yield Figure("service_level", share(quick, every_row(subject)), time, 0.7, reason)
    if gone is not None:
        formula = share(counted(truth(subject, gone)), every_row(subject))
        yield Figure("abandonment_rate", formula, time, 0.9, f"named {gone.column.name}")
    parts = [r for r in (measure(subject, key) for key in ("talk", "wrapup")) if r is not None]
    handled = parts or [r for r in [measure(subject, "duration")] if r is not None]
    handled = [role for role in handled if not role.keys & {"minutes", "hours"}]
    if handled:
        total = " + ".join(f"COALESCE({subject.reference(r.column.name)}, 0)" for r in handled)
        shown = ", ".join(r.column.name for r in handled)
        formula = f"AVG(CASE WHEN {total} > 0 THEN {total} END)"
        yield Figure("handle_time", formula, time, 0.7 if parts else 0.6, f"from {shown}")


def surveys(asked: Asked) -> Iterator[Figure]:
    """NPS, satisfaction, effort and sentiment, told by the name and the range of the score."""
    subject, time = asked.subject, asked.time
    for role in subject.of("score"):
        name = subject.reference(role.column.name)
        if _recommends(subject, role):
            good = counted(f"{name} >= 9")
            bad = counted(f"{name} <= 6")
            formula = f"100.0 * ({good} - {bad}) / COUNT({name})"
            yield Figure("nps", formula, time, _nps_score(subject, role), _ranged(role))
        elif "csat" in role.keys or ("rating" in role.keys and _most(role) == RATING_MOST):
            yield from _satisfaction(name, role, time)
        elif "ces" in role.keys and (ASKING & subject.words or len(role.parts) == 1):
            yield Figure("ces", f"AVG({name})", time, 0.7, _ranged(role))
        elif "sentiment" in role.keys:
            yield Figure("sentiment", f"AVG({name})", time, 0.75, _ranged(role))


def _satisfaction(name: str, role: ColumnRole, time: str | None) -> Iterator[Figure]:
    sure = 0.9 if _most(role) == RATING_MOST else 0.6
    if _most(role) in (None, RATING_MOST):
        formula = share(counted(f"{name} >= 4"), f"COUNT({name})")
        yield Figure("csat", formula, time, sure, _ranged(role))
    yield Figure("csat_mean", f"AVG({name})", time, sure, _ranged(role))


def _recommends(subject: Subject, role: ColumnRole) -> bool:
    """A score from 0 to 10 of a survey, or one that is named NPS."""
    most, named = _most(role), "nps" in role.keys | subject.words
    if "csat" in role.keys or "ces" in role.keys or "sentiment" in role.keys:
        return False
    if most is None:
        return named
    return RATING_MOST < most <= RECOMMEND_MOST and (named or bool(ASKING & subject.words))


def _nps_score(subject: Subject, role: ColumnRole) -> float:
    named = "nps" in role.keys | subject.words
    return 0.6 + 0.15 * named + 0.2 * (_most(role) == RECOMMEND_MOST)


def _most(role: ColumnRole) -> float | None:
    return float(role.stats.maximum) if role.stats.maximum is not None else None


def _ranged(role: ColumnRole) -> str:
    low, high = role.stats.minimum, role.stats.maximum
    known = f", values {low} to {high}" if low is not None and high is not None else ""
    return f"named {role.column.name}{known}"


def web(asked: Asked) -> Iterator[Figure]:
    """Visitors, conversion, and visits of one page."""
    subject, time = asked.subject, asked.time
    online = subject.kind in WEB_KINDS or subject.words & {"web", "visit", "pageview"}
    if subject.concept not in ("event", "visit", "pageview") or not online:
        return
    person = _visitor(subject)
    if person is not None:
        distinct = f"COUNT(DISTINCT {subject.reference(person.column.name)})"
        yield Figure("visitors", distinct, time, 0.8, f"named {person.column.name}")
    pages = subject.named("pageview", "page", roles=("measure",))
    if pages is not None and subject.concept == "visit":
        single = counted(f"{subject.reference(pages.column.name)} = 1")
        formula = share(single, every_row(subject))
        yield Figure("web_bounce_rate", formula, time, 0.75, f"named {pages.column.name}")
    yield from _conversions(subject, time, person)


def _conversions(subject: Subject, time: str | None, person: ColumnRole | None) -> Iterator[Figure]:
    for role in subject.of("dimension"):
        values = set(role.stats.values) & {"purchase", "checkout", "order", "kauf"}
        bought = values & {"purchase", "order", "kauf"}
        if not bought:
            continue
        name, reason = subject.reference(role.column.name), f"values of {role.column.name}"
        is_sale = f"{name} = '{min(bought)}'"
        if "checkout" in values:
            formula = share(counted(is_sale), counted(f"{name} = 'checkout'"))
            yield Figure("checkout_rate", formula, time, 0.85, reason)
        if person is not None:
            who = subject.reference(person.column.name)
            buyers = f"COUNT(DISTINCT CASE WHEN {is_sale} THEN {who} END)"
            formula = share(buyers, f"COUNT(DISTINCT {who})")
            yield Figure("conversion_rate", formula, time, 0.75, reason)
    sold = mark(subject, "converted")
    if sold is not None:
        formula = share(counted(truth(subject, sold)), every_row(subject))
        yield Figure("conversion_rate", formula, time, 0.8, f"named {sold.column.name}")


def _visitor(subject: Subject) -> ColumnRole | None:
    for concept in ("visitor", *PEOPLE):
        role = subject.named(concept)
        if role is not None and [part.key for part in role.parts] == [concept, "id"]:
            return role
    return None


def consents(asked: Asked) -> Iterator[Figure]:
    """What was given, and of how many asked."""
    subject = asked.subject
    given = mark(subject, "granted", "consent")
    if subject.concept != "consent" or given is None:
        return
    reason = f"named {given.column.name}"
    granted = counted(truth(subject, given))
    yield Figure("consents", granted, None, 0.85, reason)
    yield Figure("consent_rate", share(granted, every_row(subject)), None, 0.85, reason)


CONTACT_RULES = (mails, tickets, calls, surveys, web, consents)
