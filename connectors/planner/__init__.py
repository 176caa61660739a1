"""SecuredQuery to FederatedPlan: which part runs in which silo, and what meets in the engine."""

from collections.abc import Mapping

from sqlglot import exp

from connectors.binder import render as canonical_sql
from connectors.binder.oracle import shared_oracle
from connectors.guard import SecuredQuery
from connectors.planner.blocks import push_blocks, push_whole
from connectors.planner.builder import Builder
from connectors.planner.computed import compute_there
from connectors.planner.constants import fold
from connectors.planner.eager import aggregate_early
from connectors.planner.explain import explain
from connectors.planner.filters import push_filters
from connectors.planner.groups import join_groups
from connectors.planner.key_lists import ordered, with_keys, with_limit
from connectors.planner.keys import add_keys
from connectors.planner.limits import push_limit
from connectors.planner.normal import normalise
from connectors.planner.plan import FederatedPlan
from connectors.planner.scalars import send_values
from connectors.planner.sources import emit, table_source, table_sources
from connectors.silos.base import Capabilities
from connectors.trees import copied


def plan(secured: SecuredQuery, capabilities: Mapping[str, Capabilities]) -> FederatedPlan:
    """Split a secured query. Pure: no silo is asked, equal input gives an equal plan.

    Args:
        secured: From the guard; not changed.
        capabilities: By silo name.

    Returns:
        The plan; its remainder is None when one silo runs the whole query.
    """
    oracle = shared_oracle()
    builder = Builder(secured, capabilities, oracle)
    tree = copied(secured.tree)
    fold(tree, oracle)
    if secured.tables:
        whole = push_whole(tree, builder, secured.columns)
        if whole is not None:
            return FederatedPlan((whole,), None, secured.columns, secured.sql, secured.notes)
    return _split(tree, builder, secured)


def _split(tree: exp.Query, builder: Builder, secured: SecuredQuery) -> FederatedPlan:
    """The rules in their order."""
    push_blocks(tree, builder)
    normalise(tree)
    for select in list(tree.find_all(exp.Select)):
        sources = table_sources(select, builder)
        push_filters(select, sources, builder)
        join_groups(select, sources, builder)
        early = aggregate_early(select, sources, builder)
        push_limit(select, sources, builder)
        for alias, source in sources.items():
            if alias not in early:
                compute_there(source, tree, builder)
                emit(source, select, builder)
    for node in list(tree.find_all(exp.Table)):
        table = builder.table(node)
        if table is not None:
            emit(table_source(node, table), tree, builder)
    send_values(tree, builder)
    add_keys(tree, builder)
    notes = (*secured.notes, *dict.fromkeys(builder.notes))
    fragments = ordered(builder.fragments)
    return FederatedPlan(fragments, canonical_sql(tree), secured.columns, secured.sql, notes)


__all__ = ["explain", "plan", "with_keys", "with_limit"]
