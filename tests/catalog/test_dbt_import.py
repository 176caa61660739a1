from textwrap import dedent

import pytest

from assistant.model_check import check_model
from catalog import semantic_writer
from catalog.dbt_import import is_dbt, read_dbt
from catalog.semantic_files import load_semantic_model
from connectors.clock import Clock
from connectors.errors import ConfigurationError
from connectors.schema import SiloSchema
from tests.catalog.places import table

SCHEMA = SiloSchema(
    [
        table("dwh.main.fct_orders", "order_id BIGINT", "customer_id BIGINT", "ordered_at TIMESTAMP",
              "amount DECIMAL(10, 2)", "is_food BOOLEAN", "status VARCHAR"),
        table("dwh.main.dim_customers", "customer_id BIGINT", "region VARCHAR"),
    ]
)  # fmt: skip
MODELS = """
semantic_models:
  - name: orders
    model: ref('fct_orders')
    description: One row per order
    defaults: {agg_time_dimension: ordered_at}
    entities:
      - {name: order_id, type: primary}
      - {name: customer, type: foreign, expr: customer_id}
    dimensions:
      - {name: ordered_at, type: time, type_params: {time_granularity: day}}
      - {name: is_food, type: categorical, label: Food}
    measures:
      - {name: order_total, agg: sum, expr: amount}
      - {name: order_count, agg: count, expr: "1"}
      - {name: buyers, agg: count_distinct, expr: customer_id, create_metric: true}
      - {name: p90, agg: percentile, expr: amount, agg_params: {percentile: 0.9}}
  - name: customers
    model: ref('dim_customers')
    entities: [{name: customer, type: primary, expr: customer_id}]
    dimensions: [{name: region, type: categorical}]
  - {name: nowhere, model: ref('no_such_table')}
"""
METRICS = """
metrics:
  - {name: revenue, label: Revenue, type: simple, type_params: {measure: order_total}}
  - name: food_revenue
    type: simple
    type_params: {measure: {name: order_total}}
    filter: "{{ Dimension('order_id__is_food') }} = true"
  - {name: orders, type: simple, type_params: {measure: order_count}}
  - name: order_value
    type: ratio
    type_params: {numerator: revenue, denominator: orders}
  - name: other_revenue
    type: derived
    type_params: {expr: a - food_revenue, metrics: [{name: revenue, alias: a}, food_revenue]}
  - name: growth
    type: derived
    type_params: {expr: revenue - last, metrics: [revenue, {name: revenue, alias: last, offset_window: 1 month}]}
  - {name: running, type: cumulative, type_params: {measure: order_total}}
  - {name: funnel, type: conversion, type_params: {}}
  - {name: high, type: simple, type_params: {measure: p90}}
  - {name: higher, type: derived, type_params: {expr: high * 2, metrics: [high]}}
"""


@pytest.fixture
def made(tmp_path):
    paths = [tmp_path / "models.yml", tmp_path / "metrics.yml"]
    paths[0].write_text(dedent(MODELS))
    paths[1].write_text(dedent(METRICS))
    return read_dbt(paths, SCHEMA)


def test_models_and_metrics_of_dbt_load_and_fit_the_tables(made, tmp_path):
    content = semantic_writer.document("dbt", made.datasets, made.relationships, made.metrics)
    folder = tmp_path / "ours"
    folder.mkdir()
    (folder / "dbt.yaml").write_text(semantic_writer.text(content))
    model = load_semantic_model(folder)
    assert check_model(model, SCHEMA, Clock.from_environment(None)) == ()
    assert model.datasets["orders"].source == "dwh.main.fct_orders"
    (step,) = model.relationships
    assert (step.from_dataset, step.to_dataset) == ("orders", "customers")


def test_formulas_say_what_dbt_says(made):
    formulas = {metric.name: metric.expression for metric in made.metrics}
    assert formulas == {
        "buyers": "COUNT(DISTINCT orders.buyers)",
        "revenue": "SUM(orders.order_total)",
        "food_revenue": "SUM(CASE WHEN (orders.is_food = true) THEN orders.order_total END)",
        "orders": "COUNT(*)",
        "order_value": "revenue / orders",
        "other_revenue": "revenue - food_revenue",
    }
    assert made.metrics[1].time == "orders.ordered_at"


def test_what_has_no_place_is_named_with_the_reason(made):
    lost = {item.part: item.reason for item in made.lost}
    assert lost.keys() == {
        "semantic_models.nowhere",
        "measures.orders.p90",
        "metrics.growth",
        "metrics.running",
        "metrics.funnel",
        "metrics.high",
        "metrics.higher",
    }
    assert "no_such_table" in lost["semantic_models.nowhere"]
    assert "offset_window" in lost["metrics.growth"]
    assert "percentile" in lost["measures.orders.p90"]


def test_ours_is_not_taken_for_dbt():
    assert is_dbt({"semantic_models": []})
    assert is_dbt({"metrics": []})
    assert not is_dbt({"version": "0.2.0", "semantic_model": []})


def test_a_file_that_is_no_yaml_is_named(tmp_path):
    path = tmp_path / "broken.yml"
    path.write_text("a: [")
    with pytest.raises(ConfigurationError, match=r"cannot read broken\.yml"):
        read_dbt([path], SCHEMA)
