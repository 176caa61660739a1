"""Queries put together: values of one field as a list, a new question onto an earlier one."""

from dataclasses import replace

from assistant.metric_query import Filter, MetricQuery


def merged(filters: list[Filter]) -> list[Filter]:
    """Two values of one field are a list: Romandie and Tessin."""
    together: dict[tuple[str, str, str], Filter] = {}
    for condition in filters:
        negated = condition.operator == "!="
        joined = negated or condition.operator == "="
        key = (condition.dataset, condition.field, condition.operator)
        if not joined:
            together[(*key[:2], f"{condition.operator} {condition.values}")] = condition
            continue
        known = together.get(key)
        if known is None:
            together[key] = condition
        elif condition.values[0] not in known.values:
            values = (*known.values, *condition.values)
            together[key] = replace(known, operator="not in" if negated else "in", values=values)
    return list(together.values())


def continued(earlier: MetricQuery, new: MetricQuery) -> MetricQuery:
    """The earlier query with what the new question changes."""
    changed = {(f.dataset, f.field) for f in new.filters}
    kept = tuple(f for f in earlier.filters if (f.dataset, f.field) not in changed)
    return replace(
        new,
        dimensions=new.dimensions or earlier.dimensions,
        filters=(*kept, *new.filters),
        members=new.members or earlier.members,
        parts=new.parts or earlier.parts,
        mean_over=new.mean_over or earlier.mean_over,
        made=new.made or earlier.made,
        period=new.period or earlier.period,
        comparison=new.comparison or (None if new.period else earlier.comparison),
    )
