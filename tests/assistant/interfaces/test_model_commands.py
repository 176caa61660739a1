import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

import app
from assistant.interfaces.catalog_commands import create
from catalog.refresh import refresh
from connectors.config import load_settings
from tests.catalog.places import sqlite_silo

RUNNER = CliRunner()


@pytest.fixture
def config(tmp_path) -> Path:
    """silos.yaml of one cataloged SQLite shop."""
    sqlite_silo(
        tmp_path,
        "shop",
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, ordered_at TIMESTAMP, amount_chf DECIMAL(8,2))",
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, region TEXT)",
    )
    path = tmp_path / "silos.yaml"
    silos = [{"name": "shop", "kind": "shop", "url": "sqlite:///shop.db"}]
    path.write_text(yaml.safe_dump({"silos": silos}))
    refresh(load_settings(path))
    return path


def run(config, *arguments, code=0):
    options = ["--config", str(config), "--format", "json"]
    result = RUNNER.invoke(create(app.open_services), [*map(str, arguments), *options])
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def test_a_proposal_passes_the_check_and_goes_out_and_in_again(config, tmp_path):
    made = run(config, "propose", "--out", tmp_path / "semantic")
    assert made["files"] == [str(tmp_path / "semantic" / "shop.yaml")]
    content = yaml.safe_load(config.read_text()) | {"semantic": "semantic/"}
    config.write_text(yaml.safe_dump(content))
    assert run(config, "check")["checked_against_catalog"] is True
    run(config, "export", "--out", tmp_path / "ossie")
    run(config, "import", tmp_path / "ossie", "--out", tmp_path / "back")
    first, second = (
        yaml.safe_load((tmp_path / f / "shop.yaml").read_text()) for f in ("semantic", "back")
    )
    assert second["semantic_model"][0]["metrics"] == first["semantic_model"][0]["metrics"]


def test_a_second_proposal_needs_force(config, tmp_path):
    run(config, "propose", "--out", tmp_path / "s")
    error = run(config, "propose", "--out", tmp_path / "s", code=2)["error"]
    assert "would be overwritten" in error["message"]
    assert run(config, "propose", "--out", tmp_path / "s", "--force")["datasets"] == 2


def test_the_check_names_what_does_not_fit(config, tmp_path):
    run(config, "propose", "--out", tmp_path / "s")
    path = tmp_path / "s" / "shop.yaml"
    path.write_text(path.read_text().replace("shop.main.orders", "shop.main.gone"))
    error = run(config, "check", "--semantic", tmp_path / "s", code=2)["error"]
    assert "dataset orders" in error["message"]


def test_an_unknown_silo_is_refused(config):
    assert "no silo 'crm'" in run(config, "propose", "--silo", "crm", code=2)["error"]["message"]


def test_dbt_files_are_imported_and_what_is_lost_is_listed(config, tmp_path):
    folder = tmp_path / "dbt"
    folder.mkdir()
    model = {
        "name": "orders",
        "model": "ref('orders')",
        "measures": [{"name": "total", "agg": "sum", "expr": "amount_chf"}],
    }
    metrics = [
        {"name": "revenue", "type": "simple", "type_params": {"measure": "total"}},
        {"name": "running", "type": "cumulative", "type_params": {"measure": "total"}},
    ]
    content = {"semantic_models": [model], "metrics": metrics}
    (folder / "m.yml").write_text(yaml.safe_dump(content))
    made = run(config, "import", folder, "--out", tmp_path / "ours")
    assert (made["datasets"], made["metrics"]) == (1, 1)
    assert [item.split(":")[0] for item in made["not_represented"]] == ["metrics.running"]
