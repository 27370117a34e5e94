"""A worker on a small phone without JavaScript: from the first page to help, in both languages."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from jornada.gateways.database import PROJECT
from tests.journeys.conftest import Hub

SAID = {"in_us": "yes", "soi_exists": "yes", "understands_limits": "yes"}
"""Answers other than "no" that let the interview go on to its end."""
AXE = PROJECT / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture
def small_phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    context.set_default_timeout(15_000)
    yield context
    context.close()


def fill_page(page: Page) -> None:
    """Answers whatever the page asks, as somebody in no danger would."""
    for name in dict.fromkeys(
        one.get_attribute("name") or "" for one in page.query_selector_all("input[type=radio]")
    ):
        values = [
            one.get_attribute("value") or "" for one in page.query_selector_all(f"input[name='{name}']")
        ]
        chosen = SAID.get(name) or ("no" if "no" in values else values[0])
        page.check(f"input[name='{name}'][value='{chosen}']")
    for box in page.query_selector_all("input[type=checkbox][value=none]"):
        box.check()
    for text in page.query_selector_all("main input[type=text], main textarea"):
        fill_text(text.get_attribute("name") or "", text)


def fill_text(name: str, box: object) -> None:
    words = {"-year": "2019", "-month": "", "-day": "", "-employer": "Heron Poultry", "-worksite": "Plant 2",
             "-state": "NC", "-zip": "10001", "entries_count": "1"}  # fmt: skip
    typed = next((words[end] for end in words if name.endswith(end)), "Ana Peña")
    if typed:
        box.fill(typed)  # type: ignore[attr-defined]


def answer_all(page: Page, language: str) -> list[str]:
    """Through the interview to its end; the questions met, in order."""
    met: list[str] = []
    while "/q/" in page.url:
        assert len(met) < 90, met
        met.append(page.url.rsplit("/q/", 1)[1])
        if page.query_selector("button[value=done]"):
            page.click("button[value=done]")
            continue
        fill_page(page)
        page.click("button[value=save]")
        if page.query_selector(".govuk-error-summary"):
            page.click("button[value=skip]")
    return met


def begin(page: Page, hub: Hub, language: str) -> str:
    """From the first page to the first question; the worker's number."""
    page.goto(hub.address("/"))
    page.click(f"a[hreflang={language}]")
    page.click("main .govuk-button")
    page.check("[name=topic][value=us-labor-deferred-action]")
    page.check("#who-alone")
    page.click("main .govuk-button")
    code = page.inner_text(".code")
    page.click("main .govuk-button")
    return code


def share_with_the_first(page: Page, hub: Hub, language: str) -> None:
    page.goto(hub.address(f"/{language}/share"))
    page.check("input[name=provider] >> nth=0")
    page.check("#which-all")
    page.fill("#name", "Ana")
    page.fill("#place", "Duplin")
    page.check("#agree")
    page.click("main .govuk-button")


@pytest.mark.parametrize("language", ["en", "es"])
def test_ana_answers_sees_what_there_may_be_shares_comes_back_and_stops(
    small_phone: BrowserContext, hub: Hub, language: str
) -> None:
    page = small_phone.new_page()
    code = begin(page, hub, language)
    met = answer_all(page, language)
    assert len(met) > 30
    assert page.url.endswith(f"/{language}/check")
    page.goto(hub.address(f"/{language}/result"))
    assert page.locator(".card").count() >= 5
    share_with_the_first(page, hub, language)
    assert page.url.endswith(f"/{language}/done")

    page.click("#leave")
    page.goto(hub.address(f"/{language}/mine"))
    assert page.url.endswith("/closed")
    page.goto(hub.address(f"/{language}/return"))
    page.fill("#number", code)
    page.click("main .govuk-button")
    assert page.url.endswith("/mine")
    page.click("a[href*='/mine/stop/']")
    page.click("main .govuk-button")
    assert page.locator("a[href*='/mine/stop/']").count() == 0


def test_a_clear_danger_sign_leads_to_help_and_not_to_more_questions(
    small_phone: BrowserContext, hub: Hub
) -> None:
    page = small_phone.new_page()
    begin(page, hub, "en")
    page.check("input[name=detained_now][value=yes]")
    page.check("input[name=ice_checkins][value=no]")
    page.click("button[value=save]")
    assert page.url.endswith("/en/stop")
    assert "Please talk with a lawyer soon" in page.inner_text("h1")


def test_a_helper_reads_aloud_and_the_number_at_the_end_is_for_the_worker(
    small_phone: BrowserContext, hub: Hub
) -> None:
    page = small_phone.new_page()
    page.goto(hub.address("/en/start"))
    page.check("[name=topic][value=us-labor-deferred-action]")
    page.check("#who-helped")
    page.click("main .govuk-button")
    first = page.url
    assert "Read this aloud" in page.inner_text("main")
    page.check("input[name=detained_now][value=no]")
    page.check("input[name=ice_checkins][value=unsure]")
    page.click("button[value=save]")
    page.goto(first)
    assert page.locator("input:checked").count() == 0
    page.goto(hub.address("/en/save"))
    assert "please turn away" in page.inner_text("main")
    page.click("main .govuk-button")
    assert re.fullmatch(r"(\d{4}\s*){5}", page.inner_text(".code").strip())


def test_no_page_is_wider_than_the_phone(small_phone: BrowserContext, hub: Hub) -> None:
    page = small_phone.new_page()
    begin(page, hub, "es")
    for path in (
        "/",
        "/es/",
        "/es/start",
        "/es/return",
        "/es/q/Q10",
        "/es/q/Q02/1",
        "/es/q/Q11",
        "/es/result",
        "/es/share",
        "/es/mine",
    ):
        page.goto(hub.address(path))
        box = page.locator("html").bounding_box()
        wide = page.locator("main").bounding_box()
        assert box is not None and wide is not None
        assert wide["x"] + wide["width"] <= 360, path


def test_escape_three_times_leaves_at_once_and_ends_the_session(browser: Browser, hub: Hub) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    begin(page, hub, "en")
    page.wait_for_load_state("load")  # the script is optional: it listens once the page is whole
    started = time.monotonic()
    with page.expect_request(lambda request: request.url.startswith("https://")) as elsewhere:
        for _ in range(3):
            page.keyboard.press("Escape")
    assert time.monotonic() - started < 2
    assert "jornada" not in elsewhere.value.url
    assert not [one for one in context.cookies() if one["name"] == "way" and one["value"]]
    context.close()


def test_the_pages_have_no_faults_that_axe_can_find(browser: Browser, hub: Hub) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    begin(page, hub, "en")
    faults = {}
    for path in (
        "/",
        "/en/",
        "/en/start",
        "/en/return",
        "/en/q/Q10",
        "/en/q/Q02/1",
        "/en/q/Q11",
        "/en/result",
        "/en/share",
        "/en/mine",
    ):
        page.goto(hub.address(path))
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']})")
        faults[path] = [
            (one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found["violations"]
        ]
    context.close()
    assert {path: one for path, one in faults.items() if one} == {}


def test_nothing_is_asked_of_any_other_server(small_phone: BrowserContext, hub: Hub) -> None:
    page = small_phone.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    begin(page, hub, "en")
    fill_page(page)
    page.click("button[value=save]")
    assert asked
    assert [one for one in asked if not one.startswith((hub.url, "data:"))] == []
