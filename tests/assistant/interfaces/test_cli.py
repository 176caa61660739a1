"""The command line as a shell sees it: one JSON value on stdout, exit codes, options."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

import app
from tests.assistant.interfaces.small_shop import SILOS, change_shop, make_shop
from tests.assistant.test_answer_json import SCHEMA

ROOT = Path(__file__).parents[3]
GERMAN = "Wie viele Tickets sind offen?"
ENGLISH = "How many tickets are open?"
MARS = "Wie hoch war gestern der Luftdruck auf dem Mars?"
ANSWERED, USAGE, REFUSED, FAILED = 0, 2, 3, 4


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A small shop whose catalog has two versions; `paid` came with the second."""
    config = make_shop(tmp_path_factory.mktemp("shop"))
    change_shop(config.parent, "ALTER TABLE orders ADD COLUMN paid TEXT")
    assert run("catalog", "refresh", "--config", config)[0] == ANSWERED
    return config


@pytest.fixture(scope="module")
def demo(demo_folder):
    return demo_folder / "silos.yaml"


def run(*words: object) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command, run in this process."""
    result = CliRunner().invoke(app.cli, [str(word) for word in words])
    unforeseen = result.exception
    assert unforeseen is None or isinstance(unforeseen, SystemExit), repr(unforeseen)
    return result.exit_code, result.stdout, result.stderr


def run_json(*words: object) -> tuple[int, object]:
    """Exit code and the one JSON value on stdout."""
    code, stdout, _ = run(*words, "--format", "json")
    return code, json.loads(stdout)


def answer(code: int, *words: object) -> dict:
    """The Answer a command prints; it fits the contract and the exit code is as expected."""
    found, value = run_json(*words)
    jsonschema.validate(value, SCHEMA)
    assert found == code, value
    return value


def shell(*words: object) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, as a shell starts it."""
    command = [sys.executable, "-m", "app", *(str(word) for word in words)]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False, env=os.environ
    )


# In a process of its own


def test_a_question_prints_its_answer_as_json_alone(demo):
    ended = shell("ask", GERMAN, "--config", demo, "--format", "json")
    made = json.loads(ended.stdout)
    jsonschema.validate(made, SCHEMA)
    assert (ended.returncode, made["status"], made["rows"]) == (ANSWERED, "answered", [[835]])
    assert ended.stderr == ""


def test_a_missing_configuration_ends_with_2_and_no_traceback(tmp_path):
    ended = shell("ask", "x", "--config", tmp_path / "no" / "silos.yaml")
    assert ended.returncode == USAGE
    said = "".join((ended.stdout + ended.stderr).split())  # a long path is wrapped
    assert "no/silos.yaml" in said
    assert "Traceback" not in ended.stderr


# ask


def test_german_and_english_print_the_same_rows(demo):
    german = answer(ANSWERED, "ask", GERMAN, "--config", demo)
    english = answer(ANSWERED, "ask", ENGLISH, "--config", demo)
    assert german["rows"] == english["rows"]
    assert (german["language"], english["language"]) == ("de", "en")


@pytest.mark.parametrize("lang", ["de", "en"])
def test_lang_sets_the_language_of_the_answer(demo, lang):
    assert answer(ANSWERED, "ask", ENGLISH, "--config", demo, "--lang", lang)["language"] == lang


def test_text_output_shows_figure_and_receipt_and_keeps_steps_off_stdout(demo):
    code, stdout, stderr = run("ask", GERMAN, "--config", demo)
    assert code == ANSWERED
    assert "835" in stdout
    assert "service" in stdout
    assert "…" in stderr
    assert "…" not in stdout


def test_a_question_out_of_reach_ends_with_3(demo):
    made = answer(REFUSED, "ask", MARS, "--config", demo)
    assert (made["status"], made["rows"]) == ("refused", [])


def test_a_question_back_ends_with_3_and_offers_choices(demo):
    question = "How many cancellations last quarter among astronauts?"
    made = answer(REFUSED, "ask", question, "--config", demo)
    assert made["status"] == "clarify"
    assert made["clarification"]["options"]


def test_a_role_that_is_not_there_ends_with_3(demo):
    made = answer(REFUSED, "ask", GERMAN, "--config", demo, "--role", "nobody")
    assert made["error"]["code"] == "policy"


