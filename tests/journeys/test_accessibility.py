"""Every page can be used by everyone: axe finds nothing, a keyboard is enough, a small phone is wide enough, a slow
line too. One walk through all pages serves all of these tests.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import walking
from tests.journeys.conftest import Hub
from tests.journeys.screens import Seen

TELLS_TOO_MUCH = re.compile(
    r"immigra|inmigra|deport|deferred|diferida|abogad|lawyer|legal|uscis|worker|trabajador", re.IGNORECASE
)
PAGES = {"a worker, en": 37, "a worker, es": 37, "an advocate": 45, "an organiser": 7}
"""How many pages each walk comes to, at least."""
WORKER = 60 * 1024
STAFF = 150 * 1024
"""How many bytes a page may weigh with all that it names, before compression."""


@pytest.mark.parametrize("who", PAGES)
def test_nobody_finds_a_barrier_on_any_page_and_no_other_server_hears_of_it(
    seen: dict[str, Seen], who: str
) -> None:
    assert seen[who].barriers == []
    assert seen[who].elsewhere == []
    assert len(seen[who].titles) >= PAGES[who]


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_list_of_visited_pages_on_her_phone_tells_nothing(seen: dict[str, Seen], language: str) -> None:
    titles = seen[f"a worker, {language}"].titles
    assert {name: title for name, title in titles.items() if TELLS_TOO_MUCH.search(title)} == {}


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_of_a_worker_weighs_at_most_60_kb(seen: dict[str, Seen], language: str) -> None:
    weights = seen[f"a worker, {language}"].weights
    assert {name: weight for name, weight in weights.items() if weight > WORKER} == {}
    assert min(weights.values()) > 20_000, "the styles were not counted"


@pytest.mark.parametrize("who", ["an advocate", "an organiser"])
def test_every_page_of_staff_weighs_at_most_150_kb(seen: dict[str, Seen], who: str) -> None:
    weights = seen[who].weights
    assert {name: weight for name, weight in weights.items() if weight > STAFF} == {}
    assert min(weights.values()) > 20_000, "the styles were not counted"


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
    expect(laptop).to_have_url(re.compile(r"/findings$"))
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
    style = page.evaluate(
        "(({outlineStyle, boxShadow}) => [outlineStyle, boxShadow])(getComputedStyle(document.activeElement))"
    )
    assert style != ["none", "none"], f"nobody sees that the keyboard is at {target}"
