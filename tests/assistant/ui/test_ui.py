"""The chat as its users see it: headless Chromium on the running product over the demo company."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

pytestmark = pytest.mark.ui
GERMAN = "Wie viele Kundinnen und Kunden haben im letzten Quartal gekündigt, nach Region?"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MS = 60_000


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url: str, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(f"{url} did not answer")


@pytest.fixture(scope="module")
def site(demo_folder):
    port = free_port()
    command = [sys.executable, "-m", "app", "serve", "--port", str(port)]
    command += ["--config", str(demo_folder / "silos.yaml")]
    with subprocess.Popen(command, cwd=Path(__file__).parents[3]) as server:
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz")
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def browser():
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium on this machine")
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser, site):
    """A fresh visitor; a script error on the page fails the test."""
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(site)
    page.get_by_text("Rundblick").first.wait_for(timeout=PATIENCE_MS)
    yield page
    page.close()
    assert errors == []


def ask(page, question: str) -> None:
    page.locator("#question textarea").fill(question)
    page.locator("#question textarea").press("Enter")
    expect(page.locator("#chat")).to_contain_text(question)


def test_a_german_question_shows_figure_chart_table_sql_and_receipt(page):
    ask(page, GERMAN)
    expect(page.locator("#answer")).to_contain_text("402", timeout=PATIENCE_MS)
    page.get_by_role("tab", name="Diagramm").click()
    expect(page.locator("#chart .vega-embed").locator("canvas, svg.marks").first).to_be_visible(
        timeout=PATIENCE_MS
    )
    page.get_by_role("tab", name="Tabelle").click()
    expect(page.locator("#table")).to_contain_text("Zürich")
    page.get_by_role("tab", name="SQL").click()
    expect(page.locator("#sql")).to_contain_text("SELECT")
    page.get_by_role("tab", name="Beleg").click()
    expect(page.locator("#receipt svg").first).to_be_visible()
    expect(page.locator("#receipt")).to_contain_text("crm")


def test_the_language_switch_turns_labels_and_answers(page):
    page.locator("#language").get_by_text("English").click()
    expect(page.get_by_role("tab", name="Receipt")).to_be_visible()
    ask(page, "How many customers cancelled last quarter, by region?")
    expect(page.locator("#answer")).to_contain_text("402", timeout=PATIENCE_MS)
    expect(page.locator("#answer")).to_contain_text("Highest: Romandie")


def test_an_example_question_is_asked_by_one_click(page):
    page.get_by_role("button", name="Umsatz pro Franken").click()
    expect(page.locator("#answer")).to_contain_text("Werbefranken", timeout=PATIENCE_MS)


def test_a_question_out_of_reach_is_refused_in_words(page):
    ask(page, "Wie ist das Wetter heute in Bern?")
    expect(page.locator("#answer")).to_contain_text("Wetter", timeout=PATIENCE_MS)
    expect(page.locator("#receipt svg")).to_have_count(0)


def test_text_of_the_asker_never_becomes_markup(page):
    ask(page, "Wie viele <img src=x onerror=\"document.title='owned'\"> Kunden?")
    expect(page.locator("#answer")).not_to_be_empty(timeout=PATIENCE_MS)
    expect(page.locator("#chat img")).to_have_count(0)
    assert page.title() == "Rundblick"


def test_the_data_page_lists_systems_and_finds_tables(page):
    page.get_by_role("tab", name="Daten").click()
    expect(page.locator("#stock")).to_contain_text("angebunden", timeout=PATIENCE_MS)
    expect(page.locator("#systems")).to_contain_text("PostgreSQL".lower())
    page.locator("#words textarea").fill("Einwilligung")
    page.locator("#words textarea").press("Enter")
    expect(page.locator("#hits")).to_contain_text("einwilligungen", timeout=PATIENCE_MS)


def test_a_thumb_is_kept_with_the_question(page, demo_folder):
    question = "Wie viele Kundinnen und Kunden haben wir?"
    ask(page, question)
    expect(page.locator("#chat")).to_contain_text("11’659", timeout=PATIENCE_MS)
    page.locator("#chat").get_by_role("button", name="Dislike").last.wait_for()
    page.locator("#chat").get_by_role("button", name="Like", exact=True).last.click()
    kept = demo_folder / ".rundblick" / "feedback.jsonl"
    for _ in range(50):
        if kept.exists() and question in kept.read_text(encoding="utf-8"):
            break
        page.wait_for_timeout(100)
    assert question in kept.read_text(encoding="utf-8")


def test_a_recommendation_is_accepted_by_a_button(page, demo_folder):
    ask(page, GERMAN)
    line = page.locator("#advice-0")
    line.wait_for(timeout=PATIENCE_MS)
    line.get_by_role("button", name="Annehmen").click()
    expect(line).to_contain_text("Angenommen am", timeout=PATIENCE_MS)
    kept = (demo_folder / ".rundblick" / "decisions.jsonl").read_text(encoding="utf-8")
    assert '"accepted"' in kept


def test_the_customer_card_has_a_page_of_its_own(page):
    page.get_by_role("tab", name="Kundenkarte").click()
    page.locator("#card-key textarea").fill("104711")
    page.locator("#card-key textarea").press("Enter")
    expect(page.locator("#card")).to_contain_text("Kennung", timeout=PATIENCE_MS)
    expect(page.locator("#card-events")).to_contain_text("Bestellungen", timeout=PATIENCE_MS)