@pytest.mark.parametrize(("lang", "word"), [("de", "Konfiguration"), ("en", "configuration")])
def test_a_wrong_configuration_is_an_answer_in_the_asked_language(tmp_path, lang, word):
    missing = tmp_path / "silos.yaml"
    made = answer(USAGE, "ask", GERMAN, "--config", missing, "--lang", lang)
    assert (made["error"]["code"], made["language"]) == ("configuration", lang)
    assert word in made["text"]
    assert made["question"] == GERMAN


# sql


def test_sql_prints_its_rows(shop):
    made = answer(ANSWERED, "sql", "SELECT id, amount FROM orders ORDER BY 1", "--config", shop)
    assert made["rows"] == [[1, 9.5], [2, 20.25]]


def test_sql_is_cut_at_max_rows(shop):
    words = ("sql", "SELECT id FROM orders", "--config", shop, "--max-rows", 1)
    made = answer(ANSWERED, *words)
    assert (len(made["rows"]), made["truncated"]) == (1, True)


def test_explain_prints_the_plan_and_runs_nothing(shop):
    made = answer(ANSWERED, "sql", "SELECT id FROM orders", "--config", shop, "--explain")
    assert [fragment["silo"] for fragment in made["plan"]["fragments"]] == ["shop"]
    assert (made["rows"], made["receipt"]) == ([], None)


@pytest.mark.parametrize(
    ("sql", "code", "status", "error"),
    [
        ("SELECT * FROM ordrs", USAGE, "error", "unknown_table"),
        ("SELECT nothing FROM orders", USAGE, "error", "unknown_column"),
        ("SELECT (", USAGE, "error", "sql_syntax"),
        ("DELETE FROM orders", REFUSED, "refused", "not_a_select"),
        ("SELECT 1; SELECT 2", REFUSED, "refused", "not_a_select"),
    ],
)
def test_sql_that_cannot_run_ends_with_its_code(shop, sql, code, status, error):
    made = answer(code, "sql", sql, "--config", shop)
    assert (made["status"], made["error"]["code"], made["rows"]) == (status, error, [])


def test_a_role_narrows_what_sql_may_read(shop):
    people = ("sql", "SELECT count(*) FROM people", "--config", shop)
    assert answer(ANSWERED, *people)["rows"] == [[1]]
    assert answer(REFUSED, *people, "--role", "orders")["error"]["code"] == "forbidden_table"


@pytest.mark.parametrize(("lang", "said"), [("de", "Tabelle"), ("en", "table")])
def test_lang_sets_the_language_of_an_error(shop, lang, said):
    made = answer(USAGE, "sql", "SELECT * FROM ordrs", "--config", shop, "--lang", lang)
    assert said in made["text"].splitlines()[0]


def test_a_silo_that_is_down_ends_with_4_and_is_named(demo):
    raw = yaml.safe_load(demo.read_text(encoding="utf-8"))
    for silo in raw["silos"]:
        if silo["name"] == "crm":
            silo["url"] = "postgresql://reader@127.0.0.1:9/crm"
    down = demo.parent / "down.yaml"
    down.write_text(yaml.safe_dump(raw), encoding="utf-8")
    made = answer(FAILED, "sql", "SELECT count(*) FROM crm.public.kunden", "--config", down)
    assert (made["error"]["silo"], made["error"]["actor"]) == ("crm", "operator")


def test_without_a_catalog_every_command_ends_with_4_and_says_what_to_run(tmp_path):
    config = tmp_path / "silos.yaml"
    config.write_text(SILOS.replace("policy: policy.yaml", ""), encoding="utf-8")
    assert "catalog refresh" in answer(FAILED, "ask", "x", "--config", config)["error"]["hint"]
    for words in (("catalog", "show"), ("serve",), ("mcp",)):
        code, stdout, stderr = run(*words, "--config", config)
        assert (code, stdout) == (FAILED, "")
        assert "catalog refresh" in stderr


# Wrong arguments


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("ask",),
        ("ask", "x", "--lang", "fr"),
        ("ask", "x", "--format", "xml"),
        ("ask", "x", "--colour"),
        ("sql", "SELECT 1", "--max-rows", "0"),
        ("sql", "SELECT 1", "--max-rows", "many"),
        ("serve", "--port", "70000"),
        ("catalog", "nonsense"),
        ("catalog", "search"),
    ],
)
def test_wrong_arguments_end_with_2_and_leave_stdout_empty(words):
    code, stdout, stderr = run(*words)
    assert (code, stdout) == (USAGE, "")
    assert stderr


