"""Subjects as datasets of a semantic model: fields with labels, codes and classes."""

from collections.abc import Container, Iterable

from catalog.proposal.naming import column_sql, labels
from catalog.proposal.roles import ColumnRole, Family
from catalog.proposal.subjects import PEOPLE, Subject
from catalog.proposal.vocabulary import Part
from catalog.semantic_model import Dataset, Field, Labels, Proposal

LINKING = frozenset({"id", "number", "email", "phone", "hash"})
DATATYPES: dict[Family, str] = {
    "integer": "Integer", "decimal": "Decimal", "text": "String", "boolean": "Boolean",
}  # fmt: skip
NAMED_UNITS = frozenset({"seconds", "minutes", "cents", "micros", "chf", "eur", "usd", "gbp", "at"})
SCALES = {"cents": 100, "micros": 1_000_000}
MARK_SCORES = {"key": 0.95, "time": 0.9, "reference": 0.8, "name": 0.7}


def dataset(subject: Subject, linked: Container[str] = ()) -> Dataset:
    """The dataset of a subject; `linked` are fields that relationships need."""
    always, latest = subject.always, subject.latest
    reasons = [_about(subject), subject.key_reason, always[1] if always else ""]
    reasons.append(f"newest row by {latest[1]}" if latest else "")
    key = latest[0] if latest else subject.key
    return Dataset(
        name=subject.name,
        source=subject.table.full_name,
        primary_key=tuple(subject.fields[column] for column in key),
        fields=tuple(fields(subject, linked)),
        description=subject.table.comment,
        labels=subject.labels,
        synonyms=tuple(_synonyms(subject)),
        always=always[0] if always else None,
        latest=latest,
        entity="person" if subject.concept in PEOPLE else subject.concept,
        proposed=Proposal(subject.score, "; ".join(filter(None, reasons))),
    )


def _about(subject: Subject) -> str:
    time = f"time {subject.time.column.name}" if subject.time else "no time column"
    return f"a row is one {subject.concept}; {time}" if subject.concept else time


def _synonyms(subject: Subject) -> Iterable[str]:
    """The other words for its rows, the singular too."""
    if not subject.parts or subject.parts[-1].concept is None:
        return ()
    one = labels(subject.parts)
    words = {text: None for text in one.values() if text not in subject.labels.values()}
    if len(subject.parts) == 1:
        shown = {text.lower() for text in (*one.values(), *subject.labels.values())}
        more = subject.parts[0].concept.also if subject.parts[0].concept else ()
        words.update({word: None for word in more if word not in shown})
    return words


def fields(subject: Subject, linked: Container[str] = ()) -> Iterable[Field]:
    """The fields of a dataset: what questions, metrics and links need of it."""
    for role in subject.roles:
        kept = role.role not in ("other", "personal", "deleted", "name")
        if (
            kept
            or _links(role)
            or (role.role == "name" and not subject.of_person)
            or role.column.name in subject.key
            or subject.fields[role.column.name] in linked
        ):
            yield _field(subject, role)


def _links(role: ColumnRole) -> bool:
    return role.role == "personal" and bool(role.keys & LINKING)


def _field(subject: Subject, role: ColumnRole) -> Field:
    dimension = role.role in ("time", "dimension", "name") and not role.personal
    return Field(
        name=subject.fields[role.column.name],
        expression=expression(role),
        datatype=datatype(role),
        dimension=dimension,
        is_time=role.role == "time",
        labels=_labels(subject, role) if dimension else {},
        synonyms=tuple(_field_synonyms(subject, role)) if dimension else (),
        codes=role.codes or {} if dimension else {},
        sensitivity=role.sensitivity if role.sensitivity != "none" else None,
        description=role.column.comment,
        proposed=Proposal(_score(role), role.reason) if dimension else None,
    )


def expression(role: ColumnRole) -> str:
    """The column as canonical SQL; cents and micros in whole units."""
    name = column_sql(role.column.name)
    scale = next((SCALES[key] for key in SCALES if key in role.keys), None)
    return f"{name} / {scale}.0" if scale and role.role == "measure" else name


def datatype(role: ColumnRole) -> str:
    """The Ossie data type of a column."""
    if role.column.type == "DATE":
        return "Date"
    if role.family == "time":
        zoned = role.column.type in ("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE")
        return "DateTimeTz" if zoned else "DateTime"
    if role.column.type.startswith(("DOUBLE", "FLOAT")):
        return "Float"
    return DATATYPES.get(role.family, "String")


def _labels(subject: Subject, role: ColumnRole) -> Labels:
    if role.role == "name":
        return labels(subject.parts)
    kept = [part for part in role.parts if part.key not in NAMED_UNITS]
    return labels(kept or role.parts)


def _field_synonyms(subject: Subject, role: ColumnRole) -> Iterable[str]:
    """The plural; of a name the thing itself; of a compound the last word and its plural."""
    shown = set(_labels(subject, role).values())
    parts = subject.parts if role.role == "name" else role.parts
    kept = [part for part in parts if part.key not in NAMED_UNITS]
    if role.role == "time" or not kept or kept[-1].concept is None:
        return ()
    found = [*labels(kept, plural=True).values()]
    if len(kept) > 1 and role.role == "dimension":
        found += [*labels(kept[-1:]).values(), *labels(kept[-1:], plural=True).values()]
    if role.role == "dimension":
        found += _with_subject(subject, kept[-1:])
    return dict.fromkeys(text for text in found if text not in shown)


def _with_subject(subject: Subject, kept: list[Part]) -> Iterable[str]:
    """„Ticketkategorie" for the category of a ticket: tells it from others of the name."""
    head = subject.parts[-1:]
    if not head or head[0].concept is None or not kept[0].concept:
        return ()
    if kept[0].concept.kind != "attributes" or list(head) == kept:
        return ()
    return labels([*head, *kept]).values()


def _score(role: ColumnRole) -> float:
    if role.codes:
        return 0.9
    if role.role == "dimension":
        return 0.85 if role.stats.values or role.family == "boolean" else 0.6
    return MARK_SCORES.get(role.role, 0.5)
