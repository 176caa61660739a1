"""Real schemas without rows: the proposal loads, fits the tables and names no person."""

import dataclasses

import pytest

from assistant.model_check import check_model
from catalog.proposal import propose, write
from catalog.semantic_files import load_semantic_model
from connectors.clock import Clock
from connectors.schema import PERSONAL
from tests.catalog.proposal.real_systems import real_schema

SYSTEMS = (
    "chatwoot", "listmonk", "umami", "dittofeed", "fides_consent", "tpcds", "ft_zendesk",
    "ft_google_ads", "ft_klaviyo", "ft_qualtrics", "matomo", "phplist",
)  # fmt: skip


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_proposal_for_a_real_system_loads_and_fits(shared, tmp_path, system):
    schema, silos = real_schema(shared, system)
    made = propose(schema, silos)
    write(made, tmp_path)
    model = load_semantic_model(tmp_path)
    assert dataclasses.replace(model, raw={}) == made.model()
    assert check_model(model, schema, Clock.from_environment(None)) == ()
    sources = {dataset.source for dataset in model.datasets.values()}
    assert sources | set(made.left_out) == set(schema.names())
    assert len(sources) >= 0.75 * len(schema)
    assert len(model.metrics) >= 4


def test_no_personal_column_of_any_real_system_is_a_dimension(shared):
    schema, silos = real_schema(shared)
    model = propose(schema, silos).model()
    wrong, dimensions = [], 0
    for dataset in model.datasets.values():
        classes = schema.find(dataset.source)[0].sensitivity
        for field in dataset.fields:
            dimensions += field.dimension
            if field.dimension and classes.get(field.expression.strip('"')) in PERSONAL:
                wrong.append(f"{dataset.source}.{field.expression}")
    assert wrong == []
    assert dimensions > 2_000