def test_help_names_every_command():
    code, stdout, _ = run("--help")
    assert code == ANSWERED
    for command in ("ask", "sql", "catalog", "serve", "mcp", "demo"):
        assert command in stdout


# catalog


def test_catalog_show_lists_the_tables_a_role_may_read(shop):
    def tables(*more: str) -> list[str]:
        code, rows = run_json("catalog", "show", "--config", shop, *more)
        assert code == ANSWERED
        return [row["name"] for row in rows]

    assert tables() == ["shop.main.orders", "shop.main.people"]
    assert tables("--role", "orders") == ["shop.main.orders"]


def test_catalog_search_finds_in_both_languages(demo):
    for words, lang in (("Kündigungen", "de"), ("cancellations", "en")):
        code, hits = run_json("catalog", "search", words, "--config", demo, "--lang", lang)
        assert code == ANSWERED
        assert hits[0]["name"] == "cancellations"


def test_catalog_links_names_both_sides(demo):
    code, links = run_json("catalog", "links", "--config", demo)
    assert code == ANSWERED
    assert links
    assert all(link["left"] and link["right"] and link["normaliser"] for link in links)


def test_catalog_diff_tells_what_the_last_refresh_changed(shop):
    code, changes = run_json("catalog", "diff", "--config", shop)
    assert code == ANSWERED
    assert [(c["kind"], c["table"], c["column"]) for c in changes] == [
        ("added", "shop.main.orders", "paid")
    ]


def test_catalog_refresh_reports_as_json(tmp_path):
    config = make_shop(tmp_path)
    code, report = run_json("catalog", "refresh", "--config", config, "--no-profile")
    assert (code, report["version"], report["tables"], report["silos"]) == (0, 2, 2, ["shop"])


def test_catalog_refresh_of_an_unknown_silo_ends_with_2(shop):
    words = ("catalog", "refresh", "--config", shop, "--silo", "shopp")
    code, value = run_json(*words)
    assert (code, value["error"]["code"]) == (USAGE, "usage")
    assert "shop" in value["error"]["hint"]


def test_catalog_check_counts_what_is_configured_and_reaches_no_silo(demo, tmp_path):
    code, value = run_json("catalog", "check", "--config", demo)
    assert code == ANSWERED
    assert value["silos"] == 7
    assert value["metrics"] > 20


def test_catalog_check_ends_with_2_where_a_file_is_wrong(shop):
    wrong = shop.parent / "wrong.yaml"
    wrong.write_text("silos: [{name: shop}]", encoding="utf-8")
    code, value = run_json("catalog", "check", "--config", wrong)
    assert (code, value["error"]["code"]) == (USAGE, "configuration")
    assert "wrong.yaml" in value["error"]["message"]


@pytest.mark.parametrize("command", ["show", "search", "links", "diff"])
def test_every_view_refuses_a_role_that_is_not_there_with_3(shop, command):
    words = ("catalog", command, *(["x"] if command == "search" else []))
    code, value = run_json(*words, "--config", shop, "--role", "nobody")
    assert (code, value["error"]["code"]) == (REFUSED, "policy")


@pytest.mark.parametrize(("lang", "said"), [("de", "Das ist nicht erlaubt"), ("en", "not allowed")])
def test_lang_sets_the_language_of_a_view_that_fails(shop, lang, said):
    words = ("catalog", "show", "--config", shop, "--role", "nobody", "--lang", lang)
    code, stdout, stderr = run(*words)
    assert (code, stdout) == (REFUSED, "")
    assert said in stderr


def test_a_view_as_text_is_a_table(shop):
    code, stdout, _ = run("catalog", "diff", "--config", shop)
    assert code == ANSWERED
    assert "shop.main.orders" in stdout


def test_the_list_of_people_is_a_dry_run_and_written_on_approval_only(demo, tmp_path):
    shown = answer(ANSWERED, "next-actions", "--config", demo, "--lang", "de")
    assert "Probelauf" in shown["text"]
    target = tmp_path / "list.csv"
    code, _, said = run("next-actions", "--config", demo, "--export", target)
    assert (code, target.exists()) == (USAGE, False)
    assert "nobody approved" in said
    approved = ("--export", target, "--approved-by", "Mara Muster")
    assert run("next-actions", "--config", demo, *approved)[0] == ANSWERED
    lines = target.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("place,person,offer")
    assert len(lines) == len(shown["rows"]) + 1
