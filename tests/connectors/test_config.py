"""silos.yaml: read, checked, secrets as references."""

from datetime import date, time
from pathlib import Path

import pytest

from connectors.config import Settings, load_settings
from connectors.errors import ConfigurationError

MINIMAL = "silos: [{name: crm, kind: crm, url: 'sqlite:///crm.db'}]\n"
FULL = """
silos:
  - name: crm
    kind: crm
    url: postgresql://reader@localhost:5432/crm
    password: ${env:CRM_PASSWORD}
    schemas: [public]
    exclude: ["*_log"]
    owner: sales-ops
    purpose: contract
    timezone: Europe/Zurich
    limits: {concurrency: 4, timeout_s: 30, max_rows: 2_000_000, max_bytes: 1_000_000_000}
catalog: {path: .rundblick}
model:
  base_url: ${env:BASE}
  api_key: ${file:key.txt}
  chat: some-model
  embedding: local
engine: duckdb
semantic: semantic/
today: 2026-10-31
"""


def load(folder: Path, text: str) -> Settings:
    (folder / "silos.yaml").write_text(text, encoding="utf-8")
    return load_settings(folder / "silos.yaml")


def test_the_documented_file_is_read(tmp_path):
    settings = load(tmp_path, FULL)
    crm = settings.silo("crm")
    assert (crm.owner, crm.purpose, crm.timezone) == ("sales-ops", "contract", "Europe/Zurich")
    assert crm.limits.max_rows == 2_000_000
    assert settings.today == date(2026, 10, 31)


def test_paths_are_relative_to_the_file(tmp_path):
    settings = load(tmp_path, FULL)
    assert settings.catalog.path == tmp_path / ".rundblick"
    assert settings.semantic == tmp_path / "semantic"


def test_a_file_database_is_relative_to_the_file(tmp_path):
    settings = load(tmp_path, MINIMAL)
    assert settings.silo("crm").resolved_url().database == str(tmp_path / "crm.db")


def test_an_absolute_file_database_stays(tmp_path):
    settings = load(tmp_path, "silos: [{name: a, url: 'sqlite:////data/a.db'}]")
    assert settings.silo("a").resolved_url().database == "/data/a.db"


def test_secrets_are_filled_in_only_when_used(tmp_path, monkeypatch):
    settings = load(tmp_path, FULL)
    assert "hunter2" not in repr(settings)
    monkeypatch.setenv("CRM_PASSWORD", "hunter2")
    assert settings.silo("crm").resolved_url().password == "hunter2"


def test_secrets_may_stand_in_files(tmp_path):
    (tmp_path / "key.txt").write_text("k-123\n")
    settings = load(tmp_path, FULL)
    assert settings.model is not None
    assert settings.model.resolved("api_key") == "k-123"


def test_a_missing_variable_is_named(tmp_path, monkeypatch):
    monkeypatch.delenv("CRM_PASSWORD", raising=False)
    settings = load(tmp_path, FULL)
    with pytest.raises(ConfigurationError, match="'CRM_PASSWORD' is not set"):
        settings.silo("crm").resolved_url()


def test_a_missing_secret_file_is_named(tmp_path):
    settings = load(tmp_path, FULL)
    assert settings.model is not None
    with pytest.raises(ConfigurationError, match=r"'key\.txt' cannot be read"):
        settings.model.resolved("api_key")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"silos\.yaml") as caught:
        load_settings(tmp_path / "silos.yaml")
    assert "rundblick demo" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("silos: [", "not valid YAML"),
        ("- a", "expected a mapping"),
        ("today: 2026-10-31", "'silos' must be a list"),
        ("silos: []", "silos: "),
        ("silos: [{name: crm}]", "url: Field required"),
        ("silos: [{name: 'a b', url: 'sqlite:///x'}]", "starts with a-z"),
        ("silos: [{name: a, url: 'sqlite:///x', colour: red}]", "colour: Extra inputs"),
        (MINIMAL + "today: soon", "today"),
        (
            "silos: [{name: a, url: 'sqlite:///x'}, {name: a, url: 'sqlite:///y'}]",
            "two silos are named 'a'",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path, text, message):
    with pytest.raises(ConfigurationError, match=message):
        load(tmp_path, text)


def test_a_malformed_url_does_not_show_itself(tmp_path):
    settings = load(tmp_path, "silos: [{name: a, url: 'not a url with pass123'}]")
    with pytest.raises(ConfigurationError) as caught:
        settings.silo("a").resolved_url()
    assert "pass123" not in str(caught.value)


@pytest.mark.parametrize(
    ("engine", "name", "options"),
    [
        ("duckdb", "duckdb", {}),
        ("{name: duckdb, memory_mb: 512}", "duckdb", {}),
        ("{trino: {url: 'trino://h'}}", "trino", {"url": "trino://h"}),
    ],
)
def test_an_engine_is_a_word_or_a_mapping(tmp_path, engine, name, options):
    settings = load(tmp_path, MINIMAL + f"engine: {engine}\n")
    assert (settings.engine.name, settings.engine.options) == (name, options)


@pytest.mark.parametrize(
    ("url", "scheme"),
    [
        ("postgresql://h/d", "postgresql"),
        ("mysql+pymysql://h/d", "mysql"),
        ("sqlite:///a", "sqlite"),
    ],
)
def test_the_scheme_is_the_kind_of_database(tmp_path, url, scheme):
    assert load(tmp_path, f"silos: [{{name: a, url: '{url}'}}]").silo("a").scheme == scheme


@pytest.mark.parametrize(
    ("written", "every_s", "at"),
    [
        ("30m", 1_800, None),
        ("6h", 21_600, None),
        ("1d", 86_400, None),
        ("03:30", None, time(3, 30)),
        ("13:30", None, time(13, 30)),
        ("{when: 2h, profile: false}", 7_200, None),
        ("{when: '22:05', timezone: Europe/Zurich}", None, time(22, 5)),
    ],
)
def test_the_catalog_is_refreshed_every_so_often_or_at_a_time(tmp_path, written, every_s, at):
    file = tmp_path / "silos.yaml"
    silos = "silos: [{name: crm, url: 'sqlite:///crm.db'}]"
    file.write_text(f"{silos}\ncatalog: {{refresh: {written}}}\n", encoding="utf-8")
    found = load_settings(file).catalog
    assert found.refresh is not None
    assert (found.refresh.every_s, found.refresh.at) == (every_s, at)
    assert found.path == tmp_path / ".rundblick"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("sometimes", "sometimes"),
        ("'25:00'", "25:00"),
        ("{when: 6h, timezone: Mars/Base}", "Mars/Base"),
        ("{when: 6h, often: true}", "often"),
    ],
)
def test_a_wrong_schedule_is_named(tmp_path, written, said):
    file = tmp_path / "silos.yaml"
    silos = "silos: [{name: crm, url: 'sqlite:///crm.db'}]"
    file.write_text(f"{silos}\ncatalog: {{refresh: {written}}}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_settings(file)
    assert said in str(caught.value)
