"""The plans by hand parse, name what there is and read each table where it lives."""

import json
import re

import pytest
from sqlglot import exp, parse_one

from benchmarks.best_plans.command import report
from benchmarks.best_plans.plans import LOCAL, plans
from benchmarks.tpch.placements import PLACEMENTS, TABLES
from benchmarks.tpch.queries import queries

DIALECTS = {"postgresql": "postgres", "mysql": "mysql", LOCAL: "duckdb"}
LIST = re.compile(r"\{\{(\w+)\.(\w+)\}\}")
PLANS = {f"{plan.placement} Q{plan.query}": plan for plan in plans()}


def kind(plan, step):
    return LOCAL if step.silo == LOCAL else PLACEMENTS[plan.placement][step.silo][0]


def parsed(plan, step):
    return parse_one(LIST.sub("1", step.sql), read=DIALECTS[kind(plan, step)])


def test_there_are_ten_over_all_placements():
    assert len(PLANS) == 10
    assert {plan.placement for plan in PLANS.values()} == set(PLACEMENTS)
    assert all(plan.query in queries() and plan.why for plan in PLANS.values())


@pytest.mark.parametrize("plan", PLANS.values(), ids=list(PLANS))
def test_every_step_reads_tables_of_its_own_silo_only(plan):
    placement, made = PLACEMENTS[plan.placement], set()
    for step in plan.steps:
        found = {table.name for table in parsed(plan, step).find_all(exp.Table) if table.name}
        if step.silo == LOCAL:
            away = {t for k, own in placement.values() if k in ("postgresql", "mysql") for t in own}
            assert not found & away, step.name
        else:
            derived = {node.alias for node in parsed(plan, step).find_all(exp.Subquery)}
            assert found - derived <= set(placement[step.silo][1]), step.name
        made.add(step.name)


@pytest.mark.parametrize("plan", PLANS.values(), ids=list(PLANS))
def test_values_come_from_relations_that_are_there_before(plan):
    made = set()
    for step in plan.steps:
        assert {relation for relation, _ in LIST.findall(step.sql)} <= made, step.name
        assert step.name not in {*made, *TABLES}
        made.add(step.name)
    remainder = parse_one(plan.remainder, read="duckdb")
    names = {t.name for t in remainder.find_all(exp.Table) if not t.db}
    assert names <= made


@pytest.mark.parametrize("plan", PLANS.values(), ids=list(PLANS))
def test_a_request_tells_the_kind_of_each_silo(plan):
    request = json.loads(plan.request(PLACEMENTS[plan.placement]))
    assert [name for name, _, _ in request["steps"]] == [step.name for step in plan.steps]
    assert {kind for _, kind, _ in request["steps"]} <= {"postgresql", "mysql", LOCAL}


def test_the_report_counts_what_is_within_the_goal():
    near = {"name": "D1 Q2", "bytes": [100, 150], "right": (True, True), "fragments": [("pg", 9)]}
    far = {"name": "D1 Q3", "bytes": [100, 600], "right": (True, False), "fragments": []}
    text = report([near, far])
    assert "1 of 2 within 1.5 of the bytes by hand; geometric mean 3.00." in text
    assert "| WRONG |" in text.replace("  ", " ").replace("  ", " ")
