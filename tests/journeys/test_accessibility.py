"""Every page can be used by everyone: axe finds nothing, a keyboard is enough, a small phone is wide enough."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, expect

from jornada.gateways.database import PROJECT
from tests.journeys import screens, walking
from tests.journeys.conftest import Hub

AXE = (PROJECT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
TELLS_TOO_MUCH = re.compile(r"immigra|inmigra|deport|deferred|diferida|abogad|lawyer|legal aid|uscis", re.IGNORECASE)


def _watch(page: Page, hub: Hub) -> tuple[Callable[[str], None], list[str]]:
    """A look at each page; what it finds wrong is listed."""
    wrong: list[str] = []

    def asked(request: Request) -> None:
        if not request.url.startswith((hub.url, "data:")):
            wrong.append(f"a request to {request.url}")

    def look(name: str) -> None:
        page.evaluate(AXE)
        found = page.evaluate("rules => axe.run({runOnly: rules})", RULES)["violations"]
        wrong.extend(f"{name}: {one['id']} at {one['nodes'][0]['target']}" for one in found)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong.append(f"{name}: wider than the screen")

    page.on("request", asked)
    return look, wrong


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_worker_with_a_screen_reader_and_a_small_phone_finds_no_barrier(
    hub: Hub, small_screen: Page, language: str
) -> None:
    look, wrong = _watch(small_screen, hub)
    seen: list[str] = []

    def look_and_read_title(name: str) -> None:
        seen.append(name)
        look(name)
        if TELLS_TOO_MUCH.search(small_screen.title()):
            wrong.append(f"{name}: its title tells what it is, {small_screen.title()}")

    screens.of_a_worker(small_screen, hub, language, look_and_read_title)
    assert wrong == [] and len(seen) > 25


def test_an_advocate_finds_no_barrier_on_any_page(hub: Hub, laptop: Page) -> None:
    look, wrong = _watch(laptop, hub)
    screens.of_a_legal_team(laptop, hub, "rosa", look)
    assert wrong == []


def test_an_organiser_finds_no_barrier_on_any_page(hub: Hub, laptop: Page) -> None:
    look, wrong = _watch(laptop, hub)
    screens.of_an_organiser(laptop, hub, "vera", look)
    assert wrong == []


def test_bea_signs_in_and_decides_with_the_keyboard_alone(hub: Hub, laptop: Page) -> None:
    keys = laptop.keyboard
    laptop.goto(hub.address("/staff/?show=all"))
    _tab_to(laptop, "[name=login]")
    keys.type(walking.ADDRESSES["bea"])
    _tab_to(laptop, "[name=password]")
    keys.type(walking.PASSWORD)
    keys.press("Enter")
    _tab_to(laptop, "[name=code]")
    keys.type(walking.code_for("bea"))
    keys.press("Enter")
    expect(laptop.locator("h1")).to_have_text("My queue")
    _tab_to(laptop, "tbody th a")
    keys.press("Enter")
    _tab_to(laptop, ".tabs a[href$=findings]")
    keys.press("Enter")
    _tab_to(laptop, "[name=why]")
    keys.press("Space")
    keys.press("Enter")
    if laptop.locator("text=Assess the answers").count():
        _tab_to(laptop, "main form[action$=assess] button")
        keys.press("Enter")
    _tab_to(laptop, "form[action$=decide] [name=reason]")
    keys.type("The proposal of the rules is right; I have read the answers.")
    _tab_to(laptop, "form[action$=decide] button")
    keys.press("Enter")
    expect(laptop.locator("main")).to_contain_text("I have read the answers")


def _tab_to(page: Page, target: str) -> None:
    """Press Tab until the keyboard is at the target; its focus can be seen."""
    expect(page.locator(target).first).to_be_attached()
    for _ in range(120):
        if page.evaluate("target => document.activeElement.matches(target)", target):
            break
        page.keyboard.press("Tab")
    else:
        raise AssertionError(f"the keyboard never comes to {target}")
    style = page.evaluate("(({outlineStyle, boxShadow}) => [outlineStyle, boxShadow])(getComputedStyle(document.activeElement))")
    assert style != ["none", "none"], f"nobody sees that the keyboard is at {target}"
